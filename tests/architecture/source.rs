//! The house's own source files, and lines of them without comments.

use std::path::Path;

/// A file of `src`.
pub struct Source {
    /// From the root of the repository.
    pub name: String,
    text: String,
}

/// A line of code.
pub struct Line<'s> {
    file: &'s str,
    number: usize,
    /// What stands before a comment.
    pub code: &'s str,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The modules that lead to the file: `domain`, `codes`.
    fn modules(&self) -> Vec<&str> {
        let path = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        path.split('/').filter(|module| *module != "mod").collect()
    }

    /// The folder of `src` that it stands in, or its own name where it stands in none.
    pub fn folder(&self) -> String {
        self.modules()[0].to_owned()
    }

    /// How many modules the file is below the root.
    pub fn depth(&self) -> usize {
        self.modules().len()
    }

    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.text.lines().enumerate().map(|(place, line)| Line {
            file: &self.name,
            number: place + 1,
            code: line.split_once("//").map_or(line, |(code, _)| code),
        })
    }
}

impl<'s> Line<'s> {
    /// `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.number)
    }

    /// What stands behind each occurrence of `start` that begins a name.
    pub fn behind(&self, start: &str) -> impl Iterator<Item = &'s str> {
        let code = self.code;
        let starts: Vec<_> = code
            .match_indices(start)
            .map(|(at, found)| (at, at + found.len()))
            .collect();
        starts
            .into_iter()
            .filter(move |(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
            .map(move |(_, end)| &code[end..])
    }

    /// Whether it names a crate, in a path or an attribute.
    pub fn names_crate(&self, name: &str) -> bool {
        self.behind(&format!("{name}::")).next().is_some()
    }
}

/// Every source file.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .to_str()
                    .expect("UTF-8");
                sources.push(Source::new(name, &std::fs::read_to_string(&path).expect("it reads")));
            }
        }
    }
    sources
}
