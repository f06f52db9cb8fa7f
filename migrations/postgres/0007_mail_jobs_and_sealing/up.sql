-- Delivery, the jobs' turns, and the audit log that no statement changes.

-- Which messages a user wants by mail too; the page shows all of them.
ALTER TABLE account ADD COLUMN mails TEXT NOT NULL DEFAULT 'all' CHECK (mails IN ('all', 'action'));

-- A message may be for the page only.
ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK (state IN ('page', 'waiting', 'sent', 'dead'));
CREATE INDEX outbox_created ON outbox (created_at, id);

-- A job runs on one node at a time: the one that holds the lease.
CREATE TABLE job (
    name TEXT NOT NULL PRIMARY KEY,
    due_at TIMESTAMP NOT NULL,
    leased_by TEXT,
    leased_until TIMESTAMP,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    handled BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    last_error TEXT
);

-- What is not sealed yet is found without reading the whole log.
CREATE INDEX audit_unsealed ON audit (at, id) WHERE place IS NULL;

-- A row changes once, when it is sealed, and never goes.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END;
$$;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.place IS NOT NULL OR OLD.algorithm IS NOT NULL OR OLD.hash IS NOT NULL
    OR NEW.place IS NULL OR NEW.algorithm IS NULL OR NEW.hash IS NULL
    OR (NEW.id, NEW.at, NEW.account_id, NEW.organisation_id, NEW.district_code,
        NEW.origin, NEW.action, NEW.subject, NEW.before, NEW.after)
    IS DISTINCT FROM (OLD.id, OLD.at, OLD.account_id, OLD.organisation_id, OLD.district_code,
        OLD.origin, OLD.action, OLD.subject, OLD.before, OLD.after))
EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
