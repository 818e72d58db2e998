-- What customers say when they are asked. A row is never changed: a later answer of the same survey is another row.
CREATE TABLE cs.survey_answer (
    org_id text NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    changed_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    customer_id text NOT NULL,
    deal_id text,
    contact_id text,
    kind text NOT NULL,
    asked_on date,
    answered_on date,
    score integer,
    scale integer NOT NULL,
    comment text,
    is_void boolean NOT NULL,
    kept_by text NOT NULL,
    PRIMARY KEY (org_id, source, external_id, changed_at, digest)
);
CREATE INDEX survey_answer_customer ON cs.survey_answer (org_id, customer_id);

-- Each survey as its latest answer says; of two with one stamp one that was answered counts, then the one that came later.
CREATE VIEW cs_v1.survey AS
SELECT latest.org_id, latest.source, latest.external_id, latest.kind, latest.customer_id, account.name AS customer_name,
       latest.deal_id, latest.contact_id, latest.asked_on, latest.answered_on, latest.score, latest.scale,
       CASE WHEN latest.kind = 'nps' AND latest.score >= 9 THEN 'promoter'
            WHEN latest.kind = 'nps' AND latest.score >= 7 THEN 'passive'
            WHEN latest.kind = 'nps' AND latest.score IS NOT NULL THEN 'detractor'
            WHEN latest.score > latest.scale - CASE WHEN latest.scale >= 5 THEN 2 ELSE 1 END THEN 'satisfied'
            WHEN latest.score IS NOT NULL THEN 'unsatisfied' END AS verdict,
       latest.comment, latest.changed_at, latest.received_at, latest.kept_by
  FROM (SELECT DISTINCT ON (org_id, source, external_id) * FROM cs.survey_answer
         ORDER BY org_id, source, external_id, changed_at DESC, score IS NOT NULL DESC, received_at DESC, digest DESC
       ) AS latest
  LEFT JOIN salesforce.account ON account.org_id = latest.org_id AND account.id = latest.customer_id
            AND account.tombstone IS NULL
 WHERE NOT latest.is_void;
