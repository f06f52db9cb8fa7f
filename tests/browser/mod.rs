//! The pages in a real browser: Chromium without a window, driven through its driver.
//!
//! Screenshots of every page at 1280 and 390 px are left in `target/screenshots`.

mod driver;
mod loans;
mod main_job;
mod monitor;
mod morning;
mod products;
mod whole_way;
mod widths;
