//! The vocabulary and the rules of the field, pure: no I/O, no clock, no async.
//!
//! Everything is parsed once, at the edge, into the types of this module; inside the house there is
//! no raw text where a type exists.

pub mod codes;
pub mod dates;
pub mod fees;
pub mod money;
