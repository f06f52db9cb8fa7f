//! What is measured of the service for who looks after it: how much waits, and how the jobs and the database do.
//!
//! Numbers only, of every district, and for no user: they go to a listener of their own (`web::metrics`).

use super::jobs::{self, JobStanding};
use super::{ActionError, Service};
use crate::clock::civil_day;
use crate::domain::message::MailState;
use crate::store::{StoreError, measures, needs_centre, post, products};
use chrono::{DateTime, Utc};

pub use crate::store::connection::PoolUsage;

/// What the database knows.
#[derive(Clone, Debug)]
pub struct Measures {
    /// How many mails are in each state.
    pub mails: Vec<(MailState, i64)>,
    /// For how many seconds the mail is due that waits longest; 0 where none is.
    pub oldest_mail_seconds: i64,
    /// Open requests of the service's district that need the centre.
    pub needing_centre: usize,
    /// Referrals that wait for their banks.
    pub referrals_waiting: i64,
    /// Offers that wait on the centre's desk.
    pub offers_held: i64,
    /// The number that every write to a product raises.
    pub catalogue_version: i64,
    /// Products that are matched today.
    pub products: usize,
    /// Every job.
    pub jobs: Vec<JobStanding>,
}

/// Asks the database.
///
/// # Errors
/// When the database fails.
pub fn take(service: &Service) -> Result<Measures, ActionError> {
    let now = service.clock.now();
    let (day, district) = (civil_day(now), &service.settings.site.district_code);
    Ok(service.store.read(|conn| {
        Ok::<_, StoreError>(Measures {
            mails: post::counts(conn)?,
            oldest_mail_seconds: post::oldest_due(conn, now)?.map_or(0, |since| seconds(since, now)),
            needing_centre: needs_centre::list(conn, district, None, i64::MAX, day)?.len(),
            referrals_waiting: measures::referrals_waiting(conn)?,
            offers_held: measures::offers_held(conn)?,
            catalogue_version: products::catalogue_version(conn)?,
            products: products::on_offer(conn, day)?.len(),
            jobs: jobs::of(conn, now)?,
        })
    })?)
}

fn seconds(since: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - since).num_seconds().max(0)
}

/// How the database's connections are used.
#[must_use]
pub fn connections(service: &Service) -> Vec<PoolUsage> {
    service.store.usage()
}

/// Bytes that are free on the disk of a SQLite database; none of a server's, or where the system does not tell.
#[must_use]
pub fn free_bytes(service: &Service) -> Option<u64> {
    service.store.free_bytes().ok().flatten()
}
