//! Tables as CSV files: the one writer, so that no cell of any file is a formula.
//!
//! A spreadsheet takes a cell that begins with `=` and the like for a formula, in full-width letters too
//! after its own folding. Such a text gets a `'` before it. The byte-order mark makes Excel read UTF-8.

use actix_web::HttpResponse;
use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};

/// What makes a spreadsheet think of a formula.
const TRIGGERS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A table as the bytes of a CSV file.
///
/// # Errors
/// When memory can't be written, which does not happen.
pub fn csv<R: AsRef<[String]>>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| harmless(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(TRIGGERS) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// A CSV file to be saved, never kept by a cache. `name` is ours and plain ASCII.
#[must_use]
pub fn download(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes)
}

/// A file that somebody handed in, to be saved and never shown here: its kind is ours to say, and its name
/// stands as RFC 6266 has it. Never kept by a cache.
#[must_use]
pub fn attachment(name: &str, media_type: &str, content: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(disposition(name))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(content)
}

/// The whole name as UTF-8 for whoever reads that, and a plain one for whoever does not.
fn disposition(name: &str) -> ContentDisposition {
    let plain = name
        .chars()
        .map(|c| if c.is_ascii_graphic() { c } else { '_' })
        .collect();
    let whole = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(whole)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_twice_plain_and_whole() {
        let header = disposition("营业执照 \"a\".pdf").to_string();
        assert!(header.is_ascii(), "{header}");
        assert!(
            header.starts_with("attachment; filename=\"_____\\\"a\\\".pdf\"; filename*=UTF-8''%E8%90%A5"),
            "{header}"
        );
    }

    #[test]
    fn threat_14_no_cell_is_a_formula() {
        let mut cells: Vec<String> = TRIGGERS
            .iter()
            .map(|trigger| format!("{trigger}cmd|'/c calc'!A1"))
            .collect();
        cells.extend([
            "=1+1,\"a\"\r\n=2".to_owned(),
            "正常".to_owned(),
            String::new(),
            "a=b".to_owned(),
        ]);
        let bytes = csv(&["列"], cells.iter().map(|cell| [cell.clone()])).expect("written");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let text = text.strip_prefix('\u{feff}').expect("a byte-order mark");
        let read: Vec<String> = csv::Reader::from_reader(text.as_bytes())
            .records()
            .map(|record| record.expect("a row").get(0).expect("a cell").to_owned())
            .collect();
        assert_eq!(read.len(), cells.len());
        for (read, cell) in read.iter().zip(&cells) {
            assert!(!read.starts_with(TRIGGERS), "{read:?}");
            assert_eq!(read.trim_start_matches('\''), cell, "nothing else changes");
        }
    }
}
