//! `rongqiao user`: users of organisations.

use super::failure::Failure;
use super::{database, serve};
use crate::actions::sealing::Sealer;
use crate::actions::users::{self, NewUser};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Secret};
use crate::domain::actor::Role;
use crate::domain::codes::Code;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

const EXAMPLE: &str =
    "Example:\n  rongqiao user add --organisation centre --email officer@example.cn --name 王芳 --role officer";

/// Users of organisations.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    Add(AddArgs),
}

/// Add a user to an organisation. Without --password-stdin a password is made and printed.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct AddArgs {
    /// Code of the organisation.
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// The address that the user signs in with.
    #[arg(long)]
    email: String,
    /// The user's name.
    #[arg(long)]
    name: String,
    /// What the user is: owner, member or reader of an enterprise, and so on; a wrong one lists them all.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().map(|role| role.code()).collect::<Vec<_>>().join(", ");
    Role::find(text).ok_or_else(|| format!("one of {}", known()))
}

/// Runs the command.
///
/// # Errors
/// Fields that are wrong, or a database that can't be used.
pub fn run(command: &Command) -> Result<(), Failure> {
    let Command::Add(args) = command;
    let config = Config::load(args.config.as_deref())?;
    let service = serve::service(database::open(&config)?, &config, Sealer::without_key())?;
    let (password, made) = if args.password_stdin {
        (first_line()?, false)
    } else {
        (made_up(), true)
    };
    let new = NewUser {
        organisation: &args.organisation,
        email: &args.email,
        name: &args.name,
        role: args.role,
        password: &Secret::new(password.clone()),
    };
    users::add(&service, new)?;
    if made {
        writeln!(io::stdout().lock(), "{password}")?;
    }
    Ok(())
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Letters and digits that are hard to take for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password of 20 letters: 98 bits that nobody can guess.
pub(super) fn made_up() -> String {
    let bytes = SystemClock.random_bytes();
    bytes
        .iter()
        .take(20)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect()
}
