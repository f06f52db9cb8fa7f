//! The `rongqiao` program.
fn main() {}
