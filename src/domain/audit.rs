//! The audit log: who did what, when, from where. Facts' values, passwords and tokens are never in it.

use super::codes::codes;

codes! {
    /// What was done.
    AuditAction {
        SignedIn = "signed_in" "登录",
        SignInFailed = "sign_in_failed" "登录失败",
        SignedOut = "signed_out" "退出",
        SessionEnded = "session_ended" "结束登录",
        TokenReused = "token_reused" "刷新令牌被重复使用",
        PasswordChanged = "password_changed" "更改密码",
        SecondFactorOn = "second_factor_on" "开启双因素验证",
        SecondFactorOff = "second_factor_off" "关闭双因素验证",
        SecondFactorReset = "second_factor_reset" "重置双因素验证",
        RecoveryCodesMade = "recovery_codes_made" "更换恢复码",
        RecoveryCodeUsed = "recovery_code_used" "使用恢复码",
        RequestSubmitted = "request_submitted" "提交融资需求",
        FactDeclared = "fact_declared" "填报数据",
        Authorised = "authorised" "授权平台使用部门数据",
        AuthorisationRevoked = "authorisation_revoked" "撤回对平台的授权",
        ConsentGiven = "consent_given" "授权银行查看",
        ConsentRevoked = "consent_revoked" "撤回对银行的授权",
        ReferralSent = "referral_sent" "需求推送给银行",
        ReferralViewed = "referral_viewed" "银行首次查看",
        ReferralCancelled = "referral_cancelled" "需求推送取消",
        ProfileRead = "profile_read" "查看企业资料",
        RegistrationBegun = "registration_begun" "申请注册，验证邮箱",
        RegistrationSubmitted = "registration_submitted" "提交注册申请",
        RegistrationApproved = "registration_approved" "通过注册申请",
        RegistrationRejected = "registration_rejected" "退回注册申请",
        UserInvited = "user_invited" "邀请账号",
        InvitationWithdrawn = "invitation_withdrawn" "撤回邀请",
        InvitationAccepted = "invitation_accepted" "接受邀请",
        RoleChanged = "role_changed" "更改角色",
        UserDisabled = "user_disabled" "停用账号",
        UserEnabled = "user_enabled" "恢复账号",
        ResetAsked = "reset_asked" "申请重设密码",
        PasswordReset = "password_reset" "重设密码",
        OrganisationAdded = "organisation_added" "新增机构",
        AttachmentAdded = "attachment_added" "上传文件",
        AttachmentRead = "attachment_read" "下载文件",
        MailResent = "mail_resent" "重发邮件",
        AuditExported = "audit_exported" "导出审计日志",
        FactsApplied = "facts_applied" "导入数据",
        FactsWithdrawn = "facts_withdrawn" "撤回一批数据",
        FeedKeyMade = "feed_key_made" "发放接口密钥",
        FeedKeyRevoked = "feed_key_revoked" "停用接口密钥",
        DisputeRaised = "dispute_raised" "提出异议或申请核验",
        DisputeAnswered = "dispute_answered" "答复异议",
        LprPut = "lpr_put" "录入或更正 LPR",
        HolidayPut = "holiday_put" "录入或更正节假日",
        LoanRegistered = "loan_registered" "登记贷款合同",
        LoanDrawn = "loan_drawn" "登记放款",
        LoanRepaid = "loan_repaid" "登记还款",
        DrawingClosed = "drawing_closed" "结束放款",
        LoanOverdue = "loan_overdue" "标记逾期",
        LoanOverdueCleared = "loan_overdue_cleared" "解除逾期标记",
        LoanSettled = "loan_settled" "登记结清",
        LoanRenewed = "loan_renewed" "续贷",
        LoanCancelled = "loan_cancelled" "取消贷款",
    }
}

/// Something that was done, to be written in the transaction that did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// What was done.
    pub action: AuditAction,
    /// To what: kind and id, `request:2f6c…`.
    pub subject: String,
    /// The state before, as JSON or a code; never a fact's value.
    pub before: Option<String>,
    /// The state after, as JSON or a code; never a fact's value.
    pub after: Option<String>,
}
