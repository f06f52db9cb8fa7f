-- What departments and the centre hand in: keys of machines, batches from preview to withdrawal, disputes.

-- A key of a department's own system. Only its hash is kept; sequence is the last number that it sent, so
-- that what was sent once is not taken again.
CREATE TABLE feed_key (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by VARCHAR(36) NOT NULL REFERENCES account (id),
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP,
    revoked_by VARCHAR(36) REFERENCES account (id)
);

CREATE INDEX feed_key_organisation ON feed_key (organisation_id, created_at);

-- A batch has a life now: looked at, taken up, withdrawn. Content holds the rows while they are only looked at.
-- The same file may come again after it was withdrawn, so its hash is not unique any more.
ALTER TABLE fact_batch DROP CONSTRAINT fact_batch_organisation_id_sha256_key;
ALTER TABLE fact_batch
    ADD COLUMN state TEXT NOT NULL DEFAULT 'applied' CHECK (state IN ('pending', 'applied', 'withdrawn', 'discarded')),
    ADD COLUMN content TEXT,
    ADD COLUMN created_rows INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN updated_rows INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN unchanged_rows INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN refused_rows INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN account_id VARCHAR(36) REFERENCES account (id),
    ADD COLUMN feed_key_id VARCHAR(36) REFERENCES feed_key (id),
    ADD COLUMN sequence BIGINT,
    ADD COLUMN applied_at TIMESTAMP,
    ADD COLUMN withdrawn_at TIMESTAMP,
    ADD COLUMN withdrawn_by VARCHAR(36) REFERENCES account (id);
UPDATE fact_batch SET applied_at = created_at;
CREATE INDEX fact_batch_organisation ON fact_batch (organisation_id, created_at, id);
CREATE INDEX fact_batch_content ON fact_batch (organisation_id, sha256);
CREATE INDEX fact_of_batch ON fact (batch_id);

-- What an enterprise says of a value, to its owner: that it is wrong, or that it should be verified.
CREATE TABLE dispute (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('wrong', 'please_verify')),
    note TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'answered')),
    outcome TEXT CHECK (outcome IN ('corrected', 'confirmed', 'verified', 'refused')),
    answer TEXT,
    raised_at TIMESTAMP NOT NULL,
    raised_by VARCHAR(36) NOT NULL REFERENCES account (id),
    answered_at TIMESTAMP,
    answered_by VARCHAR(36) REFERENCES account (id),
    CHECK (state = 'open' OR (outcome IS NOT NULL AND answer IS NOT NULL AND answered_at IS NOT NULL))
);

CREATE UNIQUE INDEX dispute_open ON dispute (enterprise_id, key) WHERE state = 'open';
CREATE INDEX dispute_enterprise ON dispute (enterprise_id, raised_at);
CREATE INDEX dispute_owner ON dispute (owner, state, raised_at);
