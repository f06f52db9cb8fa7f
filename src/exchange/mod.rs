//! Files that go in and out: tables of rows from CSV, JSON lines and workbooks, and the one writer.
//!
//! What stands in a cell is brought into the JSON that a line would have held ([`table`]), and read as
//! that form, so that a rule is told in the same words wherever it was broken. A file is never trusted:
//! [`xlsx`] says how a workbook is kept from taking more than it should. Deliberately absent: what the
//! rows mean, which is the domain's, and the database.

pub mod bad_rows;
pub mod facts;
pub mod json;
pub mod lines;
pub mod read;
pub mod records;
pub mod table;
pub mod write;
pub mod xlsx;

pub use bad_rows::BadRows;
pub use read::{FileKind, FileRow, read};
