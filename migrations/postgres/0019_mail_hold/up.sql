-- Mail is held while there is this one row: a database that was restored sends nothing before somebody says so.

CREATE TABLE mail_hold (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    since TIMESTAMP NOT NULL
);
