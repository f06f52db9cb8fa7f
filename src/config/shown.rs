//! The settings in force, for who may look at them: every key by itself, so that none is forgotten, and of
//! secrets only whether there is one.

use super::{Config, ConfigError, DEFAULTS};
use figment::Figment;
use figment::providers::{Format, Toml};

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its section: `joining`.
    pub section: String,
    /// Its key there: `invite_days`.
    pub key: String,
    /// Its value as text; `***` for a secret.
    pub value: String,
    /// Whether it is not the default.
    pub changed: bool,
}

impl Config {
    /// Every setting in force, by section and key, secrets hidden.
    ///
    /// # Errors
    /// When the defaults don't read, which a test rules out.
    pub fn in_force(&self) -> Result<Vec<Setting>, ConfigError> {
        let bad = |error| ConfigError::Bad(Box::new(error));
        let defaults: Self = Figment::from(Toml::string(DEFAULTS)).extract().map_err(bad)?;
        Ok(flat(self)
            .into_iter()
            .zip(flat(&defaults))
            .map(|((section, key, value), default)| Setting {
                changed: value != default.2,
                section,
                key,
                value,
            })
            .collect())
    }
}

/// Section, key and value of every setting.
fn flat(config: &Config) -> Vec<(String, String, String)> {
    let Ok(serde_json::Value::Object(sections)) = serde_json::to_value(config) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (section, keys) in sections {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            all.push((section.clone(), key.clone(), text));
        }
    }
    all
}
