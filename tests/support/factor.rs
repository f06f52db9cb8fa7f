//! An authenticator app, as tests need it.

use super::app::{PASSWORD, TestApp};
use super::joining::actor;
use rongqiao::actions::second_factor;
use rongqiao::clock::Clock;
use rongqiao::config::Secret;
use totp_rs::{Builder, Totp};

/// An app that holds one secret.
pub struct Authenticator(Totp);

impl Authenticator {
    /// From a secret as it is shown for typing.
    pub fn typed(text: &str) -> Self {
        let secret = totp_rs::Secret::try_from_base32(text.replace(' ', "")).expect("a secret");
        Self(Builder::new().with_secret(secret).build().expect("an app"))
    }

    /// What it shows now.
    pub fn code(&self, app: &TestApp) -> String {
        let now = u64::try_from(app.clock.now().timestamp()).expect("after 1970");
        self.0.generate(now).to_string()
    }
}

/// Gives `name@example.com` a second factor: its app, and the recovery codes.
pub fn enrolled(app: &TestApp, name: &str) -> (Authenticator, Vec<String>) {
    let actor = actor(app, name);
    let begun = second_factor::begin(&app.service, &actor, &Secret::new(PASSWORD.to_owned())).expect("begun");
    let authenticator = Authenticator::typed(begun.typed.expose());
    let code = Secret::new(authenticator.code(app));
    let codes = second_factor::confirm(&app.service, &actor, &code).expect("confirmed");
    (authenticator, codes)
}

/// What is no code of it now.
pub fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}
