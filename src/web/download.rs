//! Files to be saved by whoever asks for them.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A file to be saved, never kept by a cache. `name` is ours and plain ASCII.
#[must_use]
pub fn download(name: &str, kind: Kind, bytes: Vec<u8>) -> HttpResponse {
    let kind = match kind {
        Kind::Csv => "text/csv; charset=utf-8",
        Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    HttpResponse::Ok()
        .content_type(kind)
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
}
