//! What the service does by itself.

use super::codes::codes;

codes! {
    /// The jobs, in the order in which they have their turns.
    JobKind {
        DeliverMail = "deliver_mail" "发送邮件",
        SealAudit = "seal_audit" "封存审计日志",
        ForgetSessions = "forget_sessions" "清除已结束的会话",
        ForgetGuesses = "forget_guesses" "清除过期的输错次数",
        ForgetJoining = "forget_joining" "清除过期的链接、邀请和退回的注册申请",
        TellReminders = "tell_reminders" "到期提醒企业",
        MatchAgain = "match_again" "资料变动后重新匹配",
        ExpireRequests = "expire_requests" "结束到期未延的需求",
        ExpireReferrals = "expire_referrals" "标记逾期未答复的推送，转给备选银行",
        ExpireOffers = "expire_offers" "失效到期的报价，收回逾期未签约的",
        MatchPublished = "match_published" "产品有变动，重新匹配受影响的需求",
        TellNewlyEligible = "tell_newly_eligible" "告知企业新符合的产品",
        RemindConfirmation = "remind_confirmation" "提醒银行确认产品",
        WarnOfMaturity = "warn_of_maturity" "贷款到期前 60、30、15 天提醒",
        CheckInvariants = "check_invariants" "核对数据是否前后一致",
    }
}
