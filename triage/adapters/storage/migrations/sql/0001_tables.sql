-- Release 0.1, frozen: what changes later is a later migration. Every row carries its tenant.

CREATE TABLE tickets (
    tenant text NOT NULL,
    id text NOT NULL,
    subject text NOT NULL,
    channel text NOT NULL,
    requester_name text NOT NULL,
    requester_email text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    revision integer NOT NULL,
    external_id text,
    order_facts jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX tickets_by_requester ON tickets (tenant, requester_email);

CREATE TABLE messages (
    tenant text NOT NULL,
    ticket_id text NOT NULL,
    position integer NOT NULL,
    id text NOT NULL,
    author text NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    body text NOT NULL,
    attachments jsonb NOT NULL,
    PRIMARY KEY (tenant, ticket_id, position),
    CONSTRAINT messages_once UNIQUE (tenant, ticket_id, id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);

CREATE TABLE cases (
    tenant text NOT NULL,
    ticket_id text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    ticket_revision integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    category text,
    level text DEFAULT 'P4' NOT NULL,
    safe_due date NOT NULL,
    document jsonb NOT NULL,
    PRIMARY KEY (tenant, ticket_id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX cases_queue ON cases (tenant, level, safe_due, ticket_id);
CREATE INDEX cases_queue_by_state ON cases (tenant, state, level, safe_due, ticket_id);
CREATE INDEX cases_queue_by_category ON cases (tenant, category, level, safe_due, ticket_id);

CREATE TABLE approvals (
    tenant text NOT NULL,
    id text NOT NULL,
    case_id text NOT NULL,
    actor text NOT NULL,
    case_version integer NOT NULL,
    ticket_revision integer NOT NULL,
    draft_digest text NOT NULL,
    recipients text[] NOT NULL,
    channel text NOT NULL,
    approved_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    confirmed text[] NOT NULL,
    state text NOT NULL,
    reference text,
    delivered_at timestamp with time zone,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, case_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX approvals_of_case ON approvals (tenant, case_id, approved_at);
CREATE UNIQUE INDEX approvals_one_open_per_case ON approvals (tenant, case_id)
    WHERE state IN ('granted', 'claimed', 'unknown');

CREATE TABLE audit (
    tenant text NOT NULL,
    position bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (tenant, position)
);
CREATE INDEX audit_by_subject ON audit (tenant, subject, position);

CREATE TABLE api_keys (
    id text NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    secret_sha256 bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE idempotency (
    tenant text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL,
    status integer NOT NULL,
    response jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, route, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- The job queue's own index on locks begins with the job's id; taking a job asks by lock.
CREATE INDEX jobs_by_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing');
