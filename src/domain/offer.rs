//! An offer: a bank's terms for one request, through the centre to the enterprise.

use super::codes::codes;
use super::machine::machine;

codes! {
    /// Where an offer is in its life.
    OfferState {
        Submitted = "submitted" "待中心审核",
        Returned = "returned" "已退回",
        Forwarded = "forwarded" "已转企业",
        Accepted = "accepted" "已接受",
        Declined = "declined" "企业未接受",
        Withdrawn = "withdrawn" "银行撤回",
        Lapsed = "lapsed" "已失效",
        Signed = "signed" "已签合同",
        FellThrough = "fell_through" "未能签约",
    }
}

codes! {
    /// Why an offer lapsed.
    LapseReason {
        Validity = "validity" "有效期已过",
        OtherAccepted = "other_accepted" "企业接受了其他报价",
        RequestClosed = "request_closed" "需求已结束",
        Revoked = "revoked" "企业收回授权",
    }
}

codes! {
    /// By whom an accepted offer fell through.
    FallenBy {
        Enterprise = "enterprise" "企业",
        Bank = "bank" "银行",
        Deadline = "deadline" "签约期限已过",
    }
}

machine! {
    /// What can happen to an offer.
    OfferEvent of OfferState {
        /// An officer, or the setting `auto_forward`, lets the enterprise see it.
        Forward: Submitted => Forwarded;
        /// An officer gives it back to the bank, with a reason.
        Return: Submitted => Returned;
        /// The bank sends a new revision of one that was returned.
        Revise: Returned => Submitted;
        /// The bank submits one again that lapsed by an acceptance which has fallen through.
        Renew: Lapsed => Submitted;
        /// The enterprise takes it.
        Accept: Forwarded => Accepted;
        /// The enterprise does not take it.
        Decline: Forwarded => Declined;
        /// The bank takes it back.
        Withdraw: Submitted | Returned | Forwarded => Withdrawn;
        /// Its validity is over, another one is accepted, the request has ended, or the consent is taken back.
        Lapse: Submitted | Returned | Forwarded => Lapsed;
        /// The bank registers the signed contract.
        Sign: Accepted => Signed;
        /// It comes to no contract.
        FallThrough: Accepted => FellThrough;
    }
}

impl OfferState {
    /// The states of an offer that may still be accepted one day.
    pub const LIVE: [Self; 3] = [Self::Submitted, Self::Returned, Self::Forwarded];
    /// The states that bind enterprise and bank: a request has at most one offer in them.
    pub const BINDING: [Self; 2] = [Self::Accepted, Self::Signed];
}
