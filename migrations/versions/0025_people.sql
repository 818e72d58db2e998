-- A person who has signed in. The browser's cookie holds the id in plain, this table only its hash.
CREATE TABLE ops.sign_in (
    hash bytea PRIMARY KEY,
    person_id text NOT NULL,
    name text NOT NULL,
    email text,
    roles text[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_person ON ops.sign_in (person_id);

-- Somebody who was sent to the identity provider and has not come back yet.
CREATE TABLE ops.sign_in_begun (
    state_hash bytea PRIMARY KEY,
    browser_hash bytea NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    return_to text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Signing in is kept, too, and is about no deal.
ALTER TABLE ops.audit ALTER COLUMN org_id DROP NOT NULL;
ALTER TABLE ops.audit ALTER COLUMN deal_id DROP NOT NULL;
