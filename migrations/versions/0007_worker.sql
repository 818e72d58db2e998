CREATE TABLE ops.heartbeat (
    org_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    holder TEXT NOT NULL,
    beat_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doing TEXT,
    since TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE,
    failures INTEGER DEFAULT 0 NOT NULL,
    error TEXT,
    plan JSONB DEFAULT '{}'::jsonb NOT NULL,
    PRIMARY KEY (org_id, lane)
);

CREATE TABLE ops.chore (
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    not_before TIMESTAMP WITH TIME ZONE,
    failures INTEGER DEFAULT 0 NOT NULL,
    calls BIGINT,
    detail JSONB DEFAULT '{}'::jsonb NOT NULL,
    PRIMARY KEY (org_id, name)
);
