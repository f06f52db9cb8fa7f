//! The OpenAPI document: what the handlers say of themselves, put together.

use super::api::{
    attachments, audit, authorisation, calendars, consents, desk, disputes, enterprises, facts, feed_keys, jobs,
    joining, loans, matches, messages, monitor, offers, outbox, product_cycle, products, referral_steps, referrals,
    registrations, request_steps, requests, sessions, settings, users,
};
use super::error::ProblemDocument;
use crate::domain::codes::{Kind, ProductStatus};
use crate::domain::dispute::DisputeState;
use crate::domain::job::JobKind;
use crate::domain::loan::LoanState;
use crate::domain::message::{MailState, Topic};
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use crate::domain::verdict::Verdict;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{Modify, OpenApi};

/// The document of `/api/openapi.json`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "融桥 rongqiao",
        description = "A district's financing matchmaking service. Money is in whole 分 (`_fen`), rates in hundredths of a percent (`_bp`), dates as 2026-11-01. Errors are problem documents (RFC 9457) with a stable `code`."
    ),
    paths(
        sessions::sign_in,
        sessions::refresh,
        sessions::sign_out,
        products::list,
        products::show,
        products::create,
        products::change,
        product_cycle::publish,
        product_cycle::suspend,
        product_cycle::resume,
        product_cycle::confirm,
        product_cycle::close,
        product_cycle::simulate,
        enterprises::show,
        enterprises::correct,
        enterprises::facts,
        enterprises::declare,
        requests::list,
        requests::begin,
        requests::show,
        requests::change,
        requests::submit,
        matches::list,
        matches::show,
        messages::list,
        audit::list,
        outbox::list,
        outbox::resend,
        outbox::hold,
        outbox::release,
        jobs::list,
        authorisation::show,
        authorisation::put,
        authorisation::access_log,
        consents::list,
        consents::revoke,
        referrals::send,
        referrals::list,
        referrals::show,
        referrals::credit_profile,
        offers::preview,
        offers::make,
        offers::list,
        offers::show,
        offers::revise,
        offers::forward,
        offers::give_back,
        offers::accept,
        offers::decline,
        offers::withdraw,
        offers::fall_through,
        loans::register,
        loans::list,
        loans::show,
        loans::disburse,
        loans::repay,
        loans::close_drawing,
        loans::mark_overdue,
        loans::clear_overdue,
        loans::settle,
        loans::cancel,
        desk::list,
        desk::show,
        desk::claim,
        desk::release,
        desk::note,
        desk::forward_all,
        facts::take,
        facts::list,
        facts::withdraw,
        feed_keys::list,
        feed_keys::make,
        feed_keys::revoke,
        disputes::raise,
        disputes::list,
        disputes::answer,
        calendars::rates,
        calendars::put_rate,
        calendars::days,
        calendars::put_day,
        registrations::begin,
        registrations::submit,
        registrations::list,
        registrations::show,
        registrations::approve,
        registrations::reject,
        attachments::list,
        attachments::add,
        attachments::read,
        joining::list,
        joining::invite,
        joining::accept,
        joining::withdraw,
        joining::ask_reset,
        joining::complete_reset,
        users::list,
        users::set_role,
        users::disable,
        users::enable,
        users::reset_factor,
        users::organisations,
        users::add_organisation,
        users::organisation,
        users::settings,
        settings::desk,
        settings::change_desk,
        settings::accounts,
        settings::change_accounts,
        request_steps::withdraw,
        request_steps::extend,
        request_steps::unserved,
        request_steps::match_again,
        request_steps::what_if,
        request_steps::remind,
        referral_steps::list,
        referral_steps::decline,
        referral_steps::take_up,
        referral_steps::send,
        referral_steps::consent,
        referral_steps::refuse,
        referral_steps::refer,
        monitor::summary,
        monitor::series,
        monitor::report,
        monitor::table,
    ),
    components(schemas(
        ProblemDocument,
        DisputeState,
        Kind,
        LoanState,
        JobKind,
        MailState,
        OfferState,
        ProductStatus,
        ReferralState,
        RequestState,
        Topic,
        Verdict
    )),
    modifiers(&Bearer, &CommonFailures, &Names),
    tags(
        (name = "sessions", description = "Signing in, going on, signing out"),
        (name = "products", description = "What banks offer, and how they keep it"),
        (name = "enterprises", description = "What is known of an enterprise"),
        (name = "facts", description = "What departments and the centre hand in"),
        (name = "disputes", description = "Values that enterprises call wrong, or want verified"),
        (name = "calendars", description = "LPR and working days, for administrators"),
        (name = "consents", description = "Which bank may read what"),
        (name = "referrals", description = "Requests before banks"),
        (name = "offers", description = "What banks offer for requests"),
        (name = "loans", description = "What came of offers: contracts, draws, repayments"),
        (name = "desk", description = "What waits for the centre's officers"),
        (name = "monitor", description = "What a district's financing comes to, for its officers"),
        (name = "requests", description = "What an enterprise asks for, and how products stand to it"),
        (name = "messages", description = "What one is told"),
        (name = "joining", description = "Registrations, invitations, forgotten passwords"),
        (name = "attachments", description = "Files that were handed in"),
        (name = "users", description = "Users, for those who keep them"),
        (name = "organisations", description = "A district's organisations"),
        (name = "settings", description = "What is in force, for administrators"),
        (name = "audit", description = "What was done, for administrators"),
        (name = "outbox", description = "Which mails went out, for administrators"),
    )
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        }
    }
}

/// What any operation can be answered with beside its own: told once, here.
struct CommonFailures;

impl Modify for CommonFailures {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let every = [
            (
                "429",
                "too many requests of this user or from this address, or too many wrong tries; see Retry-After",
            ),
            ("503", "busy, or not able to store anything now; see Retry-After"),
        ];
        let secured = [("401", "no token, or none that is good")];
        let with_body = [
            ("400", "the body is not JSON"),
            ("413", "the body is too large"),
            ("415", "the body is of another type"),
            ("422", "a field breaks a rule"),
        ];
        for item in document.paths.paths.values_mut() {
            let verbs = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in verbs.into_iter().flatten() {
                let mut common = every.to_vec();
                common.extend(operation.security.iter().flat_map(|_| secured));
                common.extend(operation.request_body.iter().flat_map(|_| with_body));
                for (status, description) in common {
                    operation
                        .responses
                        .responses
                        .entry(status.to_owned())
                        .or_insert_with(|| problem_response(description));
                }
            }
        }
    }
}

/// Operations by names of their own, by path and handler; responses that say nothing more by their status.
struct Names;

impl Modify for Names {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let verbs = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in verbs.into_iter().flatten() {
                // Handlers of several resources share a name, and so does a resource's tag: the path does not.
                let place = path.trim_start_matches("/api/v1/").replace(['/', '{', '}', '-'], "_");
                operation.operation_id = operation.operation_id.take().map(|name| format!("{place}_{name}"));
                for (status, response) in &mut operation.responses.responses {
                    if let RefOr::T(response) = response
                        && response.description.is_empty()
                    {
                        by_status(status).clone_into(&mut response.description);
                    }
                }
            }
        }
    }
}

fn by_status(status: &str) -> &'static str {
    match status {
        "200" => "what was asked for",
        "201" => "begun",
        "401" => "not signed in",
        "403" => "to be seen, not to be done by this user",
        "404" => "not there, or not for this user to see",
        "409" => "the state does not allow it, or someone else was faster",
        "412" => "If-Match names another version",
        "422" => "a field breaks a rule",
        "428" => "If-Match is missing",
        _ => "see the status",
    }
}

fn problem_response(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ProblemDocument")))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
        .into()
}

/// The document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
