//! Messages: what people are told, in the page and by mail, from one row.
//!
//! What a topic says is `message_text`'s; here is who is told, and how far the mail has come.

use super::codes::codes;
use super::machine::machine;
use std::collections::BTreeMap;
use uuid::Uuid;

codes! {
    /// What a message is about; `message_text` has its words, docs/messages.md its parameters.
    Topic {
        RequestSubmitted = "request_submitted" "需求已提交",
        ReferralReceived = "referral_received" "收到新的融资需求",
        ReferralCancelled = "referral_cancelled" "融资需求已取消",
        ConsentRevoked = "consent_revoked" "授权已撤回",
        BatchWithdrawn = "batch_withdrawn" "一批数据已撤回",
        FactsWithdrawn = "facts_withdrawn" "资料有变动",
        DisputeRaised = "dispute_raised" "收到异议或核验申请",
        DisputeAnswered = "dispute_answered" "异议已答复",
        RegistrationLink = "registration_link" "验证邮箱，继续注册",
        AlreadyRegistered = "already_registered" "邮箱已有账号",
        RegistrationReceived = "registration_received" "注册申请已收到",
        RegistrationWaiting = "registration_waiting" "有注册申请待审核",
        RegistrationApproved = "registration_approved" "注册申请已通过",
        RegistrationRejected = "registration_rejected" "注册申请未通过",
        OwnerAdded = "owner_added" "企业新增负责人",
        Invitation = "invitation" "账号邀请",
        ResetLink = "reset_link" "重设密码",
        PasswordReset = "password_reset" "密码已重设",
        PasswordChanged = "password_changed" "密码已更改",
        TokenReused = "token_reused" "接口登录已结束",
        SecondFactorChanged = "second_factor_changed" "双因素验证有变动",
        RoleChanged = "role_changed" "角色已更改",
        AccountDisabled = "account_disabled" "账号已停用",
        AccountEnabled = "account_enabled" "账号已恢复",
        ReferralCalled = "referral_called" "已转给备选银行",
        ReferralDeclined = "referral_declined" "银行已婉拒",
        ReferralOverdue = "referral_overdue" "需求逾期未答复",
        ReferralUnanswered = "referral_unanswered" "银行逾期未答复",
        ReferralProposed = "referral_proposed" "中心推荐了银行",
        ProposalAnswered = "proposal_answered" "企业答复了推荐",
        ReferralEnded = "referral_ended" "需求已结束",
        ReferralTakenUp = "referral_taken_up" "银行继续办理",
        RequestNeedsCentre = "request_needs_centre" "需求待中心对接",
        RequestExtended = "request_extended" "需求已延期",
        RequestClosed = "request_closed" "需求已结束",
        RequestMatchedAgain = "request_matched_again" "匹配结果有变化",
        ReminderDue = "reminder_due" "产品条件可能已满足",
        OfferLapsed = "offer_lapsed" "报价已失效",
        OfferSubmitted = "offer_submitted" "报价待审核",
        OfferReturned = "offer_returned" "报价被退回",
        OfferForwarded = "offer_forwarded" "报价已转企业",
        OfferReceived = "offer_received" "收到报价",
        OfferAccepted = "offer_accepted" "报价被接受",
        OfferTaken = "offer_taken" "已接受报价",
        OfferDeclined = "offer_declined" "报价未被接受",
        OfferWithdrawn = "offer_withdrawn" "报价已撤回",
        OfferFellThrough = "offer_fell_through" "报价未能签约",
        RequestReopened = "request_reopened" "需求重新开放",
        LoanRegistered = "loan_registered" "贷款合同已登记",
        LoanChanged = "loan_changed" "贷款有变动",
        LoanOverdue = "loan_overdue" "贷款被标记逾期",
        LoanCancelled = "loan_cancelled" "贷款已取消",
        LoanMatures = "loan_matures" "贷款即将到期",
        ProductConfirmDue = "product_confirm_due" "产品待确认",
        NewlyEligible = "newly_eligible" "有新的产品符合",
    }
}

impl Topic {
    /// Whether somebody has to do something. What is not named here is taken to ask for it, so that
    /// nobody misses a deadline because a topic was forgotten.
    #[must_use]
    pub const fn asks_for_action(self) -> bool {
        !matches!(
            self,
            Self::RequestSubmitted
                | Self::ReferralCancelled
                | Self::ConsentRevoked
                | Self::BatchWithdrawn
                | Self::FactsWithdrawn
                | Self::DisputeAnswered
                | Self::RegistrationReceived
                | Self::RoleChanged
                | Self::AccountEnabled
                | Self::ReferralCalled
                | Self::ReferralDeclined
                | Self::ReferralUnanswered
                | Self::ProposalAnswered
                | Self::ReferralEnded
                | Self::ReferralTakenUp
                | Self::RequestExtended
                | Self::RequestClosed
                | Self::OfferLapsed
                | Self::OfferForwarded
                | Self::OfferTaken
                | Self::OfferDeclined
                | Self::OfferWithdrawn
                | Self::OfferFellThrough
                | Self::LoanRegistered
                | Self::LoanChanged
                | Self::LoanCancelled
        )
    }
}

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A user, at the address that the account has now.
    Account(Uuid),
    /// An address that has no account yet.
    Address(String),
}

/// A message, to be written in the transaction of the change that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Names the change, so that nobody is told of it twice: `request:2f6c…:submitted`.
    pub event: String,
    /// To whom it goes.
    pub to: Recipient,
    /// What it is about.
    pub topic: Topic,
    /// What the texts fill in, by name.
    pub parameters: BTreeMap<String, String>,
    /// The path of the page to go to, `/enterprise/requests/…`.
    pub link: Option<String>,
}

/// Whether a link lets in whoever holds it: it carries a secret as `token`. Only the mail shows it, to
/// whoever reads that address; the page does not, and once the mail is sent nobody keeps it.
#[must_use]
pub fn is_secret(link: &str) -> bool {
    link.split(['?', '&']).any(|part| part.starts_with("token="))
}

codes! {
    /// Which messages a user wants by mail too; the page shows all of them.
    MailChoice {
        All = "all" "全部消息",
        Action = "action" "只要需要我办理的",
    }
}

impl MailChoice {
    /// Whether a message about `topic` goes by mail too.
    #[must_use]
    pub const fn takes(self, topic: Topic) -> bool {
        match self {
            Self::All => true,
            Self::Action => topic.asks_for_action(),
        }
    }
}

codes! {
    /// How far a message's mail has come.
    MailState {
        Page = "page" "只在页面显示",
        Waiting = "waiting" "等待发送",
        Sent = "sent" "已发送",
        Dead = "dead" "发送失败",
    }
}

machine! {
    /// What can happen to a mail.
    MailEvent of MailState {
        /// The server took it.
        Taken: Waiting => Sent;
        /// The server did not take it now; it is tried again.
        PutOff: Waiting => Waiting;
        /// It was refused for good, or too often.
        GivenUp: Waiting => Dead;
        /// An administrator sends it again.
        Resend: Dead => Waiting;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_a_token_is_secret() {
        assert!(is_secret("/password/new?token=5f") && is_secret("/a?b=c&token=5f"));
        assert!(!is_secret("/enterprise/requests/token=") && !is_secret("/centre"));
    }

    #[test]
    fn who_wants_only_what_asks_for_action_gets_no_news_by_mail() {
        assert!(MailChoice::All.takes(Topic::RequestSubmitted));
        assert!(!MailChoice::Action.takes(Topic::RequestSubmitted));
    }
}
