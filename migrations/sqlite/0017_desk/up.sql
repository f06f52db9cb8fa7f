-- Who sees to an item of the centre's desk, and what was done with it short of deciding. What stands on the desk is
-- asked of the rows themselves: item_id is the id of the registration, offer, request, referral, dispute, loan or
-- product that waits. A claim counts while it is not older than the item's coming to the desk.

CREATE TABLE desk_claim (
    item_id VARCHAR(36) NOT NULL PRIMARY KEY,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    claimed_at TIMESTAMP NOT NULL
);

CREATE INDEX desk_claim_account ON desk_claim (account_id);

-- Appended to and never changed; text is the note: with one an item is taken over.
CREATE TABLE desk_entry (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    item_id VARCHAR(36) NOT NULL,
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    at TIMESTAMP NOT NULL,
    deed TEXT NOT NULL CHECK (deed IN ('claimed', 'taken_over', 'released', 'noted')),
    text TEXT,
    CHECK (deed NOT IN ('taken_over', 'noted') OR text IS NOT NULL)
);

CREATE INDEX desk_entry_item ON desk_entry (item_id, at, id);

-- A bank that an officer proposed. place is that of its product among those that could be proposed, in the matcher's
-- order, from 1; matched is JSON: their codes up to it, at most 100. chosen is JSON too. Another than the first has a
-- reason.
CREATE TABLE proposal (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    referral_id VARCHAR(36) NOT NULL REFERENCES referral (id),
    account_id VARCHAR(36) NOT NULL REFERENCES account (id),
    at TIMESTAMP NOT NULL,
    place INTEGER NOT NULL CHECK (place >= 1),
    matched TEXT NOT NULL,
    chosen TEXT NOT NULL,
    reason TEXT,
    CHECK (place = 1 OR reason IS NOT NULL)
);

CREATE INDEX proposal_referral ON proposal (referral_id, at, id);
