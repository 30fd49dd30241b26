-- What verdicts on searches come to. Of searches that were kept before it is not known whether a filter narrowed them.
ALTER TABLE searches ADD COLUMN nearest jsonb NOT NULL DEFAULT '[]';
ALTER TABLE searches ADD COLUMN narrowed boolean NOT NULL DEFAULT true;
ALTER TABLE searches ALTER COLUMN narrowed DROP DEFAULT;
ALTER TABLE searches ALTER COLUMN nearest DROP DEFAULT;

CREATE TABLE rulings (
    tenant text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    question text NOT NULL,
    language text NOT NULL,
    document_id text NOT NULL,
    document_version text NOT NULL,
    section jsonb NOT NULL,
    passages jsonb NOT NULL,
    helped integer NOT NULL,
    did_not integer NOT NULL,
    state text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    settled_by text NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX rulings_by_state ON rulings (tenant, state, changed_at);
