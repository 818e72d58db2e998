-- The closure of the new objects, and of those that the new ones name. A record that is gone is in no closure.

CREATE VIEW closure.opportunityfieldhistory AS
SELECT mirror.* FROM salesforce.opportunityfieldhistory AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunityteammember AS
SELECT mirror.* FROM salesforce.opportunityteammember AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.opportunitycompetitor AS
SELECT mirror.* FROM salesforce.opportunitycompetitor AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.partner AS
SELECT mirror.* FROM salesforce.partner AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.opportunityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.emailmessage AS
SELECT mirror.* FROM salesforce.emailmessage AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.relatedtoid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.contentdocumentlink AS
SELECT mirror.* FROM salesforce.contentdocumentlink AS mirror
  JOIN closure.opportunity AS deal ON deal.org_id = mirror.org_id AND deal.id = mirror.linkedentityid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.quotelineitem AS
SELECT mirror.* FROM salesforce.quotelineitem AS mirror
  JOIN closure.quote AS parent ON parent.org_id = mirror.org_id AND parent.id = mirror.quoteid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.accountcontactrelation AS
SELECT mirror.* FROM salesforce.accountcontactrelation AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure.accountteammember AS
SELECT mirror.* FROM salesforce.accountteammember AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure."order" AS
SELECT mirror.* FROM salesforce."order" AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure.asset AS
SELECT mirror.* FROM salesforce.asset AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure."case" AS
SELECT mirror.* FROM salesforce."case" AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.accountid) IN (SELECT org_id, accountid FROM closure.opportunity);

CREATE VIEW closure.orderitem AS
SELECT mirror.* FROM salesforce.orderitem AS mirror
  JOIN closure."order" AS parent ON parent.org_id = mirror.org_id AND parent.id = mirror.orderid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.assetstateperiod AS
SELECT mirror.* FROM salesforce.assetstateperiod AS mirror
  JOIN closure.asset AS parent ON parent.org_id = mirror.org_id AND parent.id = mirror.assetid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.campaignmember AS
SELECT mirror.* FROM salesforce.campaignmember AS mirror
  JOIN closure.contact AS parent ON parent.org_id = mirror.org_id AND parent.id = mirror.contactid
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.recordtype AS
SELECT mirror.* FROM salesforce.recordtype AS mirror
 WHERE mirror.tombstone IS NULL;

CREATE VIEW closure.currencytype AS
SELECT mirror.* FROM salesforce.currencytype AS mirror
 WHERE mirror.tombstone IS NULL;

-- Custom objects hang on a deal, or on the account of a deal.
CREATE VIEW closure.custom_record AS
SELECT mirror.* FROM salesforce.custom_record AS mirror
 WHERE mirror.tombstone IS NULL
   AND ((mirror.org_id, mirror.parentid) IN (SELECT org_id, id FROM closure.opportunity)
     OR (mirror.org_id, mirror.parentid) IN (SELECT org_id, accountid FROM closure.opportunity));

CREATE VIEW closure.contentdocument AS
SELECT mirror.* FROM salesforce.contentdocument AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (
        SELECT org_id, contentdocumentid FROM closure.contentdocumentlink);

CREATE VIEW closure.contentversion AS
SELECT mirror.* FROM salesforce.contentversion AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (
        SELECT org_id, latestpublishedversionid FROM closure.contentdocument);

CREATE VIEW closure.campaign AS
SELECT mirror.* FROM salesforce.campaign AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (
        SELECT org_id, campaignid FROM closure.opportunity
         UNION SELECT org_id, campaignid FROM closure.campaignmember);

CREATE OR REPLACE VIEW closure.product2 AS
SELECT mirror.* FROM salesforce.product2 AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (
        SELECT org_id, product2id FROM closure.opportunitylineitem
         UNION SELECT org_id, product2id FROM closure.quotelineitem
         UNION SELECT org_id, product2id FROM closure.orderitem
         UNION SELECT org_id, product2id FROM closure.asset);

CREATE OR REPLACE VIEW closure.pricebookentry AS
SELECT mirror.* FROM salesforce.pricebookentry AS mirror
 WHERE mirror.tombstone IS NULL
   AND (mirror.org_id, mirror.id) IN (
        SELECT org_id, pricebookentryid FROM closure.opportunitylineitem
         UNION SELECT org_id, pricebookentryid FROM closure.quotelineitem
         UNION SELECT org_id, pricebookentryid FROM closure.orderitem);

-- Users that any record of the closure names, and the users these name (their managers, their creators).
CREATE OR REPLACE VIEW closure."user" AS
WITH RECURSIVE named (org_id, id) AS (
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunity AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitylineitem AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitycontactrole AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunityhistory AS record,
           LATERAL (VALUES (createdbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitystage AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunityfieldhistory AS record,
           LATERAL (VALUES (createdbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunityteammember AS record,
           LATERAL (VALUES (userid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.opportunitycompetitor AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.partner AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.account AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contact AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.accountcontactrelation AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.accountteammember AS record,
           LATERAL (VALUES (userid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.task AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.event AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.note AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.emailmessage AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid), (fromid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contentdocumentlink AS record,
           LATERAL (VALUES (linkedentityid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contentdocument AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid), (archivedbyid), (ownerid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contentversion AS record,
           LATERAL (VALUES (contentmodifiedbyid), (ownerid), (createdbyid), (lastmodifiedbyid), (firstpublishlocationid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.product2 AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.pricebookentry AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.quote AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.quotelineitem AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.contract AS record,
           LATERAL (VALUES (ownerid), (companysignedid), (activatedbyid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure."order" AS record,
           LATERAL (VALUES (ownerid), (companyauthorizedbyid), (activatedbyid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.orderitem AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.asset AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid), (ownerid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.assetstateperiod AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure."case" AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.campaign AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.campaignmember AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid), (leadorcontactownerid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.recordtype AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.currencytype AS record,
           LATERAL (VALUES (createdbyid), (lastmodifiedbyid)) AS ref (id)
     UNION
    SELECT DISTINCT record.org_id, ref.id FROM closure.custom_record AS record,
           LATERAL (VALUES (ownerid), (createdbyid), (lastmodifiedbyid)) AS ref (id)
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
