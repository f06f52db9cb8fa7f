//! The JSON API.

mod access;
mod consents;
mod disputes;
mod feed;
mod guesses;
mod hostile;
mod invariants;
mod loan_races;
mod loans;
mod monitor;
mod offer_races;
mod offers;
mod products;
mod referral_cycle;
mod request_cycle;
mod requests;
mod sessions;
mod tokens;
