//! The vocabulary and the rules of the field, pure: no I/O, no clock, no async.
//!
//! Everything is parsed once, at the edge, into the types of this module; inside the house there is
//! no raw text where a type exists.

pub mod actor;
pub mod attachment;
pub mod audit;
pub mod batch;
pub mod calendar;
pub mod codes;
pub mod consent;
pub mod criteria;
pub mod dates;
pub mod dispute;
pub mod email;
pub mod enterprise;
pub mod fact_row;
pub mod facts;
pub mod fees;
pub mod guess;
pub mod holiday;
pub mod invalid;
pub mod link;
pub mod loan;
pub mod lpr;
pub mod machine;
pub mod maps;
pub mod message;
pub mod message_text;
pub mod money;
pub mod name;
pub mod offer;
pub mod offer_checks;
pub mod offer_figures;
pub mod offer_terms;
pub mod organisation;
pub mod password;
pub mod place;
pub mod product;
pub mod product_checks;
pub mod profile;
pub mod rate;
pub mod reference;
pub mod referral;
pub mod registration;
pub mod request;
pub mod scalar;
pub mod second_factor;
pub mod session;
pub mod sheet;
pub mod size;
pub mod typed;
pub mod uscc;
pub mod verdict;
pub mod why;
