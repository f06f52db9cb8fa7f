-- What a POST with an Idempotency-Key came to, kept in the transaction that did it: a second try with the
-- same key gets the same answer and does nothing.
CREATE TABLE once (
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, route, key)
);

CREATE INDEX once_age ON once (created_at);
