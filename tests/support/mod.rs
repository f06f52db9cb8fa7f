//! What the tests share.

pub mod app;
pub mod command;
pub mod db;
pub mod samples;
pub mod visitor;
