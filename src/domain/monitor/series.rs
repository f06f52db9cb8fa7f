//! Figures of a slice, and series of them along a dimension.

use super::average::{Averages, averages, share_bp};
use super::responses::Responses;
use super::{Bank, Book, Dimension, Entry, Measure, Slice, What, entries};
use crate::domain::codes::{Code, Guarantee, Kind};
use crate::domain::dates::Day;
use crate::domain::request::UnservedReason;
use chrono::Datelike;
use std::collections::BTreeSet;

/// How many rows, and their amounts' sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub number: i64,
    /// The sum, 分.
    pub amount_fen: i64,
}

impl Tally {
    /// Of these rows.
    #[must_use]
    pub fn of(entries: &[Entry<'_>]) -> Self {
        entries.iter().fold(Self::default(), |tally, entry| Self {
            number: tally.number + 1,
            amount_fen: tally.amount_fen.saturating_add(entry.amount_fen),
        })
    }
}

/// All figures of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// In the order of the measures.
    tallies: Vec<Tally>,
    /// Averages over the disbursements.
    pub averages: Averages,
    /// Within how many working days half of the answers came.
    pub median_days: Option<usize>,
    /// Within how many working days nine tenths of the answers came.
    pub p90_days: Option<usize>,
}

impl Figures {
    /// Of a slice.
    #[must_use]
    pub fn of(book: &Book, slice: &Slice) -> Self {
        let tally = |measure: &Measure| Tally::of(&entries(book, slice, *measure));
        let sent = entries(book, slice, Measure::Referrals).into_iter();
        let sent = sent.filter_map(|entry| match entry.what {
            What::Referral(referral) => Some(referral),
            What::Request | What::Offer(_) | What::Loan(_) => None,
        });
        let responses = Responses::of(sent, slice.today, &book.calendar);
        Self {
            tallies: Measure::ALL.iter().map(tally).collect(),
            averages: averages(book, &entries(book, slice, Measure::Disbursements)),
            median_days: responses.median_days,
            p90_days: responses.p90_days,
        }
    }

    /// Of a measure.
    #[must_use]
    pub fn tally(&self, measure: Measure) -> Tally {
        self.tallies.get(measure.index()).copied().unwrap_or_default()
    }

    /// Which part of one measure another is, by number, in bp.
    #[must_use]
    pub fn share_of_number(&self, part: Measure, whole: Measure) -> Option<i64> {
        share_bp(self.tally(part).number, self.tally(whole).number)
    }

    /// Which part of one measure another is, by amount, in bp.
    #[must_use]
    pub fn share_of_amount(&self, part: Measure, whole: Measure) -> Option<i64> {
        share_bp(self.tally(part).amount_fen, self.tally(whole).amount_fen)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tallies.iter().all(|tally| tally.number == 0)
    }
}

/// One group of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its key: `2026-10`, a bank's code, a kind, a guarantee class.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// Its rows.
    pub slice: Slice,
    /// Its figures.
    pub figures: Figures,
}

/// The groups of a slice along a dimension: every month of the period, earliest first; banks, the one that paid out
/// the most first; kinds and guarantee classes in the order of their tables. But for months, only those with figures.
#[must_use]
pub fn series(book: &Book, slice: &Slice, dimension: Dimension) -> Vec<Group> {
    let group = |(key, label, slice): (String, String, Slice)| Group {
        key,
        label,
        figures: Figures::of(book, &slice),
        slice,
    };
    let mut groups: Vec<Group> = narrowed(book, slice, dimension).into_iter().map(group).collect();
    match dimension {
        Dimension::Month => {}
        Dimension::Kind | Dimension::Guarantee => groups.retain(|group| !group.figures.is_empty()),
        Dimension::Bank => {
            groups.retain(|group| !group.figures.is_empty());
            groups.sort_by_key(|group| -group.figures.tally(Measure::Disbursements).amount_fen);
        }
    }
    groups
}

/// Keys, labels and slices along a dimension.
fn narrowed(book: &Book, slice: &Slice, dimension: Dimension) -> Vec<(String, String, Slice)> {
    match dimension {
        Dimension::Month => months(slice.from, slice.to)
            .into_iter()
            .map(|(from, to)| {
                let month = month_of(from);
                let slice = Slice {
                    from,
                    to,
                    ..slice.clone()
                };
                (month.clone(), month, slice)
            })
            .collect(),
        Dimension::Bank => {
            let asked = |bank: &&Bank| slice.bank.as_ref().is_none_or(|code| *code == bank.code);
            let banks = banks(book).into_iter().filter(asked);
            banks
                .map(|bank| {
                    let one = Some(bank.code.clone());
                    let slice = Slice {
                        bank: one,
                        ..slice.clone()
                    };
                    (bank.code.clone(), bank.name.clone(), slice)
                })
                .collect()
        }
        Dimension::Kind => coded(slice.kind, |kind: Kind| Slice {
            kind: Some(kind),
            ..slice.clone()
        }),
        Dimension::Guarantee => coded(slice.guarantee, |class: Guarantee| Slice {
            guarantee: Some(class),
            ..slice.clone()
        }),
    }
}

fn coded<T: Code>(asked: Option<T>, slice: impl Fn(T) -> Slice) -> Vec<(String, String, Slice)> {
    let codes = T::ALL.iter().filter(|code| asked.is_none_or(|asked| asked == **code));
    codes
        .map(|code| (code.code().to_owned(), code.label().to_owned(), slice(*code)))
        .collect()
}

/// The banks that the cases name, by code.
#[must_use]
pub fn banks(book: &Book) -> BTreeSet<&Bank> {
    let mut banks = BTreeSet::new();
    for case in &book.cases {
        banks.extend(case.referrals.iter().map(|referral| &referral.bank));
        banks.extend(case.offers.iter().map(|offer| &offer.bank));
        banks.extend(case.loans.iter().map(|loan| &loan.bank));
    }
    banks
}

/// The month of a day: `2026-10`.
#[must_use]
pub fn month_of(day: Day) -> String {
    day.naive().format("%Y-%m").to_string()
}

/// The first day of a day's month.
#[must_use]
pub fn first_of_month(day: Day) -> Day {
    day.plus_days(1 - i64::from(day.naive().day()))
}

/// The first and the last day of each month of a period, as far as they are in it.
#[must_use]
pub fn months(from: Day, to: Day) -> Vec<(Day, Day)> {
    let mut months = Vec::new();
    let mut first = from;
    while first <= to {
        let next = first_of_month(first).plus_months(1);
        // The last month of all days has no next one.
        let is_last = month_of(next) == month_of(first);
        let last = if is_last { to } else { to.min(next.plus_days(-1)) };
        months.push((first, last));
        if is_last {
            break;
        }
        first = next;
    }
    months
}

/// What nobody could serve, by reason in the order of the table; only reasons that occur.
#[must_use]
pub fn unserved(book: &Book, slice: &Slice) -> Vec<(UnservedReason, Tally)> {
    let of = |reason: &UnservedReason| {
        let slice = Slice {
            reason: Some(*reason),
            ..slice.clone()
        };
        (*reason, Tally::of(&entries(book, &slice, Measure::Unserved)))
    };
    let each = UnservedReason::ALL.iter().map(of);
    each.filter(|(_, tally)| tally.number > 0).collect()
}
