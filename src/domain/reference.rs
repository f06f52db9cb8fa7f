//! Tables of public codes that facts are held against: industries and towns.
//!
//! They are data (`config/industries.csv`, `config/towns.csv`, sources in `docs/sources.md`), built
//! into the program; a code's value in the engine is its position here.

use std::sync::LazyLock;

/// An industry division of GB/T 4754-2017.
#[derive(Debug)]
pub struct Industry {
    /// Two digits.
    pub code: &'static str,
    /// 行业大类名称.
    pub name: &'static str,
    /// Groups of the size standard; several where the division is split, none where it has no rule.
    pub size_groups: Vec<&'static str>,
}

/// A 镇 or 街道 of a district.
#[derive(Debug)]
pub struct Town {
    /// Nine digits.
    pub code: &'static str,
    /// 镇办名称.
    pub name: &'static str,
    /// The district, six digits.
    pub district_code: &'static str,
}

/// All 97 divisions, in the order of their codes.
pub static INDUSTRIES: LazyLock<Vec<Industry>> = LazyLock::new(|| {
    rows(include_str!("../../config/industries.csv"))
        .filter_map(|row| match row.as_slice() {
            [_, _, code, name, groups, ..] => Some(Industry {
                code,
                name,
                size_groups: groups.split(';').filter(|group| !group.is_empty()).collect(),
            }),
            _ => None,
        })
        .collect()
});

/// The towns of every district served.
pub static TOWNS: LazyLock<Vec<Town>> = LazyLock::new(|| {
    rows(include_str!("../../config/towns.csv"))
        .filter_map(|row| match row.as_slice() {
            [code, name, _, _, district_code, ..] => Some(Town {
                code,
                name,
                district_code,
            }),
            _ => None,
        })
        .collect()
});

/// The division with this code: its position and itself.
#[must_use]
pub fn industry(code: &str) -> Option<(usize, &'static Industry)> {
    INDUSTRIES
        .iter()
        .enumerate()
        .find(|(_, industry)| industry.code == code)
}

/// The town with this code: its position and itself.
#[must_use]
pub fn town(code: &str) -> Option<(usize, &'static Town)> {
    TOWNS.iter().enumerate().find(|(_, town)| town.code == code)
}

/// The name of a district that is served.
#[must_use]
pub fn district_name(code: &str) -> Option<&'static str> {
    let row = rows(include_str!("../../config/towns.csv")).find(|row| row.get(4) == Some(&code))?;
    row.get(5).copied()
}

/// The rows of one of our own files: comma-separated, no quotes, one heading line.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| line.split(',').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert_eq!(INDUSTRIES.len(), 97);
        assert_eq!(TOWNS.len(), 6);
        assert!(INDUSTRIES.iter().all(|row| row.code.len() == 2 && !row.name.is_empty()));
        assert!(
            TOWNS
                .iter()
                .all(|row| row.code.len() == 9 && row.code.starts_with(row.district_code))
        );
        assert!(
            INDUSTRIES.len() <= 128,
            "the engine holds a list of divisions in 128 bits"
        );
    }
}
