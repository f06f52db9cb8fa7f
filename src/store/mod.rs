//! The database: SQLite and PostgreSQL behind one type, and the only place that names diesel's queries.
//!
//! [`Store::read`] and [`Store::write`] are the two doors; inside them, the functions of the modules
//! below take the connection. Rows come back as domain values; a stored value that no longer reads is
//! a fault of the database ([`StoreError::Database`]). A query for a tenant's rows takes a
//! [`crate::domain::actor::Scope`], which stands in its WHERE clause: a row outside it is not found.
//! Deliberately absent: decisions, which are the actions'.

pub mod accesses;
pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod audit_log;
pub mod authorisations;
pub mod batches;
pub mod change;
mod columns;
pub mod condition;
pub mod connection;
pub mod consents;
pub mod copying;
pub mod desk;
pub mod desk_work;
pub mod disputes;
pub mod enterprises;
pub mod error;
pub mod facts;
pub mod feed_keys;
pub mod guesses;
pub mod holidays;
pub mod invariants;
pub mod invitations;
pub mod jobs;
pub mod ledger;
pub mod links;
pub mod loan_moves;
pub mod loans;
pub mod lpr;
pub mod mail_hold;
pub mod matches;
pub mod measures;
pub mod migrate;
pub mod monitor;
pub mod needs_centre;
pub mod news;
pub mod offer_moves;
pub mod offers;
pub mod offers_ending;
pub mod once;
pub mod open_requests;
pub mod organisations;
pub mod outbox;
pub mod parties;
pub mod post;
pub mod product_keeping;
pub mod products;
pub mod proposals;
pub mod publications;
pub mod quota;
pub mod records;
pub mod referral_moves;
pub mod referrals;
pub mod registrations;
pub mod reminders;
pub mod request_ends;
pub mod requests;
pub mod reroutes;
pub mod restoring;
mod schema;
pub mod second_factors;
pub mod sessions;
pub mod settings;
mod tenant;
pub mod transaction;
pub mod url;
pub mod users;

pub use change::Change;
pub use connection::{AnyConnection, PoolSettings};
pub use error::StoreError;
pub use migrate::SchemaError;
pub use transaction::{Abort, Store};
pub use url::{BadUrl, DatabaseUrl};
