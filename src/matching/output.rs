//! A match list as the line of JSON that the contract gives, written straight into bytes.

use super::criteria::StepKind;
use super::evaluate::MatchList;
use super::reasons::cap_value;
use super::rows::{Miss, Row, Rows};
use crate::domain::codes::{Code, Repayment};
use crate::domain::criteria::Criterion;
use crate::domain::facts::{FactKey, FactType, FactValue};
use crate::domain::scalar::Scalar;
use crate::domain::verdict::BuiltIn;

/// A product's code as JSON.
pub(super) fn code_text(code: &str) -> Vec<u8> {
    let mut text = Vec::new();
    push_text(&mut text, code);
    text
}

impl MatchList<'_> {
    /// Appends the line, without a line end.
    pub fn write_json(&self, request: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"request\":");
        push_text(out, request);
        out.extend_from_slice(b",\"as_of\":\"");
        out.extend_from_slice(self.catalogue.as_of.to_string().as_bytes());
        out.extend_from_slice(b"\",\"eligible\":[");
        let mut costs = CostText::default();
        self.push_rows(out, self.eligible, &mut costs, |_, _| {});
        out.extend_from_slice(b"],\"incomplete\":[");
        self.push_rows(out, self.incomplete, &mut costs, |out, row| {
            self.push_unknown(out, row);
        });
        out.extend_from_slice(b"],\"near\":[");
        self.push_rows(out, self.near, &mut costs, |out, row| {
            self.push_miss(out, row);
            self.push_unknown(out, row);
        });
        out.extend_from_slice(b"],\"ineligible\":");
        push_number(out, self.counts().ineligible);
        out.push(b'}');
    }

    fn push_rows(
        &self,
        out: &mut Vec<u8>,
        rows: &Rows,
        costs: &mut CostText,
        mut tail: impl FnMut(&mut Vec<u8>, &Row),
    ) {
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"product\":");
            self.catalogue.codes.push(row.product as usize, out);
            out.extend_from_slice(b",\"rate_bp\":");
            push_number(out, row.rate_bp);
            out.extend_from_slice(repayment_part(row.repayment).as_bytes());
            costs.push(out, row);
            tail(out, row);
            out.push(b'}');
        }
    }

    fn push_unknown(&self, out: &mut Vec<u8>, row: &Row) {
        if row.unknown_count == 0 {
            out.extend_from_slice(b",\"unknown\":[]");
            return;
        }
        out.extend_from_slice(b",\"unknown\":[\"");
        let from = row.unknown_from as usize;
        let keys = &self.unknown[from..from + usize::from(row.unknown_count)];
        for (place, key) in keys.iter().enumerate() {
            if place > 0 {
                out.extend_from_slice(b"\",\"");
            }
            out.extend_from_slice(key.code().as_bytes());
        }
        out.extend_from_slice(b"\"]");
    }

    /// `unmet`, `needed`, `actual` and, for an age, `met_on`.
    fn push_miss(&self, out: &mut Vec<u8>, row: &Row) {
        match row.miss {
            Miss::None => {}
            Miss::Cap(place) => {
                let cap = &self.catalogue.caps[place as usize];
                let value = cap_value(cap.of, self.applicant, self.need).unwrap_or(0);
                let most = (i128::from(value) * i128::from(cap.bp)).div_euclid(10_000);
                push_bound(out, BuiltIn::AmountCap, most, self.need.amount_fen.get());
            }
            Miss::Criterion(number) => {
                let step = self.catalogue.criteria.step(number);
                self.catalogue.criteria.misses.push(number as usize, out);
                if step.kind == StepKind::Any {
                    out.extend_from_slice(b"null");
                    return;
                }
                push_fact(out, step.fact, FactValue(self.applicant.values[step.fact as usize]));
                if let Some(day) = step.met_on(self.applicant) {
                    out.extend_from_slice(b",\"met_on\":\"");
                    out.extend_from_slice(day.to_string().as_bytes());
                    out.push(b'"');
                }
            }
            Miss::BuiltIn(code) => self.push_built_in(out, row, code),
        }
    }

    fn push_built_in(&self, out: &mut Vec<u8>, row: &Row, code: BuiltIn) {
        let card = &self.catalogue.cards[row.product as usize];
        let (amount, term) = (self.need.amount_fen.get(), self.need.term_months);
        match code {
            BuiltIn::AmountMin => push_bound(out, code, card.amount_min, amount),
            BuiltIn::AmountMax => push_bound(out, code, card.amount_max, amount),
            BuiltIn::TermMin => push_bound(out, code, card.term_min, term),
            BuiltIn::TermMax => push_bound(out, code, card.term_max, term),
            BuiltIn::MaxCost => {
                push_unmet(out, code.code());
                #[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
                push_float(
                    out,
                    self.need.max_cost_bp.map_or(f64::INFINITY, |max| max as f64 / 100.0),
                );
                out.extend_from_slice(b",\"actual\":");
                push_float(out, row.cost);
            }
            _ => {
                push_unmet(out, code.code());
                out.extend_from_slice(b"null,\"actual\":null");
            }
        }
    }
}

/// Writes `,"unmet":"…","needed":`.
fn push_unmet(out: &mut Vec<u8>, code: &str) {
    out.extend_from_slice(b",\"unmet\":\"");
    out.extend_from_slice(code.as_bytes());
    out.extend_from_slice(b"\",\"needed\":");
}

fn push_bound(out: &mut Vec<u8>, code: BuiltIn, needed: impl itoa::Integer, actual: impl itoa::Integer) {
    push_unmet(out, code.code());
    push_number(out, needed);
    out.extend_from_slice(b",\"actual\":");
    push_number(out, actual);
}

/// Writes what is the same of a criterion's miss for every applicant.
pub(super) fn push_miss_head(out: &mut Vec<u8>, criterion: &Criterion, value: Option<&Scalar>) {
    push_unmet(
        out,
        match criterion {
            Criterion::Plain(plain) => plain.fact.code(),
            Criterion::Any(_) => "any",
        },
    );
    push_scalar(out, value);
    out.extend_from_slice(b",\"actual\":");
}

/// The digits of the last cost: rows in order of cost often repeat it.
#[derive(Default)]
struct CostText {
    cost: f64,
    text: Vec<u8>,
}

impl CostText {
    fn push(&mut self, out: &mut Vec<u8>, row: &Row) {
        if self.text.is_empty() || row.cost.to_bits() != self.cost.to_bits() {
            self.text.clear();
            push_float(&mut self.text, row.cost);
            self.cost = row.cost;
        }
        out.extend_from_slice(&self.text);
    }
}

const fn repayment_part(repayment: Option<Repayment>) -> &'static str {
    match repayment {
        Some(Repayment::EqualInstalment) => ",\"repayment\":\"equal_instalment\",\"annual_cost_pct\":",
        Some(Repayment::EqualPrincipal) => ",\"repayment\":\"equal_principal\",\"annual_cost_pct\":",
        Some(Repayment::InterestOnly) => ",\"repayment\":\"interest_only\",\"annual_cost_pct\":",
        Some(Repayment::Bullet) => ",\"repayment\":\"bullet\",\"annual_cost_pct\":",
        Some(Repayment::OnDemand) => ",\"repayment\":\"on_demand\",\"annual_cost_pct\":",
        None => ",\"repayment\":null,\"annual_cost_pct\":",
    }
}

fn push_number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A float with all its digits; null where it is infinite, which stands for "no cost".
fn push_float(out: &mut Vec<u8>, float: f64) {
    if float.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(float).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

fn push_scalar(out: &mut Vec<u8>, scalar: Option<&Scalar>) {
    match scalar {
        None => out.extend_from_slice(b"null"),
        Some(Scalar::Flag(flag)) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Some(Scalar::Number(number)) => push_number(out, *number),
        Some(Scalar::Text(text)) => push_text(out, text),
        Some(Scalar::List(list)) => push_list(out, list.iter().map(String::as_str)),
    }
}

fn push_fact(out: &mut Vec<u8>, fact: FactKey, value: FactValue) {
    let kind = fact.spec().kind;
    match kind {
        FactType::Integer { .. } | FactType::Money { .. } | FactType::Bp { .. } => push_number(out, value.get()),
        FactType::Flag => out.extend_from_slice(if value.get() == 0 { b"false" } else { b"true" }),
        FactType::Ordinal(_) | FactType::Industry | FactType::Town => push_text(out, kind.code_at(value.get())),
        FactType::Set(table) => {
            let held = table
                .iter()
                .enumerate()
                .filter(|(place, _)| value.get() >> place & 1 == 1);
            push_list(out, held.map(|(_, (code, _))| *code));
        }
    }
}

fn push_list<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t str>) {
    out.push(b'[');
    for (place, text) in texts.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_text(out, text);
    }
    out.push(b']');
}

/// A JSON string; what JSON wants escaped is rare in codes, so whole runs are copied.
fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for run in text.split_inclusive(|c: char| c == '"' || c == '\\' || c.is_ascii_control()) {
        match run.as_bytes() {
            [plain @ .., special @ (b'"' | b'\\')] => {
                out.extend_from_slice(plain);
                out.extend_from_slice(&[b'\\', *special]);
            }
            [plain @ .., special] if special.is_ascii_control() => {
                out.extend_from_slice(plain);
                out.extend_from_slice(format!("\\u{special:04x}").as_bytes());
            }
            plain => out.extend_from_slice(plain),
        }
    }
    out.push(b'"');
}
