//! The JSON API, `/api/v1`: one file a resource, with its input and output shapes.

pub mod enterprises;
pub mod page;
pub mod products;
pub mod requests;
mod schemas;
pub mod sessions;
