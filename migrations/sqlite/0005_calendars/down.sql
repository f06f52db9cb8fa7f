DROP TABLE holiday;
DROP TABLE lpr;
