//! Money over time, pure: repayment, cost of a year, LPR.

pub mod annual_cost;
