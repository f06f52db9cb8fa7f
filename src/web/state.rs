//! What every handler can reach.

use super::csrf::CsrfKeys;
use super::keys::SigningKeys;
use super::token::Tokens;
use crate::actions::{ActionError, Service};
use crate::config::{Config, Site};
use chrono::TimeDelta;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many passwords are checked at a time: each takes 19 MiB and tens of milliseconds.
const PASSWORDS_AT_A_TIME: usize = 2;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    /// The actions' world.
    pub service: Service,
    /// Signs and reads the API's tokens.
    pub tokens: Arc<Tokens>,
    /// Signs the tokens of forms.
    pub csrf: Arc<CsrfKeys>,
    /// What the pages say of their site.
    pub site: Arc<Site>,
    /// Scheme, host and port of the site.
    pub base_url: Arc<str>,
    /// Largest body in bytes.
    pub body_limit: usize,
    /// Largest file of facts in bytes.
    pub facts_limit: usize,
    /// Lets few check a password at a time, so that signing in never takes every thread.
    sign_in_gate: Arc<Semaphore>,
}

impl WebState {
    /// From settings; `keys` are the secrets that tokens are signed with.
    #[must_use]
    pub fn new(service: Service, config: &Config, keys: &SigningKeys) -> Self {
        Self {
            service,
            tokens: Arc::new(Tokens::new(
                keys,
                &config.server.base_url,
                TimeDelta::minutes(config.auth.access_minutes.into()),
            )),
            csrf: Arc::new(CsrfKeys::derive(keys)),
            site: Arc::new(config.site.clone()),
            base_url: config.server.base_url.as_str().into(),
            body_limit: config.limits.body_kib * 1024,
            facts_limit: config.limits.facts_kib * 1024,
            sign_in_gate: Arc::new(Semaphore::new(PASSWORDS_AT_A_TIME)),
        }
    }

    /// Whether cookies are sent over TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Runs an action on a thread that may block; what it logs carries the request's id.
    ///
    /// # Errors
    /// The action's.
    pub async fn run<T: Send + 'static>(
        &self,
        action: impl FnOnce(&Service) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<T, ActionError> {
        let service = self.service.clone();
        let span = tracing::Span::current();
        actix_web::web::block(move || span.in_scope(|| action(&service)))
            .await
            .map_err(ActionError::internal)?
    }

    /// As [`WebState::run`], for an action that checks a password.
    ///
    /// # Errors
    /// The action's.
    pub async fn run_password<T: Send + 'static>(
        &self,
        action: impl FnOnce(&Service) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<T, ActionError> {
        let _permit = self.sign_in_gate.acquire().await.map_err(ActionError::internal)?;
        self.run(action).await
    }
}
