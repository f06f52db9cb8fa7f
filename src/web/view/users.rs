//! Users and open invitations, as those see them who keep or invite them.

use super::joining::Choice;
use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::invitations::StoredInvitation;
use crate::actions::members::StoredUser;
use crate::actions::organisations::StoredOrganisation;
use crate::domain::actor::{Actor, OrganisationKind, Role, may_invite, may_make};
use crate::domain::codes::Code;
use crate::web::input::joining::InviteForm;
use askama::Template;
use uuid::Uuid;

/// A user of the list.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// The user's id.
    pub id: Uuid,
    /// The user's name.
    pub name: String,
    /// The address that the user signs in with.
    pub email: String,
    /// The user's organisation.
    pub organisation: String,
    /// What the user is.
    pub role: &'static str,
    /// Whether the user may sign in.
    pub active: bool,
    /// Since when.
    pub since: String,
    /// Whether it is the reader.
    pub is_self: bool,
    /// Whether the reader can take the user's second factor away.
    pub has_factor: bool,
    /// What the user can be made into; empty where that is not the reader's to say.
    pub roles: Vec<Choice>,
}

impl UserRow {
    /// For the one who keeps it.
    #[must_use]
    pub fn new(user: &StoredUser, keeper: &Actor) -> Self {
        let roles = Role::ALL.iter().filter(|role| may_make(keeper.role, user.kind, **role));
        let roles: Vec<Choice> = roles.map(|role| choice(*role, user.role.code())).collect();
        Self {
            id: user.id,
            name: user.name.clone(),
            email: user.email.clone(),
            organisation: user.organisation_name.clone(),
            role: user.role.label(),
            active: user.active,
            since: words::minute(user.created_at),
            is_self: user.id == keeper.user_id,
            has_factor: user.id != keeper.user_id && user.has_factor,
            roles: if roles.len() > 1 { roles } else { Vec::new() },
        }
    }
}

fn choice(role: Role, chosen: &str) -> Choice {
    Choice {
        code: role.code().to_owned(),
        label: role.label().to_owned(),
        hint: String::new(),
        chosen: role.code() == chosen,
    }
}

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug)]
pub struct InvitationRow {
    /// Its id.
    pub id: Uuid,
    /// The invited address.
    pub email: String,
    /// Into which organisation.
    pub organisation: String,
    /// As what.
    pub role: &'static str,
    /// Until when it is good.
    pub until: String,
}

impl From<&StoredInvitation> for InvitationRow {
    fn from(stored: &StoredInvitation) -> Self {
        Self {
            id: stored.id,
            email: stored.email.to_string(),
            organisation: stored.organisation_name.clone(),
            role: stored.role.label(),
            until: words::minute(stored.expires_at),
        }
    }
}

/// What the page is made from.
pub struct Material {
    /// The users that the reader keeps.
    pub users: Vec<StoredUser>,
    /// The open invitations.
    pub invitations: Vec<StoredInvitation>,
    /// Into which organisations the reader can invite; empty where only into its own.
    pub organisations: Vec<StoredOrganisation>,
}

/// Users, open invitations, and the form for another one.
#[derive(Template)]
#[template(path = "account/users.html")]
pub struct UsersPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: String,
    /// Whether the reader keeps users, or only invites them.
    pub keeps: bool,
    /// Whether they are of several organisations.
    pub many: bool,
    /// The users, newest first.
    pub users: Vec<UserRow>,
    /// The open invitations, newest first.
    pub invitations: Vec<InvitationRow>,
    /// Into which organisations can be invited.
    pub organisations: Vec<Choice>,
    /// As what.
    pub roles: Vec<Choice>,
    /// The address that was typed.
    pub email: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// What was just done.
    pub notice: Option<&'static str>,
    /// Where older users are; empty where there are none.
    pub next: String,
}

impl UsersPage {
    /// The names of the fields.
    pub const LABELS: [(&'static str, &'static str); 4] = [
        ("user", ""),
        ("organisation", "机构"),
        ("email", "邮箱"),
        ("role", "角色"),
    ];

    /// For its reader, with what was typed into the form.
    #[must_use]
    pub fn new(shell: Shell, reader: &Actor, material: &Material, typed: &InviteForm) -> Self {
        let many = reader.role != Role::Owner;
        let kinds: Vec<OrganisationKind> = if many {
            material.organisations.iter().map(|one| one.organisation.kind).collect()
        } else {
            vec![OrganisationKind::Enterprise]
        };
        let invites = |role: &Role| kinds.iter().any(|kind| may_invite(reader.role, *kind, *role));
        let active = material.users.iter().filter(|user| user.active).count();
        Self {
            shell,
            heading: match reader.role {
                Role::Owner => format!("{active} 位成员可以登录"),
                Role::Officer => "邀请银行和融资租赁公司".to_owned(),
                _ => "账号与邀请".to_owned(),
            },
            keeps: reader.role != Role::Officer,
            many,
            users: material.users.iter().map(|user| UserRow::new(user, reader)).collect(),
            invitations: material.invitations.iter().map(InvitationRow::from).collect(),
            organisations: material
                .organisations
                .iter()
                .map(|one| Choice {
                    code: one.organisation.code.clone(),
                    label: format!("{}（{}）", one.organisation.name, one.organisation.kind.label()),
                    hint: String::new(),
                    chosen: one.organisation.code == typed.organisation,
                })
                .collect(),
            roles: Role::ALL
                .iter()
                .filter(|role| invites(role))
                .map(|role| choice(*role, &typed.role))
                .collect(),
            email: typed.email.clone(),
            wrongs: Wrongs::default(),
            notice: None,
            next: String::new(),
        }
    }
}
