//! The one file of a backup: a tar, packed with gzip. It holds `manifest.json` and then the parts that it names, in
//! its order, and nothing else.
//!
//! Reading believes nothing: no name in it becomes a path that the manifest's closed list does not have, every part is
//! held against its length and its SHA-256, and the file's end against gzip's own sum.

use super::manifest::{Manifest, Part};
use crate::actions::digest::hex;
use crate::cli::Failure;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tar::{Archive, Entries, Entry, EntryType, Header};

const MANIFEST: &str = "manifest.json";
/// No manifest is longer.
const MANIFEST_BYTES: u64 = 1 << 20;
/// What gzip's own sum is not of: its first bytes. Each file has the same.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const BUFFER: usize = 1 << 16;

/// A bar that is seen on a terminal only; bytes.
fn bar(what: &'static str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {bytes}/{total_bytes} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// Reads to the end; length and SHA-256 of what came, each piece of which is given away.
fn drain(
    from: &mut impl Read,
    mut give: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<io::Result<(u64, String)>, Failure> {
    let (mut buffer, mut bytes, mut hash) = (vec![0; BUFFER], 0, Sha256::new());
    loop {
        let piece = match from.read(&mut buffer) {
            Ok(0) => return Ok(Ok((bytes, hex(&hash.finalize())))),
            Ok(length) => buffer.get(..length).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Err(error)),
        };
        give(piece)?;
        hash.update(piece);
        bytes += piece.len() as u64;
    }
}

/// What the manifest says of a file in a folder.
///
/// # Errors
/// A file that does not read.
pub fn part(folder: &Path, name: &str) -> Result<Part, Failure> {
    let path = folder.join(name);
    let mut file = File::open(&path).map_err(Failure::file(&path))?;
    let (bytes, sha256) = drain(&mut file, |_| Ok(()))?.map_err(Failure::file(&path))?;
    Ok(Part {
        name: name.to_owned(),
        bytes,
        sha256,
    })
}

/// Writes a backup of the parts that stand in a folder, and has it reach the disk.
///
/// # Errors
/// A part that does not read, or an output that can't be written.
pub fn write(to: &mut File, manifest: &Manifest, folder: &Path) -> io::Result<()> {
    let whole = manifest.parts.iter().map(|part| part.bytes).sum();
    let bar = bar("packing", whole);
    let packed = GzBuilder::new().write(BufWriter::new(&mut *to), Compression::default());
    let mut tar = tar::Builder::new(packed);
    let json = serde_json::to_vec_pretty(manifest)?;
    let modified = SystemTime::from(manifest.made_at);
    tar.append_data(&mut header(json.len() as u64, modified), MANIFEST, json.as_slice())?;
    for part in &manifest.parts {
        let file = File::open(folder.join(&part.name))?;
        let mut header = header(part.bytes, file.metadata()?.modified()?);
        tar.append_data(&mut header, &part.name, bar.wrap_read(BufReader::new(file)))?;
    }
    tar.into_inner()?.finish()?.flush()?;
    bar.finish_and_clear();
    to.sync_all()
}

fn header(bytes: u64, modified: SystemTime) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    header.set_mtime(since.as_secs());
    header
}

type Packed = GzDecoder<BufReader<indicatif::ProgressBarIter<File>>>;

/// A backup that is being read.
struct Reading<'a> {
    file: &'a Path,
    entries: Entries<'a, Packed>,
}

impl<'a> Reading<'a> {
    fn damaged(&self, part: &str, why: impl std::fmt::Display) -> Failure {
        damaged(self.file, part, why)
    }

    /// The next file, which has to be this one.
    fn next(&mut self, name: &str) -> Result<Entry<'a, Packed>, Failure> {
        let entry = match self.entries.next() {
            None => return Err(self.damaged(name, "is missing")),
            Some(read) => read.map_err(|error| self.damaged(name, cut_or(&error)))?,
        };
        let is_it = entry.header().entry_type() == EntryType::Regular && *entry.path_bytes() == *name.as_bytes();
        if is_it {
            Ok(entry)
        } else {
            Err(self.damaged(name, "is missing: another file stands in its place"))
        }
    }

    fn manifest(&mut self) -> Result<Manifest, Failure> {
        let entry = self.next(MANIFEST)?;
        let mut json = Vec::new();
        let read = entry.take(MANIFEST_BYTES).read_to_end(&mut json);
        read.map_err(|error| self.damaged(MANIFEST, cut_or(&error)))?;
        Manifest::read(&json).map_err(|why| self.damaged(MANIFEST, why))
    }

    fn unpack(&mut self, part: &Part, into: &Path) -> Result<(), Failure> {
        let mut entry = self.next(&part.name)?;
        let modified = entry.header().mtime().unwrap_or_default();
        let path = into.join(&part.name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut out = made.map_err(Failure::file(&path))?;
        let read = drain(&mut entry, |piece| out.write_all(piece).map_err(Failure::file(&path)))?;
        let (bytes, sha256) = read.map_err(|error| self.damaged(&part.name, cut_or(&error)))?;
        if bytes != part.bytes {
            return Err(self.damaged(&part.name, format!("has {bytes} bytes instead of {}", part.bytes)));
        }
        if sha256 != part.sha256 {
            return Err(self.damaged(&part.name, "is not what was written: its SHA-256 is another"));
        }
        // By the time of its key a key of before is believed.
        out.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(modified))
            .and_then(|()| out.sync_all())
            .map_err(Failure::file(&path))
    }
}

fn damaged(file: &Path, part: &str, why: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("{}: {part} {why}; nothing was restored", file.display()))
}

fn cut_or(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "is cut off".to_owned(),
        _ => format!("is damaged: {error}"),
    }
}

/// Reads a backup: what it says of itself, which `accept` may refuse, and then its parts into a folder.
///
/// # Errors
/// A file that is no backup, or not whole, by the name of the part; what `accept` says; a part that can't be written.
pub fn unpack(
    file: &Path,
    into: &Path,
    accept: impl FnOnce(&Manifest) -> Result<(), Failure>,
) -> Result<Manifest, Failure> {
    let opened = File::open(file).map_err(Failure::file(file))?;
    let length = fs::metadata(file).map_err(Failure::file(file))?.len();
    let bar = bar("unpacking", length);
    let mut packed = BufReader::with_capacity(BUFFER, bar.wrap_read(opened));
    if !packed.fill_buf().map_err(Failure::file(file))?.starts_with(&HEAD) {
        return Err(Failure::Other(format!("{}: is no backup of rongqiao", file.display())));
    }
    let mut archive = Archive::new(GzDecoder::new(packed));
    let manifest = {
        let entries = archive.entries().map_err(Failure::file(file))?;
        let mut reading = Reading { file, entries };
        let manifest = reading.manifest()?;
        accept(&manifest)?;
        for part in &manifest.parts {
            reading.unpack(part, into)?;
        }
        match reading.entries.next() {
            None => {}
            Some(Ok(_)) => return Err(reading.damaged("its end", "holds more than was written")),
            Some(Err(error)) => return Err(reading.damaged("its end", cut_or(&error))),
        }
        manifest
    };
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(|error| damaged(file, "its end", cut_or(&error)))?;
    let mut behind = rest.into_inner();
    if !behind.fill_buf().map_err(Failure::file(file))?.is_empty() {
        return Err(damaged(file, "its end", "has something behind it"));
    }
    bar.finish_and_clear();
    Ok(manifest)
}
