//! The settings that are changed while the service runs, part by part.

use super::codes::codes;

codes! {
    /// A part that is changed as a whole.
    SettingPart {
        Desk = "desk" "中心工作台",
        Accounts = "accounts" "账号与留存",
    }
}
