//! The JSON API.

mod access;
mod consents;
mod desk;
mod desk_work;
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
mod records;
mod referral_cycle;
mod request_cycle;
mod requests;
mod sessions;
mod settings;
mod tokens;
