//! 企业规模 by 工信部联企业〔2011〕300号: which class an enterprise's figures put it in.
//!
//! The bounds are data (`config/size-classes.csv`, sources in `docs/sources.md`), built into the
//! program. Which figures count depends on the industry's group; some industries have no rule, and
//! divisions 59 and 70 fall into several groups, of which somebody has to choose one.

use super::codes::Size;
use super::dates::Day;
use super::enterprise::Enterprise;
use super::facts::FactKey;
use super::money::Fen;
use super::reference::{industry, rows};
use std::sync::LazyLock;

/// A figure that the standard measures by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// 从业人员.
    Employees,
    /// 营业收入.
    Revenue,
    /// 资产总额.
    Assets,
}

/// One line of the standard: from which figures on an enterprise is large, medium, small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What is measured.
    pub metric: Metric,
    /// 大型 from here on, in people or 分.
    pub large: i64,
    /// 中型 from here on.
    pub medium: i64,
    /// 小型 from here on; below is 微型.
    pub small: i64,
}

impl Bounds {
    /// The class that this figure alone would give.
    const fn class(&self, figure: i64) -> Size {
        if figure >= self.large {
            Size::Large
        } else if figure >= self.medium {
            Size::Medium
        } else if figure >= self.small {
            Size::Small
        } else {
            Size::Micro
        }
    }
}

/// A group of industries that are measured alike.
#[derive(Debug, PartialEq, Eq)]
pub struct SizeGroup {
    /// Its code in `config/industries.csv`.
    pub code: &'static str,
    /// As the standard names it.
    pub name: &'static str,
    /// One line for each figure that counts: one or two.
    pub bounds: Vec<Bounds>,
}

/// The 16 groups, in the order of the standard.
pub static SIZE_GROUPS: LazyLock<Vec<SizeGroup>> = LazyLock::new(|| {
    let mut groups: Vec<SizeGroup> = Vec::new();
    for row in rows(include_str!("../../config/size-classes.csv")) {
        let [code, name, metric, _, _, large, medium, small, _] = row[..] else {
            continue;
        };
        let Some(bounds) = bounds(metric, [large, medium, small]) else {
            continue;
        };
        match groups.last_mut() {
            Some(group) if group.code == code => group.bounds.push(bounds),
            _ => groups.push(SizeGroup {
                code,
                name,
                bounds: vec![bounds],
            }),
        }
    }
    groups
});

/// Reads a line's bounds; money stands in 万元 there.
fn bounds(metric: &str, bounds: [&str; 3]) -> Option<Bounds> {
    const FEN_OF_A_WAN: i64 = 1_000_000;
    let (metric, unit) = match metric {
        "employees" => (Metric::Employees, 1),
        "revenue" => (Metric::Revenue, FEN_OF_A_WAN),
        "assets" => (Metric::Assets, FEN_OF_A_WAN),
        _ => return None,
    };
    let [large, medium, small] = bounds.map(|bound| bound.parse::<i64>().ok()?.checked_mul(unit));
    Some(Bounds {
        metric,
        large: large?,
        medium: medium?,
        small: small?,
    })
}

/// The group with this code.
#[must_use]
pub fn size_group(code: &str) -> Option<&'static SizeGroup> {
    SIZE_GROUPS.iter().find(|group| group.code == code)
}

/// The groups of a division of GB/T 4754: mostly one, several where the division is split, none where
/// the standard has no rule for it.
pub fn groups_of_division(division: &str) -> impl Iterator<Item = &'static SizeGroup> {
    industry(division)
        .into_iter()
        .flat_map(|(_, industry)| &industry.size_groups)
        .filter_map(|code| size_group(code))
}

/// The class of an enterprise of this group; none where a figure that counts is not known.
///
/// A class needs every figure at or above its bound, so the figure that reaches least decides.
#[must_use]
pub fn size_of(
    group: &SizeGroup,
    employees: Option<i64>,
    revenue_fen: Option<Fen>,
    assets_fen: Option<Fen>,
) -> Option<Size> {
    let class = |bounds: &Bounds| {
        let figure = match bounds.metric {
            Metric::Employees => employees,
            Metric::Revenue => revenue_fen.map(Fen::get),
            Metric::Assets => assets_fen.map(Fen::get),
        };
        figure.map(|figure| bounds.class(figure))
    };
    // An unknown class orders below every known one, so one unknown figure leaves all unknown.
    group.bounds.iter().map(class).min().flatten()
}

/// The class that an enterprise's figures put it in, to be shown beside the stored one as a check.
///
/// None where a figure that counts is not known on `day`, where the standard has no rule for the industry, or
/// where its division falls into groups that do not agree.
#[must_use]
pub fn computed_size(enterprise: &Enterprise, day: Day) -> Option<Size> {
    let figure = |key| enterprise.fact_on(key, day).map(|fact| fact.value.get());
    let money = |key| figure(key).and_then(Fen::new);
    let division = FactKey::Industry.spec().kind.code_at(figure(FactKey::Industry)?);
    let mut classes = groups_of_division(division).map(|group| {
        size_of(
            group,
            figure(FactKey::Employees),
            money(FactKey::RevenueFen),
            money(FactKey::TotalAssetsFen),
        )
    });
    let first = classes.next()??;
    classes.all(|class| class == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The class where this figure has this value and every other one is beyond all bounds.
    fn by(group: &SizeGroup, metric: Metric, figure: i64) -> Option<Size> {
        let of = |other| if metric == other { figure } else { Fen::LIMIT };
        let money = |other| Some(Fen::new(of(other)).expect("money"));
        size_of(
            group,
            Some(of(Metric::Employees)),
            money(Metric::Revenue),
            money(Metric::Assets),
        )
    }

    fn holds_one_line(group: &str, metric: Metric, [large, medium, small]: [i64; 3]) {
        let group = size_group(group).expect("a group");
        let unit = if metric == Metric::Employees { 1 } else { 1_000_000 };
        let steps = [
            (large, Size::Large, Size::Medium),
            (medium, Size::Medium, Size::Small),
            (small, Size::Small, Size::Micro),
        ];
        for (bound, reached, missed) in steps {
            assert_eq!(by(group, metric, bound * unit), Some(reached), "at {bound}");
            assert_eq!(by(group, metric, bound * unit - 1), Some(missed), "one below {bound}");
        }
        assert_eq!(by(group, metric, 0), Some(Size::Micro));
    }

    /// A test for each line of the standard; money in 万元.
    macro_rules! lines {
        ($($test:ident: $group:literal $metric:ident $large:literal $medium:literal $small:literal;)+) => {
            $(#[test]
            fn $test() {
                holds_one_line($group, Metric::$metric, [$large, $medium, $small]);
            })+

            #[test]
            fn every_line_of_the_table_has_its_test() {
                let tested = [$(($group, Metric::$metric)),+];
                let lines: Vec<_> = SIZE_GROUPS
                    .iter()
                    .flat_map(|group| group.bounds.iter().map(|bounds| (group.code, bounds.metric)))
                    .collect();
                assert_eq!(lines, tested);
                assert_eq!((lines.len(), SIZE_GROUPS.len()), (30, 16));
            }
        };
    }

    lines! {
        agriculture_by_revenue: "agriculture" Revenue 20_000 500 50;
        industry_by_employees: "industry" Employees 1_000 300 20;
        industry_by_revenue: "industry" Revenue 40_000 2_000 300;
        construction_by_revenue: "construction" Revenue 80_000 6_000 300;
        construction_by_assets: "construction" Assets 80_000 5_000 300;
        wholesale_by_employees: "wholesale" Employees 200 20 5;
        wholesale_by_revenue: "wholesale" Revenue 40_000 5_000 1_000;
        retail_by_employees: "retail" Employees 300 50 10;
        retail_by_revenue: "retail" Revenue 20_000 500 100;
        transport_by_employees: "transport" Employees 1_000 300 20;
        transport_by_revenue: "transport" Revenue 30_000 3_000 200;
        warehousing_by_employees: "warehousing" Employees 200 100 20;
        warehousing_by_revenue: "warehousing" Revenue 30_000 1_000 100;
        postal_by_employees: "postal" Employees 1_000 300 20;
        postal_by_revenue: "postal" Revenue 30_000 2_000 100;
        accommodation_by_employees: "accommodation" Employees 300 100 10;
        accommodation_by_revenue: "accommodation" Revenue 10_000 2_000 100;
        catering_by_employees: "catering" Employees 300 100 10;
        catering_by_revenue: "catering" Revenue 10_000 2_000 100;
        information_by_employees: "information" Employees 2_000 100 10;
        information_by_revenue: "information" Revenue 100_000 1_000 100;
        software_by_employees: "software" Employees 300 100 10;
        software_by_revenue: "software" Revenue 10_000 1_000 50;
        real_estate_development_by_revenue: "real_estate_development" Revenue 200_000 1_000 100;
        real_estate_development_by_assets: "real_estate_development" Assets 10_000 5_000 2_000;
        property_management_by_employees: "property_management" Employees 1_000 300 100;
        property_management_by_revenue: "property_management" Revenue 5_000 1_000 500;
        leasing_business_by_employees: "leasing_business" Employees 300 100 10;
        leasing_business_by_assets: "leasing_business" Assets 120_000 8_000 100;
        other_by_employees: "other" Employees 300 100 10;
    }

    #[test]
    fn one_figure_is_enough_where_one_counts_and_both_are_needed_where_two_do() {
        let group = |code| size_group(code).expect("a group");
        let wan = |wan: i64| Fen::new(wan * 1_000_000);
        assert_eq!(size_of(group("other"), Some(100), None, None), Some(Size::Medium));
        assert_eq!(size_of(group("agriculture"), None, wan(50), None), Some(Size::Small));
        assert_eq!(size_of(group("industry"), Some(5_000), None, wan(1)), None);
        assert_eq!(size_of(group("industry"), None, wan(1), None), None);
        assert_eq!(
            size_of(group("industry"), Some(5_000), wan(299), None),
            Some(Size::Micro)
        );
    }

    #[test]
    fn divisions_name_groups_that_exist() {
        let groups = |division| groups_of_division(division).map(|group| group.code).collect::<Vec<_>>();
        assert_eq!(groups("35"), ["industry"]);
        assert_eq!(groups("59"), ["transport", "warehousing"]);
        assert_eq!(
            groups("70"),
            ["real_estate_development", "property_management", "other"]
        );
        assert!(groups("66").is_empty() && groups("99").is_empty());
        for industry in super::super::reference::INDUSTRIES.iter() {
            assert_eq!(groups(industry.code), industry.size_groups, "{}", industry.code);
        }
    }

    #[test]
    fn the_standard_says_single_where_one_line_decides() {
        for row in rows(include_str!("../../config/size-classes.csv")) {
            let lines = size_group(row[0]).expect("a group").bounds.len();
            assert_eq!(row[8], if lines == 1 { "single" } else { "all" }, "{}", row[0]);
        }
    }

    fn enterprise(facts: &str) -> Enterprise {
        let form = format!(r#"{{"uscc":"91110108595170040E","name":"示例","facts":{facts}}}"#);
        Enterprise::parse(serde_json::from_str(&form).expect("a form")).expect("an enterprise")
    }

    #[test]
    fn an_enterprise_is_measured_by_its_own_figures_where_all_that_count_are_known() {
        let day = "2026-11-01".parse().expect("a day");
        let facts = |rest: &str| format!(r#"{{"industry":{{"value":"35","verified":true}}{rest}}}"#);
        let employees = r#","employees":{"value":320,"verified":true}"#;
        let revenue = r#","revenue_fen":{"value":1500000000,"verified":true}"#;
        // 工业: 中型 needs 300 people and 2,000 万元; the revenue reaches only 小型.
        let both = facts(&format!("{employees}{revenue}"));
        assert_eq!(computed_size(&enterprise(&both), day), Some(Size::Small));
        assert_eq!(computed_size(&enterprise(&facts(employees)), day), None);
        assert_eq!(computed_size(&enterprise("{}"), day), None);
        let expired = r#","revenue_fen":{"value":1500000000,"verified":true,"valid_until":"2026-10-31"}"#;
        let old = facts(&format!("{employees}{expired}"));
        assert_eq!(computed_size(&enterprise(&old), day), None);
    }
}
