-- Webhooks, attachments and bulk work. Every row carries its tenant.

-- One row for every stored version of a case, written in the transaction that stores it. Positions are handed out
-- before transactions end, so readers go by transaction first and read only what lies before every open one.
CREATE TABLE case_changes (
    xact bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    tenant text NOT NULL,
    ticket_id text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    at timestamp with time zone NOT NULL,
    measures jsonb,
    PRIMARY KEY (xact, position)
);
CREATE INDEX case_changes_of_tenant ON case_changes (tenant, xact, position);

CREATE TABLE webhook_endpoints (
    tenant text NOT NULL,
    id text NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    states text[] NOT NULL,
    status text NOT NULL,
    generation integer NOT NULL,
    rotated_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE webhook_deliveries (
    tenant text NOT NULL,
    id text NOT NULL,
    endpoint_id text NOT NULL,
    ticket_id text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    at timestamp with time zone NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, endpoint_id) REFERENCES webhook_endpoints (tenant, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant, endpoint_id, next_at) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (tenant, endpoint_id, at, id);

CREATE TABLE webhook_attempts (
    tenant text NOT NULL,
    delivery_id text NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL,
    http_status integer,
    error text NOT NULL,
    PRIMARY KEY (tenant, delivery_id, number),
    FOREIGN KEY (tenant, delivery_id) REFERENCES webhook_deliveries (tenant, id) ON DELETE CASCADE
);

-- Files live in the database, so they are backed up, erased and seen by every machine together with their ticket.
CREATE TABLE attachments (
    tenant text NOT NULL,
    id text NOT NULL,
    ticket_id text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 text NOT NULL,
    uploaded_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX attachments_of_ticket ON attachments (tenant, ticket_id, created_at, id);

CREATE TABLE attachment_chunks (
    tenant text NOT NULL,
    attachment_id text NOT NULL,
    position integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (tenant, attachment_id, position),
    FOREIGN KEY (tenant, attachment_id) REFERENCES attachments (tenant, id) ON DELETE CASCADE
);
ALTER TABLE attachment_chunks ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE imports (
    tenant text NOT NULL,
    id text NOT NULL,
    created_by text NOT NULL,
    state text NOT NULL,
    lines integer NOT NULL,
    created integer NOT NULL,
    known integer NOT NULL,
    failed integer NOT NULL,
    faults jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE import_tickets (
    tenant text NOT NULL,
    import_id text NOT NULL,
    ticket_id text NOT NULL,
    PRIMARY KEY (tenant, import_id, ticket_id),
    FOREIGN KEY (tenant, import_id) REFERENCES imports (tenant, id) ON DELETE CASCADE
);

-- How much each tenant has waiting is asked for at every intake; dead letters are listed by tenant.
CREATE INDEX jobs_waiting_of_tenant ON procrastinate_jobs ((args ->> 'tenant'), priority) WHERE status = 'todo';
CREATE INDEX jobs_dead_of_tenant ON procrastinate_jobs ((args ->> 'tenant'), id) WHERE status = 'failed';
