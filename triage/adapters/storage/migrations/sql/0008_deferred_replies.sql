-- Replies that certainly did not leave and are tried again, and the pause in which none is tried.
ALTER TABLE approvals
    ADD COLUMN deferrals integer NOT NULL DEFAULT 0,
    ADD COLUMN deferred_because text NOT NULL DEFAULT '',
    ADD COLUMN retry_at timestamptz;

CREATE INDEX approvals_put_off ON approvals (retry_at) WHERE retry_at IS NOT NULL;

CREATE TABLE sending_pause (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
);
