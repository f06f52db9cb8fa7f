//! Whose pages a handler serves: for anyone else they do not exist.

use crate::actions::ActionError;
use crate::domain::actor::{Reach, Right, Role, reach};
use crate::web::error::PageFailure;
use crate::web::session::PageUser;
use crate::web::state::WebState;
use crate::web::view::shell::Shell;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

macro_rules! users {
    ($($(#[$meta:meta])* $name:ident = $($role:ident)|+;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name(PageUser);

        impl Deref for $name {
            type Target = PageUser;
            fn deref(&self) -> &PageUser {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = PageFailure;
            type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let user = PageUser::from_request(request, payload);
                Box::pin(async move {
                    let user = user.await?;
                    match user.actor.role {
                        $(Role::$role)|+ => Ok(Self(user)),
                        _ => Err(ActionError::NotFound.into()),
                    }
                })
            }
        }
    )+};
}

users! {
    /// A user of an enterprise.
    EnterpriseUser = Owner | Member | Reader;
    /// A user of a bank or a leasing company.
    BankUser = BankUser;
    /// An officer of the centre.
    Officer = Officer;
    /// A user of a department.
    DepartmentUser = DepartmentUser;
    /// An administrator.
    Administrator = Administrator;
}

impl PageUser {
    /// Around a page of this user that belongs to the entry `section` of the navigation.
    #[must_use]
    pub fn shell(&self, state: &WebState, section: &str) -> Shell {
        Shell::of(super::site(state), &self.actor, self.unread, &self.csrf, section)
    }

    /// Whether the user's role has a right at all: for what a page offers to do.
    #[must_use]
    pub fn has(&self, right: Right) -> bool {
        reach(self.actor.role, right) != Reach::Nothing
    }
}
