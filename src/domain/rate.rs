//! Rates in whole basis points (1 bp = 0.01 %), and how they are shown.

/// The largest rate, spread or share that a form takes, in bp: 10,000 %.
pub const LIMIT_BP: i64 = 1_000_000;

/// Basis points as percent with the decimals they need, at most two: `3.5%`, `-0.25%`.
#[must_use]
pub fn percent(bp: i64) -> String {
    let sign = if bp < 0 { "-" } else { "" };
    let bp = bp.unsigned_abs();
    match (bp / 100, bp % 100) {
        (whole, 0) => format!("{sign}{whole}%"),
        (whole, part) if part.is_multiple_of(10) => format!("{sign}{whole}.{}%", part / 10),
        (whole, part) => format!("{sign}{whole}.{part:02}%"),
    }
}

/// Percent with at most two decimals as basis points: `3.35` → 335.
#[must_use]
pub fn bp_of_percent(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 2 || !digits(whole) || !digits(part) || text.ends_with('.') {
        return None;
    }
    let bp = whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?;
    (bp <= LIMIT_BP).then_some(bp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_read_and_show() {
        assert_eq!(bp_of_percent("3.35"), Some(335));
        assert_eq!(bp_of_percent("3.5"), Some(350));
        assert_eq!(bp_of_percent("3"), Some(300));
        for bad in ["", "3.355", "-1", ".5", "3.", "1e3", "NaN"] {
            assert_eq!(bp_of_percent(bad), None, "{bad}");
        }
        assert_eq!(percent(335), "3.35%");
        assert_eq!(percent(350), "3.5%");
        assert_eq!(percent(-25), "-0.25%");
    }
}
