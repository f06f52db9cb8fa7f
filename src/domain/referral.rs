//! A referral: an enterprise's request before one bank, with the products that the enterprise picked.

use super::codes::{Repayment, codes};
use super::machine::machine;
use serde::{Deserialize, Serialize};

codes! {
    /// Where a referral is in its life.
    ReferralState {
        Reserve = "reserve" "备选",
        Proposed = "proposed" "中心推荐",
        Pending = "pending" "待查看",
        Viewed = "viewed" "已查看",
        Offered = "offered" "已报价",
        Declined = "declined" "已婉拒",
        Overdue = "overdue" "逾期未答复",
        Cancelled = "cancelled" "已取消",
    }
}

codes! {
    /// Why a bank makes no offer.
    DeclineReason {
        Amount = "amount" "金额不合适",
        Term = "term" "期限不合适",
        Credit = "credit" "信用状况",
        Collateral = "collateral" "担保不足",
        Industry = "industry" "行业限制",
        Materials = "materials" "材料不全",
        Withdrawn = "withdrawn" "企业撤回",
        Other = "other" "其他",
    }
}

codes! {
    /// Why a referral was cancelled.
    ReferralEnd {
        Revoked = "revoked" "企业收回授权",
        Refused = "refused" "企业未同意推荐",
        AcceptedElsewhere = "accepted_elsewhere" "企业已接受其他报价",
        RequestClosed = "request_closed" "需求已结束",
    }
}

machine! {
    /// What can happen to a referral.
    ReferralEvent of ReferralState {
        /// The enterprise sends one that it had kept in reserve, or it is called because another bank stays silent or
        /// declines.
        Call: Reserve => Pending;
        /// The enterprise consents to the centre's proposal.
        Agree: Proposed => Pending;
        /// The enterprise refuses the centre's proposal.
        Refuse: Proposed => Cancelled;
        /// The bank reads the credit profile for the first time.
        View: Pending => Viewed;
        /// The bank makes an offer, or one more.
        Offer: Pending | Viewed | Overdue | Offered => Offered;
        /// The bank makes none, and says why.
        Decline: Pending | Viewed | Overdue => Declined;
        /// The time to answer is over.
        Expire: Pending | Viewed => Overdue;
        /// The enterprise takes its consent back.
        Revoke: Reserve | Pending | Viewed | Overdue | Offered => Cancelled;
        /// The enterprise accepts another bank's offer. What waits in reserve goes on waiting.
        AcceptElsewhere: Pending | Viewed | Overdue => Cancelled;
        /// The request has ended.
        Close: Reserve | Proposed | Pending | Viewed | Overdue | Offered => Cancelled;
        /// The bank goes on with one that an acceptance cancelled, which has fallen through.
        TakeUp: Cancelled => Pending;
        /// The enterprise picks the bank once more, with a new consent.
        PickAgain: Cancelled => Pending;
        /// The enterprise picks the bank once more, with a new consent, for the reserve.
        KeepAgain: Cancelled => Reserve;
        /// The centre proposes the bank once more.
        ProposeAgain: Cancelled => Proposed;
    }
}

impl ReferralState {
    /// The states in which the bank has not answered and its time is not over.
    pub const WAITING: [Self; 2] = [Self::Pending, Self::Viewed];
    /// The states in which a bank may read under the consent: the enterprise is before it.
    pub const BEFORE_THE_BANK: [Self; 4] = [Self::Pending, Self::Viewed, Self::Offered, Self::Overdue];
}

/// A product that was picked, as the match showed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickedProduct {
    /// Its code.
    pub code: String,
    /// The version that was matched.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// Its rate for this enterprise, in bp.
    pub rate_bp: i64,
    /// The cheapest way to repay that both allow.
    pub repayment: Option<Repayment>,
    /// What a year costs, in percent.
    pub annual_cost_pct: Option<f64>,
}
