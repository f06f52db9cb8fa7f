//! The tables of how people join: links by mail, invitations, registrations with their files.

use diesel::table;

table! {
    link (token_hash) {
        token_hash -> Text,
        purpose -> Text,
        email -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

table! {
    invitation (id) {
        id -> Text,
        organisation_id -> Text,
        email -> Text,
        role -> Text,
        token_hash -> Text,
        invited_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

table! {
    registration (id) {
        id -> Text,
        district_code -> Text,
        uscc -> Text,
        enterprise_name -> Text,
        industry -> Text,
        town -> Text,
        email -> Text,
        person -> Text,
        password_hash -> Nullable<Text>,
        owners -> Text,
        text_version -> Integer,
        until -> Date,
        state -> Text,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        keep_until -> Nullable<Timestamp>,
    }
}

table! {
    attachment (id) {
        id -> Text,
        registration_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        account_id -> Nullable<Text>,
        purpose -> Text,
        name -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        created_at -> Timestamp,
        content -> Binary,
    }
}
