//! Every check of one product for one request: what a page shows behind a verdict.

use super::applicant::{Applicant, bit};
use super::compile::{Catalogue, position};
use super::cost::{Best, Memo, Terms, is_within};
use super::criteria::{Step, StepKind};
use super::reasons::{cap_state, cap_value, card_misses};
use super::wish::Wish;
use crate::domain::codes::{Code, Set};
use crate::domain::criteria::{CriterionForm, State};
use crate::domain::facts::FactValue;
use crate::domain::product::{AmountCap, Product};
use crate::domain::request::Need;
use crate::domain::scalar::Scalar;
use crate::domain::verdict::{BuiltIn, CheckOutcome, Explanation, Figure, Verdict};

impl Catalogue {
    /// Explains the product with this code; none where the catalogue does not have it.
    #[must_use]
    pub fn explain(&self, code: &str, applicant: &Applicant, need: &Need) -> Option<Explanation> {
        let place = self.place(code).ok()?;
        Some(self.explain_at(place, applicant, need, &mut Memo::small()))
    }

    /// Explains every product, in the catalogue's order.
    pub fn explain_all<'a>(
        &'a self,
        applicant: &'a Applicant,
        need: &'a Need,
    ) -> impl Iterator<Item = Explanation> + use<'a> {
        let mut memo = Memo::small();
        (0..self.products.len()).map(move |place| self.explain_at(place, applicant, need, &mut memo))
    }

    fn explain_at(&self, place: usize, applicant: &Applicant, need: &Need, memo: &mut Memo) -> Explanation {
        let card = &self.cards[place];
        let terms = Terms::new(applicant.verified_tier(), Wish::of(need));
        let asked = self.asked_price(position(place), &terms);
        let best = self.cheapest(&asked, &terms, memo);

        let mut checks = self.built_in_checks(place, need);
        let caps = &self.caps[card.caps()];
        checks.extend(caps.iter().map(|cap| cap_outcome(cap, applicant, need)));
        let forms = &self.products[place].criteria;
        checks.extend(
            self.numbers(card)
                .zip(forms)
                .map(|(number, form)| self.criterion_outcome(self.criteria.step(number), form, applicant)),
        );
        checks.push(max_cost_outcome(need, best, is_within(&asked, best, need.max_cost_bp)));

        Explanation {
            product: self.products[place].code.clone(),
            verdict: verdict(&checks),
            rate_bp: asked.rate_bp,
            repayment: best.map(|(repayment, _)| repayment),
            annual_cost_pct: best.map(|(_, cost)| cost),
            checks,
        }
    }

    fn built_in_checks(&self, place: usize, need: &Need) -> Vec<CheckOutcome> {
        let product = &self.products[place];
        let misses = card_misses(&self.cards[place], &Wish::of(need));
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
                self.renewal_state(&self.cards[place], need.existing_loan.as_ref(), need.amount_fen.get()),
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

fn cap_outcome(cap: &AmountCap, applicant: &Applicant, need: &Need) -> CheckOutcome {
    let value = cap_value(cap.of, applicant, need);
    let most = value.map(|value| (i128::from(value) * i128::from(cap.bp)).div_euclid(10_000));
    CheckOutcome {
        of: Some(cap.of.code()),
        needed: most.and_then(|most| i64::try_from(most).ok()).map(number),
        actual: Some(number(need.amount_fen.get())),
        ..outcome(BuiltIn::AmountCap.code(), cap_state(cap, value, need.amount_fen.get()))
    }
}

fn max_cost_outcome(need: &Need, best: Best, met: bool) -> CheckOutcome {
    CheckOutcome {
        #[expect(clippy::cast_precision_loss, reason = "a cost limit is far below 2^52")]
        needed: need.max_cost_bp.map(|max| Figure::Percent(max as f64 / 100.0)),
        actual: best.map(|(_, cost)| Figure::Percent(cost)),
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
