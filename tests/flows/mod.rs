//! Whole commands, run as their users run them.

mod audit;
mod clocks;
mod health;
mod import;
mod jobs;
mod killed;
mod mail;
mod mail_killed;
mod whole_way;
