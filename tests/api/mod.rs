//! The JSON API.

mod access;
mod consents;
mod disputes;
mod feed;
mod guesses;
mod hostile;
mod referral_cycle;
mod request_cycle;
mod requests;
mod sessions;
mod tokens;
