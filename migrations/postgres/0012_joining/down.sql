DROP TABLE attachment;
DROP TABLE registration;
DROP TABLE invitation;
DROP TABLE link;
