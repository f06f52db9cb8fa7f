//! The JSON API.

mod access;
mod hostile;
mod requests;
