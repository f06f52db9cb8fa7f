//! The forms of a bank about a loan: its contract, and what is entered of it from then on.

use super::offer_form::{amount, day, is_empty};
use crate::actions::loans::{Disbursement, Entry, Repaid};
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::loan::{CONTRACT_CHARS, Contract};
use crate::domain::money::Fen;
use serde::Deserialize;
use validator::Validate;

/// What is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A draw.
    Draw,
    /// A repayment.
    Repay,
    /// The end of drawing.
    CloseDrawing,
    /// A mark that it is overdue.
    MarkOverdue,
    /// That mark taken away.
    ClearOverdue,
    /// Its settlement.
    Settle,
    /// Its cancellation.
    Cancel,
}

impl EntryKind {
    /// What the ids of its fields begin with on the page.
    #[must_use]
    pub const fn form(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::Repay => "repay",
            Self::CloseDrawing => "close",
            Self::MarkOverdue => "overdue",
            Self::ClearOverdue => "clear",
            Self::Settle => "settle",
            Self::Cancel => "cancel",
        }
    }
}

/// One entry, as typed.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct EntryForm {
    /// The version of the loan that was seen.
    #[validate(length(max = 12))]
    pub version: String,
    /// On which day.
    #[validate(length(max = 64))]
    pub on: String,
    /// How much was drawn, 万元.
    #[validate(length(max = 40))]
    pub amount: String,
    /// How much principal came back, 万元.
    #[validate(length(max = 40))]
    pub principal: String,
    /// How much interest came in, 万元.
    #[validate(length(max = 40))]
    pub interest: String,
    /// Why.
    #[validate(length(max = 4000))]
    pub reason: String,
}

impl EntryForm {
    /// The version that was seen; no version is 0, so what can't be read is refused like an old one.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(0)
    }

    /// The entry.
    ///
    /// # Errors
    /// Each field that does not read, by its name in the API.
    pub fn read(&self, kind: EntryKind) -> Result<Entry, Problems> {
        let mut problems = Problems::default();
        let entry = match kind {
            EntryKind::ClearOverdue => Some(Entry::ClearOverdue),
            EntryKind::Cancel => Some(Entry::Cancel(self.reason.clone())),
            EntryKind::Draw => {
                let amount = problems.take("amount_fen", amount(&self.amount));
                let on = self.day(&mut problems);
                amount.zip(on).map(|(amount, on)| {
                    Entry::Draw(Disbursement {
                        on,
                        amount_fen: amount.get(),
                    })
                })
            }
            EntryKind::Repay => self.repayment(&mut problems).map(Entry::Repay),
            EntryKind::CloseDrawing => self.day(&mut problems).map(Entry::CloseDrawing),
            EntryKind::MarkOverdue => self.day(&mut problems).map(Entry::MarkOverdue),
            EntryKind::Settle => self.day(&mut problems).map(Entry::Settle),
        };
        match entry {
            Some(entry) => problems.or(entry),
            None => Err(problems),
        }
    }

    fn day(&self, problems: &mut Problems) -> Option<Day> {
        problems.take("on", day(&self.on))
    }

    /// What is left empty is nothing: interest is often paid without principal.
    fn repayment(&self, problems: &mut Problems) -> Option<Repaid> {
        let sum = |text: &str| {
            if is_empty(text) {
                Ok(0)
            } else {
                amount(text).map(Fen::get)
            }
        };
        let principal = problems.take("principal_fen", sum(&self.principal));
        let interest = problems.take("interest_fen", sum(&self.interest));
        let on = self.day(problems);
        Some(Repaid {
            on: on?,
            principal_fen: principal?,
            interest_fen: interest?,
        })
    }
}

/// A contract, as typed.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ContractForm {
    /// The bank's number.
    #[validate(length(max = 400))]
    pub contract_number: String,
    /// The day on which it was signed.
    #[validate(length(max = 64))]
    pub signed_on: String,
    /// The day on which it matures.
    #[validate(length(max = 64))]
    pub matures_on: String,
    /// `yes` or `no`: the bank has to say.
    #[validate(length(max = 8))]
    pub is_first: String,
    /// The id of the loan that it renews; empty where it renews none.
    #[validate(length(max = 64))]
    pub follows: String,
}

impl ContractForm {
    /// The contract.
    ///
    /// # Errors
    /// Each field that does not read.
    pub fn read(&self) -> Result<Contract, Problems> {
        let mut problems = Problems::default();
        problems.text("contract_number", &self.contract_number, CONTRACT_CHARS);
        let signed_on = problems.take("signed_on", day(&self.signed_on));
        let matures_on = problems.take("matures_on", day(&self.matures_on));
        let is_first = match self.is_first.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => problems.take("is_first", Err(Rule::Required)),
        };
        let follows = match self.follows.as_str() {
            "" => Some(None),
            id => problems.take(
                "follows",
                id.parse().map(Some).map_err(|_error| Rule::NotFound(id.to_owned())),
            ),
        };
        match (signed_on, is_first, follows) {
            (Some(signed_on), Some(is_first), Some(follows)) => problems.or(Contract {
                number: self.contract_number.trim().to_owned(),
                signed_on,
                matures_on,
                is_first,
                follows,
            }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_and_what_does_not_read_is_named() {
        let form = EntryForm {
            on: "2026/11/3".to_owned(),
            amount: "１，０００".to_owned(),
            interest: "0.34".to_owned(),
            ..EntryForm::default()
        };
        let drawn = Entry::Draw(Disbursement {
            on: "2026-11-03".parse().expect("a day"),
            amount_fen: 1_000_000_000,
        });
        assert_eq!(form.read(EntryKind::Draw), Ok(drawn));
        let Ok(Entry::Repay(repaid)) = form.read(EntryKind::Repay) else {
            panic!("interest alone is a repayment");
        };
        assert_eq!((repaid.principal_fen, repaid.interest_fen), (0, 340_000));
        let problems = EntryForm::default().read(EntryKind::Draw).expect_err("empty");
        let fields: Vec<_> = problems.list().iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["amount_fen", "on"]);
    }

    #[test]
    fn a_bank_has_to_say_whether_it_is_the_first_loan() {
        let form = ContractForm {
            contract_number: " 借2026-1 ".to_owned(),
            signed_on: "2026-11-03".to_owned(),
            matures_on: "2027-11-03".to_owned(),
            ..ContractForm::default()
        };
        let problems = form.read().expect_err("nothing is said");
        assert_eq!(problems.list().first().map(|one| one.field.as_str()), Some("is_first"));
        let said = ContractForm {
            is_first: "no".to_owned(),
            ..form
        };
        assert_eq!(said.read().map(|contract| contract.number), Ok("借2026-1".to_owned()));
    }
}
