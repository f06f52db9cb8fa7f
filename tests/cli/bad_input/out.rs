//! Where the result of `rongqiao match` goes: in place when it is whole, and nothing else is touched.

use super::files::{Files, Outcome};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn matched(files: &Files, out: &Path) -> Outcome {
    let mut command = files.command("match", "--products");
    Outcome::of(command.arg("--out").arg(out).output(), files)
}

#[test]
fn the_file_that_a_link_leads_to_is_replaced_and_keeps_its_mode() {
    let files = Files::new();
    let result = files.put("result.jsonl", "of yesterday\n");
    fs::set_permissions(&result, Permissions::from_mode(0o604)).expect("it is set");
    let links = tempfile::tempdir().expect("a folder");
    let (first, second) = (links.path().join("first"), links.path().join("second"));
    symlink(&result, &first).expect("a link");
    symlink("first", &second).expect("a link");
    for yesterday in [true, false] {
        assert_eq!(matched(&files, &second).code, 0);
        assert!(second.is_symlink() && first.is_symlink());
        assert!(files.read("result.jsonl").contains("\"R1\""));
        let mode = result.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777 == 0o604, yesterday);
        // A link that leads to nothing yet.
        files.remove("result.jsonl");
    }
}

#[test]
fn no_other_file_is_touched_and_none_is_left() {
    let files = Files::new();
    let part = files.put("result.jsonl", "").with_added_extension("part");
    fs::write(&part, "mine").expect("it is written");
    assert_eq!(files.matched(&[]).code, 0);
    assert_eq!(fs::read_to_string(&part).expect("it is there"), "mine");
    files.put("requests.jsonl", "{}");
    let mut left = files.matched(&[]).left;
    left.sort();
    assert_eq!(left, ["result.jsonl", "result.jsonl.part"]);
}

#[test]
fn what_cannot_be_written_is_named_as_it_was_given() {
    let files = Files::new();
    let folder = tempfile::tempdir().expect("a folder");
    for (out, words) in [
        (folder.path().to_owned(), "directory"),
        (folder.path().join("none/result.jsonl"), "not found"),
        (Path::new("/dev/null/result.jsonl").to_owned(), "irectory"),
    ] {
        let outcome = matched(&files, &out);
        let named = outcome.said.starts_with(&format!("{}: ", out.display()));
        assert!(
            outcome.refused() && named && outcome.said.contains(words),
            "{}",
            outcome.said
        );
        assert_eq!(
            outcome.said.matches('/').count(),
            out.display().to_string().matches('/').count()
        );
    }
}
