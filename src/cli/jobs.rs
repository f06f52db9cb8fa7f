//! `rongqiao jobs`: what the service does by itself, as it stands. And the jobs' world from settings,
//! for whoever runs them.

use super::failure::Failure;
use super::{database, mail};
use crate::actions::{Service, chain, outbox};
use crate::clock::{Clock, SystemClock, civil_minute};
use crate::config::{Config, Mail};
use crate::domain::codes::Code;
use crate::jobs::post::Rules;
use crate::jobs::{ALL, World};
use crate::mail::deliver::SmtpSettings;
use crate::mail::{Deliver, Folder, Smtp, Writer};
use crate::store::jobs::StoredJob;
use crate::store::{DatabaseUrl, Store, StoreError, jobs, post};
use chrono::{DateTime, Utc};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Print what the service does by itself: what ran, what is due, what failed.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao jobs --config /etc/rongqiao.toml")]
pub struct Args {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A database that can't be used.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let store = database::as_it_is(&config)?;
    let now = SystemClock.now();
    let (ran, waiting, mails, held) = store.read(|conn| {
        let waiting: Result<Vec<i64>, StoreError> = ALL.iter().map(|job| (job.waiting)(conn, now)).collect();
        Ok::<_, StoreError>((
            jobs::list(conn)?,
            waiting?,
            post::counts(conn)?,
            outbox::held_now(conn)?,
        ))
    })?;
    let mut out = io::stdout().lock();
    for (job, waiting) in ALL.iter().zip(waiting) {
        let stored = ran.iter().find(|stored| stored.name == job.name);
        writeln!(out, "{}: {}", job.name, state(stored, waiting, now))?;
    }
    let mails: Vec<String> = mails
        .iter()
        .map(|(state, count)| format!("{count} {}", state.code()))
        .collect();
    writeln!(out, "mail: {}", mails.join(", "))?;
    if let Some(held) = held {
        writeln!(out, "{}", mail::said(&held))?;
    }
    Ok(())
}

fn state(stored: Option<&StoredJob>, waiting: i64, now: DateTime<Utc>) -> String {
    let Some(stored) = stored else {
        return format!("never ran, {waiting} waiting");
    };
    let at = |instant: Option<DateTime<Utc>>| instant.map_or_else(|| "never".to_owned(), civil_minute);
    let turn = match &stored.lease {
        Some((node, until)) if *until > now => format!("running on {node}"),
        _ if stored.due_at > now => format!("next turn {}", civil_minute(stored.due_at)),
        _ => "due when something waits".to_owned(),
    };
    let failed = stored.last_error.as_ref();
    let failed = failed.map(|error| format!(", FAILED {} times: {error}", stored.failures));
    format!(
        "ran {}, {} handled in all, {waiting} waiting, {turn}{}",
        at(stored.finished_at),
        stored.handled,
        failed.unwrap_or_default()
    )
}

/// The folder beside the database that letters go to where no server is set.
pub(super) const MAIL_FOLDER: &str = "mail";

/// The jobs' world: the way of letters and the algorithm that are set, and a name for this process.
///
/// # Errors
/// A sender that is no address, or a server that can't be one.
pub(super) fn world(service: Service, config: &Config) -> Result<World, Failure> {
    let writer = Writer::new(&config.site.name, &config.server.base_url);
    let way =
        way(&config.mail, &config.site.name, &service.store).map_err(|why| Failure::Other(format!("mail: {why}")))?;
    Ok(World {
        way,
        writer,
        rules: Rules::new(config.mail.tries, config.mail.timeout_seconds),
        algorithm: chain::of_setting(config.audit.algorithm),
        node: service.clock.new_id().to_string().into(),
        ending: Arc::default(),
        service,
    })
}

/// Where letters go without a mail server.
pub(super) fn folder(mail: &Mail, database: &DatabaseUrl) -> PathBuf {
    match (mail.folder.as_str(), database.file()) {
        ("", Some(database)) => database.with_file_name(MAIL_FOLDER),
        ("", None) => PathBuf::from("data").join(MAIL_FOLDER),
        (set, _) => PathBuf::from(set),
    }
}

fn way(mail: &Mail, site: &str, store: &Store) -> Result<Arc<dyn Deliver>, String> {
    if mail.host.is_empty() {
        let folder = folder(mail, store.url());
        let nobody = format!("{site} <noreply@localhost>");
        let from = if mail.from.is_empty() { &nobody } else { &mail.from };
        return Ok(Arc::new(Folder::new(folder, from)?));
    }
    Ok(Arc::new(smtp(mail)?))
}

/// The way to the mail server that is set.
pub(super) fn smtp(mail: &Mail) -> Result<Smtp, String> {
    let settings = SmtpSettings {
        host: &mail.host,
        port: mail.port,
        tls: mail.tls,
        credentials: Some((mail.username.as_str(), mail.password.expose())).filter(|(user, _)| !user.is_empty()),
        timeout: Duration::from_secs(mail.timeout_seconds.into()),
    };
    Smtp::new(&settings, &mail.from)
}
