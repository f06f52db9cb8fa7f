-- Who there is: organisations, their users and the users' page sessions.

CREATE TABLE organisation (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'bank', 'leasing', 'centre', 'department')),
    name TEXT NOT NULL,
    district_code TEXT NOT NULL,
    uscc TEXT UNIQUE,
    contact TEXT,
    created_at TIMESTAMP NOT NULL
);

-- A user; "user" itself is a reserved word.
CREATE TABLE account (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (
        role IN ('owner', 'member', 'reader', 'bank_user', 'officer', 'department_user', 'administrator')
    ),
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX account_organisation ON account (organisation_id);

-- Only a hash of the cookie's token is kept, so that a copy of the database opens no session.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);
