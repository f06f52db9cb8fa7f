//! Messages: what people are told, in the page and by mail, from one row.

use super::codes::codes;
use std::collections::BTreeMap;
use uuid::Uuid;

codes! {
    /// What a message is about; its texts are `templates/mail/CODE.*`.
    Topic {
        RequestSubmitted = "request_submitted" "需求已提交",
        ReferralReceived = "referral_received" "收到新的融资需求",
        ReferralCancelled = "referral_cancelled" "融资需求已取消",
        ConsentRevoked = "consent_revoked" "授权已撤回",
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
