-- A renewal of which somebody was reminded so many days ahead is not told again; another last day is another renewal.
CREATE TABLE cs.reminder (
    org_id text NOT NULL,
    term_id text NOT NULL,
    due_on date NOT NULL,
    days integer NOT NULL,
    told_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, term_id, due_on, days)
);

ALTER TABLE cs.term ADD COLUMN notice_by date;
CREATE INDEX term_due ON cs.term (org_id, due_on) WHERE known_to IS NULL;

CREATE OR REPLACE VIEW cs_v1.term AS
SELECT term.org_id, term.term_id, term.deal_id, term.customer_id, account.name AS customer_name, term.contract_id,
       term.kind, term.start_on, term.due_on, term.atr, term.currency, term.signed_on, term.renews, term.lost_on,
       term.notice_on, term.ended_on, term.auto_renews, term.is_active, term.provenance, term.confidence, term.known_from,
       term.notice_by
  FROM cs.term
  LEFT JOIN salesforce.account ON account.org_id = term.org_id AND account.id = term.customer_id
            AND account.tombstone IS NULL
 WHERE term.known_to IS NULL;
