//! What a group of the monitor holds, and what was lent in it, in plain SQL.

use crate::support::db::number;
use crate::support::lent_year::date;
use chrono::{Days, NaiveDate};
use rongqiao::store::Store;
use serde_json::{Value, json};

/// Which deals, and which loans, a group holds.
pub struct Group<'a> {
    pub district: &'a str,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub bank: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub guarantee: Option<&'a str>,
}

impl<'a> Group<'a> {
    pub fn of(district: &'a str, (from, to): (&str, &str), by: &str, key: &'a str) -> Self {
        let mut group = Self {
            district,
            from: date(from),
            to: date(to),
            bank: None,
            kind: None,
            guarantee: None,
        };
        match by {
            "month" => {
                group.from = date(&format!("{key}-01"));
                group.to = group.from + chrono::Months::new(1) - Days::new(1);
            }
            "bank" => group.bank = Some(key),
            "kind" => group.kind = Some(key),
            "guarantee" => group.guarantee = Some(key),
            _ => {}
        }
        group
    }

    pub fn has(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// What stands in the WHERE of a query over loans.
    fn sql(&self) -> String {
        let one =
            |column: &str, code: Option<&str>| code.map(|code| format!(" AND {column} = '{code}'")).unwrap_or_default();
        format!(
            "loan.district_code = '{}'{}{}{}",
            self.district,
            one("organisation.code", self.bank),
            one("loan.kind", self.kind),
            one("loan.guarantee", self.guarantee)
        )
    }
}

/// Half away from zero, as fractions of two.
pub fn rounded(numerator: i128, denominator: i128) -> Value {
    if denominator == 0 {
        return Value::Null;
    }
    let double = 2 * numerator.abs() / denominator;
    let size = (double + 1) / 2;
    json!(size * numerator.signum())
}

/// What was signed and paid out, in plain SQL over the tables.
pub fn expected(store: &Store, group: &Group<'_>) -> Value {
    let (from, to, which) = (group.from, group.to, group.sql());
    let of = |what: &str| {
        let tables = "loan JOIN organisation ON organisation.id = loan.bank_id";
        let paid = format!(
            "{tables} JOIN disbursement ON disbursement.loan_id = loan.id WHERE {which} AND paid_on BETWEEN '{from}' AND '{to}'"
        );
        let from = if what.contains("signed") {
            format!("{tables} WHERE {which} AND signed_on BETWEEN '{from}' AND '{to}'")
        } else {
            paid
        };
        i128::from(number(
            store,
            &format!("SELECT CAST(COALESCE({what}, 0) AS BIGINT) AS n FROM {from}"),
        ))
    };
    let base = "(SELECT CASE WHEN loan.term_months <= 60 THEN one_year_bp ELSE five_year_bp END FROM lpr
        WHERE announced_on <= disbursement.paid_on ORDER BY announced_on DESC LIMIT 1)";
    let paid = of("sum(disbursement.amount_fen)");
    let spread_of = of(&format!(
        "sum(CASE WHEN {base} IS NULL THEN 0 ELSE disbursement.amount_fen END)"
    ));
    let all = of("count(DISTINCT loan.id)");
    let share = |condition: &str| {
        let amount = of(&format!(
            "sum(CASE WHEN {condition} THEN disbursement.amount_fen ELSE 0 END)"
        ));
        let loans = of(&format!("count(DISTINCT CASE WHEN {condition} THEN loan.id END)"));
        json!({
            "part": {"number": loans, "amount_fen": amount},
            "of": {"number": all, "amount_fen": paid},
            "number_bp": rounded(10_000 * loans, all),
            "amount_bp": rounded(10_000 * amount, paid),
        })
    };
    // To a millionth of a percent: exact for costs that were made with four decimals.
    let cost = of("sum(disbursement.amount_fen * CAST(round(loan.annual_cost_pct * 1000000) AS BIGINT))");
    json!({
        "contracts": {"number": of("count(loan.signed_on)"), "amount_fen": of("sum(CASE WHEN signed_on IS NULL THEN 0 ELSE loan.amount_fen END)")},
        "disbursements": {"number": of("count(disbursement.id)"), "amount_fen": paid},
        "averages": {
            "rate_bp": rounded(of("sum(disbursement.amount_fen * loan.rate_bp)"), paid),
            "spread_bp": rounded(of(&format!("sum(disbursement.amount_fen * (loan.rate_bp - {base}))")), spread_of),
            "spread_of_fen": spread_of,
            "annual_cost_bp": rounded(cost, paid * 10_000),
        },
        "credit": share("loan.guarantee = 'credit'"),
        "long": share("loan.term_months > 12"),
        "first": share("loan.is_first"),
    })
}
