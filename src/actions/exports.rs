//! What a district gives to others by hand: its products and requests, as an import takes them, and what became of them.
//!
//! For whoever runs the service; nobody's rights bound it but the district. Each is a line of the audit log.

use super::ActionError;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::ProductStatus;
use crate::domain::dates::Day;
use crate::domain::outcome::Outcome;
use crate::domain::product::ProductForm;
use crate::domain::request::RequestForm;
use crate::store::audit::By;
use crate::store::monitor::Period;
use crate::store::products::ProductFilter;
use crate::store::requests::StoredRequest;
use crate::store::{AnyConnection, Store, audit, monitor, products, requests};

/// How many rows are read at a time.
const AT_A_TIME: i64 = 500;

/// Reads for others.
pub struct Exporter<'a> {
    /// Where from.
    pub store: &'a Store,
    /// When it is.
    pub clock: &'a dyn Clock,
    /// The district whose rows go out, by its code.
    pub district: &'a str,
}

impl Exporter<'_> {
    fn scope(&self) -> Scope {
        Scope::District(self.district.to_owned())
    }

    /// Reads everything of one moment, and notes that it went out.
    fn read<T>(
        &self,
        what: &str,
        read: impl Fn(&mut AnyConnection) -> Result<Vec<T>, ActionError>,
    ) -> Result<Vec<T>, ActionError> {
        let rows = self.store.read(read)?;
        let entry = AuditEntry {
            action: AuditAction::Exported,
            subject: format!("export:{what}"),
            before: None,
            after: Some(format!("{{\"rows\":{}}}", rows.len())),
        };
        let by = By::Service(self.district);
        self.store
            .write(|conn| audit::append_by(conn, by, &entry, self.clock))?;
        Ok(rows)
    }

    /// The products that were published and are not closed, by their codes.
    ///
    /// # Errors
    /// When the database fails.
    pub fn products(&self) -> Result<Vec<ProductForm>, ActionError> {
        self.read("products", |conn| {
            let mut forms = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let page = products::list(
                    conn,
                    &self.scope(),
                    ProductFilter::default(),
                    after.as_deref(),
                    AT_A_TIME,
                )?;
                let Some(last) = page.last() else { return Ok(forms) };
                after = Some(last.product.code.clone());
                let kept = page
                    .into_iter()
                    .filter(|one| one.product.status != ProductStatus::Closed);
                forms.extend(kept.map(|one| (*one.product).clone()));
            }
        })
    }

    /// The requests that were submitted, the latest first, each under its district and number, so that no other site's
    /// has the same id; what an enterprise would pay at most stays here.
    ///
    /// # Errors
    /// When the database fails.
    pub fn requests(&self) -> Result<Vec<RequestForm>, ActionError> {
        self.read("requests", |conn| {
            let mut forms = Vec::new();
            let mut before: Option<String> = None;
            loop {
                let page = requests::list(conn, &self.scope(), None, before.as_deref(), AT_A_TIME)?;
                let Some(last) = page.last() else { return Ok(forms) };
                before = Some(last.number.clone());
                forms.extend(page.into_iter().filter_map(|request| self.form(request)));
            }
        })
    }

    /// What became of the requests that something happened to between two days, both included.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outcomes(&self, from: Day, to: Day) -> Result<Vec<Outcome>, ActionError> {
        self.read("outcomes", |conn| {
            let cases = monitor::cases(conn, &self.scope(), Period { from, to })?;
            Ok(cases.into_iter().map(Outcome::from).collect())
        })
    }

    fn form(&self, request: StoredRequest) -> Option<RequestForm> {
        let need = request.need?;
        Some(RequestForm {
            id: format!("{}-{}", self.district, request.number),
            uscc: request.uscc.to_string(),
            amount_fen: need.amount_fen,
            term_months: need.term_months,
            purpose: need.purpose,
            guarantees: need.guarantees,
            kinds: need.kinds,
            repayment: need.repayment,
            max_cost_bp: None,
            project_cost_fen: need.project_cost_fen,
            existing_loan: need.existing_loan,
        })
    }
}
