//! Criteria: what a bank asks of an enterprise, and when it is met.

use super::facts::{FactKey, FactType, FactValue};
use super::invalid::{Problems, Rule};
use super::scalar::Scalar;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

/// A criterion as it stands in files and the API: `{fact, op, value, verified?}` or `{any: […]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionForm {
    /// Members of which one must be met; stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Box<[Self]>>,
    /// Key of the fact.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "name")]
    pub fact: Option<Name>,
    /// How the fact is compared.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "name")]
    pub op: Option<Name>,
    /// With what it is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Scalar>,
    /// Whether a value that is only declared does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// The name of a fact or a comparison. Those that there are take no memory of their own: a catalogue holds each a thousand
/// times. Any other is kept too, for parsing to say that there is none of that name.
pub type Name = Cow<'static, str>;

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Name>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(name.map(|name| {
        let op = || OPS.iter().map(|(op, _)| *op).find(|op| *op == name);
        let known = FactKey::find(&name).map(FactKey::code).or_else(op);
        known.map_or(Cow::Owned(name), Cow::Borrowed)
    }))
}

/// A criterion that is fit to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// One fact compared once.
    Plain(Plain),
    /// Met when one of two to eight members is.
    Any(Vec<Plain>),
}

/// One fact compared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plain {
    /// The fact.
    pub fact: FactKey,
    /// The comparison.
    pub test: Test,
    /// Whether a value that is only declared does not count.
    pub verified: bool,
}

/// A comparison. Lists are bits, one for each position of the fact's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// fact ≥ value
    AtLeast(FactValue),
    /// fact ≤ value
    AtMost(FactValue),
    /// The fact is in the list.
    OneOf(u128),
    /// The fact is not in the list.
    NoneOf(u128),
    /// The fact's set and the list share one.
    IncludesAny(u128),
    /// fact = value
    Is(bool),
}

/// What a criterion, or any other check, came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// What it asks for is not known.
    Unknown,
}

impl Test {
    /// The name of the comparison in files and the API.
    #[must_use]
    pub const fn op(self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
            Self::OneOf(_) => "one_of",
            Self::NoneOf(_) => "none_of",
            Self::IncludesAny(_) => "includes_any",
            Self::Is(_) => "is",
        }
    }

    /// Whether a known value meets it.
    #[must_use]
    pub const fn holds(self, value: FactValue) -> bool {
        match self {
            Self::AtLeast(bound) => value.get() >= bound.get(),
            Self::AtMost(bound) => value.get() <= bound.get(),
            Self::OneOf(list) => list >> value.get() & 1 == 1,
            Self::NoneOf(list) => list >> value.get() & 1 == 0,
            // A set's bits are never negative.
            #[expect(clippy::cast_sign_loss, reason = "a set is a non-negative number of bits")]
            Self::IncludesAny(list) => list & value.get() as u128 != 0,
            Self::Is(flag) => (value.get() != 0) == flag,
        }
    }

    /// What it asks for, in Chinese: `不低于 专精特新`, `属于 …`.
    #[must_use]
    pub fn show(self, fact: FactKey) -> String {
        let kind = fact.spec().kind;
        match self {
            Self::AtLeast(value) => format!("不低于 {}", kind.show(value)),
            Self::AtMost(value) => format!("不高于 {}", kind.show(value)),
            Self::OneOf(list) => format!("属于 {}", kind.show_list(list)),
            Self::NoneOf(list) => format!("不属于 {}", kind.show_list(list)),
            Self::IncludesAny(list) => format!("至少有其一：{}", kind.show_list(list)),
            Self::Is(flag) => if flag { "应为“是”" } else { "应为“否”" }.to_owned(),
        }
    }
}

impl CriterionForm {
    /// Reads the criterion that stands at `path`, noting every problem.
    pub fn parse(&self, path: &str, problems: &mut Problems) -> Option<Criterion> {
        let Some(members) = &self.any else {
            return self.plain(path, problems).map(Criterion::Plain);
        };
        if self.fact.is_some() || self.op.is_some() || self.value.is_some() || self.verified.is_some() {
            problems.add(path, Rule::UnknownKey("any 须单独使用".to_owned()));
        }
        problems.check(members.len() < 2 || members.len() > 8, &format!("{path}.any"), || {
            Rule::Count { min: 2, max: 8 }
        });
        let mut plains = Vec::with_capacity(members.len());
        for (at, member) in members.iter().enumerate() {
            let path = format!("{path}.any[{at}]");
            if member.any.is_some() {
                problems.add(path, Rule::UnknownKey("any".to_owned()));
                continue;
            }
            let plain = member.plain(&path, problems)?;
            problems.check(plains.contains(&plain), &path, || {
                Rule::Duplicate(plain.fact.code().to_owned())
            });
            plains.push(plain);
        }
        Some(Criterion::Any(plains))
    }

    fn plain(&self, path: &str, problems: &mut Problems) -> Option<Plain> {
        let fact = problems.take(format!("{path}.fact"), self.fact_key());
        problems.check(self.op.is_none(), &format!("{path}.op"), || Rule::Required);
        problems.check(self.value.is_none(), &format!("{path}.value"), || Rule::Required);
        let (fact, op, value) = (fact?, self.op.as_deref()?, self.value.as_ref()?);
        let at = if fits(op, fact.spec().kind) { "value" } else { "op" };
        let test = problems.take(format!("{path}.{at}"), test(op, fact, value))?;
        Some(Plain {
            fact,
            test,
            verified: self.verified.unwrap_or(false),
        })
    }

    fn fact_key(&self) -> Result<FactKey, Rule> {
        let code = self.fact.as_deref().ok_or(Rule::Required)?;
        FactKey::find(code).ok_or_else(|| Rule::UnknownCode(code.to_owned()))
    }
}

/// Every comparison, by its name in files and the API, with its 中文 label.
pub const OPS: &[(&str, &str)] = &[
    ("at_least", "不低于"),
    ("at_most", "不高于"),
    ("one_of", "属于其一"),
    ("none_of", "不属于"),
    ("includes_any", "至少有其一"),
    ("is", "是或否"),
];

/// Whether the comparison named `op` fits facts of this type.
#[must_use]
pub fn fits(op: &str, kind: FactType) -> bool {
    match op {
        "at_least" | "at_most" => {
            matches!(
                kind,
                FactType::Ordinal(_) | FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. }
            )
        }
        "one_of" | "none_of" => matches!(kind, FactType::Ordinal(_) | FactType::Industry | FactType::Town),
        "includes_any" => matches!(kind, FactType::Set(_)),
        "is" => matches!(kind, FactType::Flag),
        _ => false,
    }
}

fn test(op: &str, fact: FactKey, value: &Scalar) -> Result<Test, Rule> {
    let kind = fact.spec().kind;
    if !fits(op, kind) {
        return Err(Rule::OpDoesNotFit(op.to_owned()));
    }
    match op {
        "at_least" => kind.value(value).map(Test::AtLeast),
        "at_most" => kind.value(value).map(Test::AtMost),
        "one_of" => list(kind, value).map(Test::OneOf),
        "none_of" => list(kind, value).map(Test::NoneOf),
        "includes_any" => list(kind, value).map(Test::IncludesAny),
        _ => kind.value(value).map(|flag| Test::Is(flag.get() != 0)),
    }
}

/// A list of codes as bits: not empty, none twice.
fn list(kind: FactType, value: &Scalar) -> Result<u128, Rule> {
    let Scalar::List(codes) = value else {
        return Err(Rule::WrongType("代码列表"));
    };
    if codes.is_empty() {
        return Err(Rule::Empty);
    }
    codes.iter().try_fold(0, |bits, code| {
        let bit = 1_u128 << kind.position(code)?.get();
        if bits & bit == 0 {
            Ok(bits | bit)
        } else {
            Err(Rule::Duplicate(code.clone()))
        }
    })
}
