//! The pages over HTTP, as a browser without script sees them.

mod access;
mod account;
mod admin;
mod calendars;
mod consents;
mod facts;
mod feed;
mod form;
mod hostile;
mod joining;
mod loans;
mod members;
mod messages;
mod monitor;
mod offers;
mod products;
mod result;
mod second_factor;
mod sign_in;
mod steps;
mod what_if;
