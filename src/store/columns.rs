//! Columns that read as domain values. A stored value that does not read is an error of the query.
//!
//! Writing needs no such types: a code, a UUID or a date has a plain form that diesel knows.

use crate::domain::codes::Code;
use crate::domain::dates::Day;
use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow, Result};
use diesel::sql_types::{Date, Text};
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// A text in the one form that its type reads: UUIDs, credit codes.
#[derive(Debug, FromSqlRow)]
pub(super) struct Parsed<T>(pub T);

/// A code of a closed list.
#[derive(Debug, FromSqlRow)]
pub(super) struct Coded<T>(pub T);

/// A JSON document.
#[derive(Debug, FromSqlRow)]
pub(super) struct Json<T>(pub T);

/// A civil date.
#[derive(Debug, FromSqlRow)]
pub(super) struct Civil(pub Day);

impl<DB: Backend, T> FromSql<Text, DB> for Parsed<T>
where
    String: FromSql<Text, DB>,
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> Result<Self> {
        Ok(Self(String::from_sql(bytes)?.parse()?))
    }
}

impl<DB: Backend, T: Code> FromSql<Text, DB> for Coded<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> Result<Self> {
        let text = String::from_sql(bytes)?;
        T::find(&text)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no code of {}", T::LIST).into())
    }
}

impl<DB: Backend, T: DeserializeOwned> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

impl<DB: Backend> FromSql<Date, DB> for Civil
where
    NaiveDate: FromSql<Date, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> Result<Self> {
        let date = NaiveDate::from_sql(bytes)?;
        Day::new(date)
            .map(Self)
            .ok_or_else(|| format!("{date} is outside 1900 to 9999").into())
    }
}
