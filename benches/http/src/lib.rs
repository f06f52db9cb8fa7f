//! The columns that the bare handlers touch.

/// Some of the service's tables.
pub mod schema {
    use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

    table! { organisation (id) { id -> Text, code -> Text, name -> Text, } }
    table! {
        account (id) {
            id -> Text, organisation_id -> Text, email -> Text, name -> Text, role -> Text, active -> Bool,
        }
    }
    table! { session (id) { id -> Text, account_id -> Text, expires_at -> Timestamp, } }
    table! { session_token (token_hash) { token_hash -> Text, session_id -> Text, } }
    table! { enterprise (id) { id -> Text, name -> Text, organisation_id -> Nullable<Text>, } }
    table! { fact (id) { id -> Text, enterprise_id -> Text, key -> Text, value -> Text, current -> Bool, } }
    table! { product (id) { id -> Text, code -> Text, organisation_id -> Text, } }
    table! {
        product_version (product_id, version) { product_id -> Text, version -> Integer, document -> Text, }
    }
    table! {
        request (id) {
            id -> Text, number -> Text, enterprise_id -> Text, state -> Text, need -> Nullable<Text>,
            version -> Integer, created_at -> Timestamp, submitted_at -> Nullable<Timestamp>,
            expires_on -> Nullable<Date>,
        }
    }
    table! {
        request_match (id) {
            id -> Text, request_id -> Text, run -> Integer, run_at -> Timestamp, as_of -> Date, inputs -> Text,
            result -> Text,
        }
    }
    table! {
        referral (id) {
            id -> Text, request_id -> Text, bank_id -> Text, products -> Text, state -> Text,
            sent_at -> Nullable<Timestamp>,
        }
    }
    table! { reminder (id) { id -> Text, request_id -> Text, product_code -> Text, } }
    table! { holiday (day) { day -> Date, kind -> Text, } }
    table! {
        offer (id) {
            id -> Text, number -> Text, request_id -> Text, enterprise_id -> Text, bank_id -> Text,
            product_id -> Text, product_version -> Integer, revision -> Integer, version -> Integer, state -> Text,
            terms -> Text, figures -> Text, is_clean -> Bool, submitted_at -> Timestamp,
        }
    }
    table! {
        audit (id) {
            id -> Text, at -> Timestamp, account_id -> Nullable<Text>, organisation_id -> Nullable<Text>,
            district_code -> Text, origin -> Nullable<Text>, action -> Text, subject -> Text,
            before -> Nullable<Text>, after -> Nullable<Text>,
        }
    }
    table! {
        outbox (id) {
            id -> Text, event -> Text, account_id -> Nullable<Text>, email -> Text, topic -> Text,
            parameters -> Text, link -> Nullable<Text>, state -> Text, tries -> Integer, due_at -> Timestamp,
            created_at -> Timestamp, read_at -> Nullable<Timestamp>,
        }
    }

    joinable!(account -> organisation (organisation_id));
    joinable!(session -> account (account_id));
    joinable!(session_token -> session (session_id));
    joinable!(product -> organisation (organisation_id));
    joinable!(product_version -> product (product_id));
    joinable!(request -> enterprise (enterprise_id));
    joinable!(referral -> organisation (bank_id));
    joinable!(offer -> request (request_id));
    joinable!(offer -> enterprise (enterprise_id));
    joinable!(offer -> organisation (bank_id));
    allow_tables_to_appear_in_same_query!(
        account,
        audit,
        enterprise,
        fact,
        holiday,
        offer,
        organisation,
        outbox,
        product,
        product_version,
        referral,
        reminder,
        request,
        request_match,
        session,
        session_token,
    );
}
