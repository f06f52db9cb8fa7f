//! The engine: one request against a catalogue, with a reason for every verdict.
//!
//! ```text
//! Catalogue::compile ─┐
//! Applicant::new ─────┼─► Catalogue::match_one ─► MatchList ─► write_json
//! Need ───────────────┘   criteria → filter → evaluate → cost → rank
//!                         Catalogue::explain (one product, every check)
//! ```
//!
//! A catalogue is compiled once for a day and its LPR; matching then reads flat arrays and allocates
//! nothing per product:
//!
//! - the distinct criteria (`criteria`): few, since banks ask for the same things. A request tries each once;
//! - a `Card` a product, one cache line: bounds, code sets and price;
//! - the numbers of its criteria, eight side by side.
//!
//! Most products miss two checks, and are then ineligible whatever follows: the filter finds these
//! 64 at a time, and only the rest is evaluated one by one. What is left over costs the waiting for
//! memory more than any reckoning, so `evaluate` goes over it in passes, and each pass first touches all
//! that it will read.
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
