//! The store, each case on both databases.

mod accounts;
mod doors;
mod enterprises;
mod migrations;
mod products;
mod requests;
