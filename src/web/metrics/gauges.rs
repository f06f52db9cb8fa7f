//! What is measured when it is scraped, by its names.

use crate::actions::jobs::JobStanding;
use crate::actions::measures::{Measures, PoolUsage};
use crate::domain::codes::Code;
use crate::domain::job::JobKind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// What was found at a scrape.
#[derive(Default)]
pub(super) struct Taken {
    /// None where the database did not answer.
    pub measures: Option<Measures>,
    /// For how many seconds each job has been overdue.
    pub overdue: Vec<(JobKind, u64)>,
    /// How the database's connections are used.
    pub connections: Vec<PoolUsage>,
    /// Bytes that are free on the disk of a SQLite database.
    pub free_bytes: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    job: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct In {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    pool: &'static str,
    state: &'static str,
}

pub(super) fn register(registry: &mut Registry, taken: &Taken) {
    let build = Info::new(Build {
        version: env!("CARGO_PKG_VERSION"),
    });
    registry.register("rongqiao_build", "The program that runs", build);
    let up = i64::from(taken.measures.is_some());
    put(registry, "rongqiao_database_up", "Whether the database answered", up);
    let connections = Family::<Connections, Gauge>::default();
    for PoolUsage { name, in_use, idle } in &taken.connections {
        for (state, count) in [("in_use", in_use), ("idle", idle)] {
            let pool = Connections { pool: name, state };
            connections.get_or_create(&pool).set(i64::from(*count));
        }
    }
    let help = "Connections to the database, by pool";
    registry.register("rongqiao_database_connections", help, connections);
    if let Some(bytes) = taken.free_bytes {
        let name = "rongqiao_disk_free_bytes";
        put(registry, name, "Room on the disk of the SQLite database", whole(bytes));
    }
    if let Some(bytes) = resident() {
        let name = "process_resident_memory_bytes";
        put(registry, name, "Resident memory size in bytes", whole(bytes));
    }
    if let Some(measures) = &taken.measures {
        queues(registry, measures);
        jobs(registry, &measures.jobs, &taken.overdue);
    }
}

fn put(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn whole(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn queues(registry: &mut Registry, measures: &Measures) {
    let mails = Family::<In, Gauge>::default();
    for (state, count) in &measures.mails {
        mails.get_or_create(&In { state: state.code() }).set(*count);
    }
    registry.register(
        "rongqiao_mails",
        "Messages of the outbox, by state of their mail",
        mails,
    );
    for (name, help, value) in [
        (
            "rongqiao_mail_oldest_due_seconds",
            "For how long the mail is due that waits longest; 0 where none is",
            measures.oldest_mail_seconds,
        ),
        (
            "rongqiao_requests_needing_centre",
            "Open requests on the centre's desk",
            whole(measures.needing_centre),
        ),
        (
            "rongqiao_referrals_waiting",
            "Referrals that wait for their banks",
            measures.referrals_waiting,
        ),
        (
            "rongqiao_offers_held",
            "Offers that wait on the centre's desk",
            measures.offers_held,
        ),
        (
            "rongqiao_catalogue_version",
            "A number that every change of a product raises",
            measures.catalogue_version,
        ),
        (
            "rongqiao_products_on_offer",
            "Products that are matched today",
            whole(measures.products),
        ),
    ] {
        put(registry, name, help, value);
    }
}

fn jobs(registry: &mut Registry, jobs: &[JobStanding], overdue: &[(JobKind, u64)]) {
    let by_job = Family::<Of, Gauge>::default;
    let (waiting, failures, succeeded, late) = (by_job(), by_job(), by_job(), by_job());
    let handled = Family::<Of, Counter>::default();
    for job in jobs {
        let of = Of { job: job.kind.code() };
        waiting.get_or_create(&of).set(job.waiting);
        failures.get_or_create(&of).set(i64::from(job.failures));
        handled.get_or_create(&of).inc_by(job.handled.unsigned_abs());
        if let Some(at) = job.succeeded_at {
            succeeded.get_or_create(&of).set(at.timestamp());
        }
        if job.kind == JobKind::CheckInvariants && job.started_at.is_some() {
            let holds = i64::from(job.failures == 0);
            let help = "Whether the last check of all rows found nothing wrong";
            put(registry, "rongqiao_invariants_hold", help, holds);
        }
    }
    for (kind, seconds) in overdue {
        late.get_or_create(&Of { job: kind.code() }).set(whole(*seconds));
    }
    for (name, help, family) in [
        ("rongqiao_job_waiting", "How much waits for a job", waiting),
        (
            "rongqiao_job_overdue_seconds",
            "For how long something has been seen to wait although the job's turn has come",
            late,
        ),
        (
            "rongqiao_job_failures",
            "How often a job has failed since it last ended well",
            failures,
        ),
        (
            "rongqiao_job_last_success_timestamp_seconds",
            "When a job last ended well; one for which nothing waits has no turn",
            succeeded,
        ),
    ] {
        registry.register(name, help, family);
    }
    registry.register("rongqiao_job_handled", "How much a job did in all its turns", handled);
}

/// Bytes of memory that the process has, as Linux tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
