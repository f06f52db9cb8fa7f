//! Charts as SVG: what a template places, worked out in whole tenths of a pixel.
//!
//! A line chart is drawn twice, for a desk and for a telephone; the style sheet shows one. Its vertical axis is cut to
//! where the values are, in round steps that are labelled. Bars are cells of tables: here is only how wide they are.

use super::words;
use crate::domain::monitor::average::share_bp;

/// One line of a chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// The class of its colour; `ref` is the dashed line that others are compared with.
    pub class: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Its values in bp, one for each place on the horizontal axis; none where there is none.
    pub values: Vec<Option<i64>>,
}

/// A chart, in both sizes.
#[derive(Clone, Debug)]
pub struct LineChart {
    /// What it shows.
    pub title: &'static str,
    /// What is to be seen, in a sentence.
    pub finding: String,
    /// For a desk, and for a telephone.
    pub frames: [Frame; 2],
    /// The lines' classes and last values, for where they have no room beside the lines.
    pub key: Vec<(&'static str, String)>,
}

/// A drawing of one size.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `wide` or `narrow`.
    pub class: &'static str,
    /// Its width and height.
    pub size: (i64, i64),
    /// Where the horizontal lines begin and end.
    pub span: (i64, i64),
    /// The horizontal lines: where, where their text stands, and the text.
    pub rows: Vec<Mark>,
    /// The texts of the horizontal axis.
    pub columns: Vec<Mark>,
    /// The lines.
    pub lines: Vec<Drawn>,
}

/// A text at a place.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The place on the axis.
    pub at: String,
    /// Where its text stands, downwards.
    pub text_at: String,
    /// The text.
    pub text: String,
}

/// A line as it is drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The class of its colour.
    pub class: &'static str,
    /// The points of each unbroken piece.
    pub pieces: Vec<String>,
    /// The points: across, down, and what they say.
    pub dots: Vec<(String, String, String)>,
    /// What stands at its end, and how far down; none in the narrow drawing.
    pub label: Option<Mark>,
}

/// Where a drawing of one size has its plot.
struct Plot {
    class: &'static str,
    size: (i64, i64),
    left: i64,
    right: i64,
    top: i64,
    bottom: i64,
    /// The most texts on the horizontal axis.
    columns: usize,
    has_labels: bool,
}

const PLOTS: [Plot; 2] = [
    Plot {
        class: "wide",
        size: (760, 300),
        left: 44,
        right: 620,
        top: 10,
        bottom: 274,
        columns: 6,
        has_labels: true,
    },
    Plot {
        class: "narrow",
        size: (360, 240),
        left: 44,
        right: 338,
        top: 10,
        bottom: 214,
        columns: 4,
        has_labels: false,
    },
];

/// The steps of the vertical axis that are tried, in bp.
const STEPS: [i64; 12] = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000];
/// The most steps of the vertical axis.
const MOST_STEPS: i64 = 5;
/// Tenths of a pixel in a pixel.
const TENTHS: i64 = 10;
/// How far below its place a text's foot is, in tenths of a pixel.
const FOOT: i64 = 40;
/// How far apart two labels are at least, in tenths of a pixel.
const APART: i64 = 160;

/// The chart of these lines over the columns; none where no line has a value.
#[must_use]
pub fn line_chart(title: &'static str, finding: String, columns: &[String], lines: &[Line]) -> Option<LineChart> {
    let axis = Axis::of(lines)?;
    let key = lines
        .iter()
        .filter_map(|line| Some((line.class, format!("{} {}", line.name, words::rate(last(line)?)))));
    Some(LineChart {
        title,
        finding,
        frames: PLOTS.map(|plot| plot.frame(&axis, columns, lines)),
        key: key.collect(),
    })
}

fn last(line: &Line) -> Option<i64> {
    line.values.iter().rev().find_map(|value| *value)
}

/// The vertical axis, in bp.
struct Axis {
    low: i64,
    high: i64,
    step: i64,
}

impl Axis {
    fn of(lines: &[Line]) -> Option<Self> {
        let values = || lines.iter().flat_map(|line| line.values.iter().flatten().copied());
        let (least, most) = (values().min()?, values().max()?);
        let around = |step: i64| {
            let low = least.div_euclid(step) * step;
            let high = -(-most).div_euclid(step) * step;
            let high = if high == low { low + step } else { high };
            Self { low, high, step }
        };
        let fits = |axis: &Self| (axis.high - axis.low) / axis.step <= MOST_STEPS;
        let mut tried = STEPS.into_iter().map(around);
        tried.find(fits).or_else(|| STEPS.last().copied().map(around))
    }

    fn text(&self, bp: i64) -> String {
        let sign = if bp < 0 { "-" } else { "" };
        let size = bp.unsigned_abs();
        if self.step % 10 == 0 {
            format!("{sign}{}.{}%", size / 100, size % 100 / 10)
        } else {
            words::rate(bp)
        }
    }
}

impl Plot {
    fn across(&self, place: usize, columns: usize) -> i64 {
        let width = (self.right - self.left) * TENTHS;
        let (place, columns) = (whole(place), whole(columns));
        let from_left = if columns > 1 {
            place * width / (columns - 1)
        } else {
            width / 2
        };
        self.left * TENTHS + from_left
    }

    fn down(&self, axis: &Axis, bp: i64) -> i64 {
        let height = (self.bottom - self.top) * TENTHS;
        self.bottom * TENTHS - (bp - axis.low) * height / (axis.high - axis.low)
    }

    fn frame(&self, axis: &Axis, columns: &[String], lines: &[Line]) -> Frame {
        let steps = (axis.high - axis.low) / axis.step;
        let row = |step: i64| {
            let bp = axis.low + step * axis.step;
            let down = self.down(axis, bp);
            mark(down, down + FOOT, axis.text(bp))
        };
        // The last column is labelled in any case: it is what the labels of the lines speak of.
        let every = columns.len().div_ceil(self.columns).max(1);
        let labelled = columns.iter().enumerate().rev().step_by(every);
        let column = |(place, text): (usize, &String)| {
            let across = self.across(place, columns.len());
            mark(
                across,
                self.bottom * TENTHS + 180,
                text.get(2..).unwrap_or(text).to_owned(),
            )
        };
        let mut drawn: Vec<Drawn> = lines.iter().map(|line| self.line(axis, columns, line)).collect();
        if self.has_labels {
            self.label(axis, lines, &mut drawn);
        }
        Frame {
            class: self.class,
            size: self.size,
            span: (self.left, self.right),
            rows: (0..=steps).map(row).collect(),
            columns: labelled.map(column).collect(),
            lines: drawn,
        }
    }

    fn line(&self, axis: &Axis, columns: &[String], line: &Line) -> Drawn {
        let point = |(place, value): (usize, &Option<i64>)| {
            let (across, down) = (self.across(place, columns.len()), self.down(axis, (*value)?));
            Some((px(across), px(down)))
        };
        let points: Vec<Option<(String, String)>> = line.values.iter().enumerate().map(point).collect();
        let piece = |points: &[Option<(String, String)>]| {
            let each: Vec<String> = points.iter().flatten().map(|(x, y)| format!("{x},{y}")).collect();
            each.join(" ")
        };
        let dot = |place: usize, column: &String| {
            let (x, y) = points.get(place)?.clone()?;
            let bp = (*line.values.get(place)?)?;
            Some((x, y, format!("{} {column} {}", line.name, words::rate(bp))))
        };
        let dots = columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| dot(place, column));
        Drawn {
            class: line.class,
            pieces: points
                .split(Option::is_none)
                .filter(|points| points.len() > 1)
                .map(piece)
                .collect(),
            dots: dots.collect(),
            label: None,
        }
    }

    /// Puts what a line is called at its end, no two over each other.
    fn label(&self, axis: &Axis, lines: &[Line], drawn: &mut [Drawn]) {
        let ends = lines.iter().zip(drawn);
        let mut ends: Vec<_> = ends
            .filter_map(|(line, drawn)| last(line).map(|bp| (self.down(axis, bp), line, bp, drawn)))
            .collect();
        ends.sort_by_key(|(down, ..)| *down);
        let mut free = i64::MIN;
        for (down, line, bp, drawn) in ends {
            let at = down.max(free);
            free = at + APART;
            let text = format!("{} {}", line.name, words::rate(bp));
            drawn.label = Some(mark((self.right + 10) * TENTHS, at + FOOT, text));
        }
    }
}

fn mark(at: i64, text_at: i64, text: String) -> Mark {
    Mark {
        at: px(at),
        text_at: px(text_at),
        text,
    }
}

/// Tenths of a pixel as pixels.
fn px(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}", size / 10, size % 10)
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How wide a bar is beside the longest one.
#[must_use]
pub fn bar_width(value: i64, longest: i64) -> String {
    words::rate(share_bp(value, longest).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[&[Option<i64>]]) -> Option<LineChart> {
        let columns: Vec<String> = (1..=values[0].len()).map(|month| format!("2026-{month:02}")).collect();
        let lines: Vec<Line> = values
            .iter()
            .map(|values| Line {
                class: "s1",
                name: "利率",
                values: values.to_vec(),
            })
            .collect();
        line_chart("利率", String::new(), &columns, &lines)
    }

    #[test]
    fn ticks_are_round_and_stand_at_their_value() {
        let chart = chart(&[&[Some(301), Some(347), Some(352)]]).expect("a chart");
        let [wide, narrow] = &chart.frames;
        let texts: Vec<&str> = wide.rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(texts, ["3.0%", "3.2%", "3.4%", "3.6%"]);
        let places: Vec<&str> = wide.rows.iter().map(|row| row.at.as_str()).collect();
        assert_eq!(places, ["274.0", "186.0", "98.0", "10.0"]);
        // 3.01 %: a twentieth of the lowest step above it.
        assert_eq!(wide.lines[0].dots[0].1, "269.6");
        assert_eq!(
            (wide.lines[0].dots[0].0.as_str(), wide.lines[0].dots[2].0.as_str()),
            ("44.0", "620.0")
        );
        assert_eq!(narrow.columns.len(), 3);
        assert!(narrow.lines[0].label.is_none() && wide.lines[0].label.is_some());
    }

    #[test]
    fn a_month_without_a_value_breaks_the_line() {
        let chart = chart(&[&[Some(300), Some(310), None, Some(305)]]).expect("a chart");
        let line = &chart.frames[0].lines[0];
        assert_eq!(
            (line.pieces.len(), line.dots.len()),
            (1, 3),
            "a lone point is a dot only"
        );
        assert_eq!(chart.key, [("s1", "利率 3.05%".to_owned())]);
    }

    #[test]
    fn equal_values_have_an_axis_and_labels_keep_apart() {
        let one = chart(&[&[Some(300)], &[Some(300)]]).expect("a chart");
        let labels: Vec<&str> = one.frames[0]
            .lines
            .iter()
            .filter_map(|line| line.label.as_ref().map(|mark| mark.text_at.as_str()))
            .collect();
        assert_eq!(labels, ["278.0", "294.0"]);
        assert!(chart(&[&[None, None]]).is_none());
    }

    #[test]
    fn bars_are_as_wide_as_their_part() {
        assert_eq!(bar_width(1, 3), "33.33%");
        assert_eq!(bar_width(0, 0), "0.00%");
    }
}
