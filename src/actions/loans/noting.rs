//! The audit's lines of loans, and who is told what of them.

use super::super::consents::{Telling, tell_each};
use super::StoredLoan;
use crate::clock::Clock;
use crate::domain::actor::{Actor, Role};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::loan::LoanState;
use crate::domain::message::Topic;
use crate::store::{AnyConnection, StoreError, accounts, audit, organisations};
use std::collections::BTreeMap;

/// Notes a change of a loan: from its state to `next`, and what else is to be said of it.
pub(super) fn note(
    conn: &mut AnyConnection,
    actor: &Actor,
    loan: &StoredLoan,
    (action, next): (AuditAction, LoanState),
    also: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let after = format!("{next} {also}");
    let entry = AuditEntry {
        action,
        subject: format!("loan:{}", loan.id),
        before: Some(loan.state.to_string()),
        after: Some(after.trim_end().to_owned()),
    };
    audit::append(conn, actor, &entry, clock)
}

/// What is told of a loan. Without a figure: what goes by mail says where to look, not how much.
pub(super) struct Told<'a> {
    /// Names the change.
    pub event: String,
    /// What it is about.
    pub topic: Topic,
    /// What the text fills in beside the loan's number, the bank and, for the officers, the enterprise.
    pub words: &'a [(&'a str, String)],
}

impl Told<'_> {
    fn telling(&self, loan: &StoredLoan, section: &str) -> Telling {
        let words = self
            .words
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let mut parameters: BTreeMap<String, String> = words.collect();
        parameters.insert("number".to_owned(), loan.number.clone());
        parameters.insert("bank".to_owned(), loan.bank_name.clone());
        parameters.insert("enterprise".to_owned(), loan.enterprise_name.clone());
        Telling {
            event: format!("loan:{}:{}:{section}", loan.id, self.event),
            topic: self.topic,
            parameters,
            link: format!("/{section}/loans/{}", loan.id),
        }
    }

    /// Tells every active user of the borrower.
    pub(super) fn borrower(
        &self,
        conn: &mut AnyConnection,
        loan: &StoredLoan,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let whom = accounts::active_of_enterprise(conn, loan.enterprise_id)?;
        tell_each(conn, whom, &self.telling(loan, "enterprise"), clock)
    }

    /// Tells the officers of the loan's district.
    pub(super) fn officers(
        &self,
        conn: &mut AnyConnection,
        loan: &StoredLoan,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        match organisations::centre(conn, &loan.district_code) {
            Ok(centre) => {
                let whom = accounts::active_with_role(conn, centre.id, Role::Officer)?;
                tell_each(conn, whom, &self.telling(loan, "centre"), clock)
            }
            // A district can be without a centre while it is being set up.
            Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
