//! What the program says of itself and of its settings, and for whom its files are.

use crate::support::command::{program, rongqiao};
use crate::support::db::TestDb;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn said(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().expect("the program starts");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_command_is_listed_in_the_order_of_its_use_and_shows_an_example() {
    let help = said(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed: Vec<&str> = listed.map_while(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        listed,
        [
            "demo", "serve", "match", "simulate", "cost", "uscc", "import", "export", "report", "user", "migrate",
            "check", "backup", "restore", "audit", "jobs", "mail", "help"
        ]
    );
    let own = listed.iter().filter(|name| **name != "help").map(|name| vec![*name]);
    for command in own.chain([
        vec!["user", "add"],
        vec!["audit", "verify"],
        vec!["audit", "head"],
        vec!["mail", "release"],
    ]) {
        let example = format!("  rongqiao {}", command[0]);
        let help = said(&[&command[..], &["--help"]].concat());
        let shown = help.split_once("Example").is_some_and(|(_, shown)| {
            shown.contains(&example) || shown.contains(&format!("| rongqiao {}", command[0]))
        });
        assert!(shown, "{command:?}: {help}");
    }
}

#[test]
fn a_bad_setting_is_told_once() {
    for (key, value) in [
        ("RONGQIAO__DATABASE__POOL_SIZE", "many"),
        ("RONGQIAO__DATABASE__POOL_SIZE", "0"),
        ("RONGQIAO__DATABASE__COLOUR", "red"),
    ] {
        let mut command = rongqiao(&TestDb::sqlite());
        let output = command
            .env(key, value)
            .arg("check")
            .output()
            .expect("the program starts");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1));
        let (_, told) = said.trim().split_once("configuration: ").expect("it says of what");
        let begin: String = told.chars().take(20).collect();
        assert_eq!(told.matches(&begin).count(), 1, "{said}");
        let name = key.rsplit("__").next().expect("a name").to_lowercase();
        assert!(told.to_lowercase().contains(&name), "{said}");
    }
}

#[test]
fn what_is_made_for_a_database_is_for_its_owner_alone() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("a/data");
    let file = folder.join("rong.db");
    let migrate = || {
        let mut command = program();
        command.env("RONGQIAO__DATABASE__URL", format!("sqlite://{}", file.display()));
        // Whoever runs it may be as open as this.
        let mut open = std::process::Command::new("sh");
        open.args(["-c", "umask 000; exec \"$0\" migrate"])
            .arg(command.get_program());
        open.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        assert!(open.status().expect("it starts").success());
    };
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    migrate();
    assert_eq!(
        (mode(&home.path().join("a")), mode(&folder), mode(&file)),
        (0o700, 0o700, 0o600)
    );
    // SQLite's own files take after the database's; what an operator opened stays so.
    let held = TestDb::sqlite();
    for entry in fs::read_dir(
        held.url
            .trim_start_matches("sqlite://")
            .rsplit_once('/')
            .expect("a folder")
            .0,
    )
    .expect("a folder")
    {
        let path = entry.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("it is set");
    migrate();
    assert_eq!(mode(&file), 0o640);
}
