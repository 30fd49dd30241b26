-- People: users, their sessions and failed log-ins, single sign-on under way, emergency stops, narrower keys; and whose
-- a case is, until when it sleeps, and how it is found. Passwords are argon2id hashes, tokens SHA-256 digests.

CREATE TABLE users (
    id text NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    teams text[] DEFAULT '{}' NOT NULL,
    password_hash text,
    subject text,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT users_by_name UNIQUE (name),
    CONSTRAINT users_by_subject UNIQUE (subject)
);
CREATE INDEX users_of_tenant ON users (tenant, name);

CREATE TABLE sessions (
    token_sha256 bytea NOT NULL PRIMARY KEY,
    user_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_age ON sessions (created_at);

CREATE TABLE login_failures (
    name_sha256 bytea NOT NULL PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL
);
CREATE INDEX login_failures_by_age ON login_failures (last_at);

CREATE TABLE sign_ons (
    state_sha256 bytea NOT NULL PRIMARY KEY,
    nonce text NOT NULL,
    verifier text NOT NULL,
    begun_at timestamp with time zone NOT NULL
);
CREATE INDEX sign_ons_by_age ON sign_ons (begun_at);

CREATE TABLE stops (
    tenant text NOT NULL PRIMARY KEY,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE first_approvals (
    tenant text NOT NULL,
    case_id text NOT NULL,
    actor text NOT NULL,
    case_version integer NOT NULL,
    draft_digest text NOT NULL,
    confirmed text[] NOT NULL,
    approved_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, case_id),
    FOREIGN KEY (tenant, case_id) REFERENCES tickets (tenant, id) ON DELETE CASCADE
);

ALTER TABLE approvals ADD COLUMN first_actor text DEFAULT '' NOT NULL;
ALTER TABLE api_keys ADD COLUMN only_scopes text[];

ALTER TABLE cases ADD COLUMN assignee text DEFAULT '' NOT NULL;
ALTER TABLE cases ADD COLUMN team text DEFAULT '' NOT NULL;
ALTER TABLE cases ADD COLUMN snoozed_until timestamp with time zone;
CREATE INDEX cases_queue_by_assignee ON cases (tenant, assignee, level, safe_due, ticket_id) WHERE assignee <> '';
CREATE INDEX cases_queue_by_team ON cases (tenant, team, level, safe_due, ticket_id) WHERE team <> '';
CREATE INDEX cases_by_safe_due ON cases (tenant, safe_due, ticket_id);
CREATE INDEX tickets_by_received ON tickets (tenant, received_at, id);

-- Found by the beginnings of words without diacritics. Generated, so that whoever erases a name erases it here too.
ALTER TABLE tickets ADD COLUMN search tsvector GENERATED ALWAYS AS (
    to_tsvector('simple'::regconfig, lower(regexp_replace(
        translate(
            id || ' ' || subject || ' ' || requester_name || ' ' || requester_email,
            'ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüÄÖÜéÉáÁ', 'acelnoszzACELNOSZZaouAOUeEaA'
        ),
        '[^A-Za-z0-9]+', ' ', 'g'
    )))
) STORED;
CREATE INDEX tickets_by_words ON tickets USING gin (search);
