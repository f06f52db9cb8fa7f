DROP TABLE known_address;
DROP TABLE guess;
DROP TABLE recovery_code;
DROP TABLE second_factor;
DROP TABLE password_history;
ALTER TABLE account DROP COLUMN password_set_at;
