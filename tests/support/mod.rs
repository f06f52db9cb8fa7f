//! What the tests share.

pub mod app;
pub mod backed_up;
pub mod command;
pub mod db;
pub mod factor;
pub mod feed;
pub mod joining;
pub mod lending;
pub mod lent_year;
pub mod mail;
pub mod races;
pub mod samples;
pub mod smtp;
pub mod standing;
pub mod visitor;
