-- Financing requests, their numbers and the results of their matches.

-- number is for people (2026-000317); reference is the id that an imported file gave.
-- need is what is asked for; draft is the page's form as it was typed. Both are JSON.
CREATE TABLE request (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    reference TEXT UNIQUE,
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    district_code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'accepted', 'closed')),
    need TEXT,
    draft TEXT,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at TIMESTAMP NOT NULL,
    submitted_at TIMESTAMP,
    expires_on DATE,
    CHECK (state = 'draft' OR (need IS NOT NULL AND submitted_at IS NOT NULL))
);

CREATE INDEX request_enterprise ON request (enterprise_id, number);
CREATE INDEX request_district ON request (district_code, number);

-- The last number given in a year.
CREATE TABLE request_number (
    year INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last >= 1)
);

-- Each run of the match with the inputs it saw, so that months later the same result is shown;
-- the highest run of a request counts.
CREATE TABLE request_match (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    run INTEGER NOT NULL CHECK (run >= 1),
    run_at TIMESTAMP NOT NULL,
    as_of DATE NOT NULL,
    inputs TEXT NOT NULL,
    result TEXT NOT NULL,
    UNIQUE (request_id, run)
);
