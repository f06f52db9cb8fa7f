//! One root of a continuous function inside a bracket.

/// The search did not settle, or the function was not continuous in the bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotFound;

const MAX_STEPS: u32 = 200;

/// The root of `f` between `low` and `high`, where its signs differ (0 counts as positive).
///
/// Chandrupatla's method: inverse quadratic interpolation where it is safe, else bisection; never
/// slower than bisection by more than a small factor, and exact to the last bits of a float.
pub(super) fn find(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Result<f64, NotFound> {
    let (mut newest, mut other) = (high, low);
    let (mut at_newest, mut at_other) = (f(newest), f(other));
    if differs(at_newest, at_other).is_none_or(|differs| !differs) {
        return Err(NotFound);
    }
    let mut part = 0.5;
    for _ in 0..MAX_STEPS {
        let tried = newest + part * (other - newest);
        let at_tried = f(tried);
        let (before, at_before);
        if differs(at_tried, at_newest).ok_or(NotFound)? {
            (before, at_before) = (other, at_other);
            (other, at_other) = (newest, at_newest);
        } else {
            (before, at_before) = (newest, at_newest);
        }
        (newest, at_newest) = (tried, at_tried);

        let (best, at_best) = if at_newest.abs() < at_other.abs() {
            (newest, at_newest)
        } else {
            (other, at_other)
        };
        let least = (2.0 * f64::EPSILON * best.abs() + 1e-18) / (other - newest).abs();
        if at_best == 0.0 || least > 0.5 {
            return Ok(best);
        }
        let along = (newest - other) / (before - other);
        let fall = (at_newest - at_other) / (at_before - at_other);
        let smooth = fall * fall < along && (1.0 - fall) * (1.0 - fall) < 1.0 - along;
        part = if smooth {
            at_newest / (at_other - at_newest) * (at_before / (at_other - at_before))
                + (before - newest) / (other - newest)
                    * (at_newest / (at_before - at_newest))
                    * (at_other / (at_before - at_other))
        } else {
            0.5
        };
        part = part.clamp(least, 1.0 - least);
    }
    Err(NotFound)
}

/// Whether the signs differ; `None` where one is no number.
fn differs(a: f64, b: f64) -> Option<bool> {
    (!a.is_nan() && !b.is_nan()).then_some((a >= 0.0) != (b >= 0.0))
}

#[cfg(test)]
mod tests {
    use super::{NotFound, find};

    #[test]
    fn finds_roots_to_the_last_bits() {
        let root = find(|x| x * x * x - 2.0, 0.0, 10.0).expect("a root");
        assert!((root - 2.0_f64.cbrt()).abs() < 1e-15);
        let flat = find(|x| (x - 0.1).powi(9), -1.0, 1.0).expect("a root");
        assert!((flat - 0.1).abs() < 1e-2);
        let edge = find(|x| if x < 0.3 { -1.0 } else { 1e12 }, -1.0, 1.0).expect("a root");
        assert!((edge - 0.3).abs() < 1e-15);
    }

    #[test]
    fn refuses_a_bracket_without_a_change_of_sign() {
        assert_eq!(find(|x| x * x + 1.0, -1.0, 1.0), Err(NotFound));
        assert_eq!(find(|_| f64::NAN, -1.0, 1.0), Err(NotFound));
    }
}
