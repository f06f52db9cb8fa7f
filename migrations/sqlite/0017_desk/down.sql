DROP TABLE proposal;
DROP TABLE desk_entry;
DROP TABLE desk_claim;
