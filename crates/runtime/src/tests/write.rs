//! The entries of an object, as a serialiser gets them.

use serde::ser::{Error, Serializer};

use crate::{Field, WriteObject};

struct Refused;

impl serde::Serialize for Refused {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("refused"))
    }
}

#[test]
fn absent_properties_are_not_written() {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let mut object = WriteObject::new(&mut serializer);
    object.required("id", &7);
    object.optional("note", &None::<String>);
    object.optional("size", &Some("S"));
    object.field("absent", &Field::<u8>::Absent);
    object.field("null", &Field::<u8>::Null);
    object.field("count", &Field::Value(2));
    object.all(&crate::Map::from_iter([("other".to_owned(), true)]));
    object.end().expect("an object");
    assert_eq!(bytes, br#"{"id":7,"size":"S","null":null,"count":2,"other":true}"#);
}

#[test]
fn the_first_error_is_returned_and_nothing_is_written_after_it() {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let mut object = WriteObject::new(&mut serializer);
    object.required("id", &7);
    object.required("broken", &Refused);
    object.required("after", &1);
    assert_eq!(object.end().expect_err("an error").to_string(), "refused");
    assert_eq!(bytes, br#"{"id":7,"broken":"#);
}
