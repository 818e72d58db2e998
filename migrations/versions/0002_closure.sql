-- One view per mirrored object: the mirror's columns, exactly the records that are in the closure now.
-- A record that is gone (tombstone) is in no closure.

CREATE VIEW closure.opportunity AS
SELECT mirror.* FROM salesforce.opportunity AS mirror
  JOIN ops.scope_member AS member
    ON member.org_id = mirror.org_id AND member.opportunity_id = mirror.id AND member.state = 'in'
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunitylineitem AS
SELECT mirror.* FROM salesforce.opportunitylineitem AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunitycontactrole AS
SELECT mirror.* FROM salesforce.opportunitycontactrole AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunityhistory AS
SELECT mirror.* FROM salesforce.opportunityhistory AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.quote AS
SELECT mirror.* FROM salesforce.quote AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.task AS
SELECT mirror.* FROM salesforce.task AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.whatid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.event AS
SELECT mirror.* FROM salesforce.event AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.whatid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.note AS
SELECT mirror.* FROM salesforce.note AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.parentid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunitystage AS
SELECT mirror.* FROM salesforce.opportunitystage AS mirror
 WHERE mirror.tombstone IS NULL;

-- Accounts of deals, and their parents all the way up (UNION ends a circle).
CREATE VIEW closure.account AS
WITH RECURSIVE reached (org_id, id) AS (
    SELECT DISTINCT org_id, accountid FROM closure.opportunity WHERE accountid IS NOT NULL
     UNION
    SELECT child.org_id, child.parentid
      FROM reached
      JOIN salesforce.account AS child ON child.org_id = reached.org_id AND child.id = reached.id
     WHERE child.parentid IS NOT NULL AND child.tombstone IS NULL
)
SELECT mirror.* FROM salesforce.account AS mirror
  JOIN reached ON reached.org_id = mirror.org_id AND reached.id = mirror.id
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.contract AS
SELECT mirror.* FROM salesforce.contract AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure.contact AS
SELECT mirror.* FROM salesforce.contact AS mirror
  JOIN (SELECT contact.org_id, contact.id FROM salesforce.contact
         WHERE (contact.org_id, contact.accountid) IN (SELECT org_id, accountid FROM closure.opportunity)
         UNION SELECT org_id, contactid FROM closure.opportunitycontactrole
         UNION SELECT org_id, whoid FROM closure.task
         UNION SELECT org_id, whoid FROM closure.event
       ) AS reached ON reached.org_id = mirror.org_id AND reached.id = mirror.id
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.product2 AS
SELECT mirror.* FROM salesforce.product2 AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (SELECT org_id, product2id FROM closure.opportunitylineitem);

CREATE VIEW closure.pricebookentry AS
SELECT mirror.* FROM salesforce.pricebookentry AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (SELECT org_id, pricebookentryid FROM closure.opportunitylineitem);

-- Users that any record of the closure names, and the users these name (their managers, their creators).
CREATE VIEW closure."user" AS
WITH RECURSIVE named (org_id, id) AS (
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunity AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitylineitem AS record, LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitycontactrole AS record, LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunityhistory AS record, LATERAL (VALUES (createdbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitystage AS record, LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.account AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contact AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.task AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.event AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.note AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.product2 AS record, LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.pricebookentry AS record, LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.quote AS record, LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contract AS record, LATERAL (VALUES (ownerid), (companysignedid), (activatedbyid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
), reached (org_id, id) AS (
    SELECT org_id, id FROM named WHERE id IS NOT NULL
     UNION
    SELECT record.org_id, ref.id
      FROM reached
      JOIN salesforce."user" AS record
        ON record.org_id = reached.org_id AND record.id = reached.id AND record.tombstone IS NULL,
           LATERAL (VALUES (record.delegatedapproverid), (record.managerid), (record.createdbyid), (record.lastmodifiedbyid)) AS ref (id)
     WHERE ref.id IS NOT NULL
)
SELECT mirror.* FROM salesforce."user" AS mirror
  JOIN reached ON reached.org_id = mirror.org_id AND reached.id = mirror.id
 WHERE mirror.tombstone IS NULL;
