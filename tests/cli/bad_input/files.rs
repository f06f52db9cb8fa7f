//! Four good files in a folder, to be spoiled one by one, and what a command made of them.

use crate::support::command::program;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

pub const PRODUCT: &str = r#"{"code":"P1","bank":"B1","name":"示例贷","kind":"specialised","status":"open","amount_fen":{"min":100,"max":9000},"term_months":{"min":1,"max":36},"purposes":["working_capital"],"guarantees":["credit"],"repayment":["bullet"],"rate":{"base":"lpr_1y","spread_bp":50},"fees":[],"criteria":[{"fact":"employees","op":"at_least","value":5}]}"#;
pub const ENTERPRISE: &str = r#"{"uscc":"91410100094865098C","name":"示例企业有限公司","established_on":"2015-02-22","facts":{"employees":{"value":10,"verified":true}}}"#;
pub const REQUEST: &str = r#"{"id":"R1","uscc":"91410100094865098C","amount_fen":1000,"term_months":12,"purpose":"working_capital","guarantees":["credit"]}"#;
const LPR: &str = "# comment\ndate,1y,5y\n2025-05-20,3.00,3.50\n";

/// A folder with the four files of `match`.
pub struct Files {
    input: TempDir,
    output: TempDir,
}

/// What a command came to.
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// What it said on standard error.
    pub said: String,
    /// Bytes on standard output.
    printed: usize,
    /// The files in the folder of the result.
    pub left: Vec<String>,
}

impl Files {
    pub fn new() -> Self {
        let folder = || TempDir::new().expect("a folder");
        let files = Self {
            input: folder(),
            output: folder(),
        };
        files.put("products.jsonl", PRODUCT);
        files.put("enterprises.jsonl", ENTERPRISE);
        files.put("requests.jsonl", REQUEST);
        files.put("lpr.csv", LPR);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        let folder = if name == "result.jsonl" {
            &self.output
        } else {
            &self.input
        };
        folder.path().join(name)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("it is written");
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it reads")
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("it was there");
    }

    /// A command over the files; `products` is what it calls them.
    pub fn command(&self, name: &str, products: &str) -> Command {
        let mut command = program();
        command.arg(name).arg(products).arg(self.path("products.jsonl"));
        command.arg("--enterprises").arg(self.path("enterprises.jsonl"));
        command.arg("--requests").arg(self.path("requests.jsonl"));
        command
            .arg("--lpr")
            .arg(self.path("lpr.csv"))
            .args(["--as-of", "2026-11-01"]);
        command
    }

    /// Runs `match` with a result file.
    pub fn matched(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command("match", "--products");
        command.arg("--out").arg(self.path("result.jsonl")).args(arguments);
        Outcome::of(command.output(), self)
    }
}

impl Outcome {
    pub fn of(output: io::Result<Output>, files: &Files) -> Self {
        let output = output.expect("the program starts");
        let left = files.output.path().read_dir().expect("a folder").map(|file| {
            let name = file.expect("a file").file_name();
            name.into_string().expect("UTF-8")
        });
        Self {
            code: output.status.code().expect("it ends by itself"),
            said: String::from_utf8(output.stderr).expect("UTF-8"),
            printed: output.stdout.len(),
            left: left.collect(),
        }
    }

    /// Exit 1 with a reason, and nothing written anywhere.
    pub fn refused(&self) -> bool {
        self.code == 1 && !self.said.is_empty() && self.printed == 0 && self.left.is_empty()
    }

    /// What it said of a line of a file.
    pub fn line_of(&self, file: &str, line: usize) -> Option<&str> {
        self.said
            .lines()
            .find(|said| said.contains(&format!("/{file}:{line}: ")))
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).expect("it packs");
    packed.finish().expect("it packs")
}
