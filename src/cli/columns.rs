//! The columns of the CSV files and workbooks: the field names of the forms, with a point before what is nested.

use crate::exchange::table::{Cell, Column};

const fn must(name: &'static str, cell: Cell) -> Column {
    Column {
        name,
        label: "",
        cell,
        required: true,
    }
}

const fn may(name: &'static str, cell: Cell) -> Column {
    Column {
        name,
        label: "",
        cell,
        required: false,
    }
}

pub(super) const ORGANISATIONS: &[Column] = &[
    must("code", Cell::Text),
    must("kind", Cell::Text),
    must("name", Cell::Text),
    must("district_code", Cell::Text),
    may("uscc", Cell::Text),
    may("contact", Cell::Text),
];

pub(super) const PRODUCTS: &[Column] = &[
    must("code", Cell::Text),
    must("bank", Cell::Text),
    must("name", Cell::Text),
    may("family", Cell::Text),
    must("kind", Cell::Text),
    must("status", Cell::Text),
    may("from", Cell::Text),
    may("to", Cell::Text),
    may("confirmed_on", Cell::Text),
    must("amount_fen.min", Cell::Whole),
    must("amount_fen.max", Cell::Whole),
    must("term_months.min", Cell::Whole),
    must("term_months.max", Cell::Whole),
    may("amount_caps", Cell::Json),
    must("purposes", Cell::List),
    must("guarantees", Cell::List),
    must("repayment", Cell::List),
    must("rate.base", Cell::Text),
    must("rate.spread_bp", Cell::Whole),
    may("rate.tier_discount_bp", Cell::Json),
    may("rate.floor_bp", Cell::Whole),
    may("fees", Cell::JsonOr("[]")),
    may("renewal.window_days", Cell::Whole),
    may("renewal.own_loans_only", Cell::Flag),
    may("criteria", Cell::JsonOr("[]")),
    may("summary", Cell::Text),
    may("materials", Cell::List),
    may("contact", Cell::Text),
    may("quota_fen", Cell::Whole),
];

pub(super) const ENTERPRISES: &[Column] = &[
    must("uscc", Cell::Text),
    must("name", Cell::Text),
    may("established_on", Cell::Text),
    may("facts", Cell::JsonOr("{}")),
];

pub(super) const FACTS: &[Column] = &[
    must("uscc", Cell::Text),
    must("fact", Cell::Text),
    must("value", Cell::ValueOf("fact")),
    must("verified", Cell::Flag),
    must("observed_on", Cell::Text),
    may("valid_until", Cell::Text),
    may("bank", Cell::Text),
];

pub(super) const REQUESTS: &[Column] = &[
    must("id", Cell::Text),
    must("uscc", Cell::Text),
    must("amount_fen", Cell::Whole),
    must("term_months", Cell::Whole),
    must("purpose", Cell::Text),
    must("guarantees", Cell::List),
    may("kinds", Cell::List),
    may("repayment", Cell::List),
    may("max_cost_bp", Cell::Whole),
    may("project_cost_fen", Cell::Whole),
    may("existing_loan.bank", Cell::Text),
    may("existing_loan.matures_on", Cell::Text),
    may("existing_loan.balance_fen", Cell::Whole),
];

pub(super) const LPR: &[Column] = &[must("date", Cell::Date), must("1y", Cell::Text), must("5y", Cell::Text)];

pub(super) const HOLIDAYS: &[Column] = &[
    must("date", Cell::Text),
    must("kind", Cell::Text),
    must("name", Cell::Text),
];

pub(super) const OUTCOMES: &[Column] = &[
    must("request", Cell::Text),
    must("uscc", Cell::Code),
    must("enterprise", Cell::Text),
    must("submitted_on", Cell::Date),
    must("amount_fen", Cell::Whole),
    must("fits_any", Cell::Flag),
    must("banks_asked", Cell::Whole),
    must("banks_answered", Cell::Whole),
    must("offers", Cell::Whole),
    may("accepted_on", Cell::Date),
    may("unserved.on", Cell::Date),
    may("unserved.reason", Cell::Text),
    may("loan.number", Cell::Text),
    may("loan.bank", Cell::Text),
    may("loan.kind", Cell::Text),
    may("loan.guarantee", Cell::Text),
    may("loan.amount_fen", Cell::Whole),
    may("loan.rate_bp", Cell::Whole),
    may("loan.term_months", Cell::Whole),
    may("loan.annual_cost_pct", Cell::Text),
    may("loan.signed_on", Cell::Date),
    may("loan.is_first", Cell::Flag),
    may("loan.drawn_fen", Cell::Whole),
];
