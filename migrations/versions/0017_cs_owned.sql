-- How far a handoff is, in the words of the people who do it. The sync only opens it.
ALTER TABLE cs.handoff
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN acknowledged_version integer,
    ADD COLUMN kickoff_on date,
    ADD COLUMN first_value_on date,
    ADD COLUMN sentiment integer,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN updated_by text;

CREATE TABLE cs.note (
    note_id uuid PRIMARY KEY,
    org_id text NOT NULL,
    customer_id text NOT NULL,
    deal_id text,
    kind text NOT NULL,
    body text NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX note_customer ON cs.note (org_id, customer_id, created_at);

-- A write that is sent twice under one key is done once.
CREATE TABLE ops.answered_request (
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    answer bytea NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX answered_request_age ON ops.answered_request (answered_at);

-- A deal that was reopened comes in again; it was readable when it first did.
CREATE VIEW cs_v1.handoff AS
SELECT deal.org_id, deal.deal_id, deal.name, deal.customer_id, deal.customer_name, deal.owner_id, deal.owner_name,
       deal.csm_id, deal.csm_name, deal.amount, deal.currency, deal.completeness,
       coalesce(handoff.state, 'waiting') AS state,
       deal.won_at, least(handoff.waiting_since, deal.synced_at) AS readable_at, handoff.acknowledged_at, handoff.acknowledged_by,
       handoff.acknowledged_version, deal.brief_version, handoff.kickoff_on, handoff.first_value_on, handoff.sentiment,
       floor(extract(epoch FROM least(handoff.waiting_since, deal.synced_at) - deal.won_at))::bigint AS seconds_to_brief,
       floor(extract(epoch FROM handoff.acknowledged_at - least(handoff.waiting_since, deal.synced_at)))::bigint AS seconds_to_acknowledge,
       handoff.kickoff_on - (deal.won_at AT TIME ZONE 'UTC')::date AS days_to_kickoff,
       handoff.first_value_on - (deal.won_at AT TIME ZONE 'UTC')::date AS days_to_first_value,
       handoff.updated_at, handoff.updated_by
  FROM cs_v1.deal
  LEFT JOIN cs.handoff ON handoff.org_id = deal.org_id AND handoff.deal_id = deal.deal_id
 WHERE NOT deal.is_draft;

CREATE VIEW cs_v1.contact AS
SELECT contact.org_id, contact.id AS contact_id, contact.accountid AS customer_id, account.name AS customer_name,
       contact.name, contact.title, contact.department, contact.email, contact.phone, contact.mobilephone AS mobile,
       contact.reportstoid AS reports_to_id, manager.name AS reports_to_name,
       contact.donotcall AS do_not_call, contact.hasoptedoutofemail AS no_email,
       contact.lastactivitydate AS last_activity_on, contact.systemmodstamp AS modified_at
  FROM closure.contact
  LEFT JOIN salesforce.account ON account.org_id = contact.org_id AND account.id = contact.accountid
            AND account.tombstone IS NULL
  LEFT JOIN closure.contact AS manager ON manager.org_id = contact.org_id AND manager.id = contact.reportstoid;

CREATE VIEW cs_v1.note AS
SELECT org_id, note_id::text AS note_id, customer_id, deal_id, kind, body, author, created_at FROM cs.note;
