//! Money over time: what a loan costs, to the 分 and to the tenth decimal. Pure: no I/O, no clock.
//!
//! A [`terms::Terms`] is checked once when it is made; a [`schedule::Schedule`] follows from it in exact
//! integers; [`flows`] adds the fees; [`irr`] turns flows into annual figures; [`cost`] is the sheet
//! that the command, the pages and the offers show. [`annual_cost`] is the figure products are ranked
//! by, [`cost_limit`] tells whether it is too much. Floats appear in the figures and nowhere else.

pub mod add_up;
pub mod annual_cost;
pub mod cost;
pub mod cost_limit;
pub mod flows;
pub mod irr;
pub mod offer;
pub mod rate;
pub mod schedule;
pub mod sheet;
pub mod terms;

mod calendar;
mod closed_form;
mod isolate;
mod level;
mod root;
mod spared;
mod unrounded;
