//! The JSON API.

mod access;
mod consents;
mod hostile;
mod requests;
