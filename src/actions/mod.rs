//! One file a business verb: decide by the domain's rules, and do it in one transaction.

pub mod import;
