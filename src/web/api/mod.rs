//! The JSON API, `/api/v1`: one file a resource, with its input and output shapes.

#![expect(
    clippy::missing_errors_doc,
    reason = "every handler answers what `error` maps; OpenAPI lists it"
)]

pub mod attachments;
pub mod audit;
pub mod authorisation;
pub mod calendars;
pub mod consents;
pub mod deadline;
pub mod desk;
pub mod disputes;
pub mod enterprises;
pub mod facts;
pub mod feed_keys;
pub mod jobs;
pub mod joining;
pub mod loan_views;
pub mod loans;
pub mod matches;
pub mod messages;
pub mod monitor;
pub mod offer_views;
pub mod offers;
pub mod outbox;
pub mod page;
pub mod product_cycle;
pub mod products;
pub mod referral_steps;
pub mod referrals;
pub mod registrations;
pub mod request_steps;
pub mod requests;
mod schemas;
pub mod sessions;
pub mod settings;
pub mod users;
