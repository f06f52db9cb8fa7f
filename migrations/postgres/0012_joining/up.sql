-- How people join: links that a mail carries, invitations, enterprises' registrations, and files.

-- A link that proves that whoever follows it reads mail at an address. Only the hash of its token is kept; a
-- newer one for the same purpose and address takes its place.
CREATE TABLE link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('registration', 'password_reset')),
    email TEXT NOT NULL CHECK (email = lower(email)),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    UNIQUE (purpose, email)
);

CREATE INDEX link_expiry ON link (expires_at);

-- An open invitation of a user into an organisation; it is gone once it is accepted, withdrawn or expired.
CREATE TABLE invitation (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    email TEXT NOT NULL CHECK (email = lower(email)),
    role TEXT NOT NULL CHECK (
        role IN ('owner', 'member', 'reader', 'bank_user', 'officer', 'department_user', 'administrator')
    ),
    token_hash TEXT NOT NULL UNIQUE,
    invited_by VARCHAR(36) NOT NULL REFERENCES account (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    UNIQUE (organisation_id, email)
);

CREATE INDEX invitation_expiry ON invitation (expires_at);

-- Somebody asks to speak for an enterprise. The address is proven; what was agreed to is kept as it was shown.
-- owners is JSON: whose facts the platform may use. The hash of the password goes once it is decided; what was
-- rejected goes after keep_until.
CREATE TABLE registration (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    district_code TEXT NOT NULL,
    uscc TEXT NOT NULL,
    enterprise_name TEXT NOT NULL,
    industry TEXT NOT NULL,
    town TEXT NOT NULL,
    email TEXT NOT NULL CHECK (email = lower(email)),
    person TEXT NOT NULL,
    password_hash TEXT,
    owners TEXT NOT NULL,
    text_version INTEGER NOT NULL CHECK (text_version >= 1),
    until DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    decided_by VARCHAR(36) REFERENCES account (id),
    keep_until TIMESTAMP,
    CHECK (state <> 'waiting' OR password_hash IS NOT NULL),
    CHECK (state = 'waiting' OR (decided_at IS NOT NULL AND decided_by IS NOT NULL))
);

CREATE INDEX registration_district ON registration (district_code, created_at);
CREATE INDEX registration_keep ON registration (keep_until);

-- A file that somebody handed in, of a registration or of an organisation. It stands in the database, so that
-- it is there exactly when the row that names it is, on every node and in every backup.
CREATE TABLE attachment (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    registration_id VARCHAR(36) REFERENCES registration (id),
    organisation_id VARCHAR(36) REFERENCES organisation (id),
    account_id VARCHAR(36) REFERENCES account (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('licence', 'letter', 'material')),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes BIGINT NOT NULL CHECK (size_bytes > 0),
    sha256 TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    content BYTEA NOT NULL,
    CHECK (registration_id IS NOT NULL OR organisation_id IS NOT NULL)
);

CREATE INDEX attachment_registration ON attachment (registration_id);
CREATE INDEX attachment_organisation ON attachment (organisation_id, created_at);
