//! Rounding, percentiles and months by table; slices by random cases.

use super::average::{percentile, rounded, share_bp};
use super::series::{Figures, months, series};
use super::*;
use crate::domain::codes::Code;
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

#[test]
fn halves_are_rounded_away_from_zero() {
    for (numerator, denominator, expected) in [
        (0, 7, Some(0)),
        (5, 10, Some(1)),
        (4, 10, Some(0)),
        (15, 10, Some(2)),
        (-5, 10, Some(-1)),
        (-4, 10, Some(0)),
        (-15, 10, Some(-2)),
        (1, 3, Some(0)),
        (2, 3, Some(1)),
        (1, 0, None),
    ] {
        assert_eq!(rounded(numerator, denominator), expected, "{numerator}/{denominator}");
    }
    assert_eq!(
        (share_bp(1, 3), share_bp(2, 3), share_bp(0, 0)),
        (Some(3_333), Some(6_667), None)
    );
}

#[test]
fn a_percentile_is_a_value_that_occurs() {
    assert_eq!(percentile(&[], 50), None);
    assert_eq!((percentile(&[4], 50), percentile(&[4], 90)), (Some(4), Some(4)));
    assert_eq!(percentile(&[1, 2, 3, 4], 50), Some(2));
    assert_eq!(percentile(&[1, 2, 3, 4, 5], 50), Some(3));
    let ten: Vec<usize> = (1..=10).collect();
    assert_eq!((percentile(&ten, 90), percentile(&ten[..9], 90)), (Some(9), Some(9)));
}

#[test]
fn months_are_cut_where_the_period_begins_and_ends() {
    let of = |from, to| {
        let each = months(day(from), day(to)).into_iter();
        each.map(|(from, to)| format!("{from}/{to}")).collect::<Vec<_>>()
    };
    assert_eq!(
        of("2026-01-31", "2026-03-01"),
        [
            "2026-01-31/2026-01-31",
            "2026-02-01/2026-02-28",
            "2026-03-01/2026-03-01"
        ]
    );
    assert_eq!(of("2026-02-10", "2026-02-10"), ["2026-02-10/2026-02-10"]);
    assert!(of("2026-02-10", "2026-02-09").is_empty());
    assert_eq!(months(day("1900-01-01"), Day::LAST).len(), 8_100 * 12);
}

fn case(place: usize, (submitted, amount_fen, bank, kind, class): (i64, i64, usize, usize, usize)) -> Case {
    let first = day("2026-01-01");
    let submitted_on = first.plus_days(submitted);
    let bank = Bank {
        code: format!("B{bank}"),
        name: format!("银行{bank}"),
    };
    let (kind, guarantee) = (Kind::ALL[kind], Guarantee::ALL[class]);
    let paid_on = submitted_on.plus_days(20);
    Case {
        request_id: Uuid::from_u128(place as u128),
        number: format!("2026-{place:06}"),
        uscc: "91410100094865098C".parse().expect("a code"),
        enterprise: "示例".to_owned(),
        amount_fen,
        guarantees: Set::EMPTY.with(guarantee),
        submitted_on,
        is_matched: place.is_multiple_of(2),
        unserved: None,
        referrals: vec![CaseReferral {
            bank: bank.clone(),
            kinds: Set::EMPTY.with(kind),
            sent_on: submitted_on,
            due_on: Some(submitted_on.plus_days(7)),
            answered_on: Some(submitted_on.plus_days(3)),
            is_late: Some(false),
            state: ReferralState::Offered,
            ended_on: None,
        }],
        offers: Vec::new(),
        loans: vec![CaseLoan {
            number: format!("2026-{place:06}"),
            bank,
            kind,
            guarantee,
            amount_fen,
            rate_bp: 300 + amount_fen % 100,
            term_months: 12,
            annual_cost_pct: 3.5,
            signed_on: paid_on,
            is_first: false,
            drawn_fen: amount_fen,
            draws: vec![Draw { paid_on, amount_fen }],
        }],
    }
}

proptest! {
    /// Where each case has one bank, one kind and one class, every series adds up to the whole, and the averages of
    /// the whole lie between those of the groups.
    #[test]
    fn series_add_up(rows in prop::collection::vec((0_i64..364, 1_i64..1_000_000_000_000_000, 0_usize..3, 0_usize..7, 0_usize..4), 1..40)) {
        let cases = rows.into_iter().enumerate().map(|(place, row)| case(place, row)).collect();
        let book = Book { cases, ..Book::default() };
        let slice = Slice {
            from: day("2026-01-01"),
            to: day("2026-12-31"),
            today: day("2026-12-31"),
            bank: None,
            kind: None,
            guarantee: None,
            reason: None,
        };
        let whole = Figures::of(&book, &slice);
        for dimension in Dimension::ALL {
            let groups = series(&book, &slice, *dimension);
            for measure in Measure::ALL {
                let sum = groups.iter().map(|group| group.figures.tally(*measure)).fold((0, 0_i128), |sum, tally| {
                    (sum.0 + tally.number, sum.1 + i128::from(tally.amount_fen))
                });
                let tally = whole.tally(*measure);
                prop_assert_eq!((tally.number, i128::from(tally.amount_fen)), sum, "{} by {}", measure, dimension);
            }
            let rates: Vec<i64> = groups.iter().filter_map(|group| group.figures.averages.rate_bp).collect();
            if let (Some(rate), Some(least), Some(most)) = (whole.averages.rate_bp, rates.iter().min(), rates.iter().max()) {
                prop_assert!((*least..=*most).contains(&rate));
            }
            prop_assert!(whole.averages.spread_bp.is_none(), "no LPR is known");
        }
    }
}
