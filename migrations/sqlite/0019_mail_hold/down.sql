DROP TABLE mail_hold;
