//! The engine: one request against a catalogue, with a reason for every verdict.
//!
//! ```text
//! Catalogue::compile ─┐
//! Applicant::new ─────┼─► Catalogue::match_one ─► MatchList ─► write_json
//! Need ───────────────┘   filter → evaluate → cost → rank
//!                         Catalogue::explain (one product, every check)
//! ```
//!
//! A catalogue is compiled once for a day and its LPR; matching then reads flat arrays and allocates
//! nothing per product:
//!
//! - a `Card` a product, one cache line: bounds, code sets and price;
//! - its `Step`s, 8 bytes a criterion, each a comparison of one fact with one of the few values asked for.
//!
//! Most products miss two checks, and are then ineligible whatever follows: the filter finds these
//! 64 at a time, and only the rest is evaluated one by one.
//! The engine never reads a clock, a database or a file, and knows no page.

#![expect(
    clippy::indexing_slicing,
    reason = "places are made by compile, for arrays that never shrink"
)]

mod compile;
mod cost;
mod criteria;
mod evaluate;
mod explain;
mod filter;
mod output;
mod rank;
mod reverse;
mod texts;

pub use compile::{Applicant, Catalogue, NoLpr};
pub use evaluate::{MatchList, Scratch};
pub use reverse::simulate;
