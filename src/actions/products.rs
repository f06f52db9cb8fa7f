//! Reading products.

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::codes::{Code, Kind, ProductStatus};
use crate::domain::product::{Product, ProductForm};
use crate::finance::annual_cost::{FeeSum, Loan, annual_cost_pct};
use crate::store::products;
use uuid::Uuid;

pub use crate::store::products::{ProductFilter, StoredProduct};

/// Products that the actor may see, in the order of their codes: at most `limit` of those behind `after`.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no products.
pub fn list(
    service: &Service,
    actor: &Actor,
    filter: ProductFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredProduct>, ActionError> {
    let scope = may_see(actor, Right::ViewProducts)?;
    let found = service
        .store
        .read(|conn| products::list(conn, &scope, filter, after, limit))?;
    found.into_iter().map(|one| for_reader(one, &scope)).collect()
}

/// What a reader is told: how much a bank will lend in all is between it and the centre.
fn for_reader(stored: StoredProduct, scope: &Scope) -> Result<StoredProduct, ActionError> {
    match scope {
        Scope::District(_) => Ok(stored),
        Scope::Organisation(id) if *id == stored.organisation_id => Ok(stored),
        Scope::Organisation(_) => Ok(StoredProduct {
            product: Product::parse(ProductForm {
                quota_fen: None,
                ..(*stored.product).clone()
            })?,
            ..stored
        }),
    }
}

/// A code to look for. No code has control characters, and PostgreSQL's texts can't hold a NUL.
pub(super) fn checked_code(code: &str) -> Result<&str, ActionError> {
    if code.contains(char::is_control) {
        Err(ActionError::NotFound)
    } else {
        Ok(code)
    }
}

/// One product.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees none with this code.
pub fn show(service: &Service, actor: &Actor, code: &str) -> Result<StoredProduct, ActionError> {
    let scope = may_see(actor, Right::ViewProducts)?;
    let code = checked_code(code)?;
    let found = service.store.read(|conn| products::by_code(conn, &scope, code))?;
    for_reader(found, &scope)
}

/// The sample loan that products are compared by before anyone has said what they need.
pub const SAMPLE_AMOUNT_FEN: i64 = 100_000_000;
/// Its term: kept within what the product lends for.
pub const SAMPLE_TERM_MONTHS: u32 = 12;

/// Products of one kind, for everyone to see.
#[derive(Debug)]
pub struct KindOnOffer {
    /// The kind.
    pub kind: Kind,
    /// Each product with the annual cost of the sample loan in percent, cheapest first.
    pub products: Vec<OnOffer>,
}

/// A product that is on offer.
#[derive(Debug)]
pub struct OnOffer {
    /// What it says.
    pub form: ProductForm,
    /// The bank's name.
    pub bank_name: String,
    /// The sample loan's rate, bp, without any discount.
    pub rate_bp: i64,
    /// The sample loan's annual cost by the cheapest way to repay, percent.
    pub annual_cost_pct: Option<f64>,
    /// The sample's term, within the product's bounds.
    pub term_months: u32,
}

/// A product that is in the matching today, for everyone to see.
///
/// # Errors
/// [`ActionError::NotFound`] where there is none with this code.
pub fn public(service: &Service, code: &str) -> Result<StoredProduct, ActionError> {
    let code = checked_code(code)?;
    // Of nobody's organisation: what is open is all that it sees.
    let anyone = Scope::Organisation(Uuid::nil());
    let found = service.store.read(|conn| products::by_code(conn, &anyone, code))?;
    if !found.is_matched_on(service.clock.today()) {
        return Err(ActionError::NotFound);
    }
    for_reader(found, &anyone)
}

/// Every product that is on offer today, by kind, in the order of the kinds.
///
/// # Errors
/// When the database fails, or before the first LPR.
pub fn on_offer(service: &Service) -> Result<Vec<KindOnOffer>, ActionError> {
    let today = service.clock.today();
    let (loaded, names) = service.store.read(|conn| {
        let loaded = service.catalogue.current(conn, today)?;
        let names = products::frozen(conn, &loaded.versions)?;
        Ok::<_, ActionError>((loaded, names))
    })?;
    let lpr = loaded.catalogue.lpr();
    let mut on_offer: Vec<OnOffer> = names
        .into_iter()
        .filter(|(product, ..)| product.status == ProductStatus::Open && product.is_open_on(today))
        .map(|(product, _, bank_name)| {
            let term_months = SAMPLE_TERM_MONTHS.clamp(product.term_months.min.max(1), product.term_months.max);
            let base = lpr.base_bp(product.rate.base, term_months);
            let rate_bp = (base + product.rate.spread_bp).max(product.rate.floor_bp.unwrap_or(0));
            let fees = FeeSum::of(&product.fees);
            let costs = product.repayment.iter().filter_map(|repayment| {
                annual_cost_pct(
                    &Loan {
                        amount_fen: SAMPLE_AMOUNT_FEN,
                        term_months,
                        rate_bp,
                        repayment,
                    },
                    &fees,
                )
            });
            let annual_cost_pct = costs.min_by(f64::total_cmp);
            OnOffer {
                form: (*product).clone(),
                bank_name,
                rate_bp,
                annual_cost_pct,
                term_months,
            }
        })
        .collect();
    let cost = |product: &OnOffer| product.annual_cost_pct.unwrap_or(f64::INFINITY);
    on_offer.sort_by(|one, two| {
        cost(one)
            .total_cmp(&cost(two))
            .then_with(|| one.form.code.cmp(&two.form.code))
    });
    let mut kinds: Vec<KindOnOffer> = Kind::ALL
        .iter()
        .map(|kind| KindOnOffer {
            kind: *kind,
            products: Vec::new(),
        })
        .collect();
    for product in on_offer {
        if let Some(kind) = kinds.get_mut(product.form.kind.index()) {
            kind.products.push(product);
        }
    }
    Ok(kinds)
}
