//! The trait implementations of generated types that check a value, as macros.
//!
//! The macros name the runtime `support`: the calling module imports it under this name.

define_macro! {
    /// A type whose constructor `new` checks the value: `Name(Type) as KIND`. The kinds:
    ///
    /// | kind | `Type` |
    /// |---|---|
    /// | `integer` | one of the integer types of `TryFrom` |
    /// | `exact` | `Integer` |
    /// | `decimal` | `Number` |
    /// | `number` | another number |
    /// | `text` | `String` |
    /// | `written` | a string with a `format` |
    /// | `list Item` | `Vec<Item>` |
    /// | `map` | a map |
    /// | `boxed Inner` | `Box<Inner>` |
    /// | `value` | any other type |
    ///
    /// `from` adds the conversion to the type of the value, and `builder Builder` a builder of the value. `of Type` lists the types that
    /// convert to the union that is checked, and `each Item` those whose lists and arrays do.
    constrained,
    (@get integer $name:ident $type:ty) => {
        impl $name {
            /// The number.
            pub const fn get(&self) -> $type {
                self.0
            }
        }

        support::constrained!(@number $name $type);
    };
    (@get number $name:ident $type:ty) => {
        support::constrained!(@get integer $name $type);
        support::constrained!(@try_from $name $type);
    };
    (@get exact $name:ident $type:ty) => {
        support::constrained!(@get number $name $type);
        support::constrained!(@compare $name: i32 i64 u32 u64);
    };
    (@compare $name:ident: $($number:ident)*) => {
        $(
            impl PartialEq<$number> for $name {
                fn eq(&self, other: &$number) -> bool {
                    self.0 == *other
                }
            }

            impl ::std::cmp::PartialOrd<$number> for $name {
                fn partial_cmp(&self, other: &$number) -> Option<::std::cmp::Ordering> {
                    self.0.partial_cmp(other)
                }
            }
        )*
    };
    (@get decimal $name:ident $type:ty) => {
        support::constrained!(@get exact $name $type);
        support::constrained!(@compare $name: f64);

        impl TryFrom<f64> for $name {
            type Error = support::Violation;

            fn try_from(value: f64) -> Result<Self, support::Violation> {
                Self::new(value)
            }
        }
    };
    (@number $name:ident $type:ty) => {
        support::integers!($name($type): i32 i64 u32 u64);

        impl TryFrom<usize> for $name {
            type Error = support::Violation;

            fn try_from(value: usize) -> Result<Self, support::Violation> {
                // At most 64 bits on every platform that Rust supports.
                support::convert_integer::<$type>(value as u64).and_then(Self::new)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = support::Violation;

            fn from_str(text: &str) -> Result<Self, support::Violation> {
                support::parse_number::<$type>(text).and_then(Self::new)
            }
        }

        support::constrained!(@deref $name $type);

        impl PartialEq<$type> for $name {
            fn eq(&self, other: &$type) -> bool {
                self.0 == *other
            }
        }

        impl ::std::cmp::PartialOrd<$type> for $name {
            fn partial_cmp(&self, other: &$type) -> Option<::std::cmp::Ordering> {
                self.0.partial_cmp(other)
            }
        }
    };
    (@get text $name:ident $type:ty) => {
        impl $name {
            /// The text.
            pub fn get(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = support::Violation;

            fn try_from(text: &str) -> Result<Self, support::Violation> {
                Self::new(text)
            }
        }

        support::constrained!(@text $name);
        support::constrained!(@try_from $name $type);
    };
    (@get written $name:ident $type:ty) => {
        impl $name {
            /// The text as the type of its `format`.
            pub fn get(&self) -> &$type {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = support::Violation;

            fn try_from(text: &str) -> Result<Self, support::Violation> {
                Self::new(text.into())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = support::Violation;

            fn try_from(text: String) -> Result<Self, support::Violation> {
                Self::new(text.into())
            }
        }

        support::constrained!(@text $name);
        support::constrained!(@try_from $name $type);
    };
    (@text $name:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        support::text_traits!($name);
        support::constrained!(@deref $name str);

        impl ::std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
    (@get list $name:ident $type:ty, $item:ty) => {
        impl $name {
            /// The items.
            pub fn get(&self) -> &[$item] {
                &self.0
            }
        }

        support::constrained!(@deref $name [$item]);
        support::constrained!(@try_from $name $type);

        impl ::std::iter::IntoIterator for $name {
            type Item = $item;
            type IntoIter = ::std::vec::IntoIter<$item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }

        impl<'__l> ::std::iter::IntoIterator for &'__l $name {
            type Item = &'__l $item;
            type IntoIter = ::std::slice::Iter<'__l, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }
    };
    (@get map $name:ident $type:ty) => {
        support::constrained!(@get value $name $type);

        impl ::std::iter::IntoIterator for $name {
            type Item = <$type as ::std::iter::IntoIterator>::Item;
            type IntoIter = <$type as ::std::iter::IntoIterator>::IntoIter;

            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }

        impl<'__m> ::std::iter::IntoIterator for &'__m $name {
            type Item = <&'__m $type as ::std::iter::IntoIterator>::Item;
            type IntoIter = <&'__m $type as ::std::iter::IntoIterator>::IntoIter;

            fn into_iter(self) -> Self::IntoIter {
                (&self.0).into_iter()
            }
        }
    };
    (@get boxed $name:ident $type:ty, $inner:ty) => {
        impl $name {
            /// The value.
            pub fn get(&self) -> &$inner {
                &self.0
            }
        }

        support::constrained!(@deref $name $inner);
        support::constrained!(@try_from $name $inner);
    };
    (@get value $name:ident $type:ty) => {
        impl $name {
            /// The value.
            pub fn get(&self) -> &$type {
                &self.0
            }
        }

        support::constrained!(@deref $name $type);
        support::constrained!(@try_from $name $type);
    };
    (@deref $name:ident $target:ty) => {
        impl ::std::ops::Deref for $name {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl ::std::convert::AsRef<$target> for $name {
            fn as_ref(&self) -> &$target {
                &self.0
            }
        }
    };
    (@try_from $name:ident $type:ty) => {
        impl TryFrom<$type> for $name {
            type Error = support::Violation;

            fn try_from(value: $type) -> Result<Self, support::Violation> {
                Self::new(value)
            }
        }
    };
    // The constructor takes a value without a box.
    (@inner boxed $value:ident) => { *$value };
    (@inner $kind:ident $value:ident) => { $value };
    (@from from boxed $name:ident $type:ty, $inner:ty) => {
        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                *value.0
            }
        }
    };
    (@from from $kind:ident $name:ident $type:ty $(, $item:ty)?) => {
        impl From<$name> for $type {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
    (@from $kind:ident $name:ident $type:ty $(, $item:ty)?) => {};
    (@into_inner boxed $name:ident $type:ty, $inner:ty) => {
        impl $name {
            /// The value, by value.
            pub fn into_inner(self) -> $inner {
                *self.0
            }
        }
    };
    (@into_inner $kind:ident $name:ident $type:ty $(, $item:ty)?) => {
        impl $name {
            /// The value, by value.
            pub fn into_inner(self) -> $type {
                self.0
            }
        }
    };
    (@of $name:ident $union:ty { $($of:ty,)* } each { $($each:ty,)* }) => {
        $(
            impl TryFrom<$of> for $name {
                type Error = support::Violation;

                fn try_from(value: $of) -> Result<Self, support::Violation> {
                    support::branch::<$union>(value).and_then(Self::new)
                }
            }
        )*

        $(
            impl TryFrom<Vec<$each>> for $name {
                type Error = support::Violation;

                fn try_from(items: Vec<$each>) -> Result<Self, support::Violation> {
                    support::branch::<$union>(items).and_then(Self::new)
                }
            }

            impl<const __N: usize> TryFrom<[$each; __N]> for $name {
                type Error = support::Violation;

                fn try_from(items: [$each; __N]) -> Result<Self, support::Violation> {
                    support::branch::<$union>(items).and_then(Self::new)
                }
            }
        )*
    };
    (
        $name:ident($type:ty) as $kind:ident $($item:ty)? $(, $from:ident)? $(; builder $builder:ident)? $(; default $json:literal)?
        $(; union $union:ty: $of:tt each $each:tt)?
    ) => {
        support::constrained!(@get $kind $name $type $(, $item)?);
        support::constrained!(@from $($from)? $kind $name $type $(, $item)?);
        support::constrained!(@into_inner $kind $name $type $(, $item)?);
        $(support::constrained!(@of $name $union $of each $each);)?

        $(
            impl $name {
                /// A builder without values. The value is checked last.
                pub fn builder() -> $builder<Self> {
                    $builder::__empty()
                }
            }
        )?

        $(
            impl Default for $name {
                #[doc = concat!("The default of the contract: `", $json, "`.")]
                fn default() -> Self {
                    support::of_contract($json)
                }
            }
        )?

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let value = <$type as support::Read>::read(deserializer, at)?;
                Self::new(support::constrained!(@inner $kind value)).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                ::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        support::constrained!(@target $kind $name $type);
    };
    (@target list $name:ident $type:ty) => { support::deserialize!($name as support::Checked<$type>); };
    (@target map $name:ident $type:ty) => { support::deserialize!($name as support::Checked<$type>); };
    (@target $kind:ident $name:ident $type:ty) => { support::deserialize!($name); };
}

define_macro! {
    /// The traits of a type that is made from a text by `TryFrom<&str>` and has `as_str`.
    text_traits,
    ($name:ident) => {
        impl ::std::str::FromStr for $name {
            type Err = support::Violation;

            fn from_str(text: &str) -> Result<Self, support::Violation> {
                Self::try_from(text)
            }
        }

        support::text_traits!(@printed $name);
    };
    (@printed $name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}

define_macro! {
    /// `TryFrom` of integers for a type with a checked number.
    integers,
    ($name:ident($type:ty): $($integer:ident)*) => {
        $(support::integers!(@one $name $type, $integer);)*
    };
    (@one $name:ident $type:ty, $integer:ident) => {
        impl TryFrom<$integer> for $name {
            type Error = support::Violation;

            fn try_from(value: $integer) -> Result<Self, support::Violation> {
                support::convert_integer::<$type>(value).and_then(Self::new)
            }
        }
    };
}
