//! Pages for anyone: the first page, signing in, and what went wrong.

use super::record::RecordRow;
use super::shell::Shell;
use super::words;
use crate::actions::products::{KindOnOffer, OnOffer, SAMPLE_AMOUNT_FEN, SAMPLE_TERM_MONTHS};
use crate::actions::records::BankRecord;
use crate::domain::codes::Code;
use crate::domain::link::path_segment;
use askama::Template;
use std::collections::BTreeSet;

/// A product on offer.
#[derive(Clone, Debug)]
pub struct OfferRow {
    /// The bank.
    pub bank: String,
    /// The product.
    pub name: String,
    /// Its page.
    pub href: String,
    /// The amounts it lends.
    pub amounts: String,
    /// The terms it lends for.
    pub terms: String,
    /// The annual cost of the sample loan.
    pub cost: String,
    /// The sample loan's rate.
    pub rate: String,
    /// The sample's term, where the product lends for no such term.
    pub other_term: Option<String>,
    /// The fees that the borrower bears: name, and what each comes to.
    pub fees: Vec<(String, String)>,
}

/// A kind with its products.
#[derive(Clone, Debug)]
pub struct KindCard {
    /// The kind's code.
    pub code: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it is for.
    pub words: &'static str,
    /// How many banks offer it.
    pub banks: usize,
    /// Its products, cheapest first.
    pub offers: Vec<OfferRow>,
}

/// The first page.
#[derive(Template)]
#[template(path = "public/home.html")]
pub struct HomePage {
    /// Around it.
    pub shell: Shell,
    /// The kinds that are on offer.
    pub kinds: Vec<KindCard>,
    /// How many products there are.
    pub products: usize,
    /// How many banks offer them.
    pub banks: usize,
    /// The sample loan: 万元.
    pub sample_amount: String,
    /// The sample loan: months.
    pub sample_months: u32,
    /// How each bank answers what it is sent.
    pub records: Vec<RecordRow>,
}

impl HomePage {
    /// The first page with what is on offer.
    #[must_use]
    pub fn new(shell: Shell, on_offer: &[KindOnOffer], records: &[BankRecord]) -> Self {
        let all = || on_offer.iter().flat_map(|kind| &kind.products);
        Self {
            shell,
            kinds: on_offer
                .iter()
                .filter(|kind| !kind.products.is_empty())
                .map(card)
                .collect(),
            products: all().count(),
            banks: all().map(|product| &product.form.bank).collect::<BTreeSet<_>>().len(),
            sample_amount: words::wan(SAMPLE_AMOUNT_FEN),
            sample_months: SAMPLE_TERM_MONTHS,
            records: records.iter().map(RecordRow::from).collect(),
        }
    }
}

fn card(kind: &KindOnOffer) -> KindCard {
    let banks: BTreeSet<&String> = kind.products.iter().map(|product| &product.form.bank).collect();
    KindCard {
        code: kind.kind.code(),
        label: kind.kind.label(),
        words: kind_words(kind.kind),
        banks: banks.len(),
        offers: kind.products.iter().map(row).collect(),
    }
}

const fn kind_words(kind: crate::domain::codes::Kind) -> &'static str {
    use crate::domain::codes::Kind;
    match kind {
        Kind::Specialised => "面向专精特新培育企业，多为信用贷款",
        Kind::Plant => "建厂房、买厂房，期限长",
        Kind::TechUpgrade => "更新设备、改造生产线",
        Kind::FinanceLease => "以租代买设备，分期付租金",
        Kind::Relay => "到期贷款无缝接续",
        Kind::AnnualReview => "每年审一次，不用先还后贷",
        Kind::Revolving => "额度内随借随还",
    }
}

fn row(product: &OnOffer) -> OfferRow {
    let amount = product.form.amount_fen;
    let terms = product.form.term_months;
    let borrowers = product.form.fees.iter().filter(|fee| fee.is_borrowers());
    OfferRow {
        bank: product.bank_name.clone(),
        name: product.form.name.clone(),
        href: format!("/products/{}", path_segment(&product.form.code)),
        amounts: format!("{}–{} 万元", amount.min.to_wan(), amount.max.to_wan()),
        terms: format!("{}–{} 个月", terms.min, terms.max),
        cost: product.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
        rate: words::rate(product.rate_bp),
        other_term: (product.term_months != SAMPLE_TERM_MONTHS).then(|| format!("按 {} 个月", product.term_months)),
        fees: borrowers.map(words::fee).collect(),
    }
}

/// Signing in.
#[derive(Template)]
#[template(path = "public/login.html")]
pub struct LoginPage {
    /// Around it.
    pub shell: Shell,
    /// The token for the form.
    pub csrf: String,
    /// The address that was typed.
    pub email: String,
    /// What to do after a try that failed.
    pub error: Option<String>,
    /// What was just done.
    pub notice: Option<&'static str>,
}

/// What went wrong, without a word on how it is made.
#[derive(Template)]
#[template(path = "public/error.html")]
pub struct ErrorPage {
    /// Around it.
    pub shell: Shell,
    /// What it is.
    pub title: &'static str,
    /// What to do.
    pub advice: &'static str,
}
