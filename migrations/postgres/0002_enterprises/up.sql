-- Enterprises and what is known of them.

CREATE TABLE enterprise (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    established_on DATE,
    district_code TEXT NOT NULL,
    organisation_id VARCHAR(36) UNIQUE REFERENCES organisation (id),
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX enterprise_district ON enterprise (district_code);

-- A file of facts that an organisation handed in; the same content counts once.
CREATE TABLE fact_batch (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (organisation_id, sha256)
);

-- Every value ever held; value is JSON. What is replaced stays, with current = false.
CREATE TABLE fact (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    key TEXT NOT NULL,
    bank_id VARCHAR(36) REFERENCES organisation (id),
    value TEXT NOT NULL,
    verified BOOLEAN NOT NULL,
    observed_on DATE NOT NULL,
    valid_until DATE,
    source_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    batch_id VARCHAR(36) REFERENCES fact_batch (id),
    account_id VARCHAR(36) REFERENCES account (id),
    predecessor_id VARCHAR(36) REFERENCES fact (id),
    current BOOLEAN NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- A verified and a declared value stand side by side; of each there is one current value a bank.
CREATE UNIQUE INDEX fact_current ON fact (enterprise_id, key, verified, COALESCE(bank_id, '')) WHERE current;
