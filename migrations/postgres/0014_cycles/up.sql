-- From need to loan: how requests and referrals end, offers in their revisions, loans, and what is watched.

ALTER TABLE request ADD COLUMN end_reason TEXT
    CHECK (end_reason IN ('fulfilled', 'withdrawn', 'expired', 'unserved'));
ALTER TABLE request ADD COLUMN end_text TEXT;
ALTER TABLE request ADD COLUMN ended_at TIMESTAMP;
ALTER TABLE request ADD COLUMN unserved_reason TEXT CHECK (
    unserved_reason IN ('no_product', 'amount', 'term', 'credit', 'collateral', 'industry', 'materials', 'other')
);

CREATE INDEX request_expiry ON request (state, expires_on);

-- How many products fit, so that a query can ask for what nothing fits.
ALTER TABLE request_match ADD COLUMN eligible INTEGER NOT NULL DEFAULT 0 CHECK (eligible >= 0);
UPDATE request_match SET eligible = jsonb_array_length(result::jsonb -> 'eligible');

-- position is the enterprise's order of those in reserve. due_on is the last day to answer. answered_at is when
-- the bank first offered or declined; is_late says whether that was after due_on.
ALTER TABLE referral ADD COLUMN position INTEGER;
ALTER TABLE referral ADD COLUMN due_on DATE;
ALTER TABLE referral ADD COLUMN answered_at TIMESTAMP;
ALTER TABLE referral ADD COLUMN is_late BOOLEAN;
ALTER TABLE referral ADD COLUMN decline_reason TEXT CHECK (
    decline_reason IN ('amount', 'term', 'credit', 'collateral', 'industry', 'materials', 'withdrawn', 'other')
);
ALTER TABLE referral ADD COLUMN decline_text TEXT;
ALTER TABLE referral ADD COLUMN end_reason TEXT
    CHECK (end_reason IN ('revoked', 'refused', 'accepted_elsewhere', 'request_closed'));
ALTER TABLE referral ADD COLUMN proposed_by VARCHAR(36) REFERENCES account (id);

CREATE INDEX referral_due ON referral (state, due_on);

-- The enterprise wants to hear of a product on the day on which its one gap closes.
CREATE TABLE reminder (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    product_code TEXT NOT NULL,
    due_on DATE NOT NULL,
    asked_by VARCHAR(36) REFERENCES account (id),
    told_at TIMESTAMP,
    UNIQUE (request_id, product_code)
);

CREATE INDEX reminder_due ON reminder (told_at, due_on);

-- draft is the form being edited, until it is published as the next version; a product that was never published has
-- no version yet, and its version is the one that it will have. edition is raised by each change of the bank, for
-- ETags. confirmed_on is when the bank last said that the terms hold, as an import does; that counts until
-- confirmed_until. quota_taken_fen is what accepted
-- offers and loans hold of the quota that the published version names.
ALTER TABLE product ADD COLUMN draft TEXT;
ALTER TABLE product ADD COLUMN edition INTEGER NOT NULL DEFAULT 1 CHECK (edition >= 1);
ALTER TABLE product ADD COLUMN confirmed_on DATE;
ALTER TABLE product ADD COLUMN confirmed_until DATE;
ALTER TABLE product ADD COLUMN confirm_reminded_on DATE;
ALTER TABLE product ADD COLUMN quota_fen BIGINT CHECK (quota_fen >= 0);
ALTER TABLE product ADD COLUMN quota_taken_fen BIGINT NOT NULL DEFAULT 0
    CHECK (quota_taken_fen >= 0 AND (quota_fen IS NULL OR quota_taken_fen <= quota_fen));
UPDATE product SET confirmed_on = updated_at::date, confirmed_until = updated_at::date + 90;

CREATE INDEX product_confirmation ON product (status, confirmed_until);

-- A product that came into the matching anew, and the number of the last open request that was matched again since.
CREATE TABLE rematch (
    product_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES product (id),
    queued_at TIMESTAMP NOT NULL,
    after_number TEXT NOT NULL
);

-- A product that began to fit an open request, until the enterprise is told; due_on is the first day for that.
CREATE TABLE newly_eligible (
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    product_code TEXT NOT NULL,
    due_on DATE NOT NULL,
    PRIMARY KEY (request_id, product_code)
);

CREATE INDEX newly_eligible_due ON newly_eligible (due_on);

-- number is for people: the request, the bank, and which of its offers it is (2026-000317-BANKA-1). terms, figures and
-- checks are JSON: what the bank offers, the schedule and costs that were computed of it, and the desk's checks with
-- their results. The columns beside them are what queries ask for; amounts in 分, rates and costs in bp.
CREATE TABLE offer (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    referral_id VARCHAR(36) NOT NULL REFERENCES referral (id),
    request_id VARCHAR(36) NOT NULL REFERENCES request (id),
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    bank_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    product_id VARCHAR(36) NOT NULL REFERENCES product (id),
    product_version INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (
        state IN (
            'submitted', 'returned', 'forwarded', 'accepted', 'declined', 'withdrawn', 'lapsed', 'signed',
            'fell_through'
        )
    ),
    terms TEXT NOT NULL,
    figures TEXT NOT NULL,
    checks TEXT NOT NULL,
    is_clean BOOLEAN NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    rate_bp BIGINT NOT NULL,
    valid_until DATE NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    forwarded_at TIMESTAMP,
    return_reason TEXT,
    accepted_at TIMESTAMP,
    sign_by DATE,
    contract_consent_id VARCHAR(36) REFERENCES consent (id),
    ended_at TIMESTAMP,
    lapse_reason TEXT CHECK (lapse_reason IN ('validity', 'other_accepted', 'request_closed', 'revoked')),
    fallen_by TEXT CHECK (fallen_by IN ('enterprise', 'bank', 'deadline')),
    end_text TEXT,
    CHECK (state NOT IN ('forwarded', 'accepted', 'signed', 'declined') OR forwarded_at IS NOT NULL),
    CHECK (state NOT IN ('accepted', 'signed') OR (accepted_at IS NOT NULL AND contract_consent_id IS NOT NULL)),
    CHECK (state <> 'returned' OR return_reason IS NOT NULL),
    CHECK ((state = 'lapsed') = (lapse_reason IS NOT NULL)),
    CHECK ((state = 'fell_through') = (fallen_by IS NOT NULL))
);

-- Whatever races: a request has at most one offer that binds, and a bank one live offer of a product for it.
CREATE UNIQUE INDEX offer_binding ON offer (request_id) WHERE state IN ('accepted', 'signed');
CREATE UNIQUE INDEX offer_live ON offer (referral_id, product_id) WHERE state IN ('submitted', 'returned', 'forwarded');
CREATE INDEX offer_request ON offer (request_id, state);
CREATE INDEX offer_bank ON offer (bank_id, submitted_at, id);
CREATE INDEX offer_desk ON offer (state, submitted_at, id);
CREATE INDEX offer_validity ON offer (state, valid_until);

-- What an offer said at each revision.
CREATE TABLE offer_revision (
    offer_id VARCHAR(36) NOT NULL REFERENCES offer (id),
    revision INTEGER NOT NULL,
    terms TEXT NOT NULL,
    figures TEXT NOT NULL,
    checks TEXT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    submitted_by VARCHAR(36) REFERENCES account (id),
    return_reason TEXT,
    PRIMARY KEY (offer_id, revision)
);

-- A request comes to at most one contract, so a loan has its request's number. terms is JSON: the accepted offer's.
-- drawn_fen and repaid_fen are the sums of the rows below it.
CREATE TABLE loan (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    offer_id VARCHAR(36) NOT NULL UNIQUE REFERENCES offer (id),
    request_id VARCHAR(36) NOT NULL UNIQUE REFERENCES request (id),
    enterprise_id VARCHAR(36) NOT NULL REFERENCES enterprise (id),
    district_code TEXT NOT NULL,
    bank_id VARCHAR(36) NOT NULL REFERENCES organisation (id),
    product_id VARCHAR(36) NOT NULL REFERENCES product (id),
    kind TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (
        state IN ('registered', 'disbursing', 'outstanding', 'settled', 'renewed', 'cancelled')
    ),
    contract_number TEXT NOT NULL,
    terms TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    rate_bp BIGINT NOT NULL,
    term_months INTEGER NOT NULL,
    repayment TEXT NOT NULL,
    guarantee TEXT NOT NULL CHECK (guarantee IN ('credit', 'guarantor', 'mortgage', 'pledge')),
    annual_cost_pct DOUBLE PRECISION NOT NULL,
    signed_on DATE NOT NULL,
    matures_on DATE NOT NULL,
    is_first BOOLEAN NOT NULL,
    stated_by VARCHAR(36) REFERENCES account (id),
    registered_at TIMESTAMP NOT NULL,
    follows_id VARCHAR(36) UNIQUE REFERENCES loan (id),
    overdue_since DATE,
    drawing_closed_on DATE,
    drawn_fen BIGINT NOT NULL DEFAULT 0 CHECK (drawn_fen >= 0),
    repaid_fen BIGINT NOT NULL DEFAULT 0 CHECK (repaid_fen >= 0),
    ended_on DATE,
    UNIQUE (bank_id, contract_number),
    CHECK (repaid_fen <= drawn_fen),
    CHECK (drawn_fen - repaid_fen <= amount_fen),
    CHECK (repayment = 'on_demand' OR drawn_fen <= amount_fen),
    CHECK (state NOT IN ('registered', 'cancelled') OR drawn_fen = 0),
    CHECK (state <> 'settled' OR repaid_fen = drawn_fen),
    CHECK (matures_on > signed_on)
);

CREATE INDEX loan_enterprise ON loan (enterprise_id, signed_on, id);
CREATE INDEX loan_bank ON loan (bank_id, signed_on, id);
CREATE INDEX loan_district ON loan (district_code, signed_on, id);
CREATE INDEX loan_maturity ON loan (state, matures_on);

CREATE TABLE disbursement (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    loan_id VARCHAR(36) NOT NULL REFERENCES loan (id),
    paid_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    recorded_at TIMESTAMP NOT NULL,
    recorded_by VARCHAR(36) REFERENCES account (id)
);

CREATE INDEX disbursement_loan ON disbursement (loan_id, paid_on, id);
CREATE INDEX disbursement_day ON disbursement (paid_on);

CREATE TABLE repayment (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    loan_id VARCHAR(36) NOT NULL REFERENCES loan (id),
    paid_on DATE NOT NULL,
    principal_fen BIGINT NOT NULL CHECK (principal_fen >= 0),
    interest_fen BIGINT NOT NULL CHECK (interest_fen >= 0),
    recorded_at TIMESTAMP NOT NULL,
    recorded_by VARCHAR(36) REFERENCES account (id),
    CHECK (principal_fen + interest_fen > 0)
);

CREATE INDEX repayment_loan ON repayment (loan_id, paid_on, id);

-- Which of the warnings before its maturity a loan has had, by the days that were left.
CREATE TABLE maturity_notice (
    loan_id VARCHAR(36) NOT NULL REFERENCES loan (id),
    days INTEGER NOT NULL,
    told_at TIMESTAMP NOT NULL,
    PRIMARY KEY (loan_id, days)
);
