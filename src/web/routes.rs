//! The whole URL table: every route of the service is a line here, and nowhere else.
//!
//! `app` registers the lines; the access matrix in tests/ goes through every one of them as every kind
//! of user; the OpenAPI document must name every line of the API.

use super::api::monitor as monitor_api;
use super::api::settings as setting_api;
use super::api::{attachments, joining as joining_api, registrations, users};
use super::api::{audit as audit_api, jobs as job_api, messages as message_api, outbox as outbox_api};
use super::api::{authorisation, consents, enterprises, product_cycle, products, referrals, requests, sessions};
use super::api::{calendars as calendar_api, disputes as dispute_api, facts as fact_api, feed_keys as feed_key_api};
use super::api::{desk as desk_api, loans as loan_api, offers as offer_api};
use super::api::{matches as match_api, referral_steps, request_steps};
use super::pages::desk as desk_pages;
use super::pages::monitor as monitor_pages;
use super::pages::settings as setting_pages;
use super::pages::users::{BankUser, DepartmentUser, EnterpriseUser, Officer};
use super::pages::{
    account, admin, assets, bank, centre, enterprise, facts, messages, public, requests as request_pages,
};
use super::pages::{calendars, consents as consent_pages, disputes, feed, pick, product_keeping, queue, second_factor};
use super::pages::{joining, members, organisations as organisation_pages, registrations as registration_pages};
use super::pages::{loans as loan_pages, offer_edit, offers as offer_pages};
use super::pages::{proposals, steps, what_if};
use super::system;
use crate::domain::actor::Right;
use actix_web::Route as Handler;
use actix_web::http::Method;
use actix_web::{guard, web};

/// Whom a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone.
    Anyone,
    /// Whoever has this right, for the rows within its reach.
    Needs(Right),
    /// Every signed-in user.
    SignedIn,
}

/// How a route is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skin {
    /// JSON, with a bearer token.
    Api,
    /// HTML, with the session's cookie.
    Page,
    /// For operators and browsers: health, documents, static files.
    System,
}

/// One line of the table.
pub struct Route {
    /// The verb.
    pub method: Method,
    /// The path, with its parameters.
    pub path: &'static str,
    /// How it is spoken to.
    pub skin: Skin,
    /// Whom it answers.
    pub access: Access,
    /// What answers.
    pub handler: fn() -> Handler,
}

/// A route for a verb. Where GET is, HEAD is too (RFC 9110); its answer goes out without the body.
fn verb(method: Method) -> Handler {
    if method == Method::GET {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        web::method(method)
    }
}

macro_rules! routes {
    ($($skin:ident $method:ident $path:literal $access:expr, $handler:path;)+) => {
        /// Every route.
        pub static ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            skin: Skin::$skin,
            access: $access,
            handler: || verb(Method::$method).to($handler),
        },)+];
    };
}

use Access::{Anyone, Needs, SignedIn};
use Right::ViewMonitor;
use Right::{AcceptOffers, DecideOffers, MakeOffers, ViewOffers};
use Right::{AnswerDisputes, KeepCalendars, KeepFeedKeys, RaiseDisputes, UploadFacts};
use Right::{AnswerReferrals, ServeRequests};
use Right::{
    CorrectEnterprises, DeclareFacts, KeepOutbox, ViewAudit, ViewEnterprise, ViewJobs, ViewProducts, ViewRequests,
    WriteRequests,
};
use Right::{DecideRegistrations, InviteUsers, KeepOrganisations, KeepUsers};
use Right::{GiveConsent, ReadCreditProfile, ViewConsents, ViewReferrals};
use Right::{KeepAccountRules, KeepDeskRules, WorkDesk};
use Right::{KeepAttachments, ViewAttachments, ViewOrganisations, ViewSettings};
use Right::{KeepLoans, ViewLoans};
use Right::{KeepProducts, SimulateProducts};

routes! {
    System GET "/healthz" Anyone, system::alive;
    System GET "/readyz" Anyone, system::ready;
    System GET "/api/openapi.json" Anyone, system::openapi;
    System GET "/api/docs" Anyone, system::docs_start;
    System GET "/api/docs/{file:.*}" Anyone, system::docs_file;
    System GET "/static/{name}" Anyone, assets::serve;

    Page GET "/" Anyone, public::home;
    Page GET "/login" Anyone, public::login;
    Page POST "/login" Anyone, public::sign_in;
    Page POST "/login/code" Anyone, second_factor::enter;
    Page POST "/logout" SignedIn, public::sign_out;
    Page GET "/enterprise" Needs(ViewEnterprise), enterprise::home;
    Page GET "/enterprise/profile" Needs(ViewEnterprise), enterprise::profile;
    Page GET "/enterprise/facts/{key}" Needs(ViewEnterprise), facts::show;
    Page POST "/enterprise/facts/{key}" Needs(DeclareFacts), facts::declare;
    Page POST "/enterprise/facts/{key}/dispute" Needs(RaiseDisputes), facts::dispute;
    Page GET "/enterprise/requests" Needs(ViewRequests), enterprise::list;
    Page GET "/enterprise/requests/new" Needs(WriteRequests), request_pages::new;
    Page POST "/enterprise/requests/new" Needs(WriteRequests), request_pages::create;
    Page GET "/enterprise/requests/{id}" Needs(ViewRequests), request_pages::result;
    Page GET "/enterprise/requests/{id}/edit" Needs(WriteRequests), request_pages::edit;
    Page POST "/enterprise/requests/{id}/edit" Needs(WriteRequests), request_pages::post_step;
    Page POST "/enterprise/requests/{id}/copy" Needs(WriteRequests), request_pages::copy;
    Page GET "/enterprise/requests/{id}/matches/{product}" Needs(ViewRequests), request_pages::explain;
    Page GET "/bank/products" Needs(ViewProducts), bank::list;
    Page GET "/bank/products/{code}" Needs(ViewProducts), bank::show;
    Page GET "/bank/new-product" Needs(KeepProducts), product_keeping::new;
    Page POST "/bank/new-product" Needs(KeepProducts), product_keeping::create;
    Page GET "/bank/products/{code}/edit" Needs(KeepProducts), product_keeping::edit;
    Page POST "/bank/products/{code}/edit" Needs(KeepProducts), product_keeping::save;
    Page GET "/bank/products/{code}/publish" Needs(KeepProducts), product_keeping::review;
    Page POST "/bank/products/{code}/publish" Needs(KeepProducts), product_keeping::publish;
    Page POST "/bank/products/{code}/simulate" Needs(SimulateProducts), product_keeping::simulate;
    Page POST "/bank/products/{code}/suspend" Needs(KeepProducts), product_keeping::suspend;
    Page POST "/bank/products/{code}/resume" Needs(KeepProducts), product_keeping::resume;
    Page POST "/bank/products/{code}/confirm" Needs(KeepProducts), product_keeping::confirm;
    Page POST "/bank/products/{code}/close" Needs(KeepProducts), product_keeping::close;
    Page GET "/products/{code}" Anyone, public::product;
    Page GET "/centre" Needs(WorkDesk), desk_pages::list;
    Page GET "/centre/desk/{item}" Needs(WorkDesk), desk_pages::show;
    Page POST "/centre/desk/{item}/claim" Needs(WorkDesk), desk_pages::claim;
    Page POST "/centre/desk/{item}/release" Needs(WorkDesk), desk_pages::release;
    Page POST "/centre/desk/{item}/notes" Needs(WorkDesk), desk_pages::note;
    Page POST "/centre/desk/{item}/forward" Needs(DecideOffers), desk_pages::forward;
    Page GET "/centre/requests" Needs(ViewRequests), centre::requests;
    Page GET "/centre/products/{code}" Needs(ViewProducts), centre::product;
    Page GET "/centre/requests/{id}" Needs(ViewRequests), centre::result;
    Page GET "/centre/requests/{id}/matches/{product}" Needs(ViewRequests), centre::explain;
    Page GET "/enterprise/requests/{id}/consent" Needs(GiveConsent), pick::show;
    Page POST "/enterprise/requests/{id}/consent" Needs(GiveConsent), pick::send;
    Page GET "/enterprise/consents" Needs(ViewConsents), consent_pages::list;
    Page GET "/enterprise/consents/{id}/revoke" Needs(GiveConsent), consent_pages::ask;
    Page POST "/enterprise/consents/{id}/revoke" Needs(GiveConsent), consent_pages::revoke;
    Page POST "/enterprise/authorisation" Needs(GiveConsent), consent_pages::authorise;
    Page GET "/bank" Needs(ViewReferrals), queue::list;
    Page GET "/bank/referrals/{id}" Needs(ViewReferrals), queue::show;
    Page GET "/bank/referrals/{id}/profile" Needs(ReadCreditProfile), queue::profile;
    Page GET "/bank/referrals/{id}/offer" Needs(MakeOffers), offer_edit::new;
    Page POST "/bank/referrals/{id}/offer" Needs(MakeOffers), offer_edit::make;
    Page GET "/bank/offers" Needs(ViewOffers), offer_pages::list::<BankUser>;
    Page GET "/bank/offers/{id}" Needs(ViewOffers), offer_pages::show::<BankUser>;
    Page GET "/bank/offers/{id}/sheet" Needs(ViewOffers), offer_pages::sheet::<BankUser>;
    Page GET "/bank/offers/{id}/edit" Needs(MakeOffers), offer_edit::edit;
    Page POST "/bank/offers/{id}/edit" Needs(MakeOffers), offer_edit::revise;
    Page POST "/bank/offers/{id}/withdraw" Needs(MakeOffers), offer_pages::withdraw::<BankUser>;
    Page POST "/bank/offers/{id}/fall-through" Needs(MakeOffers), offer_pages::fall_through::<BankUser>;
    Page GET "/centre/offers" Needs(DecideOffers), offer_pages::held;
    Page POST "/centre/offers/forward" Needs(DecideOffers), offer_pages::forward_all;
    Page GET "/centre/offers/{id}" Needs(ViewOffers), offer_pages::show::<Officer>;
    Page GET "/centre/offers/{id}/sheet" Needs(ViewOffers), offer_pages::sheet::<Officer>;
    Page POST "/centre/offers/{id}/forward" Needs(DecideOffers), offer_pages::forward::<Officer>;
    Page POST "/centre/offers/{id}/return" Needs(DecideOffers), offer_pages::give_back::<Officer>;
    Page GET "/enterprise/offers" Needs(ViewOffers), offer_pages::list::<EnterpriseUser>;
    Page GET "/enterprise/requests/{id}/offers" Needs(ViewOffers), offer_pages::compare;
    Page GET "/enterprise/offers/{id}" Needs(ViewOffers), offer_pages::show::<EnterpriseUser>;
    Page GET "/enterprise/offers/{id}/sheet" Needs(ViewOffers), offer_pages::sheet::<EnterpriseUser>;
    Page GET "/enterprise/offers/{id}/accept" Needs(AcceptOffers), offer_pages::ask;
    Page POST "/enterprise/offers/{id}/accept" Needs(AcceptOffers), offer_pages::accept;
    Page POST "/enterprise/offers/{id}/decline" Needs(AcceptOffers), offer_pages::decline::<EnterpriseUser>;
    Page POST "/enterprise/offers/{id}/fall-through" Needs(AcceptOffers), offer_pages::fall_through::<EnterpriseUser>;
    Page GET "/bank/offers/{id}/contract" Needs(KeepLoans), loan_pages::ask;
    Page POST "/bank/offers/{id}/contract" Needs(KeepLoans), loan_pages::register;
    Page GET "/bank/loans" Needs(ViewLoans), loan_pages::list::<BankUser>;
    Page GET "/bank/loans/{id}" Needs(ViewLoans), loan_pages::show::<BankUser>;
    Page POST "/bank/loans/{id}/disbursements" Needs(KeepLoans), loan_pages::disburse;
    Page POST "/bank/loans/{id}/repayments" Needs(KeepLoans), loan_pages::repay;
    Page POST "/bank/loans/{id}/close-drawing" Needs(KeepLoans), loan_pages::close_drawing;
    Page POST "/bank/loans/{id}/overdue" Needs(KeepLoans), loan_pages::mark_overdue;
    Page POST "/bank/loans/{id}/overdue/clear" Needs(KeepLoans), loan_pages::clear_overdue;
    Page POST "/bank/loans/{id}/settle" Needs(KeepLoans), loan_pages::settle;
    Page POST "/bank/loans/{id}/cancel" Needs(KeepLoans), loan_pages::cancel;
    Page GET "/enterprise/loans" Needs(ViewLoans), loan_pages::list::<EnterpriseUser>;
    Page GET "/enterprise/loans/{id}" Needs(ViewLoans), loan_pages::show::<EnterpriseUser>;
    Page POST "/enterprise/loans/{id}/renew" Needs(WriteRequests), loan_pages::renew;
    Page GET "/centre/loans" Needs(ViewLoans), loan_pages::list::<Officer>;
    Page GET "/centre/loans/{id}" Needs(ViewLoans), loan_pages::show::<Officer>;
    Page GET "/centre/enterprises/{uscc}" Needs(ViewEnterprise), centre::enterprise;
    Page POST "/centre/enterprises/{uscc}" Needs(CorrectEnterprises), centre::correct;
    Page GET "/department" Needs(UploadFacts), feed::home::<DepartmentUser>;
    Page GET "/department/template.{end}" Needs(UploadFacts), feed::template::<DepartmentUser>;
    Page POST "/department/batches" Needs(UploadFacts), feed::upload::<DepartmentUser>;
    Page GET "/department/batches/{id}" Needs(UploadFacts), feed::show::<DepartmentUser>;
    Page GET "/department/batches/{id}/refused.xlsx" Needs(UploadFacts), feed::refused::<DepartmentUser>;
    Page POST "/department/batches/{id}/confirm" Needs(UploadFacts), feed::confirm::<DepartmentUser>;
    Page POST "/department/batches/{id}/discard" Needs(UploadFacts), feed::discard::<DepartmentUser>;
    Page GET "/department/batches/{id}/withdraw" Needs(UploadFacts), feed::ask::<DepartmentUser>;
    Page POST "/department/batches/{id}/withdraw" Needs(UploadFacts), feed::withdraw::<DepartmentUser>;
    Page GET "/department/disputes" Needs(AnswerDisputes), disputes::list::<DepartmentUser>;
    Page GET "/department/disputes/{id}" Needs(AnswerDisputes), disputes::show::<DepartmentUser>;
    Page POST "/department/disputes/{id}" Needs(AnswerDisputes), disputes::answer::<DepartmentUser>;
    Page GET "/centre/facts" Needs(UploadFacts), feed::home::<Officer>;
    Page GET "/centre/template.{end}" Needs(UploadFacts), feed::template::<Officer>;
    Page POST "/centre/batches" Needs(UploadFacts), feed::upload::<Officer>;
    Page GET "/centre/batches/{id}" Needs(UploadFacts), feed::show::<Officer>;
    Page GET "/centre/batches/{id}/refused.xlsx" Needs(UploadFacts), feed::refused::<Officer>;
    Page POST "/centre/batches/{id}/confirm" Needs(UploadFacts), feed::confirm::<Officer>;
    Page POST "/centre/batches/{id}/discard" Needs(UploadFacts), feed::discard::<Officer>;
    Page GET "/centre/batches/{id}/withdraw" Needs(UploadFacts), feed::ask::<Officer>;
    Page POST "/centre/batches/{id}/withdraw" Needs(UploadFacts), feed::withdraw::<Officer>;
    Page GET "/centre/disputes" Needs(AnswerDisputes), disputes::list::<Officer>;
    Page GET "/centre/disputes/{id}" Needs(AnswerDisputes), disputes::show::<Officer>;
    Page POST "/centre/disputes/{id}" Needs(AnswerDisputes), disputes::answer::<Officer>;
    Page GET "/admin" Needs(KeepCalendars), calendars::home;
    Page GET "/admin/lpr" Needs(KeepCalendars), calendars::lpr;
    Page POST "/admin/lpr" Needs(KeepCalendars), calendars::put_lpr;
    Page GET "/admin/holidays" Needs(KeepCalendars), calendars::holidays;
    Page POST "/admin/holidays" Needs(KeepCalendars), calendars::put_holiday;
    Page GET "/admin/feed-keys" Needs(KeepFeedKeys), calendars::keys;
    Page POST "/admin/feed-keys" Needs(KeepFeedKeys), calendars::make_key;
    Page POST "/admin/feed-keys/{id}/revoke" Needs(KeepFeedKeys), calendars::revoke_key;
    Page GET "/admin/audit" Needs(ViewAudit), admin::audit;
    Page GET "/admin/audit.csv" Needs(ViewAudit), admin::export_audit;
    Page GET "/admin/jobs" Needs(ViewJobs), admin::jobs;
    Page GET "/admin/outbox" Needs(KeepOutbox), admin::outbox;
    Page POST "/admin/outbox/{id}/resend" Needs(KeepOutbox), admin::resend;
    Page POST "/admin/outbox/release" Needs(KeepOutbox), admin::release;
    Page GET "/register" Anyone, joining::register;
    Page POST "/register" Anyone, joining::begin;
    Page GET "/register/form" Anyone, joining::register_form;
    Page POST "/register/form" Anyone, joining::submit;
    Page GET "/invitation" Anyone, joining::invitation;
    Page POST "/invitation" Anyone, joining::accept;
    Page GET "/reset" Anyone, joining::reset;
    Page POST "/reset" Anyone, joining::ask_reset;
    Page GET "/reset/new" Anyone, joining::new_password;
    Page POST "/reset/new" Anyone, joining::set_password;
    Page GET "/enterprise/members" Needs(KeepUsers), members::own;
    Page GET "/admin/users" Needs(KeepUsers), members::all;
    Page GET "/centre/banks" Needs(InviteUsers), members::banks;
    Page POST "/users/invite" Needs(InviteUsers), members::invite;
    Page POST "/users/{id}/role" Needs(KeepUsers), members::set_role;
    Page POST "/users/{id}/disable" Needs(KeepUsers), members::disable;
    Page POST "/users/{id}/enable" Needs(KeepUsers), members::enable;
    Page POST "/users/{id}/second-factor/reset" Needs(KeepUsers), members::reset_factor;
    Page POST "/invitations/{id}/withdraw" Needs(InviteUsers), members::withdraw;
    Page GET "/centre/registrations" Needs(DecideRegistrations), registration_pages::list;
    Page GET "/centre/registrations/{id}" Needs(DecideRegistrations), registration_pages::show;
    Page POST "/centre/registrations/{id}/approve" Needs(DecideRegistrations), registration_pages::approve;
    Page POST "/centre/registrations/{id}/reject" Needs(DecideRegistrations), registration_pages::reject;
    Page GET "/centre/attachments/{id}" Needs(ViewAttachments), registration_pages::file;
    Page GET "/admin/organisations" Needs(ViewOrganisations), organisation_pages::list;
    Page POST "/admin/organisations" Needs(KeepOrganisations), organisation_pages::add;
    Page GET "/admin/organisations/{code}" Needs(ViewOrganisations), organisation_pages::show;
    Page GET "/admin/settings" Needs(ViewSettings), organisation_pages::settings;
    Page GET "/admin/settings/accounts" Needs(KeepAccountRules), setting_pages::accounts;
    Page POST "/admin/settings/accounts" Needs(KeepAccountRules), setting_pages::change_accounts;
    Page GET "/centre/settings" Needs(KeepDeskRules), setting_pages::desk;
    Page POST "/centre/settings" Needs(KeepDeskRules), setting_pages::change_desk;
    Page GET "/account/sessions" SignedIn, account::sessions;
    Page POST "/account/sessions/{id}/end" SignedIn, account::end;
    Page POST "/account/sessions/end-others" SignedIn, account::end_others;
    Page GET "/account/password" SignedIn, account::password;
    Page POST "/account/password" SignedIn, account::change_password;
    Page GET "/account/second-factor" SignedIn, second_factor::show;
    Page POST "/account/second-factor" SignedIn, second_factor::begin;
    Page POST "/account/second-factor/confirm" SignedIn, second_factor::confirm;
    Page POST "/account/second-factor/codes" SignedIn, second_factor::renew;
    Page POST "/account/second-factor/disable" SignedIn, second_factor::disable;
    Page GET "/messages" SignedIn, messages::show;
    Page POST "/messages/mails" SignedIn, messages::choose;

    Api POST "/api/v1/sessions" Anyone, sessions::sign_in;
    Api POST "/api/v1/sessions/refresh" Anyone, sessions::refresh;
    Api DELETE "/api/v1/sessions/current" SignedIn, sessions::sign_out;
    Api GET "/api/v1/products" Needs(ViewProducts), products::list;
    Api GET "/api/v1/products/{code}" Needs(ViewProducts), products::show;
    Api POST "/api/v1/products" Needs(KeepProducts), products::create;
    Api PUT "/api/v1/products/{code}" Needs(KeepProducts), products::change;
    Api POST "/api/v1/products/{code}/publish" Needs(KeepProducts), product_cycle::publish;
    Api POST "/api/v1/products/{code}/suspend" Needs(KeepProducts), product_cycle::suspend;
    Api POST "/api/v1/products/{code}/resume" Needs(KeepProducts), product_cycle::resume;
    Api POST "/api/v1/products/{code}/confirm" Needs(KeepProducts), product_cycle::confirm;
    Api POST "/api/v1/products/{code}/close" Needs(KeepProducts), product_cycle::close;
    Api POST "/api/v1/products/{code}/simulate" Needs(SimulateProducts), product_cycle::simulate;
    Api GET "/api/v1/enterprises/{uscc}" Needs(ViewEnterprise), enterprises::show;
    Api PATCH "/api/v1/enterprises/{uscc}" Needs(CorrectEnterprises), enterprises::correct;
    Api GET "/api/v1/enterprises/{uscc}/facts" Needs(ViewEnterprise), enterprises::facts;
    Api PUT "/api/v1/enterprises/{uscc}/facts/{key}" Needs(DeclareFacts), enterprises::declare;
    Api GET "/api/v1/requests" Needs(ViewRequests), requests::list;
    Api POST "/api/v1/requests" Needs(WriteRequests), requests::begin;
    Api GET "/api/v1/requests/{id}" Needs(ViewRequests), requests::show;
    Api PATCH "/api/v1/requests/{id}" Needs(WriteRequests), requests::change;
    Api POST "/api/v1/requests/{id}/submit" Needs(WriteRequests), requests::submit;
    Api GET "/api/v1/requests/{id}/matches" Needs(ViewRequests), match_api::list;
    Api GET "/api/v1/requests/{id}/matches/{product}" Needs(ViewRequests), match_api::show;
    Api GET "/api/v1/messages" SignedIn, message_api::list;
    Api GET "/api/v1/audit" Needs(ViewAudit), audit_api::list;
    Api GET "/api/v1/jobs" Needs(ViewJobs), job_api::list;
    Api GET "/api/v1/outbox" Needs(KeepOutbox), outbox_api::list;
    Api POST "/api/v1/outbox/{id}/resend" Needs(KeepOutbox), outbox_api::resend;
    Api GET "/api/v1/outbox/hold" Needs(KeepOutbox), outbox_api::hold;
    Api POST "/api/v1/outbox/release" Needs(KeepOutbox), outbox_api::release;
    Api GET "/api/v1/enterprises/{uscc}/authorisation" Needs(ViewEnterprise), authorisation::show;
    Api PUT "/api/v1/enterprises/{uscc}/authorisation" Needs(GiveConsent), authorisation::put;
    Api GET "/api/v1/enterprises/{uscc}/access-log" Needs(ViewConsents), authorisation::access_log;
    Api GET "/api/v1/consents" Needs(ViewConsents), consents::list;
    Api POST "/api/v1/consents/{id}/revoke" Needs(GiveConsent), consents::revoke;
    Api POST "/api/v1/requests/{id}/referrals" Needs(GiveConsent), referrals::send;
    Api GET "/api/v1/referrals" Needs(ViewReferrals), referrals::list;
    Api GET "/api/v1/referrals/{id}" Needs(ViewReferrals), referrals::show;
    Api GET "/api/v1/referrals/{id}/credit-profile" Needs(ReadCreditProfile), referrals::credit_profile;
    Api POST "/api/v1/referrals/{id}/offers/preview" Needs(MakeOffers), offer_api::preview;
    Api POST "/api/v1/referrals/{id}/offers" Needs(MakeOffers), offer_api::make;
    Api GET "/api/v1/offers" Needs(ViewOffers), offer_api::list;
    Api GET "/api/v1/offers/{id}" Needs(ViewOffers), offer_api::show;
    Api PUT "/api/v1/offers/{id}" Needs(MakeOffers), offer_api::revise;
    Api POST "/api/v1/offers/{id}/forward" Needs(DecideOffers), offer_api::forward;
    Api POST "/api/v1/offers/{id}/return" Needs(DecideOffers), offer_api::give_back;
    Api POST "/api/v1/offers/{id}/accept" Needs(AcceptOffers), offer_api::accept;
    Api POST "/api/v1/offers/{id}/decline" Needs(AcceptOffers), offer_api::decline;
    Api POST "/api/v1/offers/{id}/withdraw" Needs(MakeOffers), offer_api::withdraw;
    Api POST "/api/v1/offers/{id}/fall-through" Needs(ViewOffers), offer_api::fall_through;
    Api POST "/api/v1/offers/{id}/contract" Needs(KeepLoans), loan_api::register;
    Api GET "/api/v1/loans" Needs(ViewLoans), loan_api::list;
    Api GET "/api/v1/loans/{id}" Needs(ViewLoans), loan_api::show;
    Api POST "/api/v1/loans/{id}/disbursements" Needs(KeepLoans), loan_api::disburse;
    Api POST "/api/v1/loans/{id}/repayments" Needs(KeepLoans), loan_api::repay;
    Api POST "/api/v1/loans/{id}/close-drawing" Needs(KeepLoans), loan_api::close_drawing;
    Api POST "/api/v1/loans/{id}/overdue" Needs(KeepLoans), loan_api::mark_overdue;
    Api DELETE "/api/v1/loans/{id}/overdue" Needs(KeepLoans), loan_api::clear_overdue;
    Api POST "/api/v1/loans/{id}/settle" Needs(KeepLoans), loan_api::settle;
    Api POST "/api/v1/loans/{id}/cancel" Needs(KeepLoans), loan_api::cancel;
    Api GET "/api/v1/desk" Needs(WorkDesk), desk_api::list;
    Api POST "/api/v1/desk/forward" Needs(DecideOffers), desk_api::forward_all;
    Api GET "/api/v1/desk/{item}" Needs(WorkDesk), desk_api::show;
    Api POST "/api/v1/desk/{item}/claim" Needs(WorkDesk), desk_api::claim;
    Api POST "/api/v1/desk/{item}/release" Needs(WorkDesk), desk_api::release;
    Api POST "/api/v1/desk/{item}/notes" Needs(WorkDesk), desk_api::note;
    Api POST "/api/v1/facts" Needs(UploadFacts), fact_api::take;
    Api GET "/api/v1/fact-batches" Needs(UploadFacts), fact_api::list;
    Api POST "/api/v1/fact-batches/{id}/withdraw" Needs(UploadFacts), fact_api::withdraw;
    Api GET "/api/v1/feed-keys" Needs(KeepFeedKeys), feed_key_api::list;
    Api POST "/api/v1/feed-keys" Needs(KeepFeedKeys), feed_key_api::make;
    Api POST "/api/v1/feed-keys/{id}/revoke" Needs(KeepFeedKeys), feed_key_api::revoke;
    Api POST "/api/v1/enterprises/{uscc}/facts/{key}/dispute" Needs(RaiseDisputes), dispute_api::raise;
    Api GET "/api/v1/disputes" SignedIn, dispute_api::list;
    Api POST "/api/v1/disputes/{id}/answer" Needs(AnswerDisputes), dispute_api::answer;
    Api GET "/api/v1/lpr" Needs(KeepCalendars), calendar_api::rates;
    Api POST "/api/v1/lpr" Needs(KeepCalendars), calendar_api::put_rate;
    Api GET "/api/v1/holidays" Needs(KeepCalendars), calendar_api::days;
    Api POST "/api/v1/holidays" Needs(KeepCalendars), calendar_api::put_day;
    Api POST "/api/v1/registrations" Anyone, registrations::begin;
    Api POST "/api/v1/registrations/submit" Anyone, registrations::submit;
    Api GET "/api/v1/registrations" Needs(DecideRegistrations), registrations::list;
    Api GET "/api/v1/registrations/{id}" Needs(DecideRegistrations), registrations::show;
    Api POST "/api/v1/registrations/{id}/approve" Needs(DecideRegistrations), registrations::approve;
    Api POST "/api/v1/registrations/{id}/reject" Needs(DecideRegistrations), registrations::reject;
    Api GET "/api/v1/attachments" Needs(ViewAttachments), attachments::list;
    Api POST "/api/v1/attachments" Needs(KeepAttachments), attachments::add;
    Api GET "/api/v1/attachments/{id}" Needs(ViewAttachments), attachments::read;
    Api GET "/api/v1/invitations" Needs(InviteUsers), joining_api::list;
    Api POST "/api/v1/invitations" Needs(InviteUsers), joining_api::invite;
    Api POST "/api/v1/invitations/accept" Anyone, joining_api::accept;
    Api POST "/api/v1/invitations/{id}/withdraw" Needs(InviteUsers), joining_api::withdraw;
    Api POST "/api/v1/password-resets" Anyone, joining_api::ask_reset;
    Api POST "/api/v1/password-resets/complete" Anyone, joining_api::complete_reset;
    Api GET "/api/v1/users" Needs(KeepUsers), users::list;
    Api POST "/api/v1/users/{id}/role" Needs(KeepUsers), users::set_role;
    Api POST "/api/v1/users/{id}/disable" Needs(KeepUsers), users::disable;
    Api POST "/api/v1/users/{id}/enable" Needs(KeepUsers), users::enable;
    Api POST "/api/v1/users/{id}/second-factor/reset" Needs(KeepUsers), users::reset_factor;
    Api GET "/api/v1/organisations" Needs(ViewOrganisations), users::organisations;
    Api POST "/api/v1/organisations" Needs(KeepOrganisations), users::add_organisation;
    Api GET "/api/v1/organisations/{code}" Needs(ViewOrganisations), users::organisation;
    Api GET "/api/v1/settings" Needs(ViewSettings), users::settings;
    Api GET "/api/v1/settings/desk" Needs(KeepDeskRules), setting_api::desk;
    Api PUT "/api/v1/settings/desk" Needs(KeepDeskRules), setting_api::change_desk;
    Api GET "/api/v1/settings/accounts" Needs(KeepAccountRules), setting_api::accounts;
    Api PUT "/api/v1/settings/accounts" Needs(KeepAccountRules), setting_api::change_accounts;

    Page POST "/enterprise/requests/{id}/withdraw" Needs(WriteRequests), steps::withdraw;
    Page POST "/enterprise/requests/{id}/extend" Needs(WriteRequests), steps::extend;
    Page POST "/enterprise/requests/{id}/matches" Needs(WriteRequests), steps::match_again;
    Page POST "/enterprise/requests/{id}/reminders" Needs(WriteRequests), steps::remind;
    Page GET "/enterprise/requests/{id}/what-if" Needs(WriteRequests), what_if::show;
    Page POST "/enterprise/requests/{id}/what-if" Needs(WriteRequests), what_if::look;
    Page GET "/enterprise/referrals/{id}" Needs(GiveConsent), proposals::show;
    Page POST "/enterprise/referrals/{id}/consent" Needs(GiveConsent), proposals::agree;
    Page POST "/enterprise/referrals/{id}/refuse" Needs(GiveConsent), proposals::refuse;
    Page POST "/enterprise/referrals/{id}/send" Needs(GiveConsent), steps::send_kept;
    Page POST "/bank/referrals/{id}/decline" Needs(AnswerReferrals), queue::decline;
    Page POST "/bank/referrals/{id}/take-up" Needs(AnswerReferrals), queue::take_up;
    Page GET "/centre/requests/{id}/refer" Needs(ServeRequests), proposals::choose;
    Page POST "/centre/requests/{id}/refer" Needs(ServeRequests), proposals::refer;
    Page POST "/centre/requests/{id}/unserved" Needs(ServeRequests), proposals::unserved;

    Api POST "/api/v1/requests/{id}/withdraw" Needs(WriteRequests), request_steps::withdraw;
    Api POST "/api/v1/requests/{id}/extend" Needs(WriteRequests), request_steps::extend;
    Api POST "/api/v1/requests/{id}/unserved" Needs(ServeRequests), request_steps::unserved;
    Api POST "/api/v1/requests/{id}/matches" Needs(WriteRequests), request_steps::match_again;
    Api POST "/api/v1/requests/{id}/what-if" Needs(WriteRequests), request_steps::what_if;
    Api POST "/api/v1/requests/{id}/reminders" Needs(WriteRequests), request_steps::remind;
    Api GET "/api/v1/requests/{id}/referrals" Needs(ViewRequests), referral_steps::list;
    Api POST "/api/v1/referrals/{id}/decline" Needs(AnswerReferrals), referral_steps::decline;
    Api POST "/api/v1/referrals/{id}/take-up" Needs(AnswerReferrals), referral_steps::take_up;
    Api POST "/api/v1/referrals/{id}/send" Needs(GiveConsent), referral_steps::send;
    Api POST "/api/v1/referrals/{id}/consent" Needs(GiveConsent), referral_steps::consent;
    Api POST "/api/v1/referrals/{id}/refuse" Needs(GiveConsent), referral_steps::refuse;
    Api POST "/api/v1/desk/{item}/refer" Needs(ServeRequests), referral_steps::refer;

    Page GET "/centre/monitor" Needs(ViewMonitor), monitor_pages::show;
    Page GET "/centre/monitor/rows" Needs(ViewMonitor), monitor_pages::rows;
    Page GET "/centre/monitor/rows.csv" Needs(ViewMonitor), monitor_pages::rows_file;
    Page GET "/centre/monitor/table.csv" Needs(ViewMonitor), monitor_pages::table;
    Page GET "/centre/monitor/report.xlsx" Needs(ViewMonitor), monitor_pages::report;

    Api GET "/api/v1/monitor/summary" Needs(ViewMonitor), monitor_api::summary;
    Api GET "/api/v1/monitor/series" Needs(ViewMonitor), monitor_api::series;
    Api GET "/api/v1/monitor/report.xlsx" Needs(ViewMonitor), monitor_api::report;
    Api GET "/api/v1/monitor/table.csv" Needs(ViewMonitor), monitor_api::table;
}
