//! Lists of requests and products, and the pages on which each kind of user begins.

use super::deadline::Deadline;
use super::shell::Shell;
use super::words;
use crate::actions::deadlines::Counting;
use crate::actions::products::StoredProduct;
use crate::actions::requests::StoredRequest;
use crate::domain::codes::{Code, ProductStatus, RateBase};
use crate::domain::link::path_segment;
use crate::domain::product::ProductForm;
use crate::domain::request::{Need, RequestState};
use crate::web::input::draft::Draft;
use askama::Template;

/// A request in a list.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Its number.
    pub number: String,
    /// Its page, or its form; empty where this reader has neither.
    pub href: String,
    /// Whose it is.
    pub enterprise: String,
    /// The enterprise's own page; empty where this reader has none.
    pub enterprise_href: String,
    /// The amount in words.
    pub amount: String,
    /// The term in words.
    pub term: String,
    /// What for.
    pub purpose: &'static str,
    /// The guarantees in words.
    pub guarantees: String,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// When it was submitted, or begun.
    pub at: String,
    /// The last day on which it is open.
    pub expires_on: Deadline,
}

impl RequestRow {
    /// A request as its enterprise sees it; who only reads has no way into a draft's form.
    #[must_use]
    pub fn own(request: &StoredRequest, may_write: bool, counting: &Counting) -> Self {
        let mut row = Self::under("/enterprise/requests", request, counting);
        if row.is_draft && !may_write {
            row.href.clear();
        }
        row
    }

    /// A request as the centre sees it.
    #[must_use]
    pub fn of_district(request: &StoredRequest, counting: &Counting) -> Self {
        Self {
            enterprise_href: format!("/centre/enterprises/{}", request.uscc),
            ..Self::under("/centre/requests", request, counting)
        }
    }

    fn under(root: &str, request: &StoredRequest, counting: &Counting) -> Self {
        let is_draft = request.state == RequestState::Draft;
        let draft = Draft::of(request.draft.as_deref(), request.need.as_ref());
        let need = request.need.clone().or_else(|| Need::try_from(&draft).ok());
        let none = || "—".to_owned();
        let typed = |text: &str, unit: &str| {
            let text = text.trim();
            if text.is_empty() {
                none()
            } else {
                format!("{text} {unit}")
            }
        };
        let base = format!("{root}/{}", request.id);
        Self {
            number: request.number.clone(),
            href: if is_draft { format!("{base}/edit?step=1") } else { base },
            enterprise: request.enterprise_name.clone(),
            enterprise_href: String::new(),
            amount: need.as_ref().map_or_else(
                || typed(&draft.amount, "万元"),
                |need| words::wan(need.amount_fen.get()),
            ),
            term: need.as_ref().map_or_else(
                || typed(&draft.term_months, "个月"),
                |need| format!("{} 个月", need.term_months),
            ),
            purpose: need.as_ref().map_or("—", |need| need.purpose.label()),
            guarantees: need
                .as_ref()
                .map_or_else(none, |need| words::labels(need.guarantees, "—")),
            state: request.state.label(),
            class: if is_draft { "off" } else { "need" },
            is_draft,
            at: words::minute(request.submitted_at.unwrap_or(request.created_at)),
            expires_on: Deadline::of_day(request.expires_on, counting.of_request(request)),
        }
    }
}

/// The page on which an enterprise's user begins.
#[derive(Template)]
#[template(path = "enterprise/home.html")]
pub struct EnterpriseHome {
    /// Around it.
    pub shell: Shell,
    /// Who begins.
    pub name: String,
    /// A draft to go on with.
    pub draft: Option<RequestRow>,
    /// The newest request that was matched.
    pub newest: Option<RequestRow>,
    /// The newest requests.
    pub requests: Vec<RequestRow>,
    /// How many values hold no longer, and how many facts nobody has told.
    pub expired: usize,
    /// How many facts nobody has told.
    pub missing: usize,
    /// How many loans mature soon, and the day of the next.
    pub maturing: Option<(usize, String)>,
    /// What is left out for want of an authorisation; empty where nothing is.
    pub left_out: String,
    /// Whether the reader may write requests.
    pub may_write: bool,
}

/// An enterprise's requests.
#[derive(Template)]
#[template(path = "enterprise/requests.html")]
pub struct RequestsPage {
    /// Around it.
    pub shell: Shell,
    /// The requests, newest first.
    pub requests: Vec<RequestRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Whether the reader may write requests.
    pub may_write: bool,
}

/// A product in a list.
#[derive(Clone, Debug)]
pub struct ProductRow {
    /// Its code.
    pub code: String,
    /// Its sheet; empty where there is none for this reader.
    pub href: String,
    /// The bank.
    pub bank: String,
    /// Its name.
    pub name: String,
    /// Its family, or nothing.
    pub family: String,
    /// Its kind.
    pub kind: &'static str,
    /// The word for its status.
    pub status: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// The amounts it lends.
    pub amounts: String,
    /// The terms it lends for.
    pub terms: String,
    /// How its rate is made.
    pub rate: String,
    /// When the bank confirmed it.
    pub confirmed_on: String,
    /// Until when it stays in the matching.
    pub matched_until: Deadline,
    /// Whether it has left the matching.
    pub has_lapsed: bool,
    /// Its version.
    pub version: i32,
}

impl ProductRow {
    /// A product as it stands today; `root` is where sheets are, empty where the reader has none.
    #[must_use]
    pub fn new(stored: &StoredProduct, counting: &Counting, root: &str) -> Self {
        let form: &ProductForm = &stored.product;
        let confirmed = counting.of_confirmation(stored);
        let amount = form.amount_fen;
        Self {
            code: form.code.clone(),
            href: if root.is_empty() {
                String::new()
            } else {
                format!("{root}/{}", path_segment(&form.code))
            },
            bank: stored.bank_name.clone(),
            name: form.name.clone(),
            family: form.family.clone().unwrap_or_default(),
            kind: form.kind.label(),
            status: form.status.label(),
            class: status_class(form.status),
            amounts: format!("{}–{} 万元", amount.min.to_wan(), amount.max.to_wan()),
            terms: format!("{}–{} 个月", form.term_months.min, form.term_months.max),
            rate: rate_rule(form),
            confirmed_on: form.confirmed_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
            matched_until: Deadline::of_day(stored.confirmed_until, confirmed),
            has_lapsed: confirmed.is_some_and(|left| left.is_over),
            version: stored.version,
        }
    }
}

const fn status_class(status: ProductStatus) -> &'static str {
    match status {
        ProductStatus::Open => "ok",
        ProductStatus::Suspended => "near",
        ProductStatus::Draft | ProductStatus::Closed => "off",
    }
}

/// How a product's rate is made: `1年期LPR+15 基点`, `固定 3.85%`.
#[must_use]
pub fn rate_rule(form: &ProductForm) -> String {
    match form.rate.base {
        RateBase::Fixed => format!("固定 {}", words::rate(form.rate.spread_bp)),
        base => words::spread(base.label(), form.rate.spread_bp),
    }
}

/// A bank's own page of a product.
#[must_use]
pub fn bank_sheet(code: &str) -> String {
    format!("/bank/products/{}", path_segment(code))
}

/// A bank's products.
#[derive(Template)]
#[template(path = "bank/products.html")]
pub struct ProductsPage {
    /// Around it.
    pub shell: Shell,
    /// The products in the order of their codes.
    pub products: Vec<ProductRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Today.
    pub today: String,
    /// How many of those shown are in the matching.
    pub in_matching: usize,
    /// What was just done.
    pub notice: Option<&'static str>,
}

/// The centre's list of what the district asks for and offers.
#[derive(Template)]
#[template(path = "centre/requests.html")]
pub struct DistrictPage {
    /// Around it.
    pub shell: Shell,
    /// Today.
    pub today: String,
    /// The requests, newest first.
    pub requests: Vec<RequestRow>,
    /// Where the requests go on.
    pub next_requests: Option<String>,
    /// The products in the order of their codes.
    pub products: Vec<ProductRow>,
    /// Where the products go on.
    pub next_products: Option<String>,
}
