//! How long there is to a deadline, in words: the same words wherever one is shown.

use crate::actions::deadlines::{Counting, Left};
use crate::actions::referrals::StoredReferral;
use crate::actions::requests::StoredRequest;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::referral::ReferralState;

/// What is said where a deadline may be counted wrongly.
pub const UNCERTAIN: &str = "期限所在年份的节假日还没有录入，工作日暂时只按周末计算，录入后可能变化。";

/// A deadline on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deadline {
    /// How long there is, or how it was kept.
    pub words: String,
    /// The day; empty where there is none.
    pub day: String,
    /// The colour of the words.
    pub class: &'static str,
    /// Whether it may be counted wrongly.
    pub is_uncertain: bool,
}

impl Deadline {
    /// That of something that waits.
    #[must_use]
    pub fn until(left: Left) -> Self {
        Self {
            words: words(left, false),
            day: left.due_on.to_string(),
            class: class(left),
            is_uncertain: left.is_uncertain,
        }
    }

    /// That of something that waits no longer where nothing is left: then only its day is told, and nothing where it
    /// has none.
    #[must_use]
    pub fn of_day(day: Option<Day>, left: Option<Left>) -> Self {
        left.map_or_else(
            || Self {
                day: day.map_or_else(String::new, |day| day.to_string()),
                ..Self::default()
            },
            Self::marked,
        )
    }

    /// As [`Deadline::until`], where nothing else on the page says that the days may be counted wrongly.
    #[must_use]
    pub fn marked(left: Left) -> Self {
        Self {
            words: words(left, true),
            ..Self::until(left)
        }
    }

    /// That of a referral: the working days left while it waits, and how it was kept once it is over.
    #[must_use]
    pub fn of(referral: &StoredReferral, counting: &Counting) -> Self {
        if let Some(left) = counting.of_referral(referral) {
            return Self::until(left);
        }
        let words = match referral.is_late {
            Some(true) => "逾期答复",
            Some(false) => "按期答复",
            None => "",
        };
        Self {
            words: words.to_owned(),
            day: String::new(),
            class: if referral.is_late == Some(true) { "soon" } else { "" },
            is_uncertain: false,
        }
    }
}

/// With `marks` the words themselves say where the days may be counted wrongly.
fn words(left: Left, marks: bool) -> String {
    match (left.is_over, left.working_days) {
        (false, 0) if left.days == 0 => "今天到期".to_owned(),
        // A day on which nobody works ends things too.
        (false, 0) => format!("剩 {} 天", left.days),
        (false, days) if marks && left.is_uncertain => format!("剩约 {days} 个工作日"),
        (false, days) => format!("剩 {days} 个工作日"),
        (true, 0) => "已过期限".to_owned(),
        (true, days) => format!("逾期 {days} 个工作日"),
    }
}

const fn class(left: Left) -> &'static str {
    match (left.is_over, left.working_days) {
        (true, _) => "gap",
        (false, 0..=1) => "soon",
        (false, _) => "",
    }
}

/// What a list of referrals says beside the state of one.
#[must_use]
pub fn beside(referral: &StoredReferral, deadline: &Deadline) -> String {
    if let (Some(why), ReferralState::Declined) = (&referral.declined, referral.state) {
        let text = why.text.as_deref().map_or_else(String::new, |text| format!("：{text}"));
        return format!("{}{text}", why.reason.label());
    }
    match (referral.state, referral.position, referral.end) {
        (ReferralState::Reserve, Some(position), _) => format!("第 {position} 备选"),
        (ReferralState::Proposed, ..) => "等待企业同意".to_owned(),
        (ReferralState::Cancelled, _, Some(end)) => end.label().to_owned(),
        _ if deadline.day.is_empty() => deadline.words.clone(),
        _ => format!("{} 前答复，{}", deadline.day, deadline.words),
    }
}

/// Until when a request is open, or how it ended.
#[must_use]
pub fn standing(request: &StoredRequest, counting: &Counting) -> String {
    if let Some(left) = counting.of_request(request) {
        return format!("有效至 {}，{}", left.due_on, words(left, true));
    }
    match (request.state, request.end, &request.unserved) {
        (_, Some(end), Some(why)) => format!("{}：{}", end.label(), why.reason.label()),
        (_, Some(end), None) => end.label().to_owned(),
        (state, None, _) => state.label().to_owned(),
    }
}
