//! Settings of what is measured.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::net::SocketAddr;

/// What is measured, and for whom.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Address and port of the listener; none where nobody asks.
    #[serde(deserialize_with = "address_or_none", serialize_with = "as_written")]
    pub listen: Option<SocketAddr>,
}

/// TOML has no null: an empty text stands for none.
fn address_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(de::Error::custom)
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn as_written<S: Serializer>(listen: &Option<SocketAddr>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&listen.map(|listen| listen.to_string()).unwrap_or_default())
}
