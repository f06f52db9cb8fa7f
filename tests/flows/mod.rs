//! Whole commands, run as their users run them.

mod import;
mod killed;
