-- The settings that a district changed while the service runs, each change as a version of its part: document is the
-- part as it is from then on, before as it was, both JSON. Where there is no version, the files' values stand.
CREATE TABLE setting_version (
    district_code TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('desk', 'accounts')),
    version INTEGER NOT NULL CHECK (version >= 1),
    document TEXT NOT NULL,
    before TEXT NOT NULL,
    changed_by VARCHAR(36) NOT NULL REFERENCES account (id),
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (district_code, part, version)
);
