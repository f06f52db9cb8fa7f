DROP TRIGGER audit_truncate ON audit;
DROP TRIGGER audit_delete ON audit;
DROP TRIGGER audit_update ON audit;
DROP FUNCTION audit_is_append_only();
DROP INDEX audit_unsealed;
DROP TABLE job;

DROP INDEX outbox_created;
UPDATE outbox SET state = 'sent' WHERE state = 'page';
ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'dead'));

ALTER TABLE account DROP COLUMN mails;
