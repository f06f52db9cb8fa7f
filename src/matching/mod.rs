//! The engine: one request against a catalogue, with a reason for every verdict; and one product against many requests.
//!
//! ```text
//!            Catalogue::compile ─┐  ┌─► sieve ─► planes: the verdicts of all products, 64 at a time
//! forward    Applicant::new ─────┼──┼─► cost:   what the rest costs, or only whether it is too much
//!            Need ───────────────┘  ├─► search, rows, rank: the wanted rows in order
//!                                   └─► reasons, output: why each stands there, as a line of JSON
//! reverse    Book (firms, requests in columns) ─► simulate (one product)
//! one by one Catalogue::explain (one product, every check)
//! ```
//!
//! A catalogue is compiled once for a day and its LPR, and never changes; [`Catalogue::changed`] makes the next one of it.
//! Where to start reading: the worked example in `sieve`, then `evaluate`, which calls all the rest. What holds it up:
//!
//! - the verdict needs only "none, one, two or more" of what a product misses, and that can be counted in bits;
//! - banks ask for the same things, so the distinct `criteria` are few; a request tries each once;
//! - reasons are worked out only for rows that are shown, and prices only where something depends on them.
//!
//! Matching reads flat arrays and allocates nothing per product.
//! The engine never reads a clock, a database or a file, and knows no page.

#![expect(
    clippy::indexing_slicing,
    reason = "places are made by compile, for arrays that never shrink"
)]

mod applicant;
mod book;
mod compile;
mod cores;
mod cost;
mod criteria;
mod evaluate;
mod explain;
mod ladder;
mod output;
mod planes;
mod prices;
mod rank;
mod reasons;
mod reverse;
mod rows;
mod search;
mod sieve;
mod texts;
mod wide;
mod wish;

pub use applicant::Applicant;
pub use book::{Book, Entry, Firm};
pub use compile::{Catalogue, NoLpr};
pub use evaluate::{MatchList, Scratch};
pub use reverse::Limits;
pub use rows::{Counts, Page};
