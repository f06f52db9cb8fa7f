//! The annual cost by bisection, over every single flow.

use serde_json::Value;

/// What the borrower keeps of a loan of 1 at month 0, and what it pays at months 1 to n.
struct Flows {
    received: f64,
    paid: Vec<f64>,
}

/// The yearly rate in percent at which the payments are worth what was received; none above 10,000 %.
pub fn annual_cost(product: &Value, request: &Value, rate_bp: i64, method: &str) -> Option<f64> {
    let flows = flows(product, request, rate_bp, method);
    let worth = |rate: f64| {
        flows
            .paid
            .iter()
            .rev()
            .fold(0.0, |worth, paid| (worth + paid) / (1.0 + rate))
    };
    // 0.5 a month is 12,875 % a year: above the limit, so that a cost of exactly the limit is found.
    let (mut low, mut high) = (0.0_f64, 0.5_f64);
    if flows.received <= 0.0 || worth(high) > flows.received {
        return None;
    }
    while high - low > 1e-17 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if worth(middle) > flows.received {
            low = middle;
        } else {
            high = middle;
        }
    }
    let cost = ((1.0 + high).powi(12) - 1.0) * 100.0;
    // A hair, as in all comparisons of costs, for what is 10,000 % to the digit.
    (cost <= 10_000.0 + 1e-9).then_some(cost)
}

#[expect(clippy::cast_precision_loss, reason = "rounding to 53 bits is what is wanted")]
pub fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "rounding to 53 bits is what is wanted")]
fn ratio(part: i128, whole: i128) -> f64 {
    part as f64 / whole as f64
}

fn flows(product: &Value, request: &Value, rate_bp: i64, method: &str) -> Flows {
    let term = request["term_months"].as_u64().expect("months");
    let months = u32::try_from(term).expect("few months");
    let last = months as usize;
    let i = float(rate_bp) / 10_000.0 / 12.0;
    let n = f64::from(months);
    // The level instalment A·i / (1 − (1+i)^−n) is A over the worth of 1 a month, which also holds at i = 0.
    let level = 1.0 / (0..months).fold(0.0, |worth, _| (worth + 1.0) / (1.0 + i));
    // From the end, because what is owed is what is still to come: that loses no digits.
    let mut balances = vec![0.0; last + 1];
    for month in (0..last).rev() {
        balances[month] = match method {
            "equal_instalment" => (balances[month + 1] + level) / (1.0 + i),
            "equal_principal" => balances[month + 1] + 1.0 / n,
            _ => 1.0,
        };
    }
    let mut paid = vec![0.0; last + 1];
    for month in 1..=last {
        paid[month] = match method {
            "equal_instalment" => level,
            "equal_principal" => 1.0 / n + i * balances[month - 1],
            "bullet" if month == last => 1.0 + i * n,
            "bullet" => 0.0,
            _ if month == last => 1.0 + i,
            _ => i,
        };
    }
    // In ten-thousandths of a 分, so that what is left is exact however close to nothing.
    let amount = i128::from(request["amount_fen"].as_i64().expect("money"));
    let mut left = amount * 10_000;
    for fee in product["fees"].as_array().expect("fees") {
        if fee["borne_by"] == "bank" {
            continue;
        }
        let value = fee["value"].as_i64().expect("a value");
        let share = float(value) / 10_000.0;
        let yearly = (12..last).step_by(12);
        let basis = fee["basis"].as_str().expect("a basis");
        match basis {
            "annual_rate" => yearly.for_each(|month| paid[month] += share),
            "annual_on_balance" => yearly.for_each(|month| paid[month] += share * balances[month]),
            "monthly_rate" => paid.iter_mut().skip(1).for_each(|paid| *paid += share),
            _ => {}
        }
        left -= match basis {
            "upfront_fixed" => i128::from(value) * 10_000,
            "upfront_rate" | "annual_rate" | "annual_on_balance" => i128::from(value) * amount,
            _ => 0,
        };
    }
    paid.remove(0);
    Flows {
        received: ratio(left, amount * 10_000),
        paid,
    }
}
