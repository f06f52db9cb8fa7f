//! Every check of one product for one request: what a page shows behind a verdict.

use super::compile::{Applicant, Cap, Catalogue, bit};
use super::cost::{Memo, Quote};
use super::criteria::{Step, StepKind};
use super::evaluate::{cap_value, card_misses, over_cap, within_max_cost};
use crate::domain::codes::{Code, Set};
use crate::domain::criteria::{CriterionForm, State};
use crate::domain::facts::FactValue;
use crate::domain::product::Product;
use crate::domain::request::Need;
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{BuiltIn, CheckOutcome, Explanation, Figure, Verdict};

impl Catalogue {
    /// Explains the product with this code; none where the catalogue does not have it.
    #[must_use]
    pub fn explain(&self, code: &str, applicant: &Applicant, need: &Need) -> Option<Explanation> {
        let place = self.products.iter().position(|product| product.code == code)?;
        Some(self.explain_at(place, applicant, need))
    }

    /// Explains every product, in the catalogue's order.
    pub fn explain_all<'a>(
        &'a self,
        applicant: &'a Applicant,
        need: &'a Need,
    ) -> impl Iterator<Item = Explanation> + use<'a> {
        (0..self.products.len()).map(|place| self.explain_at(place, applicant, need))
    }

    fn explain_at(&self, place: usize, applicant: &Applicant, need: &Need) -> Explanation {
        let card = &self.cards[place];
        let asked = self.asked_price(card, &self.terms(applicant, need));
        let quote = self.quote(&asked, need, &mut Memo::none());

        let mut checks = self.built_in_checks(place, need);
        let caps = &self.caps[card.caps()];
        checks.extend(caps.iter().map(|cap| cap_outcome(cap, applicant, need)));
        let forms = &self.products[place].criteria;
        checks.extend(
            self.steps(card)
                .zip(forms)
                .map(|(step, form)| self.criterion_outcome(step, form, applicant)),
        );
        checks.push(max_cost_outcome(
            need,
            &quote,
            within_max_cost(need, asked.methods, &quote),
        ));

        Explanation {
            product: self.products[place].code.clone(),
            verdict: verdict(&checks),
            rate_bp: quote.rate_bp,
            repayment: quote.best.map(|(repayment, _)| repayment),
            annual_cost_pct: quote.best.map(|(_, cost)| cost),
            checks,
        }
    }

    fn built_in_checks(&self, place: usize, need: &Need) -> Vec<CheckOutcome> {
        let product = &self.products[place];
        let misses = card_misses(&self.cards[place], need);
        let mut checks: Vec<_> = BuiltIn::ALL
            .iter()
            .take_while(|code| **code != BuiltIn::ExistingLoan)
            .map(|code| {
                let state = if misses >> code.index() & 1 == 1 {
                    State::Unmet
                } else {
                    State::Met
                };
                let (needed, actual) = figures(*code, product, need);
                CheckOutcome {
                    needed,
                    actual,
                    ..outcome(code.code(), state)
                }
            })
            .collect();
        if product.renewal.is_some() {
            checks.push(outcome(
                BuiltIn::ExistingLoan.code(),
                self.existing_loan_state(&self.cards[place], need),
            ));
        }
        checks
    }

    fn criterion_outcome(&self, step: Step, form: &CriterionForm, applicant: &Applicant) -> CheckOutcome {
        let state = self.criteria.state(step, applicant);
        if step.kind == StepKind::Any {
            let members = self.criteria.members_of(step).iter();
            let forms = form.any.iter().flatten();
            let members = members
                .zip(forms)
                .map(|(&member, form)| self.criterion_outcome(member, form, applicant));
            return CheckOutcome {
                members: members.collect(),
                ..outcome("any", state)
            };
        }
        let known = applicant.known & bit(step.fact) != 0;
        let value = FactValue(applicant.values[step.fact as usize]);
        CheckOutcome {
            op: form.op.as_deref().and_then(op_name),
            needed: form.value.clone().map(Figure::Plain),
            actual: known.then(|| Figure::Plain(step.fact.spec().kind.scalar(value))),
            must_be_verified: step.verified,
            met_on: if state == State::Unmet {
                step.met_on(applicant)
            } else {
                None
            },
            ..outcome(step.fact.code(), state)
        }
    }
}

/// The comparisons' names, each once.
fn op_name(op: &str) -> Option<&'static str> {
    ["at_least", "at_most", "one_of", "none_of", "includes_any", "is"]
        .into_iter()
        .find(|known| *known == op)
}

fn outcome(check: &str, state: State) -> CheckOutcome {
    CheckOutcome {
        check: check.to_owned(),
        op: None,
        of: None,
        state,
        needed: None,
        actual: None,
        must_be_verified: false,
        met_on: None,
        members: Vec::new(),
    }
}

fn number(number: i64) -> Figure {
    Figure::Plain(Scalar::Number(number))
}

fn codes<T: Code>(set: Set<T>) -> Option<Figure> {
    (!set.is_empty()).then(|| Figure::Plain(Scalar::List(set.iter().map(|code| code.code().to_owned()).collect())))
}

fn code<T: Code>(code: T) -> Figure {
    Figure::Plain(Scalar::Text(code.code().to_owned()))
}

fn figures(check: BuiltIn, product: &Product, need: &Need) -> (Option<Figure>, Option<Figure>) {
    let amount = Some(number(need.amount_fen.get()));
    let term = Some(number(i64::from(need.term_months)));
    match check {
        BuiltIn::ProductOpen => (None, Some(code(product.status))),
        BuiltIn::Kind => (Some(code(product.kind)), codes(need.kinds)),
        BuiltIn::Purpose => (codes(product.purposes), Some(code(need.purpose))),
        BuiltIn::AmountMin => (Some(number(product.amount_fen.min.get())), amount),
        BuiltIn::AmountMax => (Some(number(product.amount_fen.max.get())), amount),
        BuiltIn::TermMin => (Some(number(i64::from(product.term_months.min))), term),
        BuiltIn::TermMax => (Some(number(i64::from(product.term_months.max))), term),
        BuiltIn::Guarantee => (codes(product.guarantees), codes(need.guarantees)),
        BuiltIn::Repayment => (codes(product.repayment), codes(need.repayment)),
        BuiltIn::ExistingLoan | BuiltIn::AmountCap | BuiltIn::MaxCost => (None, None),
    }
}

fn cap_outcome(cap: &Cap, applicant: &Applicant, need: &Need) -> CheckOutcome {
    let value = cap_value(cap.of, applicant, need);
    let state = match value {
        None => State::Unknown,
        Some(value) if over_cap(need, value, cap.bp) => State::Unmet,
        Some(_) => State::Met,
    };
    let most = value.map(|value| (i128::from(value) * i128::from(cap.bp)).div_euclid(10_000));
    CheckOutcome {
        of: Some(cap.of.code()),
        needed: most.and_then(|most| i64::try_from(most).ok()).map(number),
        actual: Some(number(need.amount_fen.get())),
        ..outcome(BuiltIn::AmountCap.code(), state)
    }
}

fn max_cost_outcome(need: &Need, quote: &Quote, met: bool) -> CheckOutcome {
    CheckOutcome {
        #[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
        needed: need.max_cost_bp.map(|max| Figure::Percent(max as f64 / 100.0)),
        actual: quote.best.map(|(_, cost)| Figure::Percent(cost)),
        ..outcome(BuiltIn::MaxCost.code(), if met { State::Met } else { State::Unmet })
    }
}

fn verdict(checks: &[CheckOutcome]) -> Verdict {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    match (count(State::Unmet), count(State::Unknown)) {
        (0, 0) => Verdict::Eligible,
        (0, _) => Verdict::Incomplete,
        (1, _) => Verdict::Near,
        _ => Verdict::Ineligible,
    }
}
