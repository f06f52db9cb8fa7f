//! `rongqiao check`: whether configuration, connections, and what the database holds are sound.

use super::failure::Failure;
use super::{database, jobs, serve};
use crate::config::Config;
use crate::store::invariants::{self, Invariant};
use crate::store::{DatabaseUrl, Store};
use std::io::{self, Write};
use std::path::PathBuf;

/// Check the configuration, the connections, the keys, the schema's version and the invariants of the data.
///
/// Each line names what was looked at; what fails is named once more at the end, and the exit code is 1.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao check --config /etc/rongqiao.toml")]
pub struct Args {
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Settings that can't be used, or the names of what failed.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let mut out = io::stdout().lock();
    writeln!(out, "configuration: good")?;
    let url = database::url(&config)?;
    let mut failed = Vec::new();
    let mut note = |out: &mut io::StdoutLock<'_>, name: &str, found: Result<String, String>| match found {
        Ok(words) => writeln!(out, "{name}: {words}"),
        Err(why) => {
            writeln!(out, "{name}: FAILS: {why}")?;
            failed.push(format!("{name}: {why}"));
            Ok(())
        }
    };
    note(&mut out, "mail", mail(&config, &url))?;
    match database::existing(&config) {
        Err(failure) => note(&mut out, "database", Err(failure.in_full()))?,
        Ok(store) => {
            note(&mut out, "database", Ok(format!("{url} answers")))?;
            note(
                &mut out,
                "keys",
                keys(&config, &store).map_err(|failure| failure.in_full()),
            )?;
            let schema = store.check_schema().map(|()| "the one of this program".to_owned());
            let is_ours = schema.is_ok();
            note(
                &mut out,
                "schema",
                schema.map_err(|error| Failure::from(error).in_full()),
            )?;
            if is_ours {
                let broken = tell(&mut out, &store.read(invariants::check)?)?;
                failed.extend(broken.into_iter().map(str::to_owned));
            }
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Other(format!(
            "{} checks failed: {}",
            failed.len(),
            failed.join("; ")
        )))
    }
}

/// Tells of each invariant; the names of those that do not hold.
pub(super) fn tell(out: &mut impl Write, all: &[Invariant]) -> io::Result<Vec<&'static str>> {
    for invariant in all {
        match invariant.broken {
            0 => writeln!(out, "{}: holds", invariant.name)?,
            times => writeln!(out, "{}: BROKEN {times} times", invariant.name)?,
        }
    }
    let broken = all.iter().filter(|invariant| invariant.broken > 0);
    Ok(broken.map(|invariant| invariant.name).collect())
}

fn mail(config: &Config, url: &DatabaseUrl) -> Result<String, String> {
    let mail = &config.mail;
    if mail.host.is_empty() {
        return Ok(format!("written into {}", jobs::folder(mail, url).display()));
    }
    jobs::smtp(mail)?.check()?;
    Ok(format!("{}:{} answers", mail.host, mail.port))
}

/// Looks at the keys without making any.
fn keys(config: &Config, store: &Store) -> Result<String, Failure> {
    let lacks = |set: &str, ending: &str| {
        let beside = store.url().file().map(|database| database.with_added_extension(ending));
        set.is_empty() && beside.is_some_and(|beside| !beside.exists())
    };
    let auth = &config.auth;
    if lacks(auth.jwt_key.expose(), "key") || lacks(auth.factor_key.expose(), "factor-key") {
        return Ok("made at the first start".to_owned());
    }
    serve::signing_keys(config, store)?;
    serve::sealer(config, store)?;
    Ok("good".to_owned())
}
