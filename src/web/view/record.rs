//! A bank's public record in words.

use super::words;
use crate::actions::records::BankRecord;
use crate::domain::monitor::responses::{LEAST_PUBLISHED, PublicRecord};

/// A bank's record.
#[derive(Clone, Debug, Default)]
pub struct RecordRow {
    /// The bank's name.
    pub bank: String,
    /// Within how many working days half of its answers came, and nine tenths.
    pub days: String,
    /// How many answers that is said of.
    pub days_of: String,
    /// How much of what was due it answered in time.
    pub on_time: String,
    /// How much was due.
    pub on_time_of: String,
    /// How many offers came of each referral.
    pub offers: String,
    /// How many referrals that is said of.
    pub offers_of: String,
}

impl RecordRow {
    /// A record of the bank with this name.
    #[must_use]
    pub fn new(bank: &str, record: &PublicRecord) -> Self {
        let over = |count: Option<i64>| {
            count.map_or_else(
                || format!("不足 {LEAST_PUBLISHED} 件，不公布"),
                |count| format!("{count} 件"),
            )
        };
        let none = || "—".to_owned();
        let days = record.median_days.zip(record.p90_days);
        let per_hundred = record.offers_per_hundred;
        Self {
            bank: bank.to_owned(),
            days: days.map_or_else(none, |(median, most)| format!("{median} / {most} 个工作日")),
            days_of: over(record.answered),
            on_time: record.on_time_bp.map_or_else(none, words::share),
            on_time_of: over(record.due),
            offers: per_hundred.map_or_else(none, |hundredths| {
                format!("{}.{:02} 份", hundredths / 100, hundredths % 100)
            }),
            offers_of: over(record.sent),
        }
    }
}

impl From<&BankRecord> for RecordRow {
    fn from(one: &BankRecord) -> Self {
        Self::new(&one.bank.name, &one.record)
    }
}
