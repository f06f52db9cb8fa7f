//! What is known of an enterprise, by who vouches for it; and the form of one fact.

use super::consents::left_out;
use super::disputes::DisputeRow;
use super::need::{Line, line};
use super::shell::Shell;
use super::source::{Known, Standing};
use super::wrong::Wrongs;
use crate::actions::authorisation::StoredAuthorisation;
use crate::actions::disputes::StoredDispute;
use crate::actions::enterprises::Profile;
use crate::domain::codes::{Code, Owner, Size};
use crate::domain::dates::Day;
use crate::domain::dispute::DisputeKind;
use crate::domain::facts::{FACTS, FactKey, FactSpec, FactType, ShelfLife};
use crate::domain::invalid::Problems;
use crate::domain::reference::{INDUSTRIES, TOWNS};
use crate::domain::scalar::Scalar;
use crate::domain::sheet::KnownFact;
use crate::web::input::enterprise::CorrectionForm;
use askama::Template;

/// A value of a fact, or that there is none.
#[derive(Clone, Debug)]
pub struct FactRow {
    /// The fact's key.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The value in words.
    pub value: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
    /// The day for which it was true.
    pub observed_on: String,
    /// The last day on which it holds; empty where it has no end.
    pub valid_until: String,
    /// Whether it is the first row of its fact.
    pub is_first: bool,
    /// Whether it can be declared.
    pub is_declarable: bool,
    /// Whether something that was said of it waits for an answer.
    pub is_disputed: bool,
}

impl FactRow {
    /// From when to when it holds.
    #[must_use]
    pub fn dates(&self) -> String {
        match (self.observed_on.as_str(), self.valid_until.as_str()) {
            ("", _) => "—".to_owned(),
            (from, "") => format!("{from}，长期"),
            (from, until) => format!("{from} 至 {until}"),
        }
    }
}

/// The facts of one owner.
#[derive(Clone, Debug)]
pub struct OwnerGroup {
    /// The owner.
    pub owner: &'static str,
    /// Its facts.
    pub rows: Vec<FactRow>,
}

/// Who reads a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileReader {
    /// The enterprise's own user.
    Enterprise {
        /// Whether it may declare values.
        may_declare: bool,
        /// The fact that was just declared.
        saved: Option<FactKey>,
    },
    /// An officer of the centre.
    Officer,
}

/// The profile.
#[derive(Template)]
#[template(path = "enterprise/profile.html")]
pub struct ProfilePage {
    /// Around it.
    pub shell: Shell,
    /// The enterprise.
    pub name: String,
    /// Its credit code.
    pub uscc: String,
    /// When it was founded.
    pub established_on: String,
    /// The size that its figures come to, and how that goes with the stored one.
    pub computed_size: String,
    /// How many facts are verified and hold, are declared, hold no longer, are missing.
    pub counts: [(Standing, usize); 4],
    /// The facts by owner.
    pub groups: Vec<OwnerGroup>,
    /// Whether the reader may declare values.
    pub may_declare: bool,
    /// The fact that was just declared.
    pub saved: Option<&'static str>,
    /// What is left out for want of an authorisation; empty where nothing is.
    pub left_out: String,
    /// Whether an officer reads, whose reads are logged.
    pub is_officer: bool,
    /// What an officer corrects: as it stands, or as it was typed.
    pub correction: CorrectionForm,
    /// What is wrong with what was typed.
    pub wrongs: Wrongs,
    /// Whether a correction was just made.
    pub is_corrected: bool,
}

impl ProfilePage {
    /// The profile as it stands today.
    #[must_use]
    pub fn new(
        shell: Shell,
        profile: &Profile,
        authorised: Option<&StoredAuthorisation>,
        today: Day,
        reader: ProfileReader,
    ) -> Self {
        let enterprise = &profile.stored.enterprise;
        let known = Known {
            facts: &profile.known,
            as_of: today,
        };
        let standings = FACTS
            .iter()
            .filter(|spec| !spec.key.is_derived())
            .map(|spec| known.standing(spec.key));
        let standings: Vec<Standing> = standings.collect();
        let count = |of| (of, standings.iter().filter(|standing| **standing == of).count());
        let group = |owner: &Owner| OwnerGroup {
            owner: owner.label(),
            rows: FACTS
                .iter()
                .filter(|spec| spec.owner == *owner)
                .flat_map(|spec| rows(spec, profile, today))
                .collect(),
        };
        Self {
            shell,
            name: enterprise.name.clone(),
            uscc: enterprise.uscc.to_string(),
            established_on: enterprise
                .established_on
                .map_or_else(|| "尚无".to_owned(), |day| day.to_string()),
            computed_size: computed_size(profile, today),
            counts: [
                count(Standing::Verified),
                count(Standing::Declared),
                count(Standing::Expired),
                count(Standing::Missing),
            ],
            groups: Owner::ALL.iter().map(group).collect(),
            may_declare: matches!(reader, ProfileReader::Enterprise { may_declare: true, .. }),
            saved: match reader {
                ProfileReader::Enterprise { saved, .. } => saved.map(FactKey::label),
                ProfileReader::Officer => None,
            },
            // Where no organisation speaks for it yet there is nobody who could authorise.
            left_out: match profile.stored.organisation_id {
                Some(_) => left_out(authorised, today),
                None => String::new(),
            },
            is_officer: reader == ProfileReader::Officer,
            correction: CorrectionForm {
                version: profile.stored.version.to_string(),
                name: enterprise.name.clone(),
                established_on: enterprise
                    .established_on
                    .map_or_else(String::new, |day| day.to_string()),
            },
            wrongs: Wrongs::default(),
            is_corrected: false,
        }
    }
}

impl ProfilePage {
    /// The profile with a correction that can't be made as it was typed.
    #[must_use]
    pub fn with_correction(self, typed: CorrectionForm, problems: &Problems) -> Self {
        Self {
            correction: typed,
            wrongs: Wrongs::new(problems, &[("name", "企业名称"), ("established_on", "成立日期")]),
            ..self
        }
    }

    /// The profile with what waits for an answer.
    #[must_use]
    pub fn with_disputes(mut self, open: &[StoredDispute]) -> Self {
        for row in self.groups.iter_mut().flat_map(|group| &mut group.rows) {
            row.is_disputed = row.is_first && open.iter().any(|one| one.key.code() == row.key);
        }
        self
    }
}

/// 小型（与登记一致）, 微型（登记为小型，请核对）, or why there is none.
fn computed_size(profile: &Profile, today: Day) -> String {
    let Some(computed) = profile.computed_size else {
        return "资料不全，无法测算".to_owned();
    };
    let stored = profile.stored.enterprise.fact_on(FactKey::Size, today);
    let stored = stored.and_then(|fact| Size::ALL.get(usize::try_from(fact.value.get()).ok()?));
    let label = computed.label();
    match stored {
        Some(stored) if *stored == computed => format!("{label}（与登记一致）"),
        Some(stored) => format!("{label}（登记为{}，请核对）", stored.label()),
        None => label.to_owned(),
    }
}

/// A row for each value that is held of a fact; one that says so where there is none.
fn rows(spec: &FactSpec, profile: &Profile, today: Day) -> Vec<FactRow> {
    let row = |value: String, standing, source: String| FactRow {
        key: spec.code,
        label: spec.label,
        value,
        standing,
        source,
        observed_on: String::new(),
        valid_until: String::new(),
        is_first: true,
        is_declarable: !spec.key.is_derived(),
        is_disputed: false,
    };
    if spec.key.is_derived() {
        let age = profile.stored.enterprise.fact_on(spec.key, today);
        let value = age.map_or_else(|| "—".to_owned(), |fact| spec.kind.show(fact.value));
        return vec![row(value, Standing::Verified, "按成立日期推算".to_owned())];
    }
    let held = profile.known.iter().filter(|fact| fact.key == spec.key);
    let mut rows: Vec<FactRow> = held
        .enumerate()
        .map(|(place, fact)| FactRow {
            observed_on: fact.observed_on.to_string(),
            valid_until: fact.valid_until.map_or_else(String::new, |day| day.to_string()),
            is_first: place == 0,
            ..row(value_of(fact), Standing::of(fact, today), source_of(fact))
        })
        .collect();
    if rows.is_empty() {
        rows.push(row("—".to_owned(), Standing::Missing, spec.owner.label().to_owned()));
    }
    rows
}

/// What is known and holds: what a request does not ask for again.
#[must_use]
pub fn known_rows(profile: &Profile, today: Day) -> Vec<FactRow> {
    let all = FACTS.iter().flat_map(|spec| rows(spec, profile, today));
    all.filter(|row| row.is_first && matches!(row.standing, Standing::Verified | Standing::Declared))
        .collect()
}

pub(super) fn value_of(fact: &KnownFact) -> String {
    let kind = fact.key.spec().kind;
    kind.value(&fact.value)
        .map_or_else(|_| "—".to_owned(), |value| kind.show(value))
}

fn source_of(fact: &KnownFact) -> String {
    match &fact.bank {
        Some(bank) if *bank != fact.source => format!("{}（{bank}）", fact.source),
        _ => fact.source.clone(),
    }
}

/// How a value is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// 万元.
    Wan,
    /// Percent.
    Percent,
    /// A whole number.
    Number,
    /// One of few.
    Radio,
    /// One of many.
    Select,
    /// Any number of them.
    Boxes,
}

/// The page of one fact.
#[derive(Template)]
#[template(path = "enterprise/fact.html")]
pub struct FactPage {
    /// Around it.
    pub shell: Shell,
    /// Its key.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Who vouches for it.
    pub owner: &'static str,
    /// Every value that is held.
    pub rows: Vec<FactRow>,
    /// Whether its owner vouches for a value that holds.
    pub is_verified: bool,
    /// How long a declared value holds.
    pub holds: String,
    /// How a value is entered.
    pub input: Input,
    /// The unit behind the field.
    pub unit: &'static str,
    /// What can be chosen: code, label, whether it is chosen.
    pub options: Vec<(String, String, bool)>,
    /// What stands in the field.
    pub typed: String,
    /// What to do about what was typed.
    pub error: Option<String>,
    /// Whether it can be declared by this reader.
    pub may_declare: bool,
    /// What stands beside it: the date of establishment behind an age.
    pub beside: Vec<Line>,
    /// What was said of it to its owner, newest first.
    pub disputes: Vec<DisputeRow>,
    /// What can be said of it now: code, label, explanation, and whether it is chosen.
    pub sayings: Vec<(&'static str, &'static str, &'static str, bool)>,
    /// What was typed as the reason.
    pub note: String,
    /// What to do about what was said: the field's id, and the words.
    pub dispute_error: Option<(&'static str, String)>,
}

impl FactPage {
    /// The page of a fact; `typed` and `error` after a value that was none.
    #[must_use]
    pub fn new(shell: Shell, profile: &Profile, key: FactKey, today: Day, may_declare: bool) -> Self {
        let spec = key.spec();
        let known = Known {
            facts: &profile.known,
            as_of: today,
        };
        let declared = profile.known.iter().find(|fact| fact.key == key && !fact.verified);
        let established_on = profile.stored.enterprise.established_on;
        Self {
            shell,
            key: spec.code,
            label: spec.label,
            owner: spec.owner.label(),
            rows: rows(spec, profile, today),
            is_verified: known.standing(key) == Standing::Verified,
            holds: holds(spec.shelf_life, today),
            input: input(spec.kind),
            unit: unit(spec.kind),
            options: options(
                spec.kind,
                declared.map(|fact| &fact.value),
                &profile.stored.district_code,
            ),
            typed: declared.map_or_else(String::new, |fact| typed(spec.kind, &fact.value)),
            error: None,
            may_declare: may_declare && !key.is_derived(),
            beside: if key.is_derived() {
                let date = established_on.map_or_else(|| "尚无".to_owned(), |day| day.to_string());
                vec![line("成立日期", date)]
            } else {
                Vec::new()
            },
            disputes: Vec::new(),
            sayings: Vec::new(),
            note: String::new(),
            dispute_error: None,
        }
    }

    /// The page with what was said of the fact; something can be said where nothing waits for an answer.
    #[must_use]
    pub fn with_disputes(mut self, disputes: &[StoredDispute], may_raise: bool) -> Self {
        self.disputes = disputes.iter().map(|one| DisputeRow::new(one, "")).collect();
        if may_raise && !self.disputes.iter().any(|row| row.is_open) {
            let holds = |wanted: &[Standing]| self.rows.iter().any(|row| wanted.contains(&row.standing));
            // What has expired may have been either: the action says which it was.
            let verified = holds(&[Standing::Verified, Standing::Expired]);
            let declared = holds(&[Standing::Declared, Standing::Expired]);
            let wrong = (DisputeKind::Wrong, "核验过的值不对，请核对更正", verified);
            let verify = (DisputeKind::PleaseVerify, "请核验我们填报的值", declared);
            self.sayings = [wrong, verify]
                .into_iter()
                .filter(|(_, _, fits)| *fits && self.beside.is_empty())
                .map(|(kind, words, _)| (kind.code(), kind.label(), words, false))
                .collect();
            if let [only] = self.sayings.as_mut_slice() {
                only.3 = true;
            }
        }
        self
    }

    /// The page again, with what was said and what to do about it.
    #[must_use]
    pub fn with_dispute_error(mut self, kind: &str, note: &str, error: (&'static str, String)) -> Self {
        for one in &mut self.sayings {
            one.3 = one.0 == kind;
        }
        note.clone_into(&mut self.note);
        self.dispute_error = Some(error);
        self
    }

    /// Whether a value is entered so.
    #[must_use]
    pub fn is(&self, input: Input) -> bool {
        self.input == input
    }

    /// The page again, with what was typed and what to do about it.
    #[must_use]
    pub fn with_error(self, typed: String, error: impl Into<String>) -> Self {
        Self {
            typed,
            error: Some(error.into()),
            ..self
        }
    }
}

fn holds(life: ShelfLife, today: Day) -> String {
    life.ends(today)
        .map_or_else(|| "长期有效".to_owned(), |day| format!("有效至 {day}"))
}

/// The unit behind the field of a value.
pub(super) const fn unit(kind: FactType) -> &'static str {
    match kind {
        FactType::Integer { unit, .. } => unit,
        FactType::Money { .. } => "万元",
        FactType::Bp { .. } => "%",
        _ => "",
    }
}

/// How a value is entered.
pub(super) const fn input(kind: FactType) -> Input {
    match kind {
        FactType::Money { .. } => Input::Wan,
        FactType::Bp { .. } => Input::Percent,
        FactType::Integer { .. } => Input::Number,
        FactType::Ordinal(_) | FactType::Flag => Input::Radio,
        FactType::Industry | FactType::Town => Input::Select,
        FactType::Set(_) => Input::Boxes,
    }
}

fn typed(kind: FactType, value: &Scalar) -> String {
    let Ok(held) = kind.value(value) else {
        return String::new();
    };
    match (kind, value) {
        (FactType::Integer { .. }, _) => held.get().to_string(),
        (FactType::Money { .. }, _) => kind.show(held).trim_end_matches(" 万元").to_owned(),
        (FactType::Bp { .. }, _) => kind.show(held).trim_end_matches('%').to_owned(),
        (FactType::Flag, _) => (held.get() != 0).to_string(),
        (_, Scalar::Text(code)) => code.clone(),
        _ => String::new(),
    }
}

/// The codes that a value can be, with their labels, and whether each is chosen; none for numbers.
pub(super) fn options(kind: FactType, chosen: Option<&Scalar>, district: &str) -> Vec<(String, String, bool)> {
    let is_chosen = |code: &str| match chosen {
        Some(Scalar::Text(text)) => text == code,
        Some(Scalar::List(list)) => list.iter().any(|one| one == code),
        Some(Scalar::Flag(flag)) => flag.to_string() == code,
        _ => false,
    };
    let option = |code: &str, label: String| (code.to_owned(), label, is_chosen(code));
    match kind {
        FactType::Ordinal(table) | FactType::Set(table) => table
            .iter()
            .map(|(code, label)| option(code, (*label).to_owned()))
            .collect(),
        FactType::Industry => INDUSTRIES
            .iter()
            .map(|industry| option(industry.code, format!("{} {}", industry.code, industry.name)))
            .collect(),
        FactType::Town => TOWNS
            .iter()
            .filter(|town| town.district_code == district)
            .map(|town| option(town.code, town.name.to_owned()))
            .collect(),
        FactType::Flag => vec![option("true", "是".to_owned()), option("false", "否".to_owned())],
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => Vec::new(),
    }
}
