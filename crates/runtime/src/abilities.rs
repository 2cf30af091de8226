//! The trait implementations of generated types, one macro for each kind of type. Generated files pass the names and types.
//!
//! The macros name the runtime `support`: the calling module imports it under this name.

define_macro! {
    /// An object: keys are read in any order and written in the order of the schema, without absent keys.
    ///
    /// `member: required|field|optional Type = "key"`. `matching` lists maps for the keys that match a pattern; `others` is the map of all
    /// other keys. Without `others`, other keys are an error.
    object,
    (@take required $slot:ident $at:ident $key:tt) => { $slot.required($at, $key)? };
    (@take field $slot:ident $at:ident $key:tt) => { $slot.field() };
    (@take optional $slot:ident $at:ident $key:tt) => { $slot.optional() };
    (@write required $entries:ident $key:literal $value:expr) => { $entries.serialize_entry($key, $value)? };
    (@write field $entries:ident $key:literal $value:expr) => {
        if !$value.is_absent() {
            $entries.serialize_entry($key, $value)?;
        }
    };
    (@write optional $entries:ident $key:literal $value:expr) => {
        if let Some(value) = $value {
            $entries.serialize_entry($key, value)?;
        }
    };
    (@other $entries:ident $at:ident $key:ident) => { return Err(support::unknown_key($at, $key)) };
    (@other $entries:ident $at:ident $key:ident $rest:ident) => { support::read_additional(&mut $rest, &mut $entries, $at, $key)? };
    ($name:ident {}) => {
        impl<'de> support::ReadObject<'de> for $name {
            fn read_object<__A: ::serde::de::MapAccess<'de>>(mut entries: __A, at: &support::At<'_>) -> Result<Self, __A::Error> {
                match support::read_key(&mut entries)? {
                    Some(key) => Err(support::unknown_key(at, &key)),
                    None => Ok(Self {}),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                ::serde::ser::SerializeMap::end(serializer.serialize_map(None)?)
            }
        }

        support::object!(@read $name);
    };
    (
        $name:ident { $($member:ident: $presence:ident $type:ty = $key:literal,)* }
        $(matching { $($by:ident: $map:ty = support::Pattern($pattern:literal),)* })?
        $(others { $rest:ident: $entries:ty })?
    ) => {
        impl<'de> support::ReadObject<'de> for $name {
            fn read_object<__A: ::serde::de::MapAccess<'de>>(mut entries: __A, at: &support::At<'_>) -> Result<Self, __A::Error> {
                $(let mut $member = support::Slot::<$type>::new();)*
                $($(let mut $by = <$map>::new();)*)?
                $(let mut $rest = <$entries>::new();)?
                #[allow(non_camel_case_types, reason = "the index of each key, by the name of its member")]
                enum __KeyIndex { $($member),* }
                let mut keys = const { support::KnownKeys::new(&[$($key),*]) };
                while let Some(met) = keys.read(&mut entries)? {
                    match met {
                        $(support::Met::Known(index) if index == __KeyIndex::$member as usize => $member.fill(&mut entries, at, $key)?,)*
                        support::Met::Known(_) => {}
                        support::Met::Other(key) => match &*key {
                            $($(
                                other if {
                                    static PATTERN: support::Pattern = support::Pattern::new($pattern);
                                    PATTERN.is_match(other)
                                } => support::read_additional(&mut $by, &mut entries, at, other)?,
                            )*)?
                            other => support::object!(@other entries at other $($rest)?),
                        },
                    }
                }
                Ok(Self {
                    $($member: support::object!(@take $presence $member at $key),)*
                    $($($by,)*)?
                    $($rest,)?
                })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut entries = serializer.serialize_map(None)?;
                $(support::object!(@write $presence entries $key &self.$member);)*
                $($(
                    for (key, value) in &self.$by {
                        entries.serialize_entry(key, value)?;
                    }
                )*)?
                $(
                    for (key, value) in &self.$rest {
                        entries.serialize_entry(key, value)?;
                    }
                )?
                entries.end()
            }
        }

        support::object!(@read $name);
    };
    (@read $name:ident) => {
        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                support::read_object(deserializer, at)
            }
        }

        support::deserialize!($name);
    };
}

define_macro! {
    /// An enumeration of strings.
    ///
    /// `Name: "keyword" of "expected value" { Variant = "text", }`, and `others Variant` if unknown strings are accepted.
    enumeration,
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* }) => {
        impl $name {
            /// The string of the variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)* }
            }
        }

        support::enumeration!(@rest $name { $($member = $text,)* } other => {
            Err(support::Violation::new($keyword, $expected, format_args!("{other:?}")))
        });
    };
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* } others $unknown:ident) => {
        impl $name {
            /// The string of the variant.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$member => $text,)*
                    Self::$unknown(text) => text.as_str(),
                }
            }
        }

        support::enumeration!(@rest $name { $($member = $text,)* } other => { Ok(Self::$unknown(support::Unknown::new(other))) });
    };
    (@rest $name:ident { $($member:ident = $text:literal,)* } $other:ident => $otherwise:block) => {
        impl $name {
            /// All variants, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];
        }

        impl TryFrom<&str> for $name {
            type Error = support::Violation;

            fn try_from(text: &str) -> Result<Self, support::Violation> {
                match text {
                    $($text => Ok(Self::$member),)*
                    $other => $otherwise
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = support::Violation;

            fn from_str(text: &str) -> Result<Self, support::Violation> {
                Self::try_from(text)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                support::read_text(deserializer, at)
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
    ($name:ident: $keyword:literal of $expected:literal { $($member:ident = $text:literal,)* }) => {
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

define_macro! {
    /// A type whose constructor `new` checks the value: `Name(Type) as copy|text|list Item|value`.
    constrained,
    (@get copy $type:ty) => {
        /// The number.
        pub const fn get(&self) -> $type {
            self.0
        }
    };
    (@get text $type:ty) => {
        /// The text.
        pub fn get(&self) -> &str {
            &self.0
        }
    };
    (@get list $type:ty, $item:ty) => {
        /// The items.
        pub fn get(&self) -> &[$item] {
            &self.0
        }
    };
    (@get value $type:ty) => {
        /// The value.
        pub fn get(&self) -> &$type {
            &self.0
        }
    };
    ($name:ident($type:ty) as $kind:ident $($item:ty)?) => {
        impl $name {
            support::constrained!(@get $kind $type $(, $item)?);

            /// The value, by value.
            pub fn into_inner(self) -> $type {
                self.0
            }
        }

        impl TryFrom<$type> for $name {
            type Error = support::Violation;

            fn try_from(value: $type) -> Result<Self, support::Violation> {
                Self::new(value)
            }
        }

        impl<'de> support::Read<'de> for $name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let value = <$type as support::Read>::read(deserializer, at)?;
                Self::new(value).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                ::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        support::deserialize!($name);
    };
}

define_macro! {
    /// `Deserialize` by [`Read`](super::Read), from the root of a document.
    deserialize,
    ($name:ident) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<__D: ::serde::Deserializer<'de>>(deserializer: __D) -> Result<Self, __D::Error> {
                <Self as support::Read>::read(deserializer, &support::At::Root)
            }
        }
    };
}
