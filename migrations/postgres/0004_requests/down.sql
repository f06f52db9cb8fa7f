DROP TABLE request_match;
DROP TABLE request_number;
DROP TABLE request;
