//! The short forms of the centre's desk.

use serde::Deserialize;
use validator::Validate;

/// What is posted of an item.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct DeskForm {
    /// The list that it was posted from: `all`, `mine` or a kind; empty from the item's own page.
    #[validate(length(max = 32))]
    pub from: String,
    /// Why an item is taken over, as typed; empty where it is not.
    #[validate(length(max = 4000))]
    pub note: String,
    /// A note, as typed.
    #[validate(length(max = 4000))]
    pub text: String,
    /// The revision of an offer that was seen.
    #[validate(length(max = 12))]
    pub revision: String,
}
