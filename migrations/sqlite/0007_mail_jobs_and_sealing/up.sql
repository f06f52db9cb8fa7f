-- Delivery, the jobs' turns, and the audit log that no statement changes.

-- Which messages a user wants by mail too; the page shows all of them.
ALTER TABLE account ADD COLUMN mails TEXT NOT NULL DEFAULT 'all' CHECK (mails IN ('all', 'action'));

-- A message may be for the page only. SQLite changes a CHECK by making the table anew.
CREATE TABLE outbox_new (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    account_id VARCHAR(36) REFERENCES account (id),
    email TEXT NOT NULL,
    topic TEXT NOT NULL,
    parameters TEXT NOT NULL,
    link TEXT,
    state TEXT NOT NULL CHECK (state IN ('page', 'waiting', 'sent', 'dead')),
    tries INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    leased_by TEXT,
    leased_until TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    read_at TIMESTAMP,
    UNIQUE (event, email)
);
INSERT INTO outbox_new SELECT id, event, account_id, email, topic, parameters, link, state, tries, due_at, leased_by,
    leased_until, last_error, created_at, sent_at, read_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_account ON outbox (account_id, created_at);
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
CREATE TRIGGER audit_update BEFORE UPDATE ON audit
WHEN OLD.place IS NOT NULL OR OLD.algorithm IS NOT NULL OR OLD.hash IS NOT NULL
    OR NEW.place IS NULL OR NEW.algorithm IS NULL OR NEW.hash IS NULL
    OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.account_id IS NOT OLD.account_id
    OR NEW.organisation_id IS NOT OLD.organisation_id OR NEW.district_code IS NOT OLD.district_code
    OR NEW.origin IS NOT OLD.origin OR NEW.action IS NOT OLD.action OR NEW.subject IS NOT OLD.subject
    OR NEW.before IS NOT OLD.before OR NEW.after IS NOT OLD.after
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- REPLACE would delete without asking the trigger above.
CREATE TRIGGER audit_insert BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
