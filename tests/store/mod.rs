//! The store, each case on both databases.

mod accounts;
mod doors;
mod enterprises;
mod migrations;
mod migrations_killed;
mod products;
mod requests;
mod sessions;
