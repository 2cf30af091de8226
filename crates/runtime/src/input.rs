//! The arguments of builders and of conversions to unions: what converts to a type, as a whole or by its parts.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;

use super::{Integer, Items, Never, Nullable, Number, Own, Value, Violation, Written};

/// A type that a builder makes from its arguments. The class of the type says how an argument is converted.
///
/// The class depends on the type of the property alone, never on the argument, so that the compiler can infer it.
pub trait Target {
    /// How arguments are converted.
    type Class;
}

/// The class of a type that an argument converts to by `TryInto`.
#[derive(Debug)]
pub struct Whole;

/// The class of a list: the argument has items, which are converted.
#[derive(Debug)]
pub struct EachItem;

/// The class of a map: the argument has pairs of a key and a value, which are converted.
#[derive(Debug)]
pub struct EachEntry;

/// The class of a tuple: the parts of a tuple, or the items of an array, are converted.
#[derive(Debug)]
pub struct EachPart;

/// The class of a boxed type: the argument converts to the type without the box.
#[derive(Debug)]
pub struct InBox;

/// The class of a type that checks a list or a map: the argument converts to `Inner`, which is then checked.
#[derive(Debug)]
pub struct Checked<Inner>(PhantomData<Inner>);

/// A value that a builder takes for a property of type `T`: a `T`, or a value that can be converted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be converted to `{T}`",
    note = "a builder takes a value of the type of the property, or one that converts to it by `TryInto`; lists from items, maps from pairs"
)]
pub trait Input<T> {
    /// The value.
    ///
    /// # Errors
    /// The conversion fails.
    fn input(self) -> Result<T, String>;
}

impl<T: Target, V: InputAs<T, T::Class>> Input<T> for V {
    fn input(self) -> Result<T, String> {
        self.input_as()
    }
}

/// A value that converts to a type of a class.
pub trait InputAs<T, Class> {
    /// The value.
    ///
    /// # Errors
    /// The conversion fails.
    fn input_as(self) -> Result<T, String>;
}

impl<T, V: TryInto<T>> InputAs<T, Whole> for V
where
    V::Error: fmt::Display,
{
    fn input_as(self) -> Result<T, String> {
        self.try_into().map_err(|error| error.to_string())
    }
}

impl<T, I: IntoIterator<Item: Input<T>>> InputAs<Vec<T>, EachItem> for I {
    fn input_as(self) -> Result<Vec<T>, String> {
        self.into_iter().map(Input::input).collect()
    }
}

/// `InputAs` of the map types, from pairs.
macro_rules! input_maps {
    ($($map:ident)*) => {
        $(
            impl<T> Target for $map<String, T> {
                type Class = EachEntry;
            }

            impl<T, K: Into<String>, V: Input<T>, I: IntoIterator<Item = (K, V)>> InputAs<$map<String, T>, EachEntry> for I {
                fn input_as(self) -> Result<$map<String, T>, String> {
                    self.into_iter().map(|(key, value)| Ok((key.into(), value.input()?))).collect()
                }
            }
        )*
    };
}

input_maps!(IndexMap BTreeMap HashMap);

impl<T, V: Input<T>> InputAs<Box<T>, InBox> for V {
    fn input_as(self) -> Result<Box<T>, String> {
        self.input().map(Box::new)
    }
}

impl<T: TryFrom<Inner>, Inner, V: Input<Inner>> InputAs<T, Checked<Inner>> for V
where
    T::Error: fmt::Display,
{
    fn input_as(self) -> Result<T, String> {
        self.input()?.try_into().map_err(|error: T::Error| error.to_string())
    }
}

/// `InputAs` of tuples, from tuples and from arrays.
macro_rules! input_tuples {
    ($($count:literal: $($part:ident $of:ident $value:ident),+;)+) => {
        $(
            impl<$($part),+> Target for ($($part,)+) {
                type Class = EachPart;
            }

            impl<$($part, $of: Input<$part>),+> InputAs<($($part,)+), EachPart> for ($($of,)+) {
                fn input_as(self) -> Result<($($part,)+), String> {
                    let ($($value,)+) = self;
                    Ok(($($value.input()?,)+))
                }
            }

            impl<V: $(Input<$part> +)+, $($part),+> InputAs<($($part,)+), EachPart> for [V; $count] {
                fn input_as(self) -> Result<($($part,)+), String> {
                    let [$($value),+] = self;
                    Ok(($($value.input()?,)+))
                }
            }
        )+
    };
}

input_tuples! {
    1: A A1 a;
    2: A A1 a, B B1 b;
    3: A A1 a, B B1 b, C C1 c;
    4: A A1 a, B B1 b, C C1 c, D D1 d;
    5: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e;
    6: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f;
    7: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g;
    8: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g, H H1 h;
    9: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g, H H1 h, I I1 i;
    10: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g, H H1 h, I I1 i, J J1 j;
    11: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g, H H1 h, I I1 i, J J1 j, K K1 k;
    12: A A1 a, B B1 b, C C1 c, D D1 d, E E1 e, F F1 f, G G1 g, H H1 h, I I1 i, J J1 j, K K1 k, L L1 l;
}

impl<T> Target for Vec<T> {
    type Class = EachItem;
}

impl<T> Target for Box<T> {
    type Class = InBox;
}

/// Types of the class [`Whole`].
macro_rules! whole {
    ($($type:ty),*) => {
        $(
            impl Target for $type {
                type Class = Whole;
            }
        )*
    };
}

whole!(bool, String, i8, i16, i32, i64, u8, u16, u32, u64, f64, Integer, Number, Never, Value);

impl<T> Target for Nullable<T> {
    type Class = Whole;
}

impl<T> Target for Items<T> {
    type Class = Whole;
}

impl<T> Target for Own<T> {
    type Class = Whole;
}

impl<T> Target for Written<T> {
    type Class = Whole;
}

/// The value of a branch of a union, from a value that converts to the branch.
///
/// # Errors
/// The conversion fails.
pub fn branch<T>(value: impl Input<T>) -> Result<T, Violation> {
    value.input().map_err(|message| Violation::new("type", "a value of the branch", message))
}
