//! The tables of the centre's desk and its settings.

use super::{account, referral};
use diesel::{joinable, table};

table! {
    desk_claim (item_id) {
        item_id -> Text,
        account_id -> Text,
        claimed_at -> Timestamp,
    }
}

table! {
    desk_entry (id) {
        id -> Text,
        item_id -> Text,
        account_id -> Text,
        at -> Timestamp,
        deed -> Text,
        text -> Nullable<Text>,
    }
}

table! {
    proposal (id) {
        id -> Text,
        referral_id -> Text,
        account_id -> Text,
        at -> Timestamp,
        place -> Integer,
        matched -> Text,
        chosen -> Text,
        reason -> Nullable<Text>,
    }
}

table! {
    setting_version (district_code, part, version) {
        district_code -> Text,
        part -> Text,
        version -> Integer,
        document -> Text,
        before -> Text,
        changed_by -> Text,
        changed_at -> Timestamp,
    }
}

joinable!(desk_claim -> account (account_id));
joinable!(desk_entry -> account (account_id));
joinable!(proposal -> account (account_id));
joinable!(proposal -> referral (referral_id));
joinable!(setting_version -> account (changed_by));
