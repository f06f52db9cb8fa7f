//! Files that people hand in: which kinds are taken, and under which name they are given out again.
//!
//! A kind is what the content is, whatever its name says. Deliberately absent: opening one.

use super::codes::{Code, codes};
use super::invalid::is_invisible;

codes! {
    /// The kinds of files that are taken, as HTTP names them.
    MediaType {
        Pdf = "application/pdf" "PDF",
        Png = "image/png" "PNG",
        Jpeg = "image/jpeg" "JPEG",
    }
}

impl MediaType {
    /// What names of such files end in.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

codes! {
    /// What a file is for.
    AttachmentPurpose {
        Licence = "licence" "营业执照",
        Letter = "letter" "盖章授权函",
        Material = "material" "申请材料",
    }
}

/// A file as somebody sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// The name that it had there; anything at all.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// The longest name without its ending, in characters.
const LONGEST: usize = 80;

/// The name under which a file is kept and given out: the last part of whatever path was sent, without what
/// a file system, a header or a reader takes for an order, ending in what the content is.
#[must_use]
pub fn file_name(sent: &str, media_type: MediaType) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept = stem
        .chars()
        .filter(|c| !is_invisible(*c) && !r#"<>:"|?*;%"#.contains(*c));
    let kept: String = kept.take(LONGEST).collect();
    let kept = kept.trim_matches([' ', '.', '\u{3000}']);
    let stem = if kept.is_empty() { "file" } else { kept };
    format!("{stem}.{}", media_type.extension())
}

/// The kinds that are taken, in words.
#[must_use]
pub fn kinds_in_words() -> String {
    MediaType::ALL
        .iter()
        .map(|kind| kind.label())
        .collect::<Vec<_>>()
        .join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_15_a_name_is_a_name_and_no_path_or_order() {
        for (sent, kept) in [
            ("营业执照.pdf", "营业执照.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Windows\\a.exe", "a.pdf"),
            ("licence.pdf.exe", "licence.pdf.pdf"),
            ("a\0b\r\nSet-Cookie: x.pdf", "abSet-Cookie x.pdf"),
            ("exe.\u{202e}fdp.pdf", "exe.fdp.pdf"),
            ("\"; filename=\"x.html", "filename=x.pdf"),
            ("..", "file.pdf"),
            ("", "file.pdf"),
            (".htaccess", "file.pdf"),
        ] {
            assert_eq!(file_name(sent, MediaType::Pdf), kept, "{sent:?}");
        }
        assert_eq!(
            file_name(&"长".repeat(5_000), MediaType::Jpeg).chars().count(),
            LONGEST + 4
        );
    }
}
