-- Where users are signed in, so that each place can be seen and ended; and the API's refresh tokens.

-- It goes up when everything that a user has begun must end: what was begun under another number is over.
ALTER TABLE account ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0;

-- A session gets an id that a page can name, and what its user knows it by. Those of before end: everyone signs in
-- once more.
DROP TABLE session;
CREATE TABLE session (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'api')),
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    stamp BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    address TEXT,
    browser TEXT
);

CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

-- What opens a session: a page's cookie, or refresh tokens, each used once and followed by the next. Only hashes are
-- kept, so that a copy of the database opens nothing. A used one is kept as long as its session: whoever comes with
-- it again is not alone in having it.
CREATE TABLE session_token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    session_id VARCHAR(36) NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);

CREATE INDEX session_token_session ON session_token (session_id);
CREATE UNIQUE INDEX session_token_live ON session_token (session_id) WHERE used_at IS NULL;
