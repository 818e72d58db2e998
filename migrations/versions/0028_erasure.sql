-- Who was erased: an id, and hashes by which their name and addresses are known when they come again.
CREATE TABLE cs.erased_contact (
    org_id text NOT NULL,
    contact_id text NOT NULL,
    customer_id text,
    hashes bytea[] NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by text NOT NULL,
    PRIMARY KEY (org_id, contact_id)
);

ALTER TABLE ops.audit ADD COLUMN record_id text;

CREATE OR REPLACE VIEW cs_v1.contact AS
SELECT contact.org_id, contact.id AS contact_id, contact.accountid AS customer_id, account.name AS customer_name,
       contact.name, contact.title, contact.department, contact.email, contact.phone, contact.mobilephone AS mobile,
       contact.reportstoid AS reports_to_id, manager.name AS reports_to_name,
       contact.donotcall AS do_not_call, contact.hasoptedoutofemail AS no_email,
       contact.lastactivitydate AS last_activity_on, contact.systemmodstamp AS modified_at,
       EXISTS (SELECT FROM cs.erased_contact AS erased
                WHERE erased.org_id = contact.org_id AND erased.contact_id = contact.id) AS is_erased
  FROM closure.contact
  LEFT JOIN salesforce.account ON account.org_id = contact.org_id AND account.id = contact.accountid
            AND account.tombstone IS NULL
  LEFT JOIN closure.contact AS manager ON manager.org_id = contact.org_id AND manager.id = contact.reportstoid;

CREATE OR REPLACE VIEW cs_v1.stakeholder AS
SELECT role.org_id, role.opportunityid AS deal_id, role.id AS stakeholder_id,
       contact.id AS contact_id, contact.name, contact.title, contact.email, contact.phone,
       role.role, role.isprimary AS is_primary,
       touch.last_touch_on, coalesce(touch.touches, 0)::int AS touches,
       EXISTS (SELECT FROM cs.erased_contact AS erased
                WHERE erased.org_id = role.org_id AND erased.contact_id = role.contactid) AS is_erased
  FROM closure.opportunitycontactrole AS role
  LEFT JOIN salesforce.contact ON contact.org_id = role.org_id AND contact.id = role.contactid
            AND contact.tombstone IS NULL
  LEFT JOIN LATERAL (
       SELECT count(*) AS touches, max(activitydate) AS last_touch_on
         FROM (SELECT activitydate FROM salesforce.task
                WHERE task.org_id = role.org_id AND task.whatid = role.opportunityid AND task.whoid = role.contactid
                  AND task.tombstone IS NULL
                UNION ALL
               SELECT activitydate FROM salesforce.event
                WHERE event.org_id = role.org_id AND event.whatid = role.opportunityid AND event.whoid = role.contactid
                  AND event.tombstone IS NULL) AS activity
       ) AS touch ON true;

CREATE OR REPLACE VIEW cs_v1.timeline_entry AS
SELECT entry.org_id, entry.deal_id, entry.entry_id, entry.kind, entry.at, entry.title, entry.body,
       contact.name AS who, owner.name AS owner, entry.status,
       EXISTS (SELECT FROM cs.erased_contact AS erased
                WHERE erased.org_id = entry.org_id AND erased.contact_id = entry.whoid) AS is_erased
  FROM (SELECT org_id, whatid AS deal_id, id AS entry_id, 'task' AS kind,
               coalesce(completeddatetime, activitydate::timestamptz, createddate) AS at,
               subject AS title, description AS body, whoid, ownerid, status FROM closure.task
        UNION ALL
        SELECT org_id, whatid, id, 'event', coalesce(startdatetime, activitydatetime, activitydate::timestamptz),
               subject, description, whoid, ownerid, NULL FROM closure.event
        UNION ALL
        SELECT org_id, parentid, id, 'note', createddate, title, body, NULL, ownerid, NULL FROM closure.note
        UNION ALL
        SELECT org_id, opportunityid, id, 'quote', createddate, name, description, contactid, ownerid, status
          FROM closure.quote) AS entry
  LEFT JOIN salesforce.contact ON contact.org_id = entry.org_id AND contact.id = entry.whoid
            AND contact.tombstone IS NULL
            AND (entry.kind <> 'quote'
                 OR EXISTS (SELECT FROM closure.opportunity AS deal
                             WHERE deal.org_id = contact.org_id AND deal.accountid = contact.accountid)
                 OR EXISTS (SELECT FROM closure.opportunitycontactrole AS role
                             WHERE role.org_id = contact.org_id AND role.contactid = contact.id)
                 OR EXISTS (SELECT FROM closure.task WHERE task.org_id = contact.org_id AND task.whoid = contact.id)
                 OR EXISTS (SELECT FROM closure.event WHERE event.org_id = contact.org_id AND event.whoid = contact.id))
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = entry.org_id AND owner.id = entry.ownerid;
