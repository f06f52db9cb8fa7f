//! What every handler can reach.

use super::csrf::CsrfKeys;
use super::keys::SigningKeys;
use super::limits::{Limits, PasswordGate};
use super::metrics::Requests;
use super::readiness::Readiness;
use super::token::Tokens;
use crate::actions::deadlines::{self, Counting};
use crate::actions::{ActionError, Service};
use crate::config::{Config, Site};
use chrono::TimeDelta;
use ipnet::IpNet;
use std::sync::Arc;

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
    /// Whose word on where a request comes from is believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// How many requests are taken.
    pub limits: Arc<Limits>,
    /// What is measured of requests.
    pub requests: Arc<Requests>,
    /// Whether the service is ready.
    pub readiness: Arc<Readiness>,
    /// How long requests under way are given to end, in seconds.
    pub stop_seconds: u32,
    gate: PasswordGate,
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
            trusted_proxies: config.server.trusted_proxies.as_slice().into(),
            limits: Arc::new(Limits::new(&config.limits)),
            requests: Arc::default(),
            readiness: Arc::default(),
            stop_seconds: config.server.stop_seconds,
            gate: PasswordGate::new(&config.limits),
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

    /// As [`WebState::run`], with what counts the working days from today to the deadlines of what it gives.
    ///
    /// # Errors
    /// The action's.
    pub async fn run_counting<T: Send + 'static>(
        &self,
        action: impl FnOnce(&Service) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<(T, Counting), ActionError> {
        self.run(move |service| Ok((action(service)?, deadlines::counting(service)?)))
            .await
    }

    /// As [`WebState::run`], for an action that checks a password: after those that came before.
    ///
    /// # Errors
    /// The action's; [`ActionError::Busy`] where too many wait already.
    pub async fn run_password<T: Send + 'static>(
        &self,
        action: impl FnOnce(&Service) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<T, ActionError> {
        let turn = self.gate.turn().await?;
        self.run(move |service| {
            // Held by the work itself: it goes on where nobody waits for the answer any more.
            let _turn = turn;
            action(service)
        })
        .await
    }
}
