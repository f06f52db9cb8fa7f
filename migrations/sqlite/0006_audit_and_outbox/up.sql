-- What happened, and what has to be told: both written in the transaction of the change that they are about.

-- Append-only. A job gives each row its place in the chain of hashes; until then the last columns are empty.
CREATE TABLE audit (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    account_id VARCHAR(36) REFERENCES account (id),
    organisation_id VARCHAR(36) REFERENCES organisation (id),
    district_code TEXT NOT NULL,
    origin TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    place BIGINT UNIQUE,
    algorithm TEXT,
    hash TEXT
);

CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (subject);

-- A message to one person: shown in the page, and sent by mail.
CREATE TABLE outbox (
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

CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_account ON outbox (account_id, created_at);
