//! Links: what those in a mail let their reader do, who proves by them to read that address; and how a code stands in
//! one.

use super::codes::codes;

codes! {
    /// What whoever follows a link may do, once.
    LinkPurpose {
        Registration = "registration" "注册",
        PasswordReset = "password_reset" "重设密码",
    }
}

/// A code as one segment of an address.
#[must_use]
pub fn path_segment(code: &str) -> String {
    use std::fmt::Write;
    code.bytes().fold(String::with_capacity(code.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
