//! A made year of lending, put into the tables as it would stand there: requests, referrals, offers, loans with what
//! was paid out. Nothing of it is random but by a fixed sequence.

use super::app::usual_offer;
use super::db::execute;
use super::samples::{DISTRICT, USCCS};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use rongqiao::store::Store;

/// One request with what became of it.
#[derive(Clone, Debug)]
pub struct Deal {
    pub district: &'static str,
    pub submitted_at: DateTime<Utc>,
    pub amount_fen: i64,
    pub guarantees: &'static [&'static str],
    pub eligible: i32,
    /// When it could not be served, and why.
    pub unserved: Option<(DateTime<Utc>, &'static str)>,
    pub bank: &'static str,
    /// A product with its kind.
    pub product: (&'static str, &'static str),
    /// When it came to the bank; it is not there before.
    pub sent_at: Option<DateTime<Utc>>,
    pub due_on: NaiveDate,
    pub answered_at: Option<DateTime<Utc>>,
    pub is_late: Option<bool>,
    pub referral_state: &'static str,
    pub offer: Option<MadeOffer>,
    pub loan: Option<MadeLoan>,
}

#[derive(Clone, Debug)]
pub struct MadeOffer {
    pub made_at: DateTime<Utc>,
    pub amount_fen: i64,
    pub guarantee: &'static str,
    pub forwarded_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub state: &'static str,
}

#[derive(Clone, Debug)]
pub struct MadeLoan {
    pub amount_fen: i64,
    pub rate_bp: i64,
    pub term_months: u32,
    /// In 1/10,000 of a percent.
    pub cost_e4: i64,
    pub is_first: bool,
    pub signed_on: NaiveDate,
    pub draws: Vec<(NaiveDate, i64)>,
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

impl Deal {
    /// A request that was submitted then and no more.
    pub fn submitted(at: &str, amount_fen: i64) -> Self {
        Self {
            district: DISTRICT,
            submitted_at: instant(at),
            amount_fen,
            guarantees: &["credit"],
            eligible: 1,
            unserved: None,
            bank: "BANKA",
            product: ("PA", "specialised"),
            sent_at: None,
            due_on: date("2026-10-30"),
            answered_at: None,
            is_late: None,
            referral_state: "pending",
            offer: None,
            loan: None,
        }
    }

    /// A request of which a loan came that was paid out on one day.
    pub fn lent(paid_on: &str, amount_fen: i64, rate_bp: i64) -> Self {
        let paid_on = date(paid_on);
        let at = (paid_on - Duration::days(20))
            .and_hms_opt(2, 0, 0)
            .expect("a time")
            .and_utc();
        let (answered, accepted) = (at + Duration::days(2), at + Duration::days(6));
        Self {
            submitted_at: at,
            sent_at: Some(at),
            due_on: paid_on - Duration::days(13),
            answered_at: Some(answered),
            is_late: Some(false),
            referral_state: "offered",
            offer: Some(MadeOffer {
                made_at: answered,
                amount_fen,
                guarantee: "credit",
                forwarded_at: Some(answered + Duration::days(1)),
                accepted_at: Some(accepted),
                state: "signed",
            }),
            loan: Some(MadeLoan {
                amount_fen,
                rate_bp,
                term_months: 12,
                cost_e4: rate_bp * 100 + 567,
                is_first: false,
                signed_on: paid_on - Duration::days(3),
                draws: vec![(paid_on, amount_fen)],
            }),
            ..Self::submitted("2026-01-01T00:00:00Z", amount_fen)
        }
    }
}

/// A sequence that is always the same.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let many = i64::try_from(all.len()).expect("small");
        all[usize::try_from(self.below(many)).expect("small")]
    }
}

const PRODUCTS: [(&str, (&str, &str)); 4] = [
    ("BANKA", ("PA", "specialised")),
    ("BANKA", ("PT", "tech_upgrade")),
    ("BANKB", ("PB", "specialised")),
    ("BANKB", ("PV", "plant")),
];
const GUARANTEES: [&[&str]; 4] = [
    &["credit"],
    &["credit", "guarantor"],
    &["mortgage"],
    &["pledge", "mortgage"],
];

/// The year before 2026-11-01, with every way that a request may go.
pub fn year(seed: u64, number: u64, district: &'static str) -> Vec<Deal> {
    let mut sequence = Sequence(seed);
    (0..number).map(|_| deal(&mut sequence, district)).collect()
}

fn deal(sequence: &mut Sequence, district: &'static str) -> Deal {
    let at = instant("2025-11-01T01:23:45Z") + Duration::minutes(sequence.below(365 * 24 * 60));
    let amount_fen = 10_000_000 + sequence.below(300_000_000);
    let (bank, product) = sequence.of(&PRODUCTS);
    let guarantees = sequence.of(&GUARANTEES);
    let mut deal = Deal {
        district,
        guarantees,
        eligible: sequence.of(&[0, 1, 2, 4]),
        bank,
        product,
        ..Deal::submitted("2026-01-01T00:00:00Z", amount_fen)
    };
    deal.submitted_at = at;
    let fate = sequence.below(10);
    if fate == 0 {
        let reason = sequence.of(&["no_product", "collateral", "credit"]);
        deal.unserved = Some((at + Duration::days(30), reason));
        return deal;
    }
    let sent = at + Duration::hours(sequence.below(48));
    deal.sent_at = Some(sent);
    deal.due_on = sent.date_naive() + Duration::days(7);
    if fate == 1 {
        deal.referral_state = "overdue";
        return deal;
    }
    let answered = sent + Duration::hours(sequence.below(12 * 24));
    deal.answered_at = Some(answered);
    deal.is_late = Some(answered.date_naive() > deal.due_on);
    if fate == 2 {
        deal.referral_state = "declined";
        return deal;
    }
    deal.referral_state = "offered";
    let forwarded = answered + Duration::days(1);
    let guarantee = guarantees[0];
    let offer = MadeOffer {
        made_at: answered,
        amount_fen: amount_fen - sequence.below(5_000_000),
        guarantee,
        forwarded_at: (fate != 3).then_some(forwarded),
        accepted_at: (fate > 4).then_some(forwarded + Duration::days(3)),
        state: ["submitted", "forwarded", "fell_through", "signed"]
            [usize::try_from(fate.clamp(3, 6) - 3).expect("small")],
    };
    if fate > 5 {
        deal.loan = Some(loan(sequence, &offer));
    }
    deal.offer = Some(offer);
    deal
}

fn loan(sequence: &mut Sequence, offer: &MadeOffer) -> MadeLoan {
    let signed_on = offer.accepted_at.expect("accepted").date_naive() + Duration::days(5);
    let rate_bp = 290 + sequence.below(170);
    let first = 1 + sequence.below(offer.amount_fen);
    let later = offer.amount_fen - first;
    let mut draws = vec![(signed_on + Duration::days(2), first)];
    if later > 0 && sequence.below(2) == 0 {
        draws.push((signed_on + Duration::days(40), later));
    }
    MadeLoan {
        amount_fen: offer.amount_fen,
        rate_bp,
        term_months: sequence.of(&[6, 12, 13, 36, 60, 61, 120]),
        cost_e4: rate_bp * 100 + sequence.below(9_000),
        is_first: sequence.below(4) == 0,
        signed_on,
        draws,
    }
}

fn id(table: u32, number: usize) -> String {
    format!("{table:08x}-0000-4000-8000-{number:012x}")
}

/// The number of the request that is the so-manieth of those that were put.
pub fn number_of(place: usize) -> String {
    format!("2020-{place:06}")
}

fn stamp(at: DateTime<Utc>) -> String {
    format!("'{}'", at.format("%Y-%m-%d %H:%M:%S%.6f"))
}

fn or_null<T>(value: Option<T>, of: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "NULL".to_owned(), of)
}

/// Products of the kinds that the first ones are not of.
pub fn put_products(store: &Store) {
    for (place, code, kind, like) in [(1, "PT", "tech_upgrade", "PA"), (2, "PV", "plant", "PB")] {
        let id = id(9, place);
        execute(
            store,
            &format!(
                "INSERT INTO product (id, code, organisation_id, kind, status, version, updated_at)
                 SELECT '{id}', '{code}', organisation_id, '{kind}', status, version, updated_at
                 FROM product WHERE code = '{like}'"
            ),
        );
        let named = format!("replace(replace(document, '{like}', '{code}'), '\"specialised\"', '\"{kind}\"')");
        execute(
            store,
            &format!(
                "INSERT INTO product_version (product_id, version, document, created_at)
                 SELECT '{id}', product_version.version, {named}, created_at
                 FROM product_version JOIN product ON product.id = product_id WHERE code = '{like}'"
            ),
        );
    }
}

/// Puts deals; the first is counted as `from`.
pub fn put(store: &Store, deals: &[Deal], from: usize) {
    let mut tables = Tables::default();
    for (place, deal) in deals.iter().enumerate() {
        tables.add(from + place, deal);
    }
    tables.insert(store);
}

/// Rows as SQL, table by table in the order in which they refer to each other.
#[derive(Default)]
struct Tables {
    requests: Vec<String>,
    matches: Vec<String>,
    consents: Vec<String>,
    referrals: Vec<String>,
    offers: Vec<String>,
    revisions: Vec<String>,
    loans: Vec<String>,
    disbursements: Vec<String>,
}

const ENTERPRISE: &str = "(SELECT id FROM enterprise WHERE uscc = '{}')";

impl Tables {
    fn add(&mut self, place: usize, deal: &Deal) {
        let enterprise = ENTERPRISE.replace("{}", USCCS[0]);
        let bank = format!("(SELECT id FROM organisation WHERE code = '{}')", deal.bank);
        let product = format!("(SELECT id FROM product WHERE code = '{}')", deal.product.0);
        let (request, number, at) = (id(1, place), number_of(place), stamp(deal.submitted_at));
        let need = serde_json::json!({
            "amount_fen": deal.amount_fen, "term_months": 12, "purpose": "working_capital", "guarantees": deal.guarantees,
        });
        let state = match (&deal.unserved, &deal.loan) {
            (None, None) => "open",
            _ => "closed",
        };
        let (end, reason, ended_at) = match (&deal.unserved, &deal.loan) {
            (Some((at, reason)), _) => ("'unserved'".to_owned(), format!("'{reason}'"), stamp(*at)),
            (None, Some(_)) => ("'fulfilled'".to_owned(), "NULL".to_owned(), at.clone()),
            (None, None) => ("NULL".to_owned(), "NULL".to_owned(), "NULL".to_owned()),
        };
        self.requests.push(format!(
            "('{request}', '{number}', {enterprise}, '{}', '{state}', '{need}', 1, {at}, {at}, {end}, {reason}, {ended_at})",
            deal.district
        ));
        let (run, day) = (id(2, place), deal.submitted_at.date_naive());
        self.matches.push(format!(
            "('{run}', '{request}', 1, {at}, '{day}', '{{}}', '{{}}', {})",
            deal.eligible
        ));
        let Some(sent_at) = deal.sent_at else { return };
        let (consent, referral) = (id(3, place), id(4, place));
        self.consents.push(format!(
            "('{consent}', {enterprise}, {bank}, '{request}', 'application', 1, {at}, '2027-12-31', 1)"
        ));
        let picked = serde_json::json!([{
            "code": deal.product.0, "version": 1, "name": "示例产品", "rate_bp": 350, "repayment": null, "annual_cost_pct": null,
        }]);
        let late = or_null(deal.is_late, |late| late.to_string());
        self.referrals.push(format!(
            "('{referral}', '{request}', {bank}, '{consent}', '{run}', '{picked}', '{}', 1, {}, '{}', {}, {late})",
            deal.referral_state,
            stamp(sent_at),
            deal.due_on,
            or_null(deal.answered_at, stamp),
        ));
        let Some(offer) = &deal.offer else { return };
        let mut terms = usual_offer(deal.product.0);
        terms["guarantee"] = offer.guarantee.into();
        terms["amount_fen"] = offer.amount_fen.into();
        let offer_id = id(5, place);
        let fallen = if offer.state == "fell_through" {
            "'bank'"
        } else {
            "NULL"
        };
        self.offers.push(format!(
            "('{offer_id}', '{number}-{}-1', '{referral}', '{request}', {enterprise}, {bank}, {product}, 1, 1, 1, '{}', \
             '{terms}', '{{}}', '[]', true, {}, 350, '2027-12-31', {}, {}, {}, '{consent}', {fallen})",
            deal.bank,
            offer.state,
            offer.amount_fen,
            stamp(offer.made_at),
            or_null(offer.forwarded_at, stamp),
            or_null(offer.accepted_at, stamp),
        ));
        self.revisions.push(format!(
            "('{offer_id}', 1, '{terms}', '{{}}', '[]', {})",
            stamp(offer.made_at)
        ));
        if let Some(loan) = &deal.loan {
            self.add_loan(place, deal, offer, loan, [&enterprise, &bank, &product]);
        }
    }

    fn add_loan(&mut self, place: usize, deal: &Deal, offer: &MadeOffer, loan: &MadeLoan, ids: [&str; 3]) {
        let [enterprise, bank, product] = ids;
        let (loan_id, number) = (id(6, place), number_of(place));
        let drawn: i64 = loan.draws.iter().map(|(_, amount)| amount).sum();
        let matures_on = loan.signed_on.with_year(2040).unwrap_or(date("2040-01-01"));
        self.loans.push(format!(
            "('{loan_id}', '{number}', '{}', '{}', {enterprise}, '{}', {bank}, {product}, '{}', 1, 'disbursing', 'HT-{place}', \
             '{{}}', {}, {}, {}, 'on_demand', '{}', {}.{:04}, '{}', '{matures_on}', {}, {}, {drawn})",
            id(5, place),
            id(1, place),
            deal.district,
            deal.product.1,
            loan.amount_fen,
            loan.rate_bp,
            loan.term_months,
            offer.guarantee,
            loan.cost_e4 / 10_000,
            loan.cost_e4 % 10_000,
            loan.signed_on,
            loan.is_first,
            stamp(offer.made_at),
        ));
        for (paid_on, amount) in &loan.draws {
            let id = id(7, self.disbursements.len() + 1000 * place);
            self.disbursements.push(format!(
                "('{id}', '{loan_id}', '{paid_on}', {amount}, '2026-10-31 00:00:00')"
            ));
        }
    }

    fn insert(self, store: &Store) {
        for (into, rows) in [
            (
                "request (id, number, enterprise_id, district_code, state, need, version, created_at, submitted_at, \
                 end_reason, unserved_reason, ended_at)",
                self.requests,
            ),
            (
                "request_match (id, request_id, run, run_at, as_of, inputs, result, eligible)",
                self.matches,
            ),
            (
                "consent (id, enterprise_id, bank_id, request_id, purpose, text_version, given_at, until, version)",
                self.consents,
            ),
            (
                "referral (id, request_id, bank_id, consent_id, match_id, products, state, version, sent_at, due_on, \
                 answered_at, is_late)",
                self.referrals,
            ),
            (
                "offer (id, number, referral_id, request_id, enterprise_id, bank_id, product_id, product_version, \
                 revision, version, state, terms, figures, checks, is_clean, amount_fen, rate_bp, valid_until, \
                 submitted_at, forwarded_at, accepted_at, contract_consent_id, fallen_by)",
                self.offers,
            ),
            (
                "offer_revision (offer_id, revision, terms, figures, checks, submitted_at)",
                self.revisions,
            ),
            (
                "loan (id, number, offer_id, request_id, enterprise_id, district_code, bank_id, product_id, kind, version, \
                 state, contract_number, terms, amount_fen, rate_bp, term_months, repayment, guarantee, annual_cost_pct, \
                 signed_on, matures_on, is_first, registered_at, drawn_fen)",
                self.loans,
            ),
            (
                "disbursement (id, loan_id, paid_on, amount_fen, recorded_at)",
                self.disbursements,
            ),
        ] {
            if !rows.is_empty() {
                execute(store, &format!("INSERT INTO {into} VALUES {}", rows.join(", ")));
            }
        }
    }
}
