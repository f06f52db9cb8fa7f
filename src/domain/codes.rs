//! Closed code lists of the field: each code once, with its 中文 label.
//!
//! A list is an enum made by `codes!`; its order is the order of the tables in the matching
//! contract, and matters where a rule says "in the order of the table" (repayment methods).
//! [`Set`] holds several codes of one list as bits, so that "the two share one" is one `&`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::marker::PhantomData;

/// A code of a closed list: its wire form and its 中文 label.
pub trait Code: Copy + Eq + fmt::Debug + 'static {
    /// Every code, in the order of its table.
    const ALL: &'static [Self];
    /// What the list is called in error messages.
    const LIST: &'static str;
    /// The code as it stands in files, the API and the database.
    fn code(self) -> &'static str;
    /// The label shown on pages.
    fn label(self) -> &'static str;
    /// Position in [`Code::ALL`].
    fn index(self) -> usize;

    /// The code named `text`, compared as bytes.
    #[must_use]
    fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.code() == text)
    }
}

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal $label:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $label] $variant,)+ }

        impl $name {
            /// Codes and labels, in the order of the list.
            pub const TABLE: &'static [(&'static str, &'static str)] = &[$(($code, $label),)+];
        }

        impl $crate::domain::codes::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            const LIST: &'static str = stringify!($name);
            fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }
            fn index(self) -> usize { self as usize }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::domain::codes::Code::code(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::domain::codes::deserialize_code(deserializer)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::domain::codes::Code::code(*self))
            }
        }
    };
}
pub(super) use codes;

/// Reads one code of a closed list; the error names the list and the codes it knows.
///
/// # Errors
/// When the text is no code of the list.
pub fn deserialize_code<'de, D: Deserializer<'de>, T: Code>(deserializer: D) -> Result<T, D::Error> {
    struct Visitor<T>(PhantomData<T>);
    impl<T: Code> de::Visitor<'_> for Visitor<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "one of")?;
            T::ALL.iter().try_for_each(|code| write!(f, " {}", code.code()))
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            T::find(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_str(Visitor(PhantomData))
}

codes! {
    /// Product kinds.
    Kind {
        Specialised = "specialised" "专精特新贷",
        Plant = "plant" "厂房贷",
        TechUpgrade = "tech_upgrade" "技改贷",
        FinanceLease = "finance_lease" "融资租赁",
        Relay = "relay" "接力贷",
        AnnualReview = "annual_review" "年审贷",
        Revolving = "revolving" "循环贷",
    }
}

codes! {
    /// What the money is for.
    Purpose {
        WorkingCapital = "working_capital" "日常周转",
        Research = "research" "科技研发",
        TechUpgrade = "tech_upgrade" "技术改造",
        Commercialisation = "commercialisation" "成果转化",
        FixedAssets = "fixed_assets" "购置固定资产",
        Refinancing = "refinancing" "续贷",
    }
}

codes! {
    /// How a loan is secured.
    Guarantee {
        Credit = "credit" "信用",
        Guarantor = "guarantor" "保证",
        Mortgage = "mortgage" "抵押",
        Pledge = "pledge" "质押",
    }
}

codes! {
    /// How principal and interest come back; the order decides ties between methods of one cost.
    Repayment {
        EqualInstalment = "equal_instalment" "等额本息",
        EqualPrincipal = "equal_principal" "等额本金",
        InterestOnly = "interest_only" "先息后本",
        Bullet = "bullet" "利随本清",
        OnDemand = "on_demand" "随借随还",
    }
}

codes! {
    /// Where a product is in its life.
    ProductStatus {
        Draft = "draft" "草稿",
        Open = "open" "在售",
        Suspended = "suspended" "暂停",
        Closed = "closed" "停售",
    }
}

codes! {
    /// What a fee is charged for.
    FeeKind {
        Guarantee = "guarantee" "担保费",
        Appraisal = "appraisal" "评估费",
        Registration = "registration" "抵押登记费",
        Notary = "notary" "公证费",
        Insurance = "insurance" "保险费",
        Intermediary = "intermediary" "中介服务费",
        Handling = "handling" "手续费",
        Other = "other" "其他费用",
        // What no bank may charge, or none of a small firm: known only so that it can be refused by name.
        FundManagement = "fund_management" "资金管理费",
        EntrustedPayment = "entrusted_payment" "受托支付划拨费",
        EarlyRepayment = "early_repayment" "提前还款违约金",
        LateDrawing = "late_drawing" "延迟提款违约金",
        Commitment = "commitment" "透支承诺费",
        Certificate = "certificate" "资信证明费",
    }
}

codes! {
    /// How the days of an interest period count.
    DayCount {
        Act360 = "act/360" "实际天数/360",
        Act365 = "act/365" "实际天数/365",
    }
}

codes! {
    /// What a fee's value is measured on, and when it falls due.
    FeeBasis {
        UpfrontRate = "upfront_rate" "放款时按金额",
        UpfrontFixed = "upfront_fixed" "放款时定额",
        AnnualRate = "annual_rate" "每年按金额",
        AnnualOnBalance = "annual_on_balance" "每年按余额",
        MonthlyRate = "monthly_rate" "每月按金额",
    }
}

codes! {
    /// Who pays a fee.
    Bearer {
        Borrower = "borrower" "企业承担",
        Bank = "bank" "银行承担",
    }
}

codes! {
    /// Which rate a product's spread stands on.
    RateBase {
        Lpr1y = "lpr_1y" "1年期LPR",
        Lpr5y = "lpr_5y" "5年期以上LPR",
        LprByTerm = "lpr_by_term" "按期限取LPR",
        Fixed = "fixed" "固定利率",
    }
}

codes! {
    /// 梯度培育层级, low to high.
    Tier {
        None = "none" "未入库",
        Candidate = "candidate" "入库培育",
        Innovative = "innovative" "创新型",
        Specialised = "specialised" "专精特新",
        LittleGiant = "little_giant" "小巨人",
    }
}

codes! {
    /// 企业规模, small to large (工信部联企业〔2011〕300号).
    Size {
        Micro = "micro" "微型",
        Small = "small" "小型",
        Medium = "medium" "中型",
        Large = "large" "大型",
    }
}

codes! {
    /// 规改股/新三板/北交所/沪深, far from to near to the market.
    ListingStage {
        None = "none" "未启动",
        Reformed = "reformed" "已规改股",
        Neeq = "neeq" "新三板",
        Bse = "bse" "北交所",
        MainBoard = "main_board" "沪深",
    }
}

codes! {
    /// 纳税信用等级, worst to best; M is for the newly registered.
    TaxGrade {
        D = "D" "D级",
        C = "C" "C级",
        M = "M" "M级",
        B = "B" "B级",
        A = "A" "A级",
    }
}

codes! {
    /// 海关信用等级, worst to best.
    CustomsGrade {
        Dishonest = "dishonest" "失信企业",
        Registered = "registered" "注册登记备案",
        Advanced = "advanced" "高级认证",
    }
}

codes! {
    /// 资质称号.
    Title {
        HighTech = "high_tech" "高新技术企业",
        TechSme = "tech_sme" "科技型中小企业",
        Champion = "champion" "单项冠军",
        IpModel = "ip_model" "知识产权优势示范",
        Gazelle = "gazelle" "瞪羚",
    }
}

codes! {
    /// Who vouches for a fact.
    Owner {
        Science = "science" "科工信局",
        Market = "market" "市场监管局",
        Centre = "centre" "金融服务中心",
        SocialSecurity = "social_security" "人社局",
        Tax = "tax" "税务局",
        Bank = "bank" "银行",
        Land = "land" "资源规划局",
        Customs = "customs" "海关",
        Development = "development" "发改委",
    }
}

/// Several codes of one list, as bits by [`Code::index`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set<T>(u8, PhantomData<T>);

impl<T: Code> Set<T> {
    /// No code.
    pub const EMPTY: Self = Self(0, PhantomData);

    /// The bits, bit `n` for the code at index `n`.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with these bits, which came from [`Set::bits`].
    #[must_use]
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits, PhantomData)
    }

    /// Whether it holds no code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether `code` is among them.
    #[must_use]
    pub fn has(self, code: T) -> bool {
        self.0 & (1 << code.index()) != 0
    }

    /// The codes that both hold.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0, PhantomData)
    }

    /// This set and `code`.
    #[must_use]
    pub fn with(self, code: T) -> Self {
        Self(self.0 | (1 << code.index()), PhantomData)
    }

    /// This set but for `code`.
    #[must_use]
    pub fn without(self, code: T) -> Self {
        Self(self.0 & !(1 << code.index()), PhantomData)
    }

    /// The first code in the order of their table.
    #[must_use]
    pub fn first(self) -> Option<T> {
        T::ALL.get(self.0.trailing_zeros() as usize).copied()
    }

    /// The codes in the order of their table.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = T> {
        T::ALL.iter().copied().filter(move |code| self.has(*code))
    }
}

impl<T: Code> Default for Set<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Code> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(codes: I) -> Self {
        codes.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl<T: Code> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Code + Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Code + Deserialize<'de>> Deserialize<'de> for Set<T> {
    /// A list without repeats; a repeat is an error. Whether it may be empty is the form's rule.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = Self::EMPTY;
        for code in Vec::<T>::deserialize(deserializer)? {
            if set.has(code) {
                return Err(de::Error::custom(format_args!("duplicate value {}", code.code())));
            }
            set = set.with(code);
        }
        Ok(set)
    }
}
