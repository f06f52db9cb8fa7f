//! A batch of facts: a file that an organisation hands in, from the preview to a withdrawal.
//!
//! Which facts an organisation may hand in is said by [`vouches_for`]: the table of facts has an owner
//! in each row, and an organisation is that owner by its kind and code.

use super::actor::OrganisationKind;
use super::codes::{Code, Owner, codes};
use super::machine::machine;
use super::profile::Held;

codes! {
    /// Where a batch is in its life.
    BatchState {
        Pending = "pending" "待确认",
        Applied = "applied" "已导入",
        Withdrawn = "withdrawn" "已撤回",
        Discarded = "discarded" "已放弃",
    }
}

machine! {
    /// What can happen to a batch.
    BatchEvent of BatchState {
        /// What was previewed is taken up.
        Confirm: Pending => Applied;
        /// What was previewed is dropped.
        Discard: Pending => Discarded;
        /// What was taken up is taken back.
        Withdraw: Applied => Withdrawn;
    }
}

/// What a value would do, or did, to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing was known.
    New,
    /// It takes the place of this one.
    Changed(Held),
    /// It is known already.
    Unchanged,
    /// This one is newer: the value goes into the history only.
    Late(Held),
}

/// How many rows of a batch did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of which nothing was known before.
    pub created: i32,
    /// Rows that changed what was known, or went into the history.
    pub updated: i32,
    /// Rows that said what was known already.
    pub unchanged: i32,
    /// Rows that were left out because they break a rule.
    pub refused: i32,
}

impl Counts {
    /// Counts one row.
    pub const fn add(&mut self, outlook: Outlook) {
        match outlook {
            Outlook::New => self.created += 1,
            Outlook::Changed(_) | Outlook::Late(_) => self.updated += 1,
            Outlook::Unchanged => self.unchanged += 1,
        }
    }

    /// Rows that do something.
    #[must_use]
    pub const fn changes(self) -> i32 {
        self.created + self.updated
    }
}

/// The owners whose facts an organisation hands in. The centre hands in its own and those that banks
/// deliver to it; a department is the owner whose code its own code is, or ends in behind a `-`
/// (`tax`, `410105-tax`).
#[must_use]
pub fn vouches_for(kind: OrganisationKind, code: &str) -> Vec<Owner> {
    match kind {
        OrganisationKind::Centre => vec![Owner::Centre, Owner::Bank],
        OrganisationKind::Department => {
            let own = code.rsplit('-').next().and_then(Owner::find);
            own.filter(|owner| !matches!(owner, Owner::Centre | Owner::Bank))
                .into_iter()
                .collect()
        }
        OrganisationKind::Enterprise | OrganisationKind::Bank | OrganisationKind::Leasing => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_hands_in_what_it_owns_and_nothing_else() {
        use OrganisationKind::{Bank, Centre, Department, Enterprise};
        assert_eq!(vouches_for(Department, "tax"), [Owner::Tax]);
        assert_eq!(vouches_for(Department, "410105-customs"), [Owner::Customs]);
        assert_eq!(vouches_for(Centre, "anything"), [Owner::Centre, Owner::Bank]);
        for (kind, code) in [
            (Department, "taxes"),
            (Department, "centre"),
            (Department, "bank"),
            (Bank, "bank"),
            (Enterprise, "tax"),
        ] {
            assert!(vouches_for(kind, code).is_empty(), "{code}");
        }
    }
}
