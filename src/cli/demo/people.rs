//! Who has acted in the demo before it begins: the accounts that it prints, and one for each other
//! enterprise that has registered, each other bank and each other department, all with one password that
//! is told to nobody (hashing one for each would take longer than everything else).

use super::Demo;
use super::fill::all_organisations;
use crate::actions::Service;
use crate::cli::failure::Failure;
use crate::cli::user::made_up;
use crate::config::Secret;
use crate::domain::actor::{Actor, OrganisationKind, Role};
use crate::domain::email::Email;
use crate::domain::organisation::Organisation;
use crate::domain::password::Whose;
use crate::store::accounts::{self, NewAccount};
use crate::store::{AnyConnection, StoreError, organisations};
use std::collections::HashMap;
use uuid::Uuid;

/// In turn, with what they are after.
const SURNAMES: [&str; 8] = ["张", "刘", "杨", "马", "郭", "宋", "何", "许"];

/// Somebody of each organisation, by its code, and the centre's administrator.
pub(super) struct People {
    by_code: HashMap<String, Actor>,
    administrator: Option<Actor>,
}

impl People {
    /// Who acts for the organisation with this code.
    pub(super) fn of(&self, code: &str) -> Option<&Actor> {
        self.by_code.get(code)
    }

    /// The centre's administrator.
    pub(super) const fn administrator(&self) -> Option<&Actor> {
        self.administrator.as_ref()
    }

    /// Finds who is there already, and adds who is not.
    pub(super) fn gather(service: &Service, demo: &Demo) -> Result<Self, Failure> {
        let nobody = Whose { email: "", name: "" };
        let hash = service.passwords.hash_new(&Secret::new(made_up()), nobody)?;
        let all = all_organisations(demo)?;
        let acting = all.good.iter().map(|row| (&row.value, acts(row.value.kind)));
        let acting: Vec<_> = acting.zip(SURNAMES.iter().cycle()).collect();
        let people = service.store.write(|conn| {
            let mut people = HashMap::new();
            for ((organisation, role), surname) in &acting {
                let id = organisations::by_code(conn, &organisation.code)?.id;
                let actor = if let Some(actor) = already_there(conn, id, *role)? {
                    actor
                } else {
                    let name = format!("{surname}{}", if *role == Role::Owner { "经理" } else { "主管" });
                    let account = NewAccount {
                        organisation_id: id,
                        email: &address(organisation)?,
                        name: &name,
                        role: *role,
                        password_hash: &hash,
                    };
                    let user_id = accounts::insert(conn, &account, service.clock.as_ref())?;
                    accounts::by_id(conn, user_id)?.actor
                };
                people.insert(organisation.code.clone(), actor);
            }
            let centre = organisations::centre(conn, super::DISTRICT)?.id;
            Ok::<_, StoreError>(Self {
                by_code: people,
                administrator: already_there(conn, centre, Role::Administrator)?,
            })
        })?;
        Ok(people)
    }
}

/// What somebody is who acts for such an organisation in the demo.
const fn acts(kind: OrganisationKind) -> Role {
    match kind {
        OrganisationKind::Bank | OrganisationKind::Leasing => Role::BankUser,
        OrganisationKind::Centre => Role::Officer,
        OrganisationKind::Enterprise => Role::Owner,
        OrganisationKind::Department => Role::DepartmentUser,
    }
}

fn already_there(conn: &mut AnyConnection, organisation_id: Uuid, role: Role) -> Result<Option<Actor>, StoreError> {
    for id in accounts::active_of(conn, organisation_id)? {
        let actor = accounts::by_id(conn, id)?.actor;
        if actor.role == role {
            return Ok(Some(actor));
        }
    }
    Ok(None)
}

fn address(organisation: &Organisation) -> Result<Email, StoreError> {
    let code = &organisation.code;
    format!("{code}@demo.example")
        .parse()
        .map_err(|rule| StoreError::database(format!("demo: {code}: {rule}")))
}
