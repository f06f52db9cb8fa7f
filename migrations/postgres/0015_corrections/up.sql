-- What the registers say of an enterprise can be corrected.

ALTER TABLE enterprise ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE enterprise ADD COLUMN corrected_at TIMESTAMP;
