//! The second factor: its step of signing in, and where users keep their own.

use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::second_factor::Standing;
use crate::config::Secret;
use crate::domain::second_factor::shown;
use askama::Template;
use qrcode::types::QrError;
use qrcode::{Color, QrCode};
use std::fmt::Write;

/// The page that asks for a code after the password.
#[derive(Template)]
#[template(path = "public/code.html")]
pub struct CodePage {
    /// Around it.
    pub shell: Shell,
    /// The token for the form.
    pub csrf: String,
    /// Says that the password was right.
    pub ticket: String,
    /// What to do after a try that failed.
    pub error: Option<String>,
}

/// A secret, as it is shown once.
pub struct Shown {
    /// The picture: what an SVG's path draws, a square of one for each dark module.
    pub path: String,
    /// Modules of the picture on each side, with the white that is needed around it.
    pub side: usize,
    /// The secret for typing.
    pub typed: String,
}

/// White modules around the picture (ISO/IEC 18004).
const QUIET: usize = 4;

impl Shown {
    /// From the address that an app reads, and the secret for typing.
    ///
    /// # Errors
    /// When the address is too long for a picture.
    pub fn new(uri: &Secret, typed: &Secret) -> Result<Self, QrError> {
        let code = QrCode::new(uri.expose())?;
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, module)| **module == Color::Dark) {
                // Writing to a String does not fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Ok(Self {
            path,
            side: width + 2 * QUIET,
            typed: typed.expose().to_owned(),
        })
    }
}

/// One's own second factor.
#[derive(Template)]
#[template(path = "account/second_factor.html")]
pub struct FactorPage {
    /// Around it.
    pub shell: Shell,
    /// Since when it guards; empty where there is none.
    pub since: String,
    /// How many recovery codes are left.
    pub codes_left: i64,
    /// Whether the user's role needs one.
    pub is_needed: bool,
    /// A secret that was just made.
    pub shown: Option<Shown>,
    /// Whether a code is asked for.
    pub confirms: bool,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// What was just done.
    pub notice: Option<&'static str>,
}

impl FactorPage {
    /// The fields of its forms.
    pub const LABELS: [(&str, &str); 2] = [("code", "验证码"), ("current", "现在的密码")];

    /// Of how it stands.
    #[must_use]
    pub fn new(shell: Shell, standing: &Standing) -> Self {
        Self {
            shell,
            since: standing.since.map_or_else(String::new, words::minute),
            codes_left: standing.codes_left,
            is_needed: standing.is_needed,
            shown: None,
            confirms: false,
            wrongs: Wrongs::default(),
            notice: None,
        }
    }
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
pub struct CodesPage {
    /// Around it.
    pub shell: Shell,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether the second factor guards only from now on.
    pub begins: bool,
    /// Where to go on.
    pub next: &'static str,
}

impl CodesPage {
    /// With the codes that were just made.
    #[must_use]
    pub fn new(shell: Shell, codes: &[String], begins: bool, next: &'static str) -> Self {
        Self {
            shell,
            codes: codes.iter().map(|code| shown(code)).collect(),
            begins,
            next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_a_square_a_dark_module_and_white_around_it() {
        let uri = Secret::new("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ".to_owned());
        let shown = Shown::new(&uri, &Secret::default()).expect("it fits");
        let dark = QrCode::new(uri.expose()).expect("it fits").to_colors();
        let dark = dark.iter().filter(|module| **module == Color::Dark).count();
        assert_eq!(shown.path.matches("h1v1h-1z").count(), dark);
        assert!(shown.path.starts_with("M4 4h1v1h-1z"), "the first corner is dark");
        assert!(Shown::new(&Secret::new("x".repeat(5000)), &Secret::default()).is_err());
    }
}
