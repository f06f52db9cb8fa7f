//! The form with which an enterprise declares one fact.

use super::form::many;
use crate::domain::facts::{FactKey, FactType};
use crate::domain::scalar::Scalar;
use crate::domain::typed::{self, NoAmount};
use serde::Deserialize;
use validator::Validate;

/// The longest value that is typed.
const LONGEST: u64 = 64;

/// A value as typed, or the codes that were ticked.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct FactForm {
    /// One text; none or several for a set.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    pub value: Vec<String>,
}

impl FactForm {
    /// What was typed, to be shown again.
    #[must_use]
    pub fn typed(&self) -> String {
        let longest = usize::try_from(LONGEST).unwrap_or(usize::MAX);
        self.value
            .first()
            .map_or_else(String::new, |text| text.chars().take(longest).collect())
    }

    /// The value of this fact.
    ///
    /// # Errors
    /// What to do about a text that is none.
    pub fn scalar(&self, key: FactKey) -> Result<Scalar, &'static str> {
        let typed = self.typed();
        let text = typed.trim();
        match key.spec().kind {
            FactType::Set(_) => Ok(Scalar::List(self.value.clone())),
            _ if text.is_empty() => Err("请填写或选一项"),
            FactType::Ordinal(_) | FactType::Industry | FactType::Town => Ok(Scalar::Text(text.to_owned())),
            FactType::Flag => match text {
                "true" => Ok(Scalar::Flag(true)),
                "false" => Ok(Scalar::Flag(false)),
                _ => Err("请选“是”或“否”"),
            },
            FactType::Integer { .. } => typed::whole(text).map(Scalar::Number).ok_or("请填整数，例如 36"),
            FactType::Bp { .. } => typed::bp_of_percent(text)
                .map(Scalar::Number)
                .ok_or("请填百分数，最多两位小数，例如 3.5"),
            FactType::Money { .. } => match typed::fen_of_wan(text) {
                Ok(fen) => Ok(Scalar::Number(fen.get())),
                Err(NoAmount::TooFine) => Err("最多六位小数（精确到分）"),
                Err(NoAmount::TooLarge) => Err("金额太大，最多 1,000,000,000 万元"),
                Err(NoAmount::Missing | NoAmount::NotANumber) => Err("请填万元数，例如 2860 或 12.5"),
            },
        }
    }
}
