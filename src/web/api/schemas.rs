//! How domain types that stand in the API are described in the OpenAPI document.

use crate::domain::actor::{OrganisationKind, Role};
use crate::domain::attachment::{AttachmentPurpose, MediaType};
use crate::domain::batch::BatchState;
use crate::domain::codes::{
    Bearer, Code, FeeBasis, FeeKind, Guarantee, Kind, Owner, ProductStatus, Purpose, RateBase, Repayment, Tier,
};
use crate::domain::consent::{AuthorisationPurpose, ConsentPurpose, Reading};
use crate::domain::criteria::State;
use crate::domain::desk::{DeskDeed, DeskKind};
use crate::domain::dispute::{DisputeKind, DisputeState, Outcome};
use crate::domain::holiday::HolidayKind;
use crate::domain::job::JobKind;
use crate::domain::loan::LoanState;
use crate::domain::message::{MailState, Topic};
use crate::domain::offer::{FallenBy, LapseReason, OfferState};
use crate::domain::offer_checks::DeskCheck;
use crate::domain::referral::{DeclineReason, ReferralEnd, ReferralState};
use crate::domain::registration::RegistrationState;
use crate::domain::request::{RequestEnd, RequestState, UnservedReason};
use crate::domain::verdict::Verdict;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A closed list is a string of one of its codes.
fn code_schema<T: Code>() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(T::ALL.iter().map(|code| code.code())))
        .into()
}

macro_rules! described {
    ($($list:ty),+ $(,)?) => {
        $(
            impl PartialSchema for $list {
                fn schema() -> RefOr<Schema> {
                    code_schema::<$list>()
                }
            }
            impl ToSchema for $list {}
        )+
    };
}

described!(
    AttachmentPurpose,
    AuthorisationPurpose,
    BatchState,
    Bearer,
    ConsentPurpose,
    DeclineReason,
    DeskCheck,
    DeskDeed,
    DeskKind,
    DisputeKind,
    DisputeState,
    FallenBy,
    FeeBasis,
    FeeKind,
    Guarantee,
    HolidayKind,
    JobKind,
    Kind,
    LapseReason,
    LoanState,
    MailState,
    MediaType,
    OfferState,
    OrganisationKind,
    Outcome,
    Owner,
    ProductStatus,
    Purpose,
    RateBase,
    Reading,
    ReferralEnd,
    ReferralState,
    RegistrationState,
    Repayment,
    RequestEnd,
    RequestState,
    Role,
    Tier,
    Topic,
    UnservedReason,
    Verdict
);

impl PartialSchema for State {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(["met", "unmet", "unknown"]))
            .into()
    }
}

impl ToSchema for State {}
