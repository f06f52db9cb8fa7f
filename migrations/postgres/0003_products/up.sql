-- Bank products. The document is the product's form as JSON; the columns beside it are what queries ask for.

CREATE TABLE product (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    organisation_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (
        kind IN ('specialised', 'plant', 'tech_upgrade', 'finance_lease', 'relay', 'annual_review', 'revolving')
    ),
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'suspended', 'closed')),
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at TIMESTAMP NOT NULL
);

CREATE INDEX product_organisation ON product (organisation_id, code);
CREATE INDEX product_status ON product (status, code);

-- What a product said at each version; a match and an offer name the version they saw.
CREATE TABLE product_version (
    product_id VARCHAR(36) NOT NULL REFERENCES product (id),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (product_id, version)
);

-- One row: every write to a product raises it, so that the compiled catalogue knows when it is old.
CREATE TABLE catalogue (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);

INSERT INTO catalogue (id, version) VALUES (1, 0);
