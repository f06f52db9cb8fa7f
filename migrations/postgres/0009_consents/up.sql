-- Who may see what an enterprise is: its authorisation of the platform, its consents, and who has read.

-- The enterprise lets the platform use the facts of some departments. What replaces it, or takes it
-- back, ends it: at most one of an enterprise is not ended.
CREATE TABLE authorisation (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('matching')),
    text_version INTEGER NOT NULL CHECK (text_version >= 1),
    given_at TIMESTAMP NOT NULL,
    given_by VARCHAR(36) REFERENCES account (id),
    until DATE NOT NULL,
    revoked_at TIMESTAMP,
    revoked_by VARCHAR(36) REFERENCES account (id)
);

CREATE UNIQUE INDEX authorisation_live ON authorisation (enterprise_id) WHERE revoked_at IS NULL;

-- Whose facts it is about.
CREATE TABLE authorisation_owner (
    authorisation_id VARCHAR(36) NOT NULL REFERENCES authorisation (id),
    owner TEXT NOT NULL,
    PRIMARY KEY (authorisation_id, owner)
);

-- The enterprise lets one bank read some facts, for one request and one purpose.
CREATE TABLE consent (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    bank_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('application', 'contract')),
    text_version INTEGER NOT NULL CHECK (text_version >= 1),
    given_at TIMESTAMP NOT NULL,
    given_by VARCHAR(36) REFERENCES account (id),
    until DATE NOT NULL,
    revoked_at TIMESTAMP,
    revoked_by VARCHAR(36) REFERENCES account (id),
    version INTEGER NOT NULL CHECK (version >= 1)
);

CREATE UNIQUE INDEX consent_live ON consent (request_id, bank_id, purpose) WHERE revoked_at IS NULL;
CREATE INDEX consent_enterprise ON consent (enterprise_id, given_at);

-- The facts that it is about, by their keys.
CREATE TABLE consent_fact (
    consent_id VARCHAR(36) NOT NULL REFERENCES consent (id),
    key TEXT NOT NULL,
    PRIMARY KEY (consent_id, key)
);

-- One for each request and bank. products is JSON: the picked products in the versions and with the
-- costs that were matched. match_id is the run of the match that they were picked from.
CREATE TABLE referral (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    bank_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    consent_id VARCHAR(36) REFERENCES consent (id),
    match_id VARCHAR(36) NOT NULL REFERENCES request_match (id),
    products TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('reserve', 'proposed', 'pending', 'viewed', 'offered', 'declined', 'overdue', 'cancelled')
    ),
    version INTEGER NOT NULL CHECK (version >= 1),
    sent_at TIMESTAMP,
    viewed_at TIMESTAMP,
    ended_at TIMESTAMP,
    UNIQUE (request_id, bank_id),
    CHECK (state IN ('proposed', 'cancelled') OR consent_id IS NOT NULL),
    CHECK (state NOT IN ('pending', 'viewed') OR sent_at IS NOT NULL)
);

CREATE INDEX referral_bank ON referral (bank_id, state, sent_at);
CREATE INDEX referral_consent ON referral (consent_id);

-- Every read of an enterprise by somebody else, for the enterprise to see.
CREATE TABLE profile_access (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    at TIMESTAMP NOT NULL,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    what TEXT NOT NULL CHECK (what IN ('profile', 'match_result', 'credit_profile')),
    consent_id VARCHAR(36) REFERENCES consent (id),
    request_id VARCHAR(36) REFERENCES request (id),
    CHECK (what <> 'credit_profile' OR consent_id IS NOT NULL)
);

CREATE INDEX profile_access_enterprise ON profile_access (enterprise_id, at, id);
