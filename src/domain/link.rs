//! Links that a mail carries to prove that its reader reads that address.

use super::codes::codes;

codes! {
    /// What whoever follows a link may do, once.
    LinkPurpose {
        Registration = "registration" "注册",
        PasswordReset = "password_reset" "重设密码",
    }
}
