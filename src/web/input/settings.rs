//! The forms by which settings are changed: a field for each, and two for the ceiling of each kind of product.

use crate::config::{AccountRules, Ceiling, CeilingKind, DeskRules};
use crate::domain::codes::{Code, Kind};
use crate::domain::invalid::{Problems, Rule};
use crate::web::error::Failure;
use std::collections::HashMap;

/// The fields of a form as they were typed.
#[derive(Clone, Debug, Default)]
pub struct SettingsForm(HashMap<String, String>);

impl SettingsForm {
    /// Of a form that may have these fields; the version that was seen comes with each.
    ///
    /// # Errors
    /// For a field that the form does not have, that comes twice, or that is too long.
    pub fn new(fields: Vec<(String, String)>, known: &[String]) -> Result<Self, Failure> {
        const MOST: usize = 64;
        let mut form = HashMap::new();
        for (name, text) in fields {
            let is_known = name == "version" || known.contains(&name);
            if !is_known || text.len() > MOST || form.insert(name.clone(), text).is_some() {
                return Err(Failure::field(&name, Rule::Shape("没有这一项，或填得太长".to_owned())));
            }
        }
        Ok(Self(form))
    }

    /// A field as it was typed.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// The version that was seen; no version is below 0, so what can't be read is refused like an old one.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.text("version").parse().unwrap_or(-1)
    }

    fn days(&self, name: &str, problems: &mut Problems) -> u32 {
        let typed = self.text(name).parse().map_err(|_error| Rule::WrongType("整数"));
        problems.take(name, typed).unwrap_or(0)
    }

    fn is_ticked(&self, name: &str) -> bool {
        self.text(name) == "yes"
    }

    /// What was typed for the desk.
    ///
    /// # Errors
    /// What is no number.
    pub fn desk(&self) -> Result<DeskRules, Problems> {
        let mut problems = Problems::default();
        let mut ceilings = Vec::new();
        for (code, kind) in kinds() {
            let mut measure = |name: String| {
                let text = self.text(&name);
                let typed = (!text.is_empty()).then(|| text.parse::<i64>().map_err(|_error| Rule::WrongType("整数")));
                typed.and_then(|typed| problems.take(&name, typed))
            };
            let (factor, plus) = (measure(factor_of(code)), measure(plus_of(code)));
            if factor.is_some() || plus.is_some() {
                ceilings.push(Ceiling {
                    kind,
                    lpr_plus_bp: plus,
                    lpr_factor_pct: factor,
                });
            }
        }
        let rules = DeskRules {
            answer_days: self.days("answer_days", &mut problems),
            signing_days: self.days("signing_days", &mut problems),
            validity_days: self.days("validity_days", &mut problems),
            decide_days: self.days("decide_days", &mut problems),
            dispute_days: self.days("dispute_days", &mut problems),
            auto_forward: self.is_ticked("auto_forward"),
            ceilings,
        };
        problems.or(rules)
    }

    /// What was typed for accounts.
    ///
    /// # Errors
    /// What is no number.
    pub fn accounts(&self) -> Result<AccountRules, Problems> {
        let mut problems = Problems::default();
        let rules = AccountRules {
            second_factor_banks: self.is_ticked("second_factor_banks"),
            second_factor_officers: self.is_ticked("second_factor_officers"),
            second_factor_administrators: self.is_ticked("second_factor_administrators"),
            rejected_days: self.days("rejected_days", &mut problems),
        };
        problems.or(rules)
    }
}

/// Each kind of product, by its code, as the settings name it.
pub fn kinds() -> impl Iterator<Item = (&'static str, CeilingKind)> {
    Kind::ALL.iter().map(|kind| (kind.code(), CeilingKind::from(*kind)))
}

/// The field for a kind's ceiling as a part of the LPR.
#[must_use]
pub fn factor_of(code: &str) -> String {
    format!("factor_{code}")
}

/// The field for a kind's ceiling over the LPR.
#[must_use]
pub fn plus_of(code: &str) -> String {
    format!("plus_{code}")
}
