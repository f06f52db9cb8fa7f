//! What pages show: made from domain values, in Chinese, rendered by the templates.
//!
//! A view holds texts and flags that a template only places. Deliberately absent: decisions, queries,
//! and any way to put a text on a page unescaped.

pub mod account;
pub mod admin;
pub mod calendars;
pub mod chart;
pub mod consents;
pub mod deadline;
pub mod desk;
pub mod disputes;
pub mod explain;
pub mod feed;
pub mod jobs;
pub mod joining;
pub mod lists;
pub mod loan;
pub mod loan_pages;
pub mod messages;
pub mod monitor;
pub mod monitor_figures;
pub mod monitor_files;
pub mod monitor_rows;
pub mod need;
pub mod offer;
pub mod offer_edit;
pub mod offer_pages;
pub mod organisations;
pub mod pick;
pub mod product;
pub mod product_editor;
pub mod profile;
pub mod proposals;
pub mod public;
pub mod queue;
pub mod reason;
pub mod record;
pub mod registrations;
pub mod remedy;
pub mod request_form;
pub mod result;
pub mod second_factor;
pub mod settings;
pub mod shell;
pub mod source;
pub mod users;
pub mod what_if;
pub mod words;
pub mod wrong;
