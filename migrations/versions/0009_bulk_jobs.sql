-- Pages of complete readings wait here for their merge; the tables come and go with the readings.
CREATE SCHEMA IF NOT EXISTS staging;

CREATE TABLE ops.bulk_job (
    org_id text NOT NULL,
    generation bigint NOT NULL,
    purpose text NOT NULL,
    object text NOT NULL,
    number integer NOT NULL,
    soql text NOT NULL,
    include_deleted boolean NOT NULL,
    fields jsonb NOT NULL,
    hidden jsonb NOT NULL DEFAULT '[]'::jsonb,
    job_id text,
    created_at timestamptz NOT NULL,
    state text NOT NULL,
    attempt integer NOT NULL DEFAULT 1,
    expected_rows bigint,
    rows_landed bigint NOT NULL DEFAULT 0,
    pages_landed integer NOT NULL DEFAULT 0,
    next_locator text,
    error text,
    PRIMARY KEY (org_id, generation)
);

CREATE TABLE ops.bulk_page (
    org_id text NOT NULL,
    generation bigint NOT NULL,
    number integer NOT NULL,
    rows bigint NOT NULL,
    PRIMARY KEY (org_id, generation, number)
);

CREATE TABLE ops.bulk_refusal (
    org_id text NOT NULL,
    object text NOT NULL,
    detail text NOT NULL,
    learned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, object)
);
