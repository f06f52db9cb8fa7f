//! The closed vocabulary of facts: ONE table, and the values it allows.
//!
//! A later fact is one more line in `facts!` below; everything that enumerates facts (parsing, the
//! engine, import, pages) reads the table. A value is held as one whole number, [`FactValue`], whose
//! meaning its key gives: a level's or a code's position, a set's bits, 分, bp, a count, 0 or 1.

use super::codes::{CustomsGrade, ListingStage, Owner, Size, TaxGrade, Tier, Title};
use super::dates::Day;
use super::invalid::Rule;
use super::money::Fen;
use super::reference::{self, INDUSTRIES, TOWNS};
use super::scalar::Scalar;
use chrono::Datelike;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What the values of a fact are.
#[derive(Clone, Copy, Debug)]
pub enum FactType {
    /// One of a ranked list, low to high: code and label.
    Ordinal(&'static [(&'static str, &'static str)]),
    /// Any number of a list.
    Set(&'static [(&'static str, &'static str)]),
    /// A division of GB/T 4754.
    Industry,
    /// A town of a district.
    Town,
    /// A count from 0 to `max`, with its counting word.
    Integer {
        /// The largest value.
        max: i64,
        /// The word behind the number.
        unit: &'static str,
    },
    /// 分.
    Money {
        /// Whether it may be below 0.
        signed: bool,
    },
    /// Basis points.
    Bp {
        /// Whether it may be below 0.
        signed: bool,
    },
    /// Yes or no.
    Flag,
}

/// How long a value holds where it comes without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShelfLife {
    /// So many days from the day of observation.
    Days(u16),
    /// So many months from the day of observation.
    Months(u16),
    /// Until the next yearly 纳税信用 rating; published in April (unverified as a rule).
    NextRating,
    /// Until its own end, which comes with it or does not exist.
    OwnEnd,
}

/// How the values of several banks become the one that the engine sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// There is one source: the newest observation counts.
    Newest,
    /// The banks' values add up.
    Sum,
    /// The largest counts.
    Max,
}

/// A line of the table.
#[derive(Debug)]
pub struct FactSpec {
    /// Its key.
    pub key: FactKey,
    /// The key in files and the API.
    pub code: &'static str,
    /// What its values are.
    pub kind: FactType,
    /// Who vouches for it.
    pub owner: Owner,
    /// How long a value holds.
    pub shelf_life: ShelfLife,
    /// How several banks' values combine.
    pub combine: Combine,
    /// 中文 label.
    pub label: &'static str,
}

macro_rules! facts {
    ($($variant:ident $code:literal $kind:expr, $owner:ident, $life:expr, $combine:ident, $label:literal;)+) => {
        /// The key of a fact.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum FactKey { $(#[doc = $label] $variant,)+ }

        /// The vocabulary, in the order of [`FactKey`].
        pub static FACTS: [FactSpec; [$($code),+].len()] = [$(FactSpec {
            key: FactKey::$variant,
            code: $code,
            kind: $kind,
            owner: Owner::$owner,
            shelf_life: $life,
            combine: Combine::$combine,
            label: $label,
        },)+];

        impl FactKey {
            /// Its line of the table.
            #[must_use]
            pub fn spec(self) -> &'static FactSpec {
                // The array is made from the same list as the enum, so this index is always inside it.
                #[expect(clippy::indexing_slicing, reason = "the enum and the table come from one list")]
                &FACTS[self as usize]
            }
        }
    };
}

const fn count(unit: &'static str) -> FactType {
    FactType::Integer { max: Fen::LIMIT, unit }
}
const MONEY: FactType = FactType::Money { signed: false };
const BP: FactType = FactType::Bp { signed: false };
const YEARLY: ShelfLife = ShelfLife::Months(18);

facts! {
    Tier "tier" FactType::Ordinal(Tier::TABLE), Science, ShelfLife::OwnEnd, Newest, "梯度培育层级";
    Titles "titles" FactType::Set(Title::TABLE), Science, ShelfLife::OwnEnd, Newest, "资质称号";
    Size "size" FactType::Ordinal(Size::TABLE), Science, YEARLY, Newest, "企业规模";
    Industry "industry" FactType::Industry, Market, ShelfLife::OwnEnd, Newest, "行业大类";
    Town "town" FactType::Town, Market, ShelfLife::OwnEnd, Newest, "所在镇办";
    AgeMonths "age_months" count("个月"), Market, ShelfLife::OwnEnd, Newest, "成立月数";
    RepAge "rep_age" count("岁"), Market, YEARLY, Newest, "法定代表人年龄";
    ListingStage "listing_stage" FactType::Ordinal(ListingStage::TABLE), Centre, ShelfLife::OwnEnd, Newest, "上市进程";
    Employees "employees" count("人"), SocialSecurity, YEARLY, Newest, "从业人数";
    InsuredHeadcount "insured_headcount" count("人"), SocialSecurity, ShelfLife::Days(90), Newest, "参保人数";
    InsuredMonths "insured_months" count("个月"), SocialSecurity, ShelfLife::Days(90), Newest, "连续参保月数";
    RevenueFen "revenue_fen" MONEY, Tax, YEARLY, Newest, "上年营业收入";
    RevenueGrowthBp "revenue_growth_bp" FactType::Bp { signed: true }, Tax, YEARLY, Newest, "营业收入增长率";
    MainBusinessBp "main_business_bp" BP, Tax, YEARLY, Newest, "主营业务收入占比";
    TotalAssetsFen "total_assets_fen" MONEY, Tax, YEARLY, Newest, "资产总额";
    EquityFen "equity_fen" FactType::Money { signed: true }, Tax, YEARLY, Newest, "净资产";
    DebtRatioBp "debt_ratio_bp" BP, Tax, YEARLY, Newest, "资产负债率";
    RdExpenseFen "rd_expense_fen" MONEY, Tax, YEARLY, Newest, "上年研发费用";
    TaxGrade "tax_grade" FactType::Ordinal(TaxGrade::TABLE), Tax, ShelfLife::NextRating, Newest, "纳税信用等级";
    TaxPaidFen "tax_paid_fen" MONEY, Tax, YEARLY, Newest, "近12个月纳税额";
    TaxArrears "tax_arrears" FactType::Flag, Tax, ShelfLife::Days(90), Newest, "欠税";
    RdIntensityBp "rd_intensity_bp" BP, Science, YEARLY, Newest, "研发强度";
    InventionPatents "invention_patents" count("件"), Science, YEARLY, Newest, "发明专利数";
    IpClass1 "ip_class1" count("项"), Science, YEARLY, Newest, "Ⅰ类知识产权数";
    IpClass2 "ip_class2" count("项"), Science, YEARLY, Newest, "Ⅱ类知识产权数";
    SegmentMonths "segment_months" count("个月"), Science, YEARLY, Newest, "从事细分市场月数";
    SettlementInflowFen "settlement_inflow_fen" MONEY, Bank, ShelfLife::Days(90), Sum, "近12个月结算流入";
    SettlementActiveMonths "settlement_active_months" FactType::Integer { max: 12, unit: "个月" }, Bank, ShelfLife::Days(90), Max, "结算活跃月数";
    OverdueDays "overdue_days" count("天"), Bank, ShelfLife::Days(30), Max, "当前逾期天数";
    LoanToSalesBp "loan_to_sales_bp" BP, Bank, ShelfLife::Days(90), Sum, "贷款余额与销售收入之比";
    LandM2 "land_m2" count("平方米"), Land, YEARLY, Newest, "土地使用权面积";
    PlantM2 "plant_m2" count("平方米"), Land, YEARLY, Newest, "自有厂房面积";
    TradeValueFen "trade_value_fen" MONEY, Customs, YEARLY, Newest, "近12个月进出口额";
    CustomsGrade "customs_grade" FactType::Ordinal(CustomsGrade::TABLE), Customs, ShelfLife::OwnEnd, Newest, "海关信用等级";
    CourtEnforcement "court_enforcement" FactType::Flag, Development, ShelfLife::Days(30), Newest, "失信被执行人";
}

/// How many facts there are.
pub const FACT_COUNT: usize = FACTS.len();

impl FactKey {
    /// The fact with this key.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        FACTS.iter().find(|spec| spec.code == code).map(|spec| spec.key)
    }

    /// Its key in files and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.spec().code
    }

    /// Its 中文 label.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.spec().label
    }

    /// Whether it is computed and never stored (`age_months`, from the date of establishment).
    #[must_use]
    pub fn is_derived(self) -> bool {
        self == Self::AgeMonths
    }

    /// Reads a value of this fact.
    ///
    /// # Errors
    /// A value of another type, outside its bounds, or no code of its table.
    pub fn value(self, scalar: &Scalar) -> Result<FactValue, Rule> {
        self.spec().kind.value(scalar)
    }
}

/// A value of a fact; what the number means is its key's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactValue(pub(crate) i64);

impl FactValue {
    /// The number that the engine compares.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl FactType {
    /// Reads a value of this type.
    ///
    /// # Errors
    /// A value of another type, outside its bounds, or no code of its table.
    pub fn value(self, scalar: &Scalar) -> Result<FactValue, Rule> {
        match (self, scalar) {
            (Self::Set(_), Scalar::List(codes)) => self.set(codes),
            (Self::Ordinal(_) | Self::Industry | Self::Town, Scalar::Text(code)) => self.position(code),
            (Self::Flag, Scalar::Flag(flag)) => Ok(FactValue(i64::from(*flag))),
            (Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. }, Scalar::Number(number)) => {
                let (min, max) = self.bounds();
                if *number < min || *number > max {
                    Err(Rule::OutOfRange { min, max })
                } else {
                    Ok(FactValue(*number))
                }
            }
            _ => Err(Rule::WrongType(self.expects())),
        }
    }

    /// The position of one code of this type's table.
    ///
    /// # Errors
    /// When the code is not in the table.
    pub fn position(self, code: &str) -> Result<FactValue, Rule> {
        let place = match self {
            Self::Ordinal(table) | Self::Set(table) => table.iter().position(|(known, _)| *known == code),
            Self::Industry => reference::industry(code).map(|(place, _)| place),
            Self::Town => reference::town(code).map(|(place, _)| place),
            Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. } | Self::Flag => None,
        };
        let place = place.and_then(|place| i64::try_from(place).ok());
        place.map(FactValue).ok_or_else(|| Rule::UnknownCode(code.to_owned()))
    }

    /// The bits of a list of codes of this type's table.
    ///
    /// # Errors
    /// A code that is not in the table, or that comes twice.
    pub fn set(self, codes: &[String]) -> Result<FactValue, Rule> {
        codes.iter().try_fold(FactValue(0), |set, code| {
            let bit = 1 << self.position(code)?.get();
            if set.0 & bit == 0 {
                Ok(FactValue(set.0 | bit))
            } else {
                Err(Rule::Duplicate(code.clone()))
            }
        })
    }

    /// How many values a type of codes has: they are 0 to one below; 0 for a numeric type.
    #[must_use]
    pub fn value_count(self) -> i64 {
        let count = match self {
            Self::Ordinal(table) => table.len(),
            Self::Set(table) => 1 << table.len(),
            Self::Industry => INDUSTRIES.len(),
            Self::Town => TOWNS.len(),
            Self::Flag => 2,
            Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. } => 0,
        };
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// Least and largest number of a numeric type.
    const fn bounds(self) -> (i64, i64) {
        match self {
            Self::Integer { max, .. } => (0, max),
            Self::Money { signed: true } | Self::Bp { signed: true } => (-Fen::LIMIT, Fen::LIMIT),
            _ => (0, Fen::LIMIT),
        }
    }

    const fn expects(self) -> &'static str {
        match self {
            Self::Ordinal(_) | Self::Industry | Self::Town => "代码文字",
            Self::Set(_) => "代码列表",
            Self::Integer { .. } => "整数",
            Self::Money { .. } => "以分为单位的整数",
            Self::Bp { .. } => "以基点为单位的整数",
            Self::Flag => "true 或 false",
        }
    }

    /// The code at a position of this type's table.
    pub(crate) fn code_at(self, place: i64) -> &'static str {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        match self {
            Self::Ordinal(table) | Self::Set(table) => table.get(place).map_or("", |(code, _)| code),
            Self::Industry => INDUSTRIES.get(place).map_or("", |industry| industry.code),
            Self::Town => TOWNS.get(place).map_or("", |town| town.code),
            Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. } | Self::Flag => "",
        }
    }

    /// The label at a position of this type's table.
    fn label_at(self, place: i64) -> &'static str {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        match self {
            Self::Ordinal(table) | Self::Set(table) => table.get(place).map_or("", |(_, label)| label),
            Self::Industry => INDUSTRIES.get(place).map_or("", |industry| industry.name),
            Self::Town => TOWNS.get(place).map_or("", |town| town.name),
            Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. } | Self::Flag => "",
        }
    }

    /// The value as it stands in files and the API.
    #[must_use]
    pub fn scalar(self, value: FactValue) -> Scalar {
        match self {
            Self::Ordinal(_) | Self::Industry | Self::Town => Scalar::Text(self.code_at(value.0).to_owned()),
            Self::Set(_) => Scalar::List(members(value).map(|place| self.code_at(place).to_owned()).collect()),
            Self::Integer { .. } | Self::Money { .. } | Self::Bp { .. } => Scalar::Number(value.0),
            Self::Flag => Scalar::Flag(value.0 != 0),
        }
    }

    /// The value in Chinese, with its unit: `2,860 万元`, `专精特新`, `41 个月`, `3.5%`.
    #[must_use]
    pub fn show(self, value: FactValue) -> String {
        match self {
            Self::Ordinal(_) | Self::Industry | Self::Town => self.label_at(value.0).to_owned(),
            Self::Set(_) => {
                let labels: Vec<_> = members(value).map(|place| self.label_at(place)).collect();
                if labels.is_empty() {
                    "无".to_owned()
                } else {
                    labels.join("、")
                }
            }
            Self::Integer { unit, .. } => format!("{} {unit}", super::money::thousands(value.0.unsigned_abs())),
            Self::Money { .. } => Fen::new(value.0).map_or_else(String::new, |fen| format!("{} 万元", fen.to_wan())),
            Self::Bp { .. } => super::rate::percent(value.0),
            Self::Flag => if value.0 == 0 { "否" } else { "是" }.to_owned(),
        }
    }

    /// A list of codes (bits, one a position) in Chinese.
    #[must_use]
    pub fn show_list(self, bits: u128) -> String {
        let labels: Vec<_> = (0..128)
            .filter(|place| bits >> place & 1 == 1)
            .map(|place| self.label_at(place))
            .collect();
        labels.join("、")
    }
}

/// The positions that a set holds.
fn members(set: FactValue) -> impl Iterator<Item = i64> {
    (0..63).filter(move |place| set.0 >> place & 1 == 1)
}

impl ShelfLife {
    /// The last day on which a value observed on `observed` holds.
    #[must_use]
    pub fn ends(self, observed: Day) -> Option<Day> {
        match self {
            Self::Days(days) => Some(observed.plus_days(i64::from(days))),
            Self::Months(months) => Some(observed.plus_months(u32::from(months))),
            Self::NextRating => {
                let year = observed.naive().year();
                let this_year = Day::from_ymd(year, 4, 30);
                if this_year.is_some_and(|rating| observed < rating) {
                    this_year
                } else {
                    Day::from_ymd(year + 1, 4, 30)
                }
            }
            Self::OwnEnd => None,
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for FactKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for FactKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::find(&code).ok_or_else(|| serde::de::Error::custom(format_args!("unknown fact {code:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_keys() {
        for (place, spec) in FACTS.iter().enumerate() {
            assert_eq!(spec.key as usize, place);
            assert_eq!(FactKey::find(spec.code), Some(spec.key));
        }
        const { assert!(FACT_COUNT <= 64, "the engine holds known and verified as 64 bits") };
    }

    #[test]
    fn values_come_back_as_they_were_written() {
        let samples = [
            (FactKey::Tier, Scalar::Text("specialised".into())),
            (
                FactKey::Titles,
                Scalar::List(vec!["high_tech".into(), "gazelle".into()]),
            ),
            (FactKey::Industry, Scalar::Text("35".into())),
            (FactKey::Town, Scalar::Text("410106100".into())),
            (FactKey::EquityFen, Scalar::Number(-5)),
            (FactKey::TaxArrears, Scalar::Flag(false)),
        ];
        for (key, scalar) in samples {
            let value = key.value(&scalar).expect("a sample is valid");
            assert_eq!(key.spec().kind.scalar(value), scalar);
        }
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        assert!(FactKey::Employees.value(&Scalar::Number(-1)).is_err());
        assert!(FactKey::SettlementActiveMonths.value(&Scalar::Number(13)).is_err());
        assert!(FactKey::RevenueFen.value(&Scalar::Number(Fen::LIMIT + 1)).is_err());
        assert!(FactKey::Tier.value(&Scalar::Text("gold".into())).is_err());
        assert!(
            FactKey::Titles
                .value(&Scalar::List(vec!["gazelle".into(), "gazelle".into()]))
                .is_err()
        );
        assert!(FactKey::TaxArrears.value(&Scalar::Number(0)).is_err());
        assert!(FactKey::Industry.value(&Scalar::Text("99".into())).is_err());
    }

    #[test]
    fn a_tax_grade_holds_until_the_next_rating() {
        let day = |text: &str| text.parse::<Day>().expect("a date");
        assert_eq!(ShelfLife::NextRating.ends(day("2026-05-10")), Some(day("2027-04-30")));
        assert_eq!(ShelfLife::NextRating.ends(day("2026-02-10")), Some(day("2026-04-30")));
        assert_eq!(ShelfLife::Days(30).ends(day("2026-01-31")), Some(day("2026-03-02")));
    }
}
