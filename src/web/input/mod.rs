//! What the pages' forms carry: read strictly, held against shape rules, turned into domain types with
//! every problem at once.

pub mod admin;
pub mod consent;
pub mod copy;
pub mod desk;
pub mod draft;
pub mod enterprise;
pub mod fact;
pub mod feed;
pub mod form;
pub mod joining;
pub mod loan;
pub mod monitor;
pub mod offer;
pub mod offer_form;
pub mod product;
pub mod settings;
pub mod sign_in;
pub mod steps;
pub mod upload;
pub mod what_if;
