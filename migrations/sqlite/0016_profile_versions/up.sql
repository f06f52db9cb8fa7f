-- Which state of an enterprise's profile the newest match of a request saw. Counted and not timed: a change that is
-- committed late is still noticed. What was matched before this is matched once more.

ALTER TABLE enterprise ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE request ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE enterprise DROP COLUMN corrected_at;
