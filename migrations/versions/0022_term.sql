-- A row is never changed, only closed (known_to): any number that was ever shown can be computed again.
CREATE TABLE cs.term (
    org_id text NOT NULL,
    term_id text NOT NULL,
    known_from timestamptz NOT NULL DEFAULT now(),
    known_to timestamptz,
    generation bigint NOT NULL,
    customer_id text NOT NULL,
    deal_id text NOT NULL,
    deal_ids text[] NOT NULL,
    contract_id text,
    kind text NOT NULL,
    start_on date,
    due_on date,
    atr numeric,
    currency text,
    steps jsonb NOT NULL,
    signed_on date,
    renews text[] NOT NULL,
    lost_on date,
    notice_on date,
    ended_on date,
    auto_renews boolean NOT NULL,
    is_active boolean NOT NULL,
    provenance text,
    confidence text NOT NULL,
    why jsonb NOT NULL,
    PRIMARY KEY (org_id, term_id, known_from)
);
CREATE UNIQUE INDEX term_now ON cs.term (org_id, term_id) WHERE known_to IS NULL;
CREATE INDEX term_customer ON cs.term (org_id, customer_id) WHERE known_to IS NULL;
CREATE INDEX term_deals ON cs.term USING gin (deal_ids) WHERE known_to IS NULL;
