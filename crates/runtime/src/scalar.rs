//! Strings, booleans, integers and doubles.

use std::marker::PhantomData;

use serde::de::{Deserializer, Error};

use super::{Accept, Accepting, At, Num, Read, Violation};

struct Text<'a>(&'a At<'a>);

impl<'de> Accept<'de> for Text<'_> {
    type Value = String;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "string"
    }

    fn string<E: Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn owned_string<E: Error>(self, value: String) -> Result<String, E> {
        Ok(value)
    }
}

impl<'de> Read<'de> for String {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Text(at)))
    }
}

/// A string that is converted to another type without a copy.
struct Parsed<'a, T>(&'a At<'a>, PhantomData<T>);

impl<'de, T: for<'t> TryFrom<&'t str, Error = Violation>> Accept<'de> for Parsed<'_, T> {
    type Value = T;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "string"
    }

    fn string<E: Error>(self, value: &str) -> Result<T, E> {
        T::try_from(value).map_err(|violation| violation.at(self.0))
    }
}

/// Reads a string as a type that implements `TryFrom<&str>`.
///
/// # Errors
/// The value is not a string, or the conversion fails.
pub fn read_text<'de, T: for<'t> TryFrom<&'t str, Error = Violation>, D: Deserializer<'de>>(
    deserializer: D,
    at: &At<'_>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Accepting(Parsed(at, PhantomData)))
}

struct Flag<'a>(&'a At<'a>);

impl<'de> Accept<'de> for Flag<'_> {
    type Value = bool;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "boolean"
    }

    fn boolean<E: Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }
}

impl<'de> Read<'de> for bool {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Flag(at)))
    }
}

/// An integer whose bounds lie within `i64`. A value outside of `i64` violates one of them.
struct Whole<'a>(&'a At<'a>);

/// The first double beyond `i64::MAX`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

impl<'de> Accept<'de> for Whole<'_> {
    type Value = i64;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "integer"
    }

    fn number<E: Error>(self, value: Num) -> Result<i64, E> {
        match value {
            Num::Signed(value) => Ok(value),
            Num::Unsigned(unsigned) => {
                i64::try_from(unsigned).map_err(|_| Violation::new("maximum", format_args!("at most {}", i64::MAX), value).at(self.0))
            }
            Num::Float(float) if float.fract() != 0.0 => Err(self.mismatch(value)),
            Num::Float(float) if float >= BEYOND => Err(Violation::new("maximum", format_args!("at most {}", i64::MAX), value).at(self.0)),
            Num::Float(float) if float < -BEYOND => Err(Violation::new("minimum", format_args!("at least {}", i64::MIN), value).at(self.0)),
            // Every double without a fraction in this range is an `i64`.
            Num::Float(float) => Ok(float as i64),
        }
    }
}

impl<'de> Read<'de> for i64 {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Whole(at)))
    }
}

/// An integer of a smaller Rust type, or of `u64`.
struct Small<'a, T>(&'a At<'a>, PhantomData<T>);

/// Reads integers within the range of a Rust type. Other integers violate the bound that the type enforces.
macro_rules! read_small {
    ($($type:ty)*) => {
        $(
            impl<'de> Accept<'de> for Small<'_, $type> {
                type Value = $type;

                fn at(&self) -> &At<'_> {
                    self.0
                }

                fn expected(&self) -> &'static str {
                    "integer"
                }

                fn number<E: Error>(self, value: Num) -> Result<$type, E> {
                    let whole = match value {
                        Num::Signed(whole) => i128::from(whole),
                        Num::Unsigned(whole) => i128::from(whole),
                        Num::Float(float) if float.fract() != 0.0 => return Err(self.mismatch(value)),
                        // Saturates outside of the range of every type here.
                        Num::Float(float) => float as i128,
                    };
                    <$type>::try_from(whole).map_err(|_| {
                        let violation = match whole < 0 {
                            true => Violation::new("minimum", format_args!("at least {}", <$type>::MIN), value),
                            false => Violation::new("maximum", format_args!("at most {}", <$type>::MAX), value),
                        };
                        violation.at(self.0)
                    })
                }
            }

            impl<'de> Read<'de> for $type {
                fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
                    deserializer.deserialize_any(Accepting(Small::<$type>(at, PhantomData)))
                }
            }
        )*
    };
}

read_small!(u8 i8 u16 i16 u32 i32 u64);

/// A number whose bounds lie within the range in which every integer is a double.
struct Double<'a>(&'a At<'a>);

impl<'de> Accept<'de> for Double<'_> {
    type Value = f64;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "number"
    }

    fn number<E: Error>(self, value: Num) -> Result<f64, E> {
        Ok(match value {
            // Integers beyond 2^53 are rounded; they are outside of the bounds before and after rounding.
            Num::Signed(value) => value as f64,
            Num::Unsigned(value) => value as f64,
            Num::Float(value) => value,
        })
    }
}

impl<'de> Read<'de> for f64 {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Double(at)))
    }
}
