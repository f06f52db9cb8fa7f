DROP TRIGGER audit_insert;
DROP TRIGGER audit_delete;
DROP TRIGGER audit_update;
DROP INDEX audit_unsealed;
DROP TABLE job;

CREATE TABLE outbox_old (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    account_id VARCHAR(36) REFERENCES account (id),
    email TEXT NOT NULL,
    topic TEXT NOT NULL,
    parameters TEXT NOT NULL,
    link TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
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
INSERT INTO outbox_old SELECT id, event, account_id, email, topic, parameters, link,
    CASE state WHEN 'page' THEN 'sent' ELSE state END, tries, due_at, leased_by,
    leased_until, last_error, created_at, sent_at, read_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_old RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_account ON outbox (account_id, created_at);

ALTER TABLE account DROP COLUMN mails;
