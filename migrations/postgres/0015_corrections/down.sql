ALTER TABLE enterprise DROP COLUMN corrected_at;
ALTER TABLE enterprise DROP COLUMN version;
