ALTER TABLE enterprise ADD COLUMN corrected_at TIMESTAMP;
ALTER TABLE request DROP COLUMN profile_version;
ALTER TABLE enterprise DROP COLUMN profile_version;
