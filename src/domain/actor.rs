//! Who acts, and who may do what: ONE table, deny by default.
//!
//! A [`Role`] has a [`Reach`] for each [`Right`]; what the table does not name is [`Reach::Nothing`].
//! What is out of an actor's reach does not exist for it (404); what it can see but not do is refused
//! (403). A [`Scope`] is the reach made concrete for one signed-in [`Actor`], and every query by id
//! carries it in its WHERE clause.

use super::codes::codes;
use uuid::Uuid;

codes! {
    /// What an organisation is.
    OrganisationKind {
        Enterprise = "enterprise" "企业",
        Bank = "bank" "银行",
        Leasing = "leasing" "融资租赁公司",
        Centre = "centre" "金融服务中心",
        Department = "department" "部门",
    }
}

codes! {
    /// What a user is in its organisation.
    Role {
        Owner = "owner" "企业负责人",
        Member = "member" "企业经办人",
        Reader = "reader" "企业只读用户",
        BankUser = "bank_user" "银行用户",
        Officer = "officer" "中心工作人员",
        DepartmentUser = "department_user" "部门用户",
        Administrator = "administrator" "管理员",
    }
}

impl Role {
    /// Whether an organisation of this kind has users of this role.
    #[must_use]
    pub const fn fits(self, kind: OrganisationKind) -> bool {
        match self {
            Self::Owner | Self::Member | Self::Reader => matches!(kind, OrganisationKind::Enterprise),
            Self::BankUser => matches!(kind, OrganisationKind::Bank | OrganisationKind::Leasing),
            Self::Officer | Self::Administrator => matches!(kind, OrganisationKind::Centre),
            Self::DepartmentUser => matches!(kind, OrganisationKind::Department),
        }
    }
}

/// Something that an actor may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Read products that are on offer, and its own in any state.
    ViewProducts,
    /// Read an enterprise's profile and facts.
    ViewEnterprise,
    /// Put a declared value.
    DeclareFacts,
    /// Correct what the registers say of an enterprise: its name, and when it was founded.
    CorrectEnterprises,
    /// Read requests and their results; drafts are only their enterprise's.
    ViewRequests,
    /// Write and submit requests.
    WriteRequests,
    /// Read what the enterprise agreed to, and who has read what of it.
    ViewConsents,
    /// Agree to something for the enterprise, and take it back.
    GiveConsent,
    /// Read the referrals that came to the bank.
    ViewReferrals,
    /// Answer the referrals that came to the bank.
    AnswerReferrals,
    /// Bring requests before banks by hand, and end what nobody can serve.
    ServeRequests,
    /// Read offers: a bank its own, an enterprise what was forwarded to it, the centre its district's.
    ViewOffers,
    /// Work offers out, send them and take them back.
    MakeOffers,
    /// See what waits for the centre, see to it, and note what is done about it.
    WorkDesk,
    /// Let enterprises see offers, or give them back to their banks.
    DecideOffers,
    /// Take an offer for the enterprise, or not.
    AcceptOffers,
    /// Read an enterprise's facts under its consent.
    ReadCreditProfile,
    /// Read who asks to speak for an enterprise, and decide.
    DecideRegistrations,
    /// Read files: its organisation's own, or those of the district's registrations.
    ViewAttachments,
    /// Hand in files.
    KeepAttachments,
    /// See users; change what they are, shut them out and let them in again.
    KeepUsers,
    /// Invite users; which ones is [`may_invite`]'s.
    InviteUsers,
    /// See which organisations there are.
    ViewOrganisations,
    /// Add organisations that lend, and departments.
    KeepOrganisations,
    /// See the settings in force.
    ViewSettings,
    /// Change the rules of the district's desk while the service runs.
    KeepDeskRules,
    /// Change what is asked of the district's accounts while the service runs.
    KeepAccountRules,
    /// Search and export the audit log.
    ViewAudit,
    /// See which mails were sent, and send dead ones again.
    KeepOutbox,
    /// See what the service does by itself, and how that goes.
    ViewJobs,
    /// Hand in the facts that its organisation vouches for, and withdraw what it handed in.
    UploadFacts,
    /// Tell the owner of a value that it is wrong, or ask for it to be verified.
    RaiseDisputes,
    /// Read what enterprises said of the values that its organisation vouches for, and answer.
    AnswerDisputes,
    /// Make and revoke the keys with which departments' systems hand in facts.
    KeepFeedKeys,
    /// Keep the LPR and the working-day calendar.
    KeepCalendars,
    /// Write, publish, suspend, confirm and close products.
    KeepProducts,
    /// Try a product on the open requests.
    SimulateProducts,
    /// Read loans: the borrower its own, the bank what it lent, the centre the district's.
    ViewLoans,
    /// Register contracts, and what is drawn, paid back and settled.
    KeepLoans,
    /// Read and export what the district's financing comes to, and the rows behind each figure.
    ViewMonitor,
}

/// How far a right goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere.
    Nothing,
    /// The rows of its own organisation.
    Own,
    /// The rows of its own district.
    District,
}

/// How far `role` may exercise `right`.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one line a right")]
pub const fn reach(role: Role, right: Right) -> Reach {
    match (role, right) {
        (
            Role::Owner | Role::Member | Role::Reader,
            Right::ViewEnterprise
            | Right::ViewRequests
            | Right::ViewOffers
            | Right::ViewConsents
            | Right::ViewAttachments,
        )
        | (
            Role::Owner | Role::Member,
            Right::DeclareFacts
            | Right::WriteRequests
            | Right::GiveConsent
            | Right::AcceptOffers
            | Right::RaiseDisputes
            | Right::KeepAttachments,
        )
        | (Role::Owner, Right::KeepUsers | Right::InviteUsers)
        | (Role::DepartmentUser, Right::UploadFacts | Right::AnswerDisputes)
        | (Role::Officer, Right::UploadFacts)
        | (
            Role::BankUser,
            Right::ViewReferrals
            | Right::AnswerReferrals
            | Right::ReadCreditProfile
            | Right::ViewOffers
            | Right::MakeOffers
            | Right::KeepLoans
            | Right::KeepProducts
            | Right::SimulateProducts,
        )
        | (Role::Owner | Role::Member | Role::Reader | Role::BankUser, Right::ViewProducts | Right::ViewLoans) => {
            Reach::Own
        }
        (
            Role::Officer,
            Right::SimulateProducts
            | Right::ViewMonitor
            | Right::ViewProducts
            | Right::ViewLoans
            | Right::ViewEnterprise
            | Right::CorrectEnterprises
            | Right::ViewRequests
            | Right::ServeRequests
            | Right::ViewOffers
            | Right::WorkDesk
            | Right::KeepDeskRules
            | Right::DecideOffers
            | Right::AnswerDisputes
            | Right::DecideRegistrations
            | Right::ViewAttachments
            | Right::InviteUsers
            | Right::ViewOrganisations,
        )
        | (
            Role::Administrator,
            Right::ViewAudit
            | Right::KeepOutbox
            | Right::ViewJobs
            | Right::KeepFeedKeys
            | Right::KeepCalendars
            | Right::KeepUsers
            | Right::InviteUsers
            | Right::ViewOrganisations
            | Right::KeepOrganisations
            | Right::ViewSettings
            | Right::KeepAccountRules,
        ) => Reach::District,
        _ => Reach::Nothing,
    }
}

/// Whether `inviter` may invite `role` into an organisation of this kind, within the reach of its right. The
/// first user of an enterprise is never invited: an officer approves it.
#[must_use]
pub const fn may_invite(inviter: Role, kind: OrganisationKind, role: Role) -> bool {
    match inviter {
        Role::Owner => matches!(role, Role::Member | Role::Reader),
        Role::Officer => kind.lends() && role.fits(kind),
        Role::Administrator => !matches!(kind, OrganisationKind::Enterprise) && role.fits(kind),
        _ => false,
    }
}

/// Whether `keeper` may make a user of an organisation of this kind into `role`. What the users of an
/// enterprise are is their owners' to say.
#[must_use]
pub const fn may_make(keeper: Role, kind: OrganisationKind, role: Role) -> bool {
    match keeper {
        Role::Owner => role.fits(OrganisationKind::Enterprise),
        Role::Administrator => !matches!(kind, OrganisationKind::Enterprise) && role.fits(kind),
        _ => false,
    }
}

/// A signed-in user, as the request handlers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: Uuid,
    /// The user's name.
    pub name: String,
    /// What the user is.
    pub role: Role,
    /// The user's organisation.
    pub organisation_id: Uuid,
    /// The organisation's name.
    pub organisation_name: String,
    /// The district it belongs to.
    pub district_code: String,
    /// Where the request comes from, an address; none for what the service does by itself.
    pub origin: Option<String>,
}

/// The rows that one query may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of one organisation.
    Organisation(Uuid),
    /// Those of one district.
    District(String),
}

impl Actor {
    /// The rows on which the actor may exercise `right`, if there are any.
    #[must_use]
    pub fn scope(&self, right: Right) -> Option<Scope> {
        match reach(self.role, right) {
            Reach::Nothing => None,
            Reach::Own => Some(Scope::Organisation(self.organisation_id)),
            Reach::District => Some(Scope::District(self.district_code.clone())),
        }
    }
}
