-- Documents people put in (never changed, only withdrawn), searches without personal data, verdicts on their answers.

CREATE TABLE documents (
    tenant text NOT NULL,
    id text NOT NULL,
    version text NOT NULL,
    metadata jsonb NOT NULL,
    given jsonb NOT NULL,
    filename text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    content bytea NOT NULL,
    source_url text NOT NULL,
    state text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (tenant, id, version)
);

CREATE TABLE searches (
    tenant text NOT NULL,
    id text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    query text NOT NULL,
    language text NOT NULL,
    generation text NOT NULL,
    hits jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX searches_by_time ON searches (tenant, at);

CREATE TABLE search_verdicts (
    tenant text NOT NULL,
    search_id text NOT NULL,
    passage_id text NOT NULL,
    actor text NOT NULL,
    helpful boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, search_id, passage_id, actor),
    FOREIGN KEY (tenant, search_id) REFERENCES searches (tenant, id) ON DELETE CASCADE
);
