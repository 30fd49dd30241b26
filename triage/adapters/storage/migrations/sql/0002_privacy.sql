-- Tombstones: keyed hashes of erased identifiers, never the identifiers. GDPR art. 17, 4(5).
CREATE TABLE tombstones (
    tenant text NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    PRIMARY KEY (tenant, kind, digest)
);

-- Internal register of complaints about dangerous products: Regulation (EU) 2023/988 (GPSR) art. 9(11) and 12.
CREATE TABLE safety_register (
    tenant text NOT NULL,
    position integer NOT NULL,
    case_id text NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    received_on date NOT NULL,
    events text[] NOT NULL,
    product text NOT NULL,
    model text NOT NULL,
    batch text NOT NULL,
    serial text NOT NULL,
    article text NOT NULL,
    erase_after date NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (tenant, position)
);
CREATE INDEX safety_register_by_model ON safety_register (tenant, model, batch);
CREATE INDEX safety_register_by_case ON safety_register (tenant, case_id);

-- Append-only; only the end of the retention term takes entries out, and it says so in its own transaction.
CREATE FUNCTION safety_register_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('triage.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the safety register is append-only';
END;
$$;
CREATE TRIGGER safety_register_append_only BEFORE UPDATE OR DELETE ON safety_register
    FOR EACH ROW EXECUTE FUNCTION safety_register_is_append_only();
