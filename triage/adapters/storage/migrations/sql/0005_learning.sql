-- What people decided beside what the machine said, and what the machine said when. Codes and ids only; the one free
-- text is corrections.reason. Everything goes with its ticket.

ALTER TABLE cases ADD COLUMN category_by text;
ALTER TABLE cases ADD COLUMN tags text[] DEFAULT '{}' NOT NULL;
CREATE INDEX cases_by_tag ON cases USING gin (tags);

CREATE TABLE corrections (
    tenant text NOT NULL,
    id text NOT NULL,
    ticket_id text NOT NULL,
    field text NOT NULL,
    suggested text[] NOT NULL,
    value text[] NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    model text NOT NULL,
    case_version integer NOT NULL,
    revision integer NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX corrections_of_ticket ON corrections (tenant, ticket_id, at);

CREATE TABLE automation (
    tenant text NOT NULL,
    field text NOT NULL,
    level text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, field)
);

CREATE TABLE predictions (
    tenant text NOT NULL,
    ticket_id text NOT NULL,
    revision integer NOT NULL,
    model text NOT NULL,
    role text NOT NULL,
    code text NOT NULL,
    probability double precision NOT NULL,
    margin double precision NOT NULL,
    abstain_reason text,
    language text NOT NULL,
    product text NOT NULL,
    at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, ticket_id, revision, model),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX predictions_by_time ON predictions (tenant, role, at);

CREATE TABLE blind_sample (
    tenant text NOT NULL,
    ticket_id text NOT NULL,
    drawn_at timestamp with time zone NOT NULL,
    drawn_by text NOT NULL,
    category text,
    labelled_by text,
    labelled_at timestamp with time zone,
    PRIMARY KEY (tenant, ticket_id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
