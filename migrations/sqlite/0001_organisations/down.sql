DROP TABLE session;
DROP TABLE account;
DROP TABLE organisation;
