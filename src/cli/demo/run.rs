//! `rongqiao demo`: a fresh district on an embedded database, served on loopback.

use super::fill::{self, Account};
use super::{Demo, HERO};
use crate::cli::failure::Failure;
use crate::cli::running::{self, Parts};
use crate::cli::{database, jobs, logging, serve};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Secret};
use crate::web::state::WebState;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

/// Serve an invented district on loopback: a fresh database, filled, with one account of each actor.
///
/// The database is in the folder rongqiao-demo; a second run starts clean, and a folder of that name
/// that the demo did not make is left alone.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao demo --listen 127.0.0.1:8080")]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Where the database is.
const FOLDER: &str = "rongqiao-demo";
/// Says that the demo made the folder; locked while one runs there.
const MARK: &str = "made-by-rongqiao-demo";

/// Runs the command.
///
/// # Errors
/// A folder that the demo did not make or in which another one runs, or an address that can't be used.
pub fn run(args: &Args) -> Result<(), Failure> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::Call(
            "--listen: the demo's passwords are printed; it listens on loopback only".to_owned(),
        ));
    }
    let listener =
        TcpListener::bind(args.listen).map_err(|error| Failure::Other(format!("--listen {}: {error}", args.listen)))?;
    let folder = Path::new(FOLDER);
    let _running = clean_folder(folder)?;
    let mut config = Config::load(None)?;
    config.server.base_url = format!("http://{}", listener.local_addr()?);
    config.database.url = Secret::new(format!("sqlite://{}", folder.join("demo.db").display()));
    config.site.demo = true;
    // Its passwords are printed and its people invented: whoever looks around signs in with one step, as often as needed.
    config.auth.second_factor_banks = false;
    config.auth.second_factor_officers = false;
    config.auth.second_factor_administrators = false;
    config.limits.address_per_minute = 0;
    config.limits.account_per_minute = 0;
    config.limits.entry_per_minute = 0;
    // The enterprise that is printed has a request open already, and is there to try more.
    config.desk.open_per_purpose = 100;
    logging::start(&config.log);

    let store = database::open(&config)?;
    let keys = serve::signing_keys(&config, &store)?;
    let sealer = serve::sealer(&config, &store)?;
    let service = serve::service(store, &config, sealer)?;
    writeln!(io::stdout(), "正在生成演示区的一年，约需十几秒……")?;
    let demo = super::demo(SystemClock.today())?;
    let accounts = fill::fill(&service, &demo)?;
    announce(&config.server.base_url, &demo, &accounts)?;
    running::run(Parts {
        listener,
        metrics: running::metrics_listener(&config)?,
        world: jobs::world(service.clone(), &config)?,
        state: WebState::new(service, &config, &keys),
        drain: Duration::ZERO,
        reread: None,
    })
}

/// An empty folder that the demo may use; the file that is given back is locked as long as it is held.
fn clean_folder(folder: &Path) -> Result<File, Failure> {
    let mark = folder.join(MARK);
    if folder.exists() && !mark.exists() {
        let why = "exists, and the demo did not make it; start the demo in another folder";
        return Err(Failure::Other(format!("{}: {why}", folder.display())));
    }
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(Failure::file(folder))?;
    let lock = File::create(&mark).map_err(Failure::file(&mark))?;
    if lock.try_lock().is_err() {
        return Err(Failure::Other(format!("{}: another demo runs here", folder.display())));
    }
    for entry in fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        if path.file_name().is_some_and(|name| name == jobs::MAIL_FOLDER) {
            fs::remove_dir_all(&path).map_err(Failure::file(&path))?;
        } else if path != mark {
            fs::remove_file(&path).map_err(Failure::file(&path))?;
        }
    }
    Ok(lock)
}

/// Prints where to go and whom to be: one line each, tabs between the fields.
fn announce(base_url: &str, demo: &Demo, accounts: &[Account]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "演示区：{} 个产品，{} 家企业，{} 件需求",
        demo.products.len(),
        demo.enterprises.len(),
        demo.requests.len()
    )?;
    writeln!(out, "地址\t{base_url}/")?;
    for account in accounts {
        let Account { role, email, password } = account;
        let uscc = if role == "enterprise" {
            format!("\t{HERO}")
        } else {
            String::new()
        };
        writeln!(out, "账号\t{role}\t{email}\t{password}{uscc}")?;
    }
    writeln!(out, "按 Ctrl-C 结束")?;
    out.flush()
}
