-- What people changed in drafts, and what is learnt from it. Every row carries its tenant; every text is pseudonymised
-- before it is stored. Edits and solved cases go with their ticket.

CREATE TABLE draft_edits (
    tenant text NOT NULL,
    id text NOT NULL,
    case_id text NOT NULL,
    case_version integer NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    reply_kind text NOT NULL,
    language text NOT NULL,
    composer text NOT NULL,
    before_digest text NOT NULL,
    after_digest text NOT NULL,
    distance double precision NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, case_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX draft_edits_of_case ON draft_edits (tenant, case_id, at);

CREATE TABLE suggestions (
    tenant text NOT NULL,
    id text NOT NULL,
    reply_kind text NOT NULL,
    language text NOT NULL,
    text text NOT NULL,
    seen integer NOT NULL,
    cases text[] NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamp with time zone,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX suggestions_by_kind ON suggestions (tenant, state, reply_kind, language);

CREATE TABLE solved_cases (
    tenant text NOT NULL,
    case_id text NOT NULL,
    category text NOT NULL,
    language text NOT NULL,
    reply_kind text NOT NULL,
    problem text NOT NULL,
    reply text NOT NULL,
    solved_at timestamp with time zone NOT NULL,
    encoder text NOT NULL,
    vector bytea NOT NULL,
    PRIMARY KEY (tenant, case_id),
    FOREIGN KEY (tenant, case_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);
CREATE INDEX solved_cases_newest ON solved_cases (tenant, encoder, solved_at);

-- Other tickets about the same device are found by the serial numbers their cases name.
CREATE INDEX cases_by_fact ON cases USING gin ((document -> 'facts' -> 'items'));
