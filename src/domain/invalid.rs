//! What can be wrong with a field: one closed list, with a stable code and a Chinese sentence.

use super::dates::Day;
use super::money::Fen;
use std::fmt;

/// A field that breaks a rule: where it stands and which rule it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the field in its form: `criteria[2].value`; empty for the form as a whole.
    pub field: String,
    /// The rule it breaks.
    pub rule: Rule,
}

/// A rule of the forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// The text is no JSON, or not of the form's shape; holds the parser's words.
    #[error("格式不对：{0}")]
    Shape(String),
    /// Nothing where something must stand.
    #[error("不能为空")]
    Required,
    /// A list without entries.
    #[error("至少要有一项")]
    Empty,
    /// The same value or key a second time.
    #[error("重复：{0}")]
    Duplicate(String),
    /// No code of its table.
    #[error("不认识的代码：{0}")]
    UnknownCode(String),
    /// A key that the form does not have.
    #[error("不认识的字段：{0}")]
    UnknownKey(String),
    /// A fact that is not stored.
    #[error("该项由其他数据推算，不能直接填写")]
    Derived,
    /// Another type than the field's.
    #[error("类型不对，应为{0}")]
    WrongType(&'static str),
    /// A comparison that the fact does not have.
    #[error("该数据项不能用这种比较方式：{0}")]
    OpDoesNotFit(String),
    /// A number outside its bounds.
    #[error("应在 {min} 至 {max} 之间")]
    OutOfRange {
        /// The least that fits.
        min: i64,
        /// The most that fits.
        max: i64,
    },
    /// A date outside its bounds.
    #[error("应在 {min} 至 {max} 之间")]
    DayOutOfRange {
        /// The first that fits.
        min: Day,
        /// The last that fits.
        max: Day,
    },
    /// A range whose end is before its start.
    #[error("下限不能大于上限")]
    Inverted,
    /// A text beyond its length.
    #[error("最多 {0} 个字符")]
    TooLong(usize),
    /// A text with control characters or the like.
    #[error("含有不可见的字符")]
    BadCharacter,
    /// A name with letters that look like others.
    #[error("只能用汉字、拉丁字母、数字和常用标点")]
    ForeignLetter,
    /// The content of a file is of no kind that is taken.
    #[error("文件内容不是 PDF、PNG 或 JPEG")]
    FileKind,
    /// A file beyond its size, in KiB.
    #[error("文件太大，最多 {0} KB")]
    FileSize(usize),
    /// Not the password that the account has.
    #[error("不是现在的密码")]
    WrongPassword,
    /// Not a code that the second factor gives now.
    #[error("验证码不对")]
    WrongCode,
    /// What was typed twice is not the same.
    #[error("两次填写的不一样")]
    NotTheSame,
    /// One more than may be kept.
    #[error("最多保存 {0} 个")]
    TooMany(i64),
    /// Somebody has to stay who can do it.
    #[error("这是最后一位，不能停用，也不能改为其他角色")]
    LastOne,
    /// Fewer or more members than the rule asks for.
    #[error("应有 {min} 至 {max} 项")]
    Count {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A credit code that breaks GB 32100-2015; holds the reason's code.
    #[error("统一社会信用代码不正确（{0}）")]
    Uscc(&'static str),
    /// A date that is none.
    #[error("日期应写作 2026-11-01")]
    Date,
    /// No e-mail address.
    #[error("不是电子邮箱地址")]
    Email,
    /// What was laid down once and cannot change.
    #[error("已经确定，不能更改")]
    Fixed,
    /// A day that has not come yet.
    #[error("不能晚于今天")]
    Future,
    /// Names something that is not there.
    #[error("找不到：{0}")]
    NotFound(String),
    /// Criteria that no enterprise can meet together.
    #[error("与其他条件矛盾，没有企业能同时满足：{0}")]
    Contradiction(String),
    /// A password that is guessed early.
    #[error("这个密码太常见，容易被猜到，请换一个")]
    CommonPassword,
    /// A password with its owner's name or address in it.
    #[error("密码里不能有您的姓名或邮箱")]
    NamesOwner,
    /// A password of too few kinds of characters; holds how many it needs.
    #[error("大写字母、小写字母、数字、符号中至少要有 {0} 种")]
    FewClasses(usize),
    /// A password that was used before; holds how many are remembered.
    #[error("不能与最近 {0} 次用过的密码相同")]
    UsedBefore(usize),
    /// A discount that is smaller for a higher tier.
    #[error("层级越高优惠不能越少")]
    FallingDiscount,
    /// A fee that a bank may not charge.
    #[error("银保监发〔2020〕18号规定不得向{whom}收取{fee}")]
    ForbiddenFee {
        /// Its kind.
        fee: &'static str,
        /// Of whom it may not be charged.
        whom: &'static str,
    },
    /// A loan for working capital beyond the term that the rules allow, in months.
    #[error("流动资金贷款期限最长 {0} 个月（三个办法）")]
    TermTooLong(u32),
    /// What is left of a product's quota is not enough.
    #[error("该产品的剩余额度不足")]
    QuotaUsedUp,
    /// Something is owed of a loan that is to be settled.
    #[error("还有本金没有还清")]
    StillOwed,
    /// A contract that can't renew a loan; holds why.
    #[error("{0}，不能续贷")]
    NoRenewal(&'static str),
    /// A borrower that is stated to have had no loan, and renews one.
    #[error("续贷的企业不是首贷户")]
    NotFirst,
    /// Terms that make no schedule or have no cost; holds why.
    #[error("按这些条件算不出还款计划和成本：{0}")]
    NoSchedule(String),
    /// A fact that another organisation vouches for; holds its owner.
    #[error("该项由{0}提供，不能由本机构导入")]
    NotYours(&'static str),
    /// Less than what is taken of it already, in 分.
    #[error("已占用 {} 万元，不能低于它", .0.to_wan())]
    BelowTaken(Fen),
    /// What would be published is what is published already.
    #[error("没有改动，不用发布")]
    NothingNew,
    /// A formula in a workbook's cell.
    #[error("单元格里是公式，请复制后“粘贴为数值”")]
    Formula,
    /// A code of 18 digits that a workbook holds as a number, of which it keeps 15.
    #[error("18 位代码被存成了数字，末几位已丢失，请把这一列设为文本后重新填写")]
    NumberForCode,
    /// A packed file that unpacks to more than is taken; holds the limit that it breaks.
    #[error("文件解压后超出限度（{0}），没有读取")]
    UnpacksTooFar(&'static str),
}

impl Rule {
    /// The code that the API gives; it never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shape(_) => "malformed",
            Self::Required => "required",
            Self::Empty => "empty_list",
            Self::Duplicate(_) => "duplicate",
            Self::UnknownCode(_) => "unknown_code",
            Self::UnknownKey(_) => "unknown_key",
            Self::Derived => "derived_fact",
            Self::WrongType(_) => "wrong_type",
            Self::OpDoesNotFit(_) => "op_does_not_fit",
            Self::OutOfRange { .. } => "out_of_range",
            Self::DayOutOfRange { .. } => "day_out_of_range",
            Self::Inverted => "inverted_range",
            Self::TooLong(_) => "too_long",
            Self::BadCharacter => "bad_character",
            Self::ForeignLetter => "foreign_letter",
            Self::FileKind => "file_kind",
            Self::FileSize(_) => "file_size",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::NotTheSame => "not_the_same",
            Self::TooMany(_) => "too_many",
            Self::LastOne => "last_one",
            Self::Count { .. } => "wrong_count",
            Self::Uscc(_) => "bad_uscc",
            Self::Date => "bad_date",
            Self::Email => "bad_email",
            Self::Fixed => "fixed",
            Self::Future => "in_future",
            Self::NotFound(_) => "not_found",
            Self::Contradiction(_) => "contradiction",
            Self::CommonPassword => "common_password",
            Self::NamesOwner => "names_owner",
            Self::FewClasses(_) => "few_classes",
            Self::UsedBefore(_) => "used_before",
            Self::FallingDiscount => "falling_discount",
            Self::ForbiddenFee { .. } => "forbidden_fee",
            Self::TermTooLong(_) => "term_too_long",
            Self::QuotaUsedUp => "quota_used_up",
            Self::StillOwed => "still_owed",
            Self::NoRenewal(_) => "no_renewal",
            Self::NotFirst => "not_first",
            Self::NoSchedule(_) => "no_schedule",
            Self::NotYours(_) => "not_yours",
            Self::BelowTaken(_) => "below_taken",
            Self::NothingNew => "nothing_new",
            Self::Formula => "formula",
            Self::NumberForCode => "number_for_code",
            Self::UnpacksTooFar(_) => "unpacks_too_far",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{} [{}]", self.rule, self.rule.code())
    }
}

/// Every problem of a form, collected so that all are told at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes that `field` breaks `rule`.
    pub fn add(&mut self, field: impl Into<String>, rule: Rule) {
        self.0.push(Problem {
            field: field.into(),
            rule,
        });
    }

    /// Notes `rule` for `field` where `broken`.
    pub fn check(&mut self, broken: bool, field: &str, rule: impl FnOnce() -> Rule) {
        if broken {
            self.add(field, rule());
        }
    }

    /// Takes the value, or notes the rule it broke and gives nothing.
    pub fn take<T>(&mut self, field: impl Into<String>, parsed: Result<T, Rule>) -> Option<T> {
        parsed.map_err(|rule| self.add(field, rule)).ok()
    }

    /// A name or code: not empty, at most `max` characters, nothing invisible.
    pub fn text(&mut self, field: &str, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.add(field, Rule::Required);
        } else if text.chars().count() > max {
            self.add(field, Rule::TooLong(max));
        } else if text.chars().any(is_invisible) {
            self.add(field, Rule::BadCharacter);
        }
    }

    /// A number within bounds.
    pub fn range(&mut self, field: &str, number: i64, min: i64, max: i64) {
        self.check(number < min || number > max, field, || Rule::OutOfRange { min, max });
    }

    /// `value` where there is no problem, else the problems.
    ///
    /// # Errors
    /// The problems, where there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The problems in the order in which they were found.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("；")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Control characters, and the marks that reorder or hide text: bidi controls, line and paragraph separators,
/// zero width, soft hyphen, tags.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}
