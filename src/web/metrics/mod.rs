//! `/metrics` for Prometheus, on a listener of its own and never on the one that people reach.
//!
//! What is counted at each request stands in memory ([`Requests`]). What only the database knows is asked for when it is
//! scraped, at most every five seconds, so that no scraper loads the service. Labels come from closed lists: routes, job
//! names, states. Deliberately absent: names, ids, words of errors, and anything of one enterprise or bank.

mod gauges;
mod requests;

pub use requests::{Matched, Requests, measure};

use super::cached::Cached;
use super::state::WebState;
use crate::actions::measures;
use crate::domain::job::JobKind;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::{App, HttpResponse, HttpServer, web};
use gauges::Taken;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::registry::Registry;
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long what the database said is good.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// What the listener keeps from scrape to scrape.
struct Kept {
    taken: Cached<Arc<Taken>>,
    /// Since when each job is seen to be overdue.
    overdue: Mutex<HashMap<JobKind, Instant>>,
}

/// Serves `/metrics` on a listener until the future that it gives ends.
///
/// # Errors
/// When the listener can't be served on.
pub fn serve(listener: TcpListener, state: WebState) -> std::io::Result<Server> {
    let state = web::Data::new(state);
    let kept = web::Data::new(Kept {
        taken: Cached::new(GOOD_FOR),
        overdue: Mutex::default(),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(kept.clone())
            .route("/metrics", web::get().to(show))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn show(state: web::Data<WebState>, kept: web::Data<Kept>) -> HttpResponse {
    let taken = kept.taken.get(take(&state, &kept)).await;
    let mut registry = Registry::default();
    gauges::register(&mut registry, &taken);
    state.requests.register(&mut registry);
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type(CONTENT_TYPE)
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the measures could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A database that does not answer is a measure too.
async fn take(state: &WebState, kept: &Kept) -> Arc<Taken> {
    let asked = state
        .run(|service| {
            let machine = (measures::connections(service), measures::free_bytes(service));
            Ok((machine, measures::take(service)))
        })
        .await;
    let mut taken = Taken::default();
    match asked {
        Ok(((connections, free_bytes), answer)) => {
            taken.connections = connections;
            taken.free_bytes = free_bytes;
            match answer {
                Ok(measures) => taken.measures = Some(measures),
                Err(error) => tracing::warn!(%error, "the database was not measured"),
            }
        }
        Err(error) => tracing::warn!(%error, "nothing was measured"),
    }
    taken.overdue = overdue(kept, &taken);
    Arc::new(taken)
}

/// For how many seconds each job has been overdue at every look.
fn overdue(kept: &Kept, taken: &Taken) -> Vec<(JobKind, u64)> {
    let mut since = kept.overdue.lock().unwrap_or_else(PoisonError::into_inner);
    let jobs = taken.measures.iter().flat_map(|measures| &measures.jobs);
    jobs.map(|job| {
        if job.is_overdue() {
            let since = since.entry(job.kind).or_insert_with(Instant::now);
            (job.kind, since.elapsed().as_secs())
        } else {
            since.remove(&job.kind);
            (job.kind, 0)
        }
    })
    .collect()
}
