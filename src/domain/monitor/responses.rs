//! How banks answer what they are sent: the one computation behind the monitor's figures and the public record.

use super::CaseReferral;
use super::average::{percentile, rounded, share_bp};
use crate::domain::calendar::Calendar;
use crate::domain::dates::Day;

/// How the referrals of a period were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Responses {
    /// How many came to the bank.
    pub sent: i64,
    /// How many were answered, or ran out without an answer.
    pub due: i64,
    /// How many were answered.
    pub answered: i64,
    /// How many were answered in time.
    pub on_time: i64,
    /// Within how many working days half of the answers came.
    pub median_days: Option<usize>,
    /// Within how many working days nine tenths of the answers came.
    pub p90_days: Option<usize>,
}

impl Responses {
    /// Of referrals that came to banks, as they stand on `today`.
    pub fn of<'a>(sent: impl Iterator<Item = &'a CaseReferral>, today: Day, calendar: &Calendar) -> Self {
        let (mut found, mut days) = (Self::default(), Vec::new());
        for referral in sent {
            found.sent += 1;
            found.due += i64::from(referral.is_due(today));
            found.on_time += i64::from(referral.is_on_time());
            if let Some(taken) = referral.answered_within(calendar) {
                found.answered += 1;
                days.push(taken);
            }
        }
        days.sort_unstable();
        Self {
            median_days: percentile(&days, 50),
            p90_days: percentile(&days, 90),
            ..found
        }
    }

    /// How much of what was due was answered in time, in bp.
    #[must_use]
    pub fn on_time_bp(&self) -> Option<i64> {
        share_bp(self.on_time, self.due)
    }
}

/// Below this many rows a figure is not published: it would tell of single enterprises.
pub const LEAST_PUBLISHED: i64 = 5;

/// A bank's public record: each figure stands over a count, and is none where that count is small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicRecord {
    /// How many referrals came to it.
    pub sent: Option<i64>,
    /// How many of them were due.
    pub due: Option<i64>,
    /// How much of what was due it answered in time, in bp.
    pub on_time_bp: Option<i64>,
    /// How many it answered.
    pub answered: Option<i64>,
    /// Within how many working days half of these answers came.
    pub median_days: Option<usize>,
    /// Within how many working days nine tenths of them came.
    pub p90_days: Option<usize>,
    /// Offers for each referral that came to it, in hundredths.
    pub offers_per_hundred: Option<i64>,
}

impl PublicRecord {
    /// What may be published of a bank's answers and of its offers on the same referrals.
    #[must_use]
    pub fn of(responses: &Responses, offers: i64) -> Self {
        let shown = |count: i64| (count >= LEAST_PUBLISHED).then_some(count);
        let (sent, due, answered) = (shown(responses.sent), shown(responses.due), shown(responses.answered));
        Self {
            sent,
            due,
            on_time_bp: due.and_then(|_| responses.on_time_bp()),
            answered,
            median_days: answered.and(responses.median_days),
            p90_days: answered.and(responses.p90_days),
            offers_per_hundred: sent.and_then(|sent| rounded(i128::from(offers) * 100, i128::from(sent))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_over_fewer_than_five_is_not_published() {
        let responses = Responses {
            sent: 6,
            due: 5,
            answered: 4,
            on_time: 3,
            median_days: Some(2),
            p90_days: Some(4),
        };
        let record = PublicRecord::of(&responses, 4);
        let expected = PublicRecord {
            sent: Some(6),
            due: Some(5),
            on_time_bp: Some(6_000),
            answered: None,
            median_days: None,
            p90_days: None,
            offers_per_hundred: Some(67),
        };
        assert_eq!(record, expected);
        let few = Responses {
            sent: 4,
            due: 4,
            answered: 4,
            on_time: 4,
            ..responses
        };
        assert_eq!(PublicRecord::of(&few, 4), PublicRecord::default());
    }
}
