DROP TABLE session_token;
DROP TABLE session;
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);
ALTER TABLE account DROP COLUMN stamp;
