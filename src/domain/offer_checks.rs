//! What the centre's desk looks at before an enterprise sees an offer. Each check is kept with its result; an offer
//! that passes all of them is clean.
//!
//! What no offer may ever be is refused at once instead, by `offer_terms`.

use super::codes::{RateBase, Tier, codes};
use super::dates::Day;
use super::lpr::Lpr;
use super::offer_terms::{Around, Offer};
use super::product::{Product, Rate};
use super::rate::percent;
use serde::{Deserialize, Serialize};

codes! {
    /// What is looked at.
    DeskCheck {
        Product = "product" "产品在办",
        Amount = "amount" "金额在产品范围内",
        Term = "term" "期限在产品范围内",
        Repayment = "repayment" "还款方式在产品范围内",
        Guarantee = "guarantee" "担保方式在产品范围内",
        ProductRate = "product_rate" "利率不高于产品公布的利率",
        Ceiling = "ceiling" "利率不高于中心设定的上限",
        TermRule = "term_rule" "期限符合三个办法的一般要求",
        ShiftedFees = "shifted_fees" "评估费、登记费由银行承担",
        Consent = "consent" "企业授权有效",
        Validity = "validity" "报价有效期足够长",
    }
}

/// A check with its result, in words that stay as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// What was looked at.
    pub check: DeskCheck,
    /// Whether it is as it should be.
    pub passed: bool,
    /// What the offer says.
    pub found: String,
    /// What it should be.
    pub wanted: String,
}

/// The most that an offer of a kind may bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// The LPR and so many bp.
    OverLpr(i64),
    /// So many percent of the LPR.
    OfLpr(i64),
}

impl Ceiling {
    /// The ceiling in bp on this LPR.
    #[must_use]
    pub const fn bp(self, lpr_bp: i64) -> i64 {
        match self {
            Self::OverLpr(bp) => lpr_bp.saturating_add(bp),
            Self::OfLpr(percent) => lpr_bp.saturating_mul(percent) / 100,
        }
    }
}

/// What the desk holds an offer against.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The product in the version that is offered.
    pub product: &'a Product,
    /// The newest LPR.
    pub lpr: Lpr,
    /// The firm's tier as it is verified and may be known to the bank.
    pub tier: Option<Tier>,
    /// The most that an offer of this kind may bear, where the centre has set it.
    pub ceiling: Option<Ceiling>,
    /// The last day of the enterprise's consent.
    pub consent_until: Day,
    /// Days for which an offer holds at least.
    pub validity_days: i64,
}

/// The rate in bp that a product has for a firm of this tier.
#[must_use]
pub fn own_rate_bp(rate: &Rate, base_bp: i64, tier: Option<Tier>) -> i64 {
    let up_to = rate.tier_discount_bp.iter().filter(|(of, _)| Some(*of) <= tier);
    let discount = up_to.map(|(_, discount)| *discount).max().unwrap_or(0);
    (base_bp + rate.spread_bp - discount).max(rate.floor_bp.unwrap_or(0))
}

/// Every check of an offer, in the order of the list.
#[must_use]
pub fn checks(offer: &Offer, around: &Around<'_>, desk: &Desk<'_>) -> Vec<CheckLine> {
    let mut lines = in_bounds(offer, around.today, desk.product);
    lines.extend(rates(offer, desk));
    lines.extend(by_the_rules(offer, around));
    lines.extend(in_time(offer, around.today, desk));
    lines
}

/// Whether every check has passed.
#[must_use]
pub fn is_clean(lines: &[CheckLine]) -> bool {
    lines.iter().all(|line| line.passed)
}

fn line(check: DeskCheck, passed: bool, found: impl Into<String>, wanted: impl Into<String>) -> CheckLine {
    CheckLine {
        check,
        passed,
        found: found.into(),
        wanted: wanted.into(),
    }
}

fn labels<T: super::codes::Code>(codes: super::codes::Set<T>) -> String {
    let labels: Vec<&str> = codes.iter().map(T::label).collect();
    labels.join("、")
}

fn in_bounds(offer: &Offer, today: Day, product: &Product) -> Vec<CheckLine> {
    use super::codes::Code;
    let (amount, term) = (product.amount_fen, product.term_months);
    let open = product.is_open_on(today);
    vec![
        line(DeskCheck::Product, open, if open { "在办" } else { "不在办" }, "在办"),
        line(
            DeskCheck::Amount,
            (amount.min..=amount.max).contains(&offer.amount_fen),
            format!("{} 万元", offer.amount_fen.to_wan()),
            format!("{} 至 {} 万元", amount.min.to_wan(), amount.max.to_wan()),
        ),
        line(
            DeskCheck::Term,
            (term.min..=term.max).contains(&offer.term_months),
            format!("{} 个月", offer.term_months),
            format!("{} 至 {} 个月", term.min, term.max),
        ),
        line(
            DeskCheck::Repayment,
            product.repayment.has(offer.repayment),
            offer.repayment.label(),
            labels(product.repayment),
        ),
        line(
            DeskCheck::Guarantee,
            product.guarantees.has(offer.guarantee),
            offer.guarantee.label(),
            labels(product.guarantees),
        ),
    ]
}

fn rates(offer: &Offer, desk: &Desk<'_>) -> [CheckLine; 2] {
    let rate = offer.rate_bp();
    let base = desk.lpr.base_bp(desk.product.rate.base, offer.term_months);
    let own = own_rate_bp(&desk.product.rate, base, desk.tier);
    let lpr = desk.lpr.base_bp(RateBase::LprByTerm, offer.term_months);
    let ceiling = desk.ceiling.map(|ceiling| ceiling.bp(lpr));
    [
        line(
            DeskCheck::ProductRate,
            rate <= own,
            percent(rate),
            format!("不高于 {}", percent(own)),
        ),
        line(
            DeskCheck::Ceiling,
            ceiling.is_none_or(|ceiling| rate <= ceiling),
            percent(rate),
            ceiling.map_or_else(
                || "未设上限".to_owned(),
                |ceiling| format!("不高于 {}", percent(ceiling)),
            ),
        ),
    ]
}

fn by_the_rules(offer: &Offer, around: &Around<'_>) -> [CheckLine; 2] {
    let months = around.terms.in_principle(around.purpose);
    let reason = |text: &Option<String>| {
        text.as_deref()
            .map_or_else(String::new, |text| format!("，说明：{text}"))
    };
    let shifts = offer.shifts_fees();
    let borne = if shifts {
        "由企业承担"
    } else {
        "不由企业承担"
    };
    [
        line(
            DeskCheck::TermRule,
            offer.term_months <= months,
            format!("{} 个月{}", offer.term_months, reason(&offer.term_reason)),
            format!("一般不超过 {months} 个月"),
        ),
        line(
            DeskCheck::ShiftedFees,
            !shifts,
            format!("{borne}{}", reason(&offer.fee_reason)),
            "由银行承担",
        ),
    ]
}

fn in_time(offer: &Offer, today: Day, desk: &Desk<'_>) -> [CheckLine; 2] {
    let least = today.plus_days(desk.validity_days);
    [
        line(
            DeskCheck::Consent,
            desk.consent_until >= today,
            format!("至 {}", desk.consent_until),
            format!("不早于 {today}"),
        ),
        line(
            DeskCheck::Validity,
            offer.valid_until >= least,
            format!("至 {}", offer.valid_until),
            format!("不早于 {least}"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::{Bearer, Code, FeeBasis, FeeKind, Guarantee, Purpose, Repayment};
    use crate::domain::fees::Fee;
    use crate::domain::lpr::LprTable;
    use crate::domain::money::Fen;
    use crate::domain::offer_terms::OfferForm;
    use crate::domain::offer_terms::tests::{around, day, form, lpr};
    use crate::domain::product::ProductForm;

    fn product(change: impl FnOnce(&mut ProductForm)) -> Product {
        let text = r#"{"code": "p-1", "bank": "b-1", "name": "专精特新贷", "kind": "specialised", "status": "open",
            "amount_fen": {"min": 10000000, "max": 1000000000}, "term_months": {"min": 3, "max": 36},
            "purposes": ["working_capital"], "guarantees": ["credit", "guarantor"],
            "repayment": ["interest_only", "equal_principal"], "rate": {"base": "lpr_by_term", "spread_bp": 60,
            "tier_discount_bp": {"specialised": 10, "little_giant": 20}, "floor_bp": 320}, "fees": [], "criteria": []}"#;
        let mut form: ProductForm = serde_json::from_str(text).expect("a form");
        change(&mut form);
        Product::parse(form).expect("a product")
    }

    fn failing(offer: OfferForm, product: &Product, change: impl FnOnce(&mut Desk<'_>)) -> Vec<&'static str> {
        let lpr = lpr();
        let around = Around {
            purpose: Purpose::WorkingCapital,
            ..around(&lpr)
        };
        let mut desk = Desk {
            product,
            lpr: lpr.on(around.today).expect("an LPR"),
            tier: None,
            ceiling: None,
            consent_until: day("2027-02-20"),
            validity_days: 10,
        };
        change(&mut desk);
        let offer = Offer::parse(offer, &around).expect("an offer");
        let lines = checks(&offer, &around, &desk);
        assert_eq!(lines.iter().map(|line| line.check).collect::<Vec<_>>(), DeskCheck::ALL);
        let failing: Vec<_> = lines.iter().filter(|line| !line.passed).collect();
        assert_eq!(is_clean(&lines), failing.is_empty());
        failing.iter().map(|line| line.check.code()).collect()
    }

    fn none() -> [&'static str; 0] {
        []
    }

    fn of_rate(spread_bp: i64) -> OfferForm {
        let mut form = form();
        form.rate.spread_bp = spread_bp;
        form
    }

    #[test]
    fn an_offer_inside_everything_is_clean() {
        assert_eq!(failing(form(), &product(|_| {}), |_| {}), none());
    }

    #[test]
    fn what_is_outside_the_product_fails_alone() {
        let plain = product(|_| {});
        let amount = OfferForm {
            amount_fen: Fen::new(1_000_000_001).expect("money"),
            ..form()
        };
        assert_eq!(failing(amount, &plain, |_| {}), ["amount"]);
        let term = OfferForm {
            term_months: 2,
            ..form()
        };
        assert_eq!(failing(term, &plain, |_| {}), ["term"]);
        let repayment = OfferForm {
            repayment: Repayment::Bullet,
            ..form()
        };
        assert_eq!(failing(repayment, &plain, |_| {}), ["repayment"]);
        let guarantee = OfferForm {
            guarantee: Guarantee::Mortgage,
            ..form()
        };
        assert_eq!(failing(guarantee, &plain, |_| {}), ["guarantee"]);
        let closed = product(|form| form.to = Some(day("2026-11-25")));
        assert_eq!(failing(form(), &closed, |_| {}), ["product"]);
    }

    #[test]
    fn the_rate_is_held_against_the_products_own_for_the_firms_tier() {
        let plain = product(|_| {});
        assert_eq!(failing(of_rate(60), &plain, |_| {}), none());
        assert_eq!(failing(of_rate(61), &plain, |_| {}), ["product_rate"]);
        assert_eq!(
            failing(of_rate(60), &plain, |desk| desk.tier = Some(Tier::Innovative)),
            none()
        );
        assert_eq!(
            failing(of_rate(51), &plain, |desk| desk.tier = Some(Tier::Specialised)),
            ["product_rate"]
        );
        assert_eq!(
            failing(of_rate(40), &plain, |desk| desk.tier = Some(Tier::LittleGiant)),
            none()
        );
        let floored = product(|form| form.rate.floor_bp = Some(350));
        assert_eq!(own_rate_bp(&floored.rate, 295, Some(Tier::LittleGiant)), 350);
    }

    #[test]
    fn the_centres_ceiling_is_over_the_lpr_or_a_part_of_it() {
        let plain = product(|_| {});
        let under = |ceiling, spread| failing(of_rate(spread), &plain, |desk| desk.ceiling = Some(ceiling));
        assert_eq!(under(Ceiling::OverLpr(50), 50), none());
        assert_eq!(under(Ceiling::OverLpr(49), 50), ["ceiling"]);
        // 2.95 % × 1.15 is 3.3925 %: 339 bp.
        assert_eq!(under(Ceiling::OfLpr(115), 44), none());
        assert_eq!(under(Ceiling::OfLpr(115), 45), ["ceiling"]);
    }

    #[test]
    fn a_long_term_and_shifted_fees_are_for_the_desk_to_see_even_with_their_reasons() {
        let long = OfferForm {
            term_months: 48,
            term_reason: Some("总行已批".to_owned()),
            ..form()
        };
        let wide = product(|form| form.term_months.max = 60);
        assert_eq!(failing(long, &wide, |_| {}), ["term_rule"]);
        let shifted = OfferForm {
            fees: vec![Fee {
                name: "评估费".to_owned(),
                kind: FeeKind::Appraisal,
                basis: FeeBasis::UpfrontFixed,
                value: 100_000,
                payee: None,
                borne_by: Bearer::Borrower,
            }],
            fee_reason: Some("企业自行委托".to_owned()),
            ..form()
        };
        assert_eq!(failing(shifted, &product(|_| {}), |_| {}), ["shifted_fees"]);
    }

    #[test]
    fn consent_and_validity_are_counted_in_days() {
        let plain = product(|_| {});
        assert_eq!(
            failing(form(), &plain, |desk| desk.consent_until = day("2026-11-26")),
            none()
        );
        assert_eq!(
            failing(form(), &plain, |desk| desk.consent_until = day("2026-11-25")),
            ["consent"]
        );
        let short = |until| OfferForm {
            valid_until: day(until),
            ..form()
        };
        assert_eq!(failing(short("2026-12-06"), &plain, |_| {}), none());
        assert_eq!(failing(short("2026-12-05"), &plain, |_| {}), ["validity"]);
    }

    #[test]
    fn a_line_says_what_was_found_and_what_was_wanted() {
        let lpr: LprTable = lpr();
        let around = around(&lpr);
        let plain = product(|_| {});
        let desk = Desk {
            product: &plain,
            lpr: lpr.on(around.today).expect("an LPR"),
            tier: Some(Tier::Specialised),
            ceiling: Some(Ceiling::OfLpr(130)),
            consent_until: day("2027-02-20"),
            validity_days: 10,
        };
        let offer = Offer::parse(of_rate(60), &around).expect("an offer");
        let lines = checks(&offer, &around, &desk);
        let said = |check| {
            let line = lines.iter().find(|line| line.check == check).expect("a line");
            (line.found.as_str(), line.wanted.as_str())
        };
        assert_eq!(said(DeskCheck::Amount), ("300 万元", "10 至 1,000 万元"));
        assert_eq!(said(DeskCheck::ProductRate), ("3.55%", "不高于 3.45%"));
        assert_eq!(said(DeskCheck::Ceiling), ("3.55%", "不高于 3.83%"));
        assert_eq!(said(DeskCheck::ShiftedFees), ("不由企业承担", "由银行承担"));
    }
}
