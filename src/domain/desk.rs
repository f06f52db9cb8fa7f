//! The centre's desk: the kinds of what waits there, what an item is called, and until when it should be decided.

use super::calendar::Calendar;
use super::codes::{Code, codes};
use super::dates::Day;
use super::dispute::DisputeKind;
use super::facts::FactKey;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

codes! {
    /// What waits for the centre.
    DeskKind {
        Registration = "registration" "注册申请",
        SecondClaim = "second_claim" "已有人代表",
        Offer = "offer" "待审报价",
        Request = "request" "待中心对接",
        Referral = "referral" "逾期未答复",
        Dispute = "dispute" "异议与核验",
        Loan = "loan" "贷款即将到期",
        Product = "product" "产品未确认",
    }
}

codes! {
    /// What an officer did with an item, short of deciding it.
    DeskDeed {
        Claimed = "claimed" "认领",
        TakenOver = "taken_over" "接手",
        Released = "released" "放回",
        Noted = "noted" "备注",
    }
}

/// What an item is called: its kind and the id of the row that waits, `offer-2f6c…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemName {
    /// Its kind.
    pub kind: DeskKind,
    /// The registration, offer, request, referral, dispute, loan or product.
    pub id: Uuid,
}

/// A text that names no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no item of the desk")]
pub struct NoItem;

impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind, self.id)
    }
}

impl FromStr for ItemName {
    type Err = NoItem;

    fn from_str(text: &str) -> Result<Self, NoItem> {
        let (kind, id) = text.split_once('-').ok_or(NoItem)?;
        Ok(Self {
            kind: DeskKind::find(kind).ok_or(NoItem)?,
            id: id.parse().map_err(|_bad| NoItem)?,
        })
    }
}

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Somebody wants to speak for an enterprise.
    Registration {
        /// Who.
        person: String,
        /// Whether somebody else does already.
        is_second: bool,
    },
    /// An offer to forward or to return.
    Offer {
        /// Its number.
        number: String,
        /// The revision that waits.
        revision: i32,
        /// How many of the desk's checks it fails.
        failed: usize,
        /// How much, 分.
        amount_fen: i64,
        /// The last day on which it holds.
        valid_until: Day,
    },
    /// A request that no bank is at work on.
    Request {
        /// Its number.
        number: String,
        /// How much, 分.
        amount_fen: i64,
        /// How many banks have had it; 0 where nothing fits.
        banks: usize,
        /// Whether a bank was proposed to the enterprise, which has not answered yet.
        is_proposed: bool,
        /// The last day on which it is open.
        expires_on: Option<Day>,
    },
    /// A bank that stays silent on a request on which others are at work.
    Referral {
        /// The request.
        request_id: Uuid,
        /// Its number.
        number: String,
        /// The last day on which the bank could have answered in time.
        answer_by: Day,
    },
    /// What an enterprise says of a value that the centre vouches for.
    Dispute {
        /// Of which fact.
        fact: FactKey,
        /// What it says.
        kind: DisputeKind,
    },
    /// A loan that matures, and that no contract follows yet.
    Loan {
        /// Its number.
        number: String,
        /// What is still owed, 分.
        balance_fen: i64,
        /// The day by which it must be paid back.
        matures_on: Day,
    },
    /// An open product whose bank does not say that its terms still hold.
    Product {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// The last day on which the bank's word held.
        confirmed_until: Day,
    },
}

impl About {
    /// The kind of such an item.
    #[must_use]
    pub const fn kind(&self) -> DeskKind {
        match self {
            Self::Registration { is_second: false, .. } => DeskKind::Registration,
            Self::Registration { is_second: true, .. } => DeskKind::SecondClaim,
            Self::Offer { .. } => DeskKind::Offer,
            Self::Request { .. } => DeskKind::Request,
            Self::Referral { .. } => DeskKind::Referral,
            Self::Dispute { .. } => DeskKind::Dispute,
            Self::Loan { .. } => DeskKind::Loan,
            Self::Product { .. } => DeskKind::Product,
        }
    }

    /// Until when it should be decided, having come on `since`: a loan by its maturity, a dispute within
    /// `dispute_days` working days, everything else within `decide_days`, and never later than it would end by
    /// itself.
    #[must_use]
    pub fn due_on(&self, since: Day, (decide_days, dispute_days): (u32, u32), calendar: &Calendar) -> Day {
        let within = |days| calendar.add_working_days(since, days);
        match self {
            Self::Loan { matures_on, .. } => *matures_on,
            Self::Dispute { .. } => within(dispute_days),
            Self::Offer { valid_until, .. } => within(decide_days).min(*valid_until),
            Self::Request { expires_on, .. } => {
                let due_on = within(decide_days);
                expires_on.map_or(due_on, |last| due_on.min(last))
            }
            Self::Registration { .. } | Self::Referral { .. } | Self::Product { .. } => within(decide_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    #[test]
    fn a_name_reads_as_it_was_written() {
        let id = Uuid::from_u128(7);
        for kind in DeskKind::ALL.iter().copied() {
            let name = ItemName { kind, id };
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for bad in [
            "",
            "offer",
            "offer-",
            "offer-7",
            "loans-00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(bad.parse::<ItemName>(), Err(NoItem), "{bad}");
        }
    }

    #[test]
    fn a_deadline_counts_working_days_and_never_passes_the_end() {
        let calendar = Calendar::default();
        // A Friday: two working days later it is Tuesday, five later Friday again.
        let since = day("2026-11-06");
        let due = |about: About| about.due_on(since, (2, 5), &calendar).to_string();
        let offer = |valid_until| About::Offer {
            number: String::new(),
            revision: 1,
            failed: 0,
            amount_fen: 1,
            valid_until,
        };
        assert_eq!(due(offer(day("2026-12-01"))), "2026-11-10");
        assert_eq!(due(offer(day("2026-11-09"))), "2026-11-09");
        let request = |expires_on| About::Request {
            number: String::new(),
            amount_fen: 1,
            banks: 0,
            is_proposed: false,
            expires_on,
        };
        assert_eq!(due(request(None)), "2026-11-10");
        assert_eq!(due(request(Some(day("2026-11-07")))), "2026-11-07");
        let dispute = About::Dispute {
            fact: FactKey::ListingStage,
            kind: DisputeKind::Wrong,
        };
        assert_eq!(due(dispute), "2026-11-13");
        let loan = About::Loan {
            number: String::new(),
            balance_fen: 1,
            matures_on: day("2026-12-31"),
        };
        assert_eq!(due(loan), "2026-12-31");
    }
}
