-- How a user shows who it is: the age and history of passwords, the second factor, and who guesses at either.

-- An account that says nothing of its password's age has an old one.
ALTER TABLE account ADD COLUMN password_set_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE account SET password_set_at = created_at;

-- Hashes of the passwords that a user had before.
CREATE TABLE password_history (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    password_hash TEXT NOT NULL,
    replaced_at TIMESTAMP NOT NULL
);

CREATE INDEX password_history_account ON password_history (account_id);

-- The secret is sealed with a key that is not in the database. Until it is confirmed it guards nothing. No code of a
-- step up to last_step is taken again.
CREATE TABLE second_factor (
    account_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES account (id),
    algorithm TEXT NOT NULL CHECK (algorithm IN ('aes-256-gcm')),
    sealed TEXT NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP,
    last_step BIGINT
);

-- What lets in without the second factor, once each; only hashes are kept.
CREATE TABLE recovery_code (
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    code_hash TEXT NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (account_id, code_hash)
);

-- Tries that failed or are not settled yet, for each thing that is guessed at and each address; the row without an
-- address counts all addresses together. The subject is a hash: what was typed may be a password.
CREATE TABLE guess (
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMP NOT NULL,
    blocked_until TIMESTAMP,
    PRIMARY KEY (subject, address)
);

CREATE INDEX guess_age ON guess (last_at);

-- Addresses from which a user has signed in: what strangers do elsewhere does not count there.
CREATE TABLE known_address (
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    address TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, address)
);
