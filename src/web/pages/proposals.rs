//! What the centre proposes: an officer refers a request by hand, or ends it; the enterprise agrees or refuses.

use super::steps::back;
use super::users::{EnterpriseUser, Officer};
use super::{render, render_as, see_other};
use crate::actions::{ActionError, closing, matches, proposals, referrals};
use crate::domain::codes::Code;
use crate::domain::consent::Terms;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::request::UnservedReason;
use crate::domain::typed;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::sign_in::Empty;
use crate::web::input::steps::{ReasonForm, ReferForm, TermsForm};
use crate::web::state::WebState;
use crate::web::view::proposals::{ProposalPage, ReferPage, Typed};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

const ENTERPRISE: &str = "/enterprise/requests";
const CENTRE: &str = "/centre";

async fn proposal(state: &WebState, user: &EnterpriseUser, id: Uuid) -> Result<ProposalPage, PageFailure> {
    let actor = user.actor.clone();
    let found = state.run(move |service| proposals::show(service, &actor, id)).await?;
    let (shell, today) = (user.shell(state, ENTERPRISE), state.service.clock.today());
    Ok(ProposalPage::new(
        shell,
        format!("/enterprise/referrals/{id}"),
        found,
        today,
    ))
}

/// What the proposed bank would see.
pub async fn show(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&proposal(&state, &user, path.into_inner()).await?)
}

/// Agrees: the bank gets the request.
pub async fn agree(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<TermsForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, form) = (path.into_inner(), user.actor.clone(), form.0);
    let outcome = match terms(&form) {
        Err(problems) => Err(problems.into()),
        Ok(terms) => {
            state
                .run(move |service| proposals::agree(service, &actor, id, terms))
                .await
        }
    };
    match outcome {
        Ok(sent) => back(sent.request_id, "agreed", Ok(sent)),
        Err(ActionError::Invalid(problems)) => {
            let mut page = proposal(&state, &user, id).await?;
            page.wrongs = Wrongs::new(&problems, &ProposalPage::LABELS);
            page.until = form.until;
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

fn terms(form: &TermsForm) -> Result<Terms, Problems> {
    let mut problems = Problems::default();
    let until = problems.take("until", typed::day(&form.until).ok_or(Rule::Date));
    problems.check(form.agree != "yes", "agree", || Rule::Required);
    // No version is 0, so what can't be read is refused like an old one.
    let text_version = form.text_version.parse().unwrap_or(0);
    match until {
        Some(until) => problems.or(Terms { text_version, until }),
        None => Err(problems),
    }
}

/// Refuses.
pub async fn refuse(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let refused = state.run(move |service| proposals::refuse(service, &actor, id)).await?;
    back(refused.request_id, "refused", Ok(refused))
}

async fn referring(state: &WebState, user: &Officer, id: Uuid) -> Result<ReferPage, PageFailure> {
    let actor = user.actor.clone();
    let (sheet, standing, proposed) = state
        .run(move |service| {
            let sheet = matches::of_request(service, &actor, id)?;
            let standing = referrals::of_request(service, &actor, id)?;
            Ok((sheet, standing, proposals::of_request(service, &actor, id)?))
        })
        .await?;
    let shell = user.shell(state, "/centre/requests");
    Ok(ReferPage::new(shell, &sheet, &standing, &proposed))
}

/// The banks that may be proposed, and the reasons why nobody serves it.
pub async fn choose(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, PageFailure> {
    render(&referring(&state, &user, path.into_inner()).await?)
}

/// Proposes the bank of a product.
pub async fn refer(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
    form: PageForm<ReferForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, form) = (path.into_inner(), user.actor.clone(), form.0);
    let (product, why) = (form.product.clone(), form.why.clone());
    let outcome = state
        .run(move |service| {
            let proposed = proposals::propose_product(service, &actor, id, (&product, &why));
            // The page has another field for the reason of what is unserved.
            proposed.map_err(|error| renamed(error, "reason", "why"))
        })
        .await;
    let page = Typed {
        product: form.product,
        why: form.why,
        ..Typed::default()
    };
    done(&state, &user, id, outcome, page).await
}

fn renamed(error: ActionError, from: &str, to: &str) -> ActionError {
    let ActionError::Invalid(problems) = error else {
        return error;
    };
    let mut named = Problems::default();
    for one in problems.list() {
        let field = if one.field == from { to } else { &one.field };
        named.add(field, one.rule.clone());
    }
    named.into()
}

/// Ends a request that nobody can serve.
pub async fn unserved(
    state: web::Data<WebState>,
    user: Officer,
    path: web::Path<Uuid>,
    form: PageForm<ReasonForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, form) = (path.into_inner(), user.actor.clone(), form.0);
    let outcome = match UnservedReason::find(&form.reason) {
        None => Err(ActionError::from(Problem {
            field: "reason".to_owned(),
            rule: Rule::Required,
        })),
        Some(reason) => {
            let text = form.text.clone();
            state
                .run(move |service| closing::mark_unserved(service, &actor, id, reason, Some(&text)))
                .await
        }
    };
    let page = Typed {
        reason: form.reason,
        text: form.text,
        ..Typed::default()
    };
    done(&state, &user, id, outcome, page).await
}

/// Back to the request, or the page again with what has to be put right.
async fn done<T>(
    state: &WebState,
    user: &Officer,
    id: Uuid,
    outcome: Result<T, ActionError>,
    typed: Typed,
) -> Result<HttpResponse, PageFailure> {
    match outcome {
        // A colleague, or the enterprise, was faster: the request shows what came of it.
        Ok(_) | Err(ActionError::Refused(_) | ActionError::Stale) => {
            Ok(see_other(&format!("{CENTRE}/requests/{id}#sent")))
        }
        Err(ActionError::Invalid(problems)) => {
            let page = referring(state, user, id).await?;
            let mut page = page.with(typed);
            page.wrongs = Wrongs::new(&problems, &ReferPage::LABELS);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
