//! `rongqiao jobs`: what the service does by itself, as it stands. And the jobs' world from settings,
//! for whoever runs them.

use super::failure::Failure;
use super::{database, mail};
use crate::actions::jobs::{self, JobStanding, NextTurn};
use crate::actions::{Service, chain, outbox};
use crate::clock::{Clock, SystemClock, civil_minute};
use crate::config::{Config, Mail};
use crate::domain::codes::Code;
use crate::jobs::World;
use crate::jobs::post::Rules;
use crate::mail::deliver::SmtpSettings;
use crate::mail::{Deliver, Folder, Smtp, Writer};
use crate::store::{DatabaseUrl, Store, StoreError, post};
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
    let standing = jobs::standing(&store, SystemClock.now())?;
    let (mails, held) = store.read(|conn| Ok::<_, StoreError>((post::counts(conn)?, outbox::held_now(conn)?)))?;
    let mut out = io::stdout().lock();
    for job in standing {
        writeln!(out, "{}: {}", job.kind, state(&job))?;
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

fn state(job: &JobStanding) -> String {
    let turn = match &job.turn {
        NextTurn::Running { node } => format!("running on {node}"),
        NextTurn::At(due_at) => format!("next turn {}", civil_minute(*due_at)),
        NextTurn::WhenSomethingWaits => "due when something waits".to_owned(),
    };
    let failed = job.last_error.as_ref();
    let failed = failed.map(|error| format!(", FAILED {} times: {error}", job.failures));
    format!(
        "last ended well {}, {} handled in all, {} waiting, {turn}{}",
        job.succeeded_at.map_or_else(|| "never".to_owned(), civil_minute),
        job.handled,
        job.waiting,
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
