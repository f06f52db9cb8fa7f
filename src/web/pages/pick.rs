//! An enterprise picks banks for a request: what each would see, then one post that agrees and sends.

use super::users::EnterpriseUser;
use super::{render, render_as, see_other};
use crate::actions::referrals::{self, Preview};
use crate::actions::{ActionError, requests};
use crate::domain::actor::Right;
use crate::domain::referral::ReferralState;
use crate::web::error::PageFailure;
use crate::web::input::consent::PickForm;
use crate::web::input::form::PageForm;
use crate::web::state::WebState;
use crate::web::view::pick::PickPage;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

const SECTION: &str = "/enterprise/requests";

/// The products that an address names.
type Fields = web::Query<Vec<(String, String)>>;

/// The number of a request and what each bank would see of it.
async fn previews(
    state: &WebState,
    user: &EnterpriseUser,
    id: Uuid,
    products: Vec<String>,
) -> Result<(String, Vec<Preview>), PageFailure> {
    let actor = user.actor.clone();
    let loaded = state
        .run(move |service| {
            let request = requests::show(service, &actor, id)?;
            Ok((request.number, referrals::preview(service, &actor, id, &products)?))
        })
        .await?;
    Ok(loaded)
}

fn result(id: Uuid) -> String {
    format!("{SECTION}/{id}")
}

/// What each bank would see.
pub async fn show(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    query: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = path.into_inner();
    let named = query.into_inner().into_iter().filter(|(name, _)| name == "product");
    let products: Vec<String> = named.map(|(_, code)| code).collect();
    if products.is_empty() {
        let actor = user.actor.clone();
        state.run(move |service| requests::show(service, &actor, id)).await?;
        if !user.has(Right::GiveConsent) {
            return Err(ActionError::Forbidden.into());
        }
        return Ok(see_other(&format!("{}?pick=none#ok", result(id))));
    }
    let (number, previews) = previews(&state, &user, id, products).await?;
    let today = state.service.clock.today();
    let shell = user.shell(&state, SECTION);
    render(&PickPage::new(shell, result(id), number, previews, today))
}

/// Agrees and sends, bank by bank.
pub async fn send(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    path: web::Path<Uuid>,
    form: PageForm<PickForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, form) = (path.into_inner(), form.0);
    let terms = match form.terms() {
        Ok(terms) => terms,
        Err(error) => return again(&state, &user, id, form, error).await,
    };
    let (actor, products, kept) = (user.actor.clone(), form.product.clone(), form.kept.clone());
    let sent = state
        .run(move |service| {
            let picks = referrals::picks(service, &actor, id, (&products, &kept))?;
            referrals::send(service, &actor, id, &picks, terms, None)
        })
        .await;
    match sent {
        Ok(_) => Ok(see_other(&format!("{}?pick=sent#sent", result(id)))),
        // A second click came first.
        Err(ActionError::Stale) => Ok(see_other(&format!("{}#sent", result(id)))),
        Err(ActionError::Refused(refused)) if refused.is_of::<ReferralState>() => {
            Ok(see_other(&format!("{}#sent", result(id))))
        }
        Err(ActionError::Invalid(problems)) if problems.list().iter().all(|one| one.field.starts_with("consent.")) => {
            let error = ("until", "授权期限请填今天起一年之内的日期；授权书有新版本时请重新看过");
            again(&state, &user, id, form, error).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    state: &WebState,
    user: &EnterpriseUser,
    id: Uuid,
    form: PickForm,
    error: (&'static str, &'static str),
) -> Result<HttpResponse, PageFailure> {
    let (number, previews) = previews(state, user, id, form.product).await?;
    let shell = user.shell(state, SECTION);
    let page = PickPage::new(shell, result(id), number, previews, state.service.clock.today());
    render_as(
        StatusCode::UNPROCESSABLE_ENTITY,
        &page.again(&form.until, &form.kept, error),
    )
}
