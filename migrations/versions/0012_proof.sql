-- The last comparison of each object with the org.
CREATE TABLE ops.proof (
    org_id text NOT NULL,
    object text NOT NULL,
    proven_at timestamptz,
    rows bigint NOT NULL,
    rows_compared bigint NOT NULL,
    drift_found bigint NOT NULL,
    drift_repaired bigint NOT NULL,
    drift_rows bigint NOT NULL,
    detail text,
    PRIMARY KEY (org_id, object)
);

-- The months of an object, and when the ids of each were compared one by one.
CREATE TABLE ops.proof_month (
    org_id text NOT NULL,
    object text NOT NULL,
    month text NOT NULL,
    rows bigint NOT NULL,
    newest timestamptz,
    checksum bigint,
    ids_at timestamptz,
    PRIMARY KEY (org_id, object, month)
);

-- Hashes of what deals depend on without any stamp.
CREATE TABLE ops.metadata_hash (
    org_id text NOT NULL,
    subject text NOT NULL,
    hash text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, subject)
);

ALTER TABLE ops.object_state
    ADD COLUMN formulas_as_of timestamptz,
    ADD COLUMN formula_fields jsonb NOT NULL DEFAULT '[]'::jsonb;

-- Who named a record that is gone: an undelete restores such lookups without a stamp.
CREATE TABLE ops.cleared_lookup (
    org_id text NOT NULL,
    target text NOT NULL,
    object text NOT NULL,
    id text NOT NULL,
    PRIMARY KEY (org_id, target, object, id)
);
