//! The forms with which an enterprise agrees to something.

use super::form::many;
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::Terms;
use crate::domain::typed;
use serde::Deserialize;
use validator::Validate;

/// Products that were picked, and the agreement.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct PickForm {
    /// Codes of the products.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 64))]
    pub product: Vec<String>,
    /// Codes of the banks that are kept in reserve.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 64))]
    pub kept: Vec<String>,
    /// The version of the text that was shown.
    #[validate(length(max = 12))]
    pub text_version: String,
    /// The last day, as typed.
    #[validate(length(max = 64))]
    pub until: String,
    /// Whether the box was ticked.
    #[validate(length(max = 8))]
    pub agree: String,
}

impl PickForm {
    /// What is agreed to.
    ///
    /// # Errors
    /// The field to put right, and what to do.
    pub fn terms(&self) -> Result<Terms, (&'static str, &'static str)> {
        let until = typed::day(&self.until).ok_or(("until", "日期请写作 2026-11-23"))?;
        if self.agree != "yes" {
            return Err(("agree", "请先看清上面每家银行能看到什么，再勾选同意"));
        }
        Ok(Terms {
            text_version: version(&self.text_version),
            until,
        })
    }
}

/// Owners whose facts the platform may use.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformForm {
    /// Codes of the owners.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    pub departments: Vec<String>,
    /// The version of the text that was shown.
    #[validate(length(max = 12))]
    pub text_version: String,
    /// The last day, as typed.
    #[validate(length(max = 64))]
    pub until: String,
    /// Which button was pressed: `revoke` takes everything back.
    #[validate(length(max = 8))]
    pub go: String,
}

impl PlatformForm {
    /// What is agreed to; none where it is taken back.
    ///
    /// # Errors
    /// What to do.
    pub fn terms(&self) -> Result<Option<(Vec<Owner>, Terms)>, &'static str> {
        if self.go == "revoke" {
            return Ok(None);
        }
        let owners: Vec<Owner> = self.departments.iter().filter_map(|code| Owner::find(code)).collect();
        if owners.is_empty() {
            return Err("请至少勾选一个部门；要全部收回，请按“撤回授权”");
        }
        let until = typed::day(&self.until).ok_or("日期请写作 2026-11-23")?;
        let terms = Terms {
            text_version: version(&self.text_version),
            until,
        };
        Ok(Some((owners, terms)))
    }
}

/// No version is 0, so what can't be read is refused like an old one.
fn version(text: &str) -> i32 {
    text.parse().unwrap_or(0)
}
