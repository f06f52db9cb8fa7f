//! Users and invitations: an enterprise's owner keeps its members, administrators the district's users, and
//! officers invite banks. One page, for each the rows within reach.

use super::users::{Administrator, EnterpriseUser, Officer};
use super::{PAGE_ROWS, one_page, render, render_as, see_other};
use crate::actions::invitations::{self, Invite};
use crate::actions::members::{self, StoredUser};
use crate::actions::organisations::{self, StoredOrganisation};
use crate::actions::{ActionError, Service, second_factor};
use crate::domain::actor::{Actor, Role, may_invite};
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::place::Place;
use crate::web::error::PageFailure;
use crate::web::input::form::PageForm;
use crate::web::input::joining::{InviteForm, RoleForm};
use crate::web::input::sign_in::Empty;
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::users::{Material, UsersPage};
use crate::web::view::wrong::Wrongs;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

/// How many organisations can be chosen from.
const ORGANISATIONS: i64 = 1_000;

/// Where the list goes on, and what was just done.
#[derive(Default, Deserialize)]
pub struct Parts {
    before: Option<String>,
    done: Option<String>,
}

/// Where somebody keeps or invites users; others do it nowhere.
const fn home(role: Role) -> &'static str {
    match role {
        Role::Owner => "/enterprise/members",
        Role::Officer => "/centre/banks",
        _ => "/admin/users",
    }
}

fn material(service: &Service, actor: &Actor, before: Option<Place>) -> Result<Material, ActionError> {
    let mut found: Vec<StoredOrganisation> = Vec::new();
    if actor.role != Role::Owner {
        found = organisations::list(service, actor, None, "", ORGANISATIONS)?;
        let invites = |one: &StoredOrganisation| {
            let kind = one.organisation.kind;
            Role::ALL.iter().any(|role| may_invite(actor.role, kind, *role))
        };
        found.retain(invites);
    }
    let users = if actor.role == Role::Officer {
        Vec::new()
    } else {
        members::list(service, actor, None, before, PAGE_ROWS + 1)?
    };
    Ok(Material {
        users,
        invitations: invitations::list(service, actor)?,
        organisations: found,
    })
}

async fn page(
    state: &WebState,
    user: &PageUser,
    before: Option<Place>,
    typed: &InviteForm,
) -> Result<UsersPage, PageFailure> {
    let actor = user.actor.clone();
    let mut material = state.run(move |service| material(service, &actor, before)).await?;
    let (users, more) = one_page(material.users);
    let place = |last: &StoredUser| Place {
        at: last.created_at,
        id: last.id,
    };
    let next = users.last().filter(|_| more).map(place);
    material.users = users;
    let home = home(user.actor.role);
    let mut page = UsersPage::new(user.shell(state, home), &user.actor, &material, typed);
    page.next = next.map_or_else(String::new, |place| format!("{home}?before={place}"));
    Ok(page)
}

async fn shown(state: &WebState, user: &PageUser, parts: Parts) -> Result<HttpResponse, PageFailure> {
    let before = super::consents::place(parts.before.as_deref())?;
    let mut page = page(state, user, before, &InviteForm::default()).await?;
    page.notice = match parts.done.as_deref() {
        Some("invited") => Some("邀请已发出，对方几分钟内收到邮件。"),
        Some("withdrawn") => Some("邀请已撤回，链接立即失效。"),
        Some("changed") => Some("角色已更改，本人此前的登录已退出。"),
        Some("disabled") => Some("账号已停用，本人此前的登录已退出。"),
        Some("factor") => Some("双因素验证已重置，本人此前的登录已退出。"),
        Some("enabled") => Some("账号已恢复，可以重新登录。"),
        _ => None,
    };
    render(&page)
}

/// The members of one's own enterprise.
pub async fn own(
    state: web::Data<WebState>,
    user: EnterpriseUser,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    if user.actor.role != Role::Owner {
        return Err(ActionError::NotFound.into());
    }
    shown(&state, &user, query.into_inner()).await
}

/// The users of the district.
pub async fn all(
    state: web::Data<WebState>,
    user: Administrator,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    shown(&state, &user, query.into_inner()).await
}

/// The banks that an officer invites.
pub async fn banks(
    state: web::Data<WebState>,
    user: Officer,
    query: web::Query<Parts>,
) -> Result<HttpResponse, PageFailure> {
    shown(&state, &user, query.into_inner()).await
}

/// Back to the page, with what is to be put right.
async fn settled(
    state: &WebState,
    user: &PageUser,
    typed: &InviteForm,
    done: &str,
    outcome: Result<(), ActionError>,
) -> Result<HttpResponse, PageFailure> {
    match outcome {
        // A second click came first.
        Ok(()) | Err(ActionError::Stale) => Ok(see_other(&format!("{}?done={done}", home(user.actor.role)))),
        Err(ActionError::Invalid(problems)) => {
            let mut page = page(state, user, None, typed).await?;
            page.wrongs = Wrongs::new(&problems, &UsersPage::LABELS);
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Invites somebody.
pub async fn invite(
    state: web::Data<WebState>,
    user: PageUser,
    form: PageForm<InviteForm>,
) -> Result<HttpResponse, PageFailure> {
    let (typed, actor) = (form.0, user.actor.clone());
    let asked = typed.clone();
    let outcome = state
        .run(move |service| {
            let Some(role) = Role::find(&asked.role) else {
                return no_role(service, &actor, &asked);
            };
            let new = Invite {
                organisation: Some(asked.organisation.as_str()).filter(|code| !code.is_empty()),
                email: &asked.email,
                role,
            };
            invitations::invite(service, &actor, new, None).map(|_| ())
        })
        .await;
    settled(&state, &user, &typed, "invited", outcome).await
}

/// No role was chosen: who invites nobody is refused all the same, and the address is looked at too.
fn no_role(service: &Service, actor: &Actor, typed: &InviteForm) -> Result<(), ActionError> {
    invitations::list(service, actor).map_err(|_error| ActionError::Forbidden)?;
    let mut problems = Problems::default();
    problems.take("email", typed.email.parse::<crate::domain::email::Email>());
    problems.add("role", Rule::Required);
    Err(problems.into())
}

/// Withdraws an invitation.
pub async fn withdraw(
    state: web::Data<WebState>,
    user: PageUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state
        .run(move |service| invitations::withdraw(service, &actor, id))
        .await;
    settled(&state, &user, &InviteForm::default(), "withdrawn", outcome).await
}

/// Makes a user into another role.
pub async fn set_role(
    state: web::Data<WebState>,
    user: PageUser,
    path: web::Path<Uuid>,
    form: PageForm<RoleForm>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor, role) = (path.into_inner(), user.actor.clone(), form.0.role);
    let outcome = state
        .run(move |service| members::set_role(service, &actor, id, role))
        .await;
    after_self(&state, &user, id, "changed", outcome).await
}

/// Shuts a user out.
pub async fn disable(
    state: web::Data<WebState>,
    user: PageUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state
        .run(move |service| members::set_active(service, &actor, id, false))
        .await;
    after_self(&state, &user, id, "disabled", outcome).await
}

/// Lets a user in again.
pub async fn enable(
    state: web::Data<WebState>,
    user: PageUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state
        .run(move |service| members::set_active(service, &actor, id, true))
        .await;
    after_self(&state, &user, id, "enabled", outcome).await
}

/// Takes a user's lost second factor away.
pub async fn reset_factor(
    state: web::Data<WebState>,
    user: PageUser,
    path: web::Path<Uuid>,
    _: PageForm<Empty>,
) -> Result<HttpResponse, PageFailure> {
    let (id, actor) = (path.into_inner(), user.actor.clone());
    let outcome = state
        .run(move |service| second_factor::reset(service, &actor, id))
        .await;
    settled(&state, &user, &InviteForm::default(), "factor", outcome).await
}

/// Who changed itself is signed out by that, and begins anew.
async fn after_self(
    state: &WebState,
    user: &PageUser,
    id: Uuid,
    done: &str,
    outcome: Result<(), ActionError>,
) -> Result<HttpResponse, PageFailure> {
    if outcome.is_ok() && id == user.actor.user_id {
        return Ok(see_other("/login"));
    }
    let wrong_of_user = |problem: &Problem| problem.field == "role";
    let outcome = outcome.map_err(|error| match error {
        // The form's own field of that name is the invitation's.
        ActionError::Invalid(problems) if problems.list().iter().any(wrong_of_user) => ActionError::NotFound,
        other => other,
    });
    settled(state, user, &InviteForm::default(), done, outcome).await
}
