DROP TABLE dispute;
DROP INDEX fact_of_batch;
DROP INDEX fact_batch_content;
DROP INDEX fact_batch_organisation;

-- What was only looked at goes; of a file that came twice the later batch keeps its id for a hash.
DELETE FROM fact_batch WHERE state IN ('pending', 'discarded');
UPDATE fact_batch SET sha256 = id WHERE state <> 'applied' OR EXISTS (
    SELECT 1 FROM fact_batch o
    WHERE o.organisation_id = fact_batch.organisation_id AND o.sha256 = fact_batch.sha256 AND o.state = 'applied'
        AND o.id < fact_batch.id
);
ALTER TABLE fact_batch
    DROP COLUMN state, DROP COLUMN content, DROP COLUMN created_rows, DROP COLUMN updated_rows,
    DROP COLUMN unchanged_rows, DROP COLUMN refused_rows, DROP COLUMN account_id, DROP COLUMN feed_key_id,
    DROP COLUMN sequence, DROP COLUMN applied_at, DROP COLUMN withdrawn_at, DROP COLUMN withdrawn_by,
    ADD UNIQUE (organisation_id, sha256);
DROP TABLE feed_key;
