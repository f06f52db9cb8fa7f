//! The JSON API.

mod access;
mod consents;
mod disputes;
mod feed;
mod guesses;
mod hostile;
mod products;
mod requests;
mod sessions;
mod tokens;
