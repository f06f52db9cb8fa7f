//! What the tests share.

pub mod command;
pub mod db;
pub mod samples;
