//! The tables of what a request comes to: reminders, offers, loans.

use diesel::table;

table! {
    reminder (id) {
        id -> Text,
        request_id -> Text,
        product_code -> Text,
        due_on -> Date,
        asked_by -> Nullable<Text>,
        told_at -> Nullable<Timestamp>,
    }
}

table! {
    offer (id) {
        id -> Text,
        number -> Text,
        referral_id -> Text,
        request_id -> Text,
        enterprise_id -> Text,
        bank_id -> Text,
        product_id -> Text,
        product_version -> Integer,
        revision -> Integer,
        version -> Integer,
        state -> Text,
        terms -> Text,
        figures -> Text,
        checks -> Text,
        is_clean -> Bool,
        amount_fen -> BigInt,
        rate_bp -> BigInt,
        valid_until -> Date,
        submitted_at -> Timestamp,
        forwarded_at -> Nullable<Timestamp>,
        return_reason -> Nullable<Text>,
        accepted_at -> Nullable<Timestamp>,
        sign_by -> Nullable<Date>,
        contract_consent_id -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        lapse_reason -> Nullable<Text>,
        fallen_by -> Nullable<Text>,
        end_text -> Nullable<Text>,
    }
}

table! {
    offer_revision (offer_id, revision) {
        offer_id -> Text,
        revision -> Integer,
        terms -> Text,
        figures -> Text,
        checks -> Text,
        submitted_at -> Timestamp,
        submitted_by -> Nullable<Text>,
        return_reason -> Nullable<Text>,
    }
}

table! {
    loan (id) {
        id -> Text,
        number -> Text,
        offer_id -> Text,
        request_id -> Text,
        enterprise_id -> Text,
        district_code -> Text,
        bank_id -> Text,
        product_id -> Text,
        kind -> Text,
        version -> Integer,
        state -> Text,
        contract_number -> Text,
        terms -> Text,
        amount_fen -> BigInt,
        rate_bp -> BigInt,
        term_months -> Integer,
        repayment -> Text,
        guarantee -> Text,
        annual_cost_pct -> Double,
        signed_on -> Date,
        matures_on -> Date,
        is_first -> Bool,
        stated_by -> Nullable<Text>,
        registered_at -> Timestamp,
        follows_id -> Nullable<Text>,
        overdue_since -> Nullable<Date>,
        drawing_closed_on -> Nullable<Date>,
        drawn_fen -> BigInt,
        repaid_fen -> BigInt,
        ended_on -> Nullable<Date>,
    }
}

table! {
    disbursement (id) {
        id -> Text,
        loan_id -> Text,
        paid_on -> Date,
        amount_fen -> BigInt,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Text>,
    }
}

table! {
    repayment (id) {
        id -> Text,
        loan_id -> Text,
        paid_on -> Date,
        principal_fen -> BigInt,
        interest_fen -> BigInt,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<Text>,
    }
}

table! {
    maturity_notice (loan_id, days) {
        loan_id -> Text,
        days -> Integer,
        told_at -> Timestamp,
    }
}
