//! Mail: what a letter looks like, and the ways on which it leaves the house.
//!
//! What is said stands in `domain::message_text`; which letter goes when is the jobs' to decide.

pub mod deliver;
pub mod letter;

pub use deliver::{Deliver, Folder, Memory, Smtp, Undelivered};
pub use letter::{Letter, Writer};
