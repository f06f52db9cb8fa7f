//! JSON from outside, read as a form: what is wrong with it is told by field and rule.
//!
//! serde's derived forms take an array for an object, by position. Nobody who sends one means that, and a
//! swapped pair would go unseen: a wrapper stands between parser and form and takes objects for objects
//! only, however deep. Everything else that serde finds wrong is brought from its words into a [`Rule`].

use crate::domain::invalid::{Problem, Problems, Rule};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use std::fmt;

/// Why a text gave no form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no JSON.
    Malformed(Problem),
    /// It is JSON, but not of the form's shape.
    Misshapen(Problem),
}

impl From<Unread> for Problems {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Malformed(problem) | Unread::Misshapen(problem) => problem.into(),
        }
    }
}

/// Reads one JSON value, and nothing behind it.
///
/// # Errors
/// The first thing that is wrong, by the path of its field.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unread> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = T::deserialize(Strict(&mut reader)).and_then(|value| reader.end().map(|()| value));
    // Only where it is bad, because keeping the path costs time.
    value.or_else(|_pathless| with_its_path(text))
}

fn with_its_path<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unread> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(Strict(&mut reader));
    let value = read.map_err(|error| {
        if error.inner().is_data() {
            Unread::Misshapen(problem(&error.path().to_string(), &error.inner().to_string()))
        } else {
            Unread::Malformed(malformed(&error.path().to_string(), error.inner()))
        }
    })?;
    match reader.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(Unread::Malformed(malformed("", &error))),
    }
}

/// Reads a form from a value that is in memory.
///
/// # Errors
/// The first thing that is wrong, by the path of its field.
pub fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problems> {
    serde_path_to_error::deserialize(Strict(value))
        .map_err(|error| problem(&error.path().to_string(), &error.inner().to_string()).into())
}

fn malformed(path: &str, error: &serde_json::Error) -> Problem {
    let told = error.to_string();
    let (words, _) = told.rsplit_once(" at line ").unwrap_or((&told, ""));
    Problem {
        field: whole(path).to_owned(),
        rule: Rule::Shape(format!("不是正确的 JSON，第 {} 个字符处 ({words})", error.column())),
    }
}

/// A "?" stands where the text broke off before a key was whole, and a "." for the form itself.
fn whole(path: &str) -> &str {
    path.trim_matches(['.', '?'])
}

/// What serde said at `path`, as a rule about a field.
fn problem(path: &str, told: &str) -> Problem {
    let path = whole(path);
    let words = told.rsplit_once(" at line ").map_or(told, |(words, _)| words);
    let member = |name: &str| match path {
        "" => name.to_owned(),
        // A key that the form refuses is in the path already.
        _ if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    let (field, rule) = if let Some(name) = named(words, "missing field `") {
        (member(name), Rule::Required)
    } else if let Some(name) = named(words, "unknown field `") {
        (member(name), Rule::UnknownKey(name.to_owned()))
    } else if let Some(name) = named(words, "duplicate field `") {
        (member(name), Rule::Duplicate(name.to_owned()))
    } else {
        (path.to_owned(), of_value(words))
    };
    Problem { field, rule }
}

fn named<'a>(words: &'a str, begin: &str) -> Option<&'a str> {
    words.strip_prefix(begin)?.split('`').next()
}

/// What is wrong with a value.
fn of_value(words: &str) -> Rule {
    let expected = words.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    let wanted = match expected.split(' ').next().unwrap_or_default() {
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" | "usize" => Some("整数"),
        "struct" | "map" => Some("对象 {…}"),
        "a" | "an" => match expected {
            "a string" | "a borrowed string" => Some("文本"),
            "a boolean" => Some("true 或 false"),
            "a sequence" => Some("列表 […]"),
            "an object" | "a map" => Some("对象 {…}"),
            _ => None,
        },
        _ => None,
    };
    if words.starts_with("invalid type: null,") {
        return Rule::Required;
    }
    match wanted {
        Some(wanted) if words.starts_with("invalid type: ") => Rule::WrongType(wanted),
        // A number of the right kind that the field's integer does not hold.
        Some("整数") if words.starts_with("invalid value: ") => Rule::OutOfRange {
            min: if expected.starts_with('u') { 0 } else { i64::MIN },
            max: if expected.ends_with("32") {
                u32::MAX.into()
            } else {
                i64::MAX
            },
        },
        _ if words.starts_with("unknown variant `") => {
            Rule::UnknownCode(named(words, "unknown variant `").unwrap_or_default().to_owned())
        }
        _ => Rule::Shape(words.to_owned()),
    }
}

/// Takes for a struct an object only, and so do the values in it.
struct Strict<T>(T);

/// Passes a request on, with the visitor that keeps to it.
macro_rules! pass_on {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Visit { visitor, is_struct: false })
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = Visit {
            visitor,
            is_struct: true,
        };
        self.0.deserialize_struct(name, fields, visitor)
    }

    pass_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}

struct Visit<V> {
    visitor: V,
    is_struct: bool,
}

/// Hands a value through.
macro_rules! hand_through {
    ($($method:ident($type:ty);)+) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Visit<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_struct {
            f.write_str("an object")
        } else {
            self.visitor.expecting(f)
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        if self.is_struct {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        self.visitor.visit_seq(Strict(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Strict(map))
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict(value))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict(value))
    }

    // The forms have no variants that hold anything.
    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, value: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(value)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    hand_through! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f64(f64);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read, never looked at")]
    struct Outer {
        name: String,
        months: u32,
        inner: Option<Inner>,
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read, never looked at")]
    struct Inner {
        fen: i64,
        flag: bool,
    }

    fn told(text: &str) -> String {
        match read::<Outer>(text.as_bytes()) {
            Ok(form) => format!("read {form:?}"),
            Err(Unread::Malformed(problem)) => format!("malformed {problem}"),
            Err(Unread::Misshapen(problem)) => problem.to_string(),
        }
    }

    #[test]
    fn an_array_is_no_object_however_deep() {
        for (text, field) in [
            (r#"["a",1]"#, ""),
            (r#"{"name":"a","months":1,"inner":[1,true]}"#, "inner: "),
            (
                r#"{"name":"a","months":1,"list":[{"fen":1,"flag":true},[1,true]]}"#,
                "list[1]: ",
            ),
        ] {
            assert_eq!(told(text), format!("{field}类型不对，应为对象 {{…}} [wrong_type]"));
        }
        assert!(told(r#"{"name":"a","months":1,"list":[{"fen":1,"flag":true}]}"#).starts_with("read"));
        let value = serde_json::json!({"name": "a", "months": 1, "inner": [1, true]});
        assert_eq!(
            from_value::<Outer>(value).expect_err("an array").list()[0].field,
            "inner"
        );
    }

    #[test]
    fn what_serde_says_becomes_a_field_and_a_rule() {
        for (text, expected) in [
            (r#"{"name":"a"}"#, "months: 不能为空 [required]"),
            (r#"{"name":null,"months":1}"#, "name: 不能为空 [required]"),
            (
                r#"{"name":"a","months":1,"inner":{"flag":true}}"#,
                "inner.fen: 不能为空 [required]",
            ),
            (
                r#"{"name":"a","months":1,"colour":2}"#,
                "colour: 不认识的字段：colour [unknown_key]",
            ),
            (
                r#"{"name":"a","months":1,"list":[{"fen":1,"flag":true,"x":1}]}"#,
                "list[0].x: 不认识的字段：x [unknown_key]",
            ),
            (r#"{"name":"a","months":1,"name":"b"}"#, "name: 重复：name [duplicate]"),
            (r#"{"name":1,"months":1}"#, "name: 类型不对，应为文本 [wrong_type]"),
            (
                r#"{"name":"a","months":"1"}"#,
                "months: 类型不对，应为整数 [wrong_type]",
            ),
            (
                r#"{"name":"a","months":1.5}"#,
                "months: 类型不对，应为整数 [wrong_type]",
            ),
            (
                r#"{"name":"a","months":-1}"#,
                "months: 应在 0 至 4294967295 之间 [out_of_range]",
            ),
            (
                r#"{"name":"a","months":1,"inner":{"fen":9223372036854775808,"flag":true}}"#,
                "inner.fen: 应在 -9223372036854775808 至 9223372036854775807 之间 [out_of_range]",
            ),
            (
                r#"{"name":"a","months":1,"inner":{"fen":1,"flag":1}}"#,
                "inner.flag: 类型不对，应为true 或 false [wrong_type]",
            ),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_says_where() {
        for text in [
            r#"{"name":"a","months":"#,
            r#"{"name":"a" "months":1}"#,
            r#"{"name":"a","months":1}{}"#,
            r#"{"months":1e999}"#,
            "",
        ] {
            let told = told(text);
            assert!(
                told.starts_with("malformed ") && told.contains("格式不对：不是正确的 JSON，第 "),
                "{text}: {told}"
            );
            assert!(!told.contains("line"), "{told}");
        }
    }
}
