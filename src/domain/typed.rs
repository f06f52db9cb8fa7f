//! Figures as people type them: full-width digits, commas, 万元.

use super::dates::Day;
use super::money::Fen;
use super::rate;

/// Full-width characters folded, spaces and thousands commas dropped.
fn folded(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '。' | '．' => Some('.'),
            '，' | ',' => None,
            c if c.is_whitespace() => None,
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
            other => Some(other),
        })
        .filter(|c| *c != ',')
        .collect()
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAmount {
    /// There is none.
    Missing,
    /// It is no number.
    NotANumber,
    /// It has more than six decimals of 万元, so parts of 分.
    TooFine,
    /// It is beyond what the service counts in.
    TooLarge,
}

/// An amount typed in 万元, with at most six decimals.
///
/// # Errors
/// Why it is none.
pub fn fen_of_wan(text: &str) -> Result<Fen, NoAmount> {
    let text = folded(text);
    let text = text.trim_end_matches("万元").trim_end_matches('万');
    if text.is_empty() {
        return Err(NoAmount::Missing);
    }
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(decimals) || digits.ends_with('.') {
        return Err(NoAmount::NotANumber);
    }
    if decimals.len() > 6 {
        return Err(NoAmount::TooFine);
    }
    let fen = format!("{whole}{decimals:0<6}").parse::<i64>().ok();
    fen.and_then(|fen| Fen::new(sign * fen)).ok_or(NoAmount::TooLarge)
}

/// A whole number.
#[must_use]
pub fn whole(text: &str) -> Option<i64> {
    let text = folded(text);
    let plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Percent with at most two decimals as basis points; may be negative.
#[must_use]
pub fn bp_of_percent(text: &str) -> Option<i64> {
    let text = folded(text);
    let text = text.trim_end_matches('%');
    match text.strip_prefix(['-', '−']) {
        Some(text) => rate::bp_of_percent(text).map(|bp| -bp),
        None => rate::bp_of_percent(text),
    }
}

/// A date, with `-`, `/` or `.` between its parts.
#[must_use]
pub fn day(text: &str) -> Option<Day> {
    let text = folded(text).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let mut parts = text.split('-').map(|part| part.parse::<u32>().ok());
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) => {
            Day::from_ymd(i32::try_from(year).ok()?, month, day)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let fen = |text| fen_of_wan(text).map(Fen::get);
        assert_eq!(fen("500"), Ok(500_000_000));
        assert_eq!(fen(" １，２３４．５ 万元"), Ok(1_234_500_000));
        assert_eq!(fen("0.000001"), Ok(1));
        assert_eq!(fen("1,000万"), Ok(1_000_000_000));
        assert_eq!(fen(""), Err(NoAmount::Missing));
        assert_eq!(fen("0.0000001"), Err(NoAmount::TooFine));
        assert_eq!(fen("10000000000"), Err(NoAmount::TooLarge));
        assert_eq!(fen("99999999999999999999"), Err(NoAmount::TooLarge));
        for bad in ["五百", "1.2.3", ".5", "5.", "1e3", "NaN", "+5"] {
            assert_eq!(fen(bad), Err(NoAmount::NotANumber), "{bad}");
        }
        assert_eq!(fen("-3"), Ok(-3_000_000));
    }

    #[test]
    fn numbers_rates_and_dates_too() {
        assert_eq!(whole("３６"), Some(36));
        assert_eq!(whole("3.5"), None);
        assert_eq!(bp_of_percent("３．５％"), Some(350));
        assert_eq!(bp_of_percent("-1.25"), Some(-125));
        assert_eq!(day("2026/11/3"), Day::from_ymd(2026, 11, 3));
        assert_eq!(day("2026年11月03日"), Day::from_ymd(2026, 11, 3));
        assert_eq!(day("2026-02-30"), None);
    }
}
