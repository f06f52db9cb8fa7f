//! The tables of how a user shows who it is, and of who guesses at it. They stand alone: no query joins them.

use diesel::table;

table! {
    password_history (id) {
        id -> Text,
        account_id -> Text,
        password_hash -> Text,
        replaced_at -> Timestamp,
    }
}

table! {
    second_factor (account_id) {
        account_id -> Text,
        algorithm -> Text,
        sealed -> Text,
        begun_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> Nullable<BigInt>,
    }
}

table! {
    recovery_code (account_id, code_hash) {
        account_id -> Text,
        code_hash -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

table! {
    guess (subject, address) {
        subject -> Text,
        address -> Text,
        failures -> Integer,
        last_at -> Timestamp,
        blocked_until -> Nullable<Timestamp>,
    }
}

table! {
    known_address (account_id, address) {
        account_id -> Text,
        address -> Text,
        last_at -> Timestamp,
    }
}
