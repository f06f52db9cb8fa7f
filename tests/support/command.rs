//! The program as a child process.

use super::db::TestDb;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, for what needs no database.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_rongqiao"))
}

/// The program, set to a test's database.
pub fn rongqiao(db: &TestDb) -> Command {
    let mut command = program();
    command.env("RONGQIAO__DATABASE__URL", &db.url);
    command
}

/// Runs `rongqiao import` with these arguments and the file.
pub fn import(db: &TestDb, arguments: &[&str], file: &Path) -> Output {
    let mut command = rongqiao(db);
    command.arg("import").args(arguments).arg(file);
    command.output().expect("the program starts")
}

/// One of the repository's files.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
