//! The tables as diesel knows them; `migrations/` makes them.

mod desk;
mod joining;
mod lending;
mod operation;
pub mod sign_in;

pub use desk::{desk_claim, desk_entry, proposal, setting_version};
use diesel::{allow_tables_to_appear_in_same_query, joinable, table};
pub use joining::{attachment, invitation, link, registration};
pub use lending::{disbursement, loan, maturity_notice, offer, offer_revision, reminder, repayment};
pub use operation::mail_hold;

table! {
    organisation (id) {
        id -> Text,
        code -> Text,
        kind -> Text,
        name -> Text,
        district_code -> Text,
        uscc -> Nullable<Text>,
        contact -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

table! {
    account (id) {
        id -> Text,
        organisation_id -> Text,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        active -> Bool,
        created_at -> Timestamp,
        mails -> Text,
        password_set_at -> Timestamp,
        stamp -> BigInt,
    }
}

table! {
    session (id) {
        id -> Text,
        kind -> Text,
        account_id -> Text,
        stamp -> BigInt,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        address -> Nullable<Text>,
        browser -> Nullable<Text>,
    }
}

table! {
    session_token (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

table! {
    enterprise (id) {
        id -> Text,
        uscc -> Text,
        name -> Text,
        established_on -> Nullable<Date>,
        district_code -> Text,
        organisation_id -> Nullable<Text>,
        created_at -> Timestamp,
        version -> Integer,
        profile_version -> Integer,
    }
}

table! {
    fact_batch (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        sha256 -> Text,
        created_at -> Timestamp,
        state -> Text,
        content -> Nullable<Text>,
        created_rows -> Integer,
        updated_rows -> Integer,
        unchanged_rows -> Integer,
        refused_rows -> Integer,
        account_id -> Nullable<Text>,
        feed_key_id -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
        applied_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_by -> Nullable<Text>,
    }
}

table! {
    feed_key (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        prefix -> Text,
        key_hash -> Text,
        sequence -> BigInt,
        created_at -> Timestamp,
        created_by -> Text,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Text>,
    }
}

table! {
    dispute (id) {
        id -> Text,
        enterprise_id -> Text,
        key -> Text,
        owner -> Text,
        kind -> Text,
        note -> Text,
        state -> Text,
        outcome -> Nullable<Text>,
        answer -> Nullable<Text>,
        raised_at -> Timestamp,
        raised_by -> Text,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
    }
}

table! {
    fact (id) {
        id -> Text,
        enterprise_id -> Text,
        key -> Text,
        bank_id -> Nullable<Text>,
        value -> Text,
        verified -> Bool,
        observed_on -> Date,
        valid_until -> Nullable<Date>,
        source_id -> Text,
        batch_id -> Nullable<Text>,
        account_id -> Nullable<Text>,
        predecessor_id -> Nullable<Text>,
        current -> Bool,
        recorded_at -> Timestamp,
    }
}

table! {
    product (id) {
        id -> Text,
        code -> Text,
        organisation_id -> Text,
        kind -> Text,
        status -> Text,
        version -> Integer,
        updated_at -> Timestamp,
        draft -> Nullable<Text>,
        edition -> Integer,
        confirmed_on -> Nullable<Date>,
        confirmed_until -> Nullable<Date>,
        confirm_reminded_on -> Nullable<Date>,
        quota_fen -> Nullable<BigInt>,
        quota_taken_fen -> BigInt,
    }
}

table! {
    product_version (product_id, version) {
        product_id -> Text,
        version -> Integer,
        document -> Text,
        created_at -> Timestamp,
    }
}

table! {
    rematch (product_id) {
        product_id -> Text,
        queued_at -> Timestamp,
        after_number -> Text,
    }
}

table! {
    newly_eligible (request_id, product_code) {
        request_id -> Text,
        product_code -> Text,
        due_on -> Date,
    }
}

table! {
    catalogue (id) {
        id -> Integer,
        version -> BigInt,
    }
}

table! {
    request (id) {
        id -> Text,
        number -> Text,
        reference -> Nullable<Text>,
        enterprise_id -> Text,
        district_code -> Text,
        state -> Text,
        need -> Nullable<Text>,
        draft -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        submitted_at -> Nullable<Timestamp>,
        expires_on -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        end_text -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        unserved_reason -> Nullable<Text>,
        profile_version -> Integer,
    }
}

table! {
    request_number (year) {
        year -> Integer,
        last -> Integer,
    }
}

table! {
    request_match (id) {
        id -> Text,
        request_id -> Text,
        run -> Integer,
        run_at -> Timestamp,
        as_of -> Date,
        inputs -> Text,
        result -> Text,
        eligible -> Integer,
    }
}

table! {
    lpr (announced_on) {
        announced_on -> Date,
        one_year_bp -> BigInt,
        five_year_bp -> BigInt,
    }
}

table! {
    holiday (day) {
        day -> Date,
        kind -> Text,
        name -> Text,
    }
}

table! {
    audit (id) {
        id -> Text,
        at -> Timestamp,
        account_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        district_code -> Text,
        origin -> Nullable<Text>,
        action -> Text,
        subject -> Text,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        place -> Nullable<BigInt>,
        algorithm -> Nullable<Text>,
        hash -> Nullable<Text>,
    }
}

table! {
    job (name) {
        name -> Text,
        due_at -> Timestamp,
        leased_by -> Nullable<Text>,
        leased_until -> Nullable<Timestamp>,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        handled -> BigInt,
        failures -> Integer,
        last_error -> Nullable<Text>,
    }
}

table! {
    outbox (id) {
        id -> Text,
        event -> Text,
        account_id -> Nullable<Text>,
        email -> Text,
        topic -> Text,
        parameters -> Text,
        link -> Nullable<Text>,
        state -> Text,
        tries -> Integer,
        due_at -> Timestamp,
        leased_by -> Nullable<Text>,
        leased_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        read_at -> Nullable<Timestamp>,
    }
}

table! {
    once (account_id, route, key) {
        account_id -> Text,
        route -> Text,
        key -> Text,
        body_hash -> Text,
        result -> Text,
        created_at -> Timestamp,
    }
}

table! {
    authorisation (id) {
        id -> Text,
        enterprise_id -> Text,
        purpose -> Text,
        text_version -> Integer,
        given_at -> Timestamp,
        given_by -> Nullable<Text>,
        until -> Date,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Text>,
    }
}

table! {
    authorisation_owner (authorisation_id, owner) {
        authorisation_id -> Text,
        owner -> Text,
    }
}

table! {
    consent (id) {
        id -> Text,
        enterprise_id -> Text,
        bank_id -> Text,
        request_id -> Text,
        purpose -> Text,
        text_version -> Integer,
        given_at -> Timestamp,
        given_by -> Nullable<Text>,
        until -> Date,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Text>,
        version -> Integer,
    }
}

table! {
    consent_fact (consent_id, key) {
        consent_id -> Text,
        key -> Text,
    }
}

table! {
    referral (id) {
        id -> Text,
        request_id -> Text,
        bank_id -> Text,
        consent_id -> Nullable<Text>,
        match_id -> Text,
        products -> Text,
        state -> Text,
        version -> Integer,
        sent_at -> Nullable<Timestamp>,
        viewed_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        position -> Nullable<Integer>,
        due_on -> Nullable<Date>,
        answered_at -> Nullable<Timestamp>,
        is_late -> Nullable<Bool>,
        decline_reason -> Nullable<Text>,
        decline_text -> Nullable<Text>,
        end_reason -> Nullable<Text>,
        proposed_by -> Nullable<Text>,
    }
}

table! {
    profile_access (id) {
        id -> Text,
        enterprise_id -> Text,
        at -> Timestamp,
        account_id -> Text,
        organisation_id -> Text,
        what -> Text,
        consent_id -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

joinable!(account -> organisation (organisation_id));
joinable!(session -> account (account_id));
joinable!(session_token -> session (session_id));
joinable!(enterprise -> organisation (organisation_id));
joinable!(product -> organisation (organisation_id));
joinable!(product_version -> product (product_id));
joinable!(rematch -> product (product_id));
joinable!(newly_eligible -> request (request_id));
joinable!(request -> enterprise (enterprise_id));
joinable!(request_match -> request (request_id));
joinable!(fact -> enterprise (enterprise_id));
joinable!(fact -> fact_batch (batch_id));
joinable!(fact_batch -> account (account_id));
joinable!(fact_batch -> feed_key (feed_key_id));
joinable!(feed_key -> organisation (organisation_id));
joinable!(dispute -> enterprise (enterprise_id));
joinable!(authorisation -> enterprise (enterprise_id));
joinable!(authorisation_owner -> authorisation (authorisation_id));
joinable!(consent -> request (request_id));
joinable!(consent -> organisation (bank_id));
joinable!(consent_fact -> consent (consent_id));
joinable!(referral -> request (request_id));
joinable!(referral -> organisation (bank_id));
joinable!(referral -> consent (consent_id));
joinable!(referral -> request_match (match_id));
joinable!(profile_access -> account (account_id));
joinable!(profile_access -> organisation (organisation_id));
joinable!(audit -> account (account_id));
joinable!(audit -> organisation (organisation_id));
joinable!(outbox -> account (account_id));
joinable!(invitation -> organisation (organisation_id));
joinable!(attachment -> registration (registration_id));
joinable!(offer -> referral (referral_id));
joinable!(offer -> request (request_id));
joinable!(offer -> enterprise (enterprise_id));
joinable!(offer -> organisation (bank_id));
joinable!(offer -> product (product_id));
joinable!(offer_revision -> offer (offer_id));
joinable!(loan -> offer (offer_id));
joinable!(loan -> request (request_id));
joinable!(loan -> enterprise (enterprise_id));
joinable!(loan -> organisation (bank_id));
joinable!(loan -> product (product_id));
joinable!(disbursement -> loan (loan_id));
joinable!(repayment -> loan (loan_id));
joinable!(maturity_notice -> loan (loan_id));
joinable!(reminder -> request (request_id));
allow_tables_to_appear_in_same_query!(
    audit,
    job,
    mail_hold,
    once,
    outbox,
    organisation,
    account,
    session,
    session_token,
    enterprise,
    fact,
    fact_batch,
    feed_key,
    dispute,
    product,
    product_version,
    rematch,
    newly_eligible,
    request,
    request_match,
    authorisation,
    authorisation_owner,
    consent,
    consent_fact,
    referral,
    reminder,
    offer,
    offer_revision,
    loan,
    disbursement,
    repayment,
    maturity_notice,
    profile_access,
    link,
    invitation,
    registration,
    attachment,
    desk_claim,
    desk_entry,
    proposal,
    setting_version,
);
