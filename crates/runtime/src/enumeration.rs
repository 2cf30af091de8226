//! The trait implementations of generated enumerations, as macros.
//!
//! The macros name the runtime `support`: the calling module imports it under this name.

define_macro! {
    /// An enumeration of strings.
    ///
    /// `Name: "keyword" of "expected value" { Variant = "text", }`, `others Variant` if unknown strings are accepted, `rest Variant` if
    /// every string is valid, and `default Variant` if the contract has a default.
    enumeration,
    (
        $name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* } $(default $default:ident)?
    ) => {
        impl $name {
            /// The string of the variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)* }
            }
        }

        $(support::enumeration!(@default $name $default);)?
        support::enumeration!(@rest $name { $($member = $text,)* } other => {
            Err(support::Violation::new($keyword, $expected, format_args!("{other:?}")))
        });
    };
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* } others $unknown:ident $(default $default:ident)?) => {
        impl $name {
            /// The string of the variant.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$member => $text,)*
                    Self::$unknown(text) => text.as_str(),
                }
            }
        }

        $(support::enumeration!(@default $name $default);)?
        support::enumeration!(@rest $name { $($member = $text,)* } other => { Ok(Self::$unknown(support::Unknown::new(other))) });
    };
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* } rest $other:ident $(default $default:ident)?) => {
        impl $name {
            /// The string of the variant.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$member => $text,)*
                    Self::$other(text) => text.as_str(),
                }
            }
        }

        $(support::enumeration!(@default $name $default);)?

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$member,)*
                    other => Self::$other(support::Unknown::new(other)),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                <String as support::Read>::read(deserializer, at).map(Self::from)
            }
        }

        support::text_traits!(@printed $name);
        support::enumeration!(@listed $name { $($member)* });
    };
    (@default $name:ident $default:ident) => {
        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
    (@rest $name:ident { $($member:ident = $text:literal,)* } $other:ident => $otherwise:block) => {
        impl TryFrom<&str> for $name {
            type Error = support::Violation;

            fn try_from(text: &str) -> Result<Self, support::Violation> {
                match text {
                    $($text => Ok(Self::$member),)*
                    $other => $otherwise
                }
            }
        }

        support::text_traits!($name);

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                support::read_text(deserializer, at)
            }
        }

        support::enumeration!(@listed $name { $($member)* });
    };
    (@listed $name:ident { $($member:ident)* }) => {
        impl $name {
            /// All variants of listed strings, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        support::deserialize!($name);
    };
}

define_macro! {
    /// An enumeration of values that are not all strings.
    values,
    (@of $name:ident $($type:ty)*) => {
        $(
            impl TryFrom<$type> for $name {
                type Error = support::Violation;

                fn try_from(value: $type) -> Result<Self, support::Violation> {
                    Self::try_from(&support::Value::from(value))
                }
            }
        )*
    };
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* } $(default $default:ident)?) => {
        $(support::enumeration!(@default $name $default);)?

        impl $name {
            /// All variants, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// The JSON text of the variant.
            pub const fn as_json(self) -> &'static str {
                match self { $(Self::$member => $text,)* }
            }

            /// The JSON value.
            pub fn to_value(self) -> support::Value {
                support::constant(self.as_json()).into()
            }
        }

        impl TryFrom<&support::Value> for $name {
            type Error = support::Violation;

            fn try_from(value: &support::Value) -> Result<Self, support::Violation> {
                static TEXTS: &[&str] = &[$($text),*];
                match support::position_of(TEXTS, value) {
                    Some(index) => Ok(Self::ALL[index]),
                    None => Err(support::Violation::new($keyword, $expected, value)),
                }
            }
        }

        support::values!(@of $name i32 i64 u64 &str);

        impl TryFrom<f64> for $name {
            type Error = support::Violation;

            fn try_from(value: f64) -> Result<Self, support::Violation> {
                // `Value` makes null of a double that is not a number in JSON.
                let number = support::Number::try_from(value)?;
                Self::try_from(&support::Value::from(number.as_f64()))
            }
        }

        impl ::std::fmt::Display for $name {
            /// The JSON text of the variant.
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_json())
            }
        }

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let value = <support::Value as support::Read>::read(deserializer, at)?;
                Self::try_from(&value).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                ::serde::Serialize::serialize(&self.to_value(), serializer)
            }
        }

        support::deserialize!($name);
    };
}
