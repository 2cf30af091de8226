//! The trait implementations of generated types, one macro for each kind of type. Generated files pass the names and types.
//!
//! The macros name the runtime `support`: the calling module imports it under this name.

define_macro! {
    /// An object: keys are read in any order and written in the order of the schema, without absent keys.
    ///
    /// `member: PRESENCE Type = "key"`. The words for the presence:
    ///
    /// | word | type of the member |
    /// |---|---|
    /// | `required` | `Type` |
    /// | `tag` | `Type`, which has one value |
    /// | `list` | `Type`, a `Vec` |
    /// | `nullable` | `Type`, a `Nullable` |
    /// | `optional`, `optional_list` | `Option<Type>` |
    /// | `field` | `Field`, if `Type` is a `Nullable` |
    ///
    /// `matching` lists maps for the keys that match a pattern; `others` is the map of all other keys. Without `others`, other keys are
    /// an error. `new` lists the parameters of the constructor, and `default` its arguments for the value by `Default`. `defaults` lists
    /// the functions of the `default` of each property.
    object,
    (@take required $slot:ident $at:ident $key:tt) => { $slot.required($at, $key)? };
    (@take tag $slot:ident $at:ident $key:tt) => { $slot.required($at, $key)? };
    (@take list $slot:ident $at:ident $key:tt) => { $slot.required($at, $key)? };
    (@take nullable $slot:ident $at:ident $key:tt) => { $slot.required($at, $key)? };
    (@take field $slot:ident $at:ident $key:tt) => { $slot.field() };
    (@take $optional:ident $slot:ident $at:ident $key:tt) => { $slot.optional() };
    (@write optional $entries:ident $key:literal $value:expr) => {
        if let Some(value) = $value {
            $entries.serialize_entry($key, value)?;
        }
    };
    (@write optional_list $entries:ident $key:literal $value:expr) => {
        support::object!(@write optional $entries $key $value)
    };
    (@write field $entries:ident $key:literal $value:expr) => {
        if !$value.is_absent() {
            $entries.serialize_entry($key, $value)?;
        }
    };
    (@write $required:ident $entries:ident $key:literal $value:expr) => { $entries.serialize_entry($key, $value)? };
    (@other $entries:ident $at:ident $key:ident) => { return Err(support::unknown_key($at, $key)) };
    (@other $entries:ident $at:ident $key:ident $rest:ident) => { support::read_additional(&mut $rest, &mut $entries, $at, $key)? };
    (@set required $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`.")]
        pub fn $member(mut self, value: impl support::Input<$type>) -> Self {
            self.$member = self.__invalid.note($key, value.input());
            self
        }
    };
    (@set tag $member:ident $type:ty = $key:literal) => { support::object!(@set required $member $type = $key); };
    (@set list $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets the items of `", $key, "`.")]
        pub fn $member<__I>(mut self, items: __I) -> Self
        where
            __I: ::std::iter::IntoIterator<Item: support::Input<<$type as ::std::iter::IntoIterator>::Item>>,
        {
            self.$member = self.__invalid.items($key, items);
            self
        }
    };
    (@set optional_list $member:ident $type:ty = $key:literal) => { support::object!(@set list $member $type = $key); };
    (@set nullable $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`, which may be null.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<<$type as support::Property>::Of, __H>) -> Self {
            self.$member = self.__invalid.nullable($key, value.optional_input());
            self
        }
    };
    (@set optional $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<$type, __H>) -> Self {
            self.$member = self.__invalid.property($key, value.optional_input());
            self
        }
    };
    (@set field $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`, which may be null.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<<$type as support::Property>::Of, __H>) -> Self {
            self.$member = self.__invalid.field($key, value.optional_input());
            self
        }
    };
    (@finish tag $slot:expr, $key:literal) => { $slot.unwrap_or_default() };
    (@finish optional $slot:expr, $key:literal) => { $slot };
    (@finish optional_list $slot:expr, $key:literal) => { $slot };
    (@finish field $slot:expr, $key:literal) => { $slot.into() };
    (@finish $required:ident $slot:expr, $key:literal) => { support::required_property($slot, $key)? };
    (@param into $type:ty) => { impl ::std::convert::Into<$type> };
    (@param plain $type:ty) => { $type };
    (@argument into $argument:ident) => { $argument.into() };
    (@argument plain $argument:ident) => { $argument };
    (@new tag $member:ident) => { Default::default() };
    (@new optional $member:ident) => { None };
    (@new optional_list $member:ident) => { None };
    (@new field $member:ident) => { support::Field::Absent };
    (@new $required:ident $member:ident) => { $member };
    (@constructor $name:ident $members:tt $maps:tt) => {};
    (
        @constructor $name:ident { $($member:ident: $presence:ident)* } { $($map:ident)* }
        ($($argument:ident: $class:ident $type:ty),*)
        $(default $default:tt)?
    ) => {
        impl $name {
            /// A value with its required properties. All other properties are absent.
            #[allow(clippy::new_without_default, reason = "a required property has no default")]
            #[must_use]
            pub fn new($($argument: support::object!(@param $class $type)),*) -> Self {
                $(let $argument: $type = support::object!(@argument $class $argument);)*
                Self {
                    $($member: support::object!(@new $presence $member),)*
                    $($map: Default::default(),)*
                }
            }
        }

        $(
            impl Default for $name {
                /// Every required property has the default of the contract. All other properties are absent.
                fn default() -> Self {
                    Self::new $default
                }
            }
        )?
    };
    (@default optional $name:ident $type:ty = $function:ident $effective:ident $member:ident $key:literal $json:literal) => {
        #[doc = concat!("The default of `", $key, "`: `", $json, "`.")]
        pub fn $function() -> $type {
            support::of_contract($json)
        }

        #[doc = concat!("The value of `", $key, "`, or the default if the property is absent.")]
        pub fn $effective(&self) -> $type {
            Option::<$type>::from(self.$member.clone()).unwrap_or_else(Self::$function)
        }
    };
    (@default required $name:ident $type:ty = $function:ident $effective:ident $member:ident $key:literal $json:literal) => {
        #[doc = concat!("The default of `", $key, "`: `", $json, "`.")]
        pub fn $function() -> $type {
            support::of_contract($json)
        }
    };
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
        support::object!(@constructor $name {} {} () default ());
    };
    (
        $name:ident { $($member:ident: $presence:ident $type:ty = $key:literal,)* }
        $(matching { $($by:ident: $map:ty = support::Pattern($pattern:literal),)* })?
        $(others { $rest:ident: $entries:ty })?
        $(builder $builder:ident $build:ident)?
        $(new $arguments:tt $(default $default:tt)?)?
        $(defaults { $($of:ident $function:ident $effective:ident: $word:ident $of_type:ty = $of_key:literal $json:literal,)* })?
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
        support::object!(@builder $name { $($member: $presence $type = $key,)* } {
            $($($by: $map,)*)?
            $($rest: $entries,)?
        } $($builder $build)?);
        support::object!(@constructor $name { $($member: $presence)* } { $($($by)*)? $($rest)? } $($arguments $(default $default)?)?);
        $(
            impl $name {
                $(support::object!(@default $word $name $of_type = $function $effective $of $of_key $json);)*
            }
        )?
    };
    (@builder $name:ident { $($members:tt)* } { $($maps:tt)* }) => {};
    (
        @builder $name:ident { $($member:ident: $presence:ident $type:ty = $key:literal,)* } { $($map:ident: $entries:ty,)* }
        $builder:ident $build:ident
    ) => {
        impl $name {
            /// A builder without values.
            pub fn builder() -> $builder {
                $builder::__empty()
            }
        }

        #[doc = concat!("A builder of [`", stringify!($name), "`], or of a type that checks it.")]
        #[must_use = "a builder has no effect before its last call"]
        pub struct $builder<__T = $name> {
            $($member: Option<$type>,)*
            $($map: $entries,)*
            __invalid: support::Invalid,
            __makes: ::std::marker::PhantomData<fn() -> __T>,
        }

        // Derived implementations take much longer to compile.
        impl<__T> Clone for $builder<__T> {
            fn clone(&self) -> Self {
                Self {
                    $($member: self.$member.clone(),)*
                    $($map: self.$map.clone(),)*
                    __invalid: self.__invalid.clone(),
                    __makes: ::std::marker::PhantomData,
                }
            }
        }

        impl<__T> ::std::fmt::Debug for $builder<__T> {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.debug_struct(stringify!($builder)).finish_non_exhaustive()
            }
        }

        impl<__T> $builder<__T> {
            pub(super) fn __empty() -> Self {
                Self {
                    $($member: None,)*
                    $($map: Default::default(),)*
                    __invalid: Default::default(),
                    __makes: ::std::marker::PhantomData,
                }
            }

            $(support::object!(@set $presence $member $type = $key);)*

            $(
                #[doc = concat!("Sets the properties of `", stringify!($map), "`.")]
                pub fn $map(mut self, entries: impl ::std::iter::IntoIterator<Item = <$entries as ::std::iter::IntoIterator>::Item>) -> Self {
                    self.$map = entries.into_iter().collect();
                    self
                }
            )*
        }

        impl<__T: TryFrom<$name>> $builder<__T>
        where
            __T::Error: ::std::convert::Into<support::Violation>,
        {
            /// Ends the construction.
            ///
            /// # Errors
            /// A required property has no value, or a value is invalid.
            pub fn $build(self) -> Result<__T, support::BuildError> {
                self.__invalid.check()?;
                support::built($name {
                    $($member: support::object!(@finish $presence self.$member, $key),)*
                    $($map: self.$map,)*
                })
            }
        }
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

define_macro! {
    /// A type whose constructor `new` checks the value: `Name(Type) as KIND`. The kinds:
    ///
    /// | kind | `Type` |
    /// |---|---|
    /// | `integer` | one of the integer types of `TryFrom` |
    /// | `decimal` | `Number` |
    /// | `number` | another number |
    /// | `text` | `String` |
    /// | `written` | a string with a `format` |
    /// | `list Item` | `Vec<Item>` |
    /// | `value` | any other type |
    ///
    /// `from` adds the conversion to the type of the value, and `builder Builder` a builder of the value.
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
    (@get decimal $name:ident $type:ty) => {
        support::constrained!(@get number $name $type);

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
    (@from from $name:ident $type:ty) => {
        impl From<$name> for $type {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
    ($name:ident($type:ty) as $kind:ident $($item:ty)? $(, $from:ident)? $(; builder $builder:ident)? $(; default $json:literal)?) => {
        support::constrained!(@get $kind $name $type $(, $item)?);
        $(support::constrained!(@from $from $name $type);)?

        impl $name {
            /// The value, by value.
            pub fn into_inner(self) -> $type {
                self.0
            }

            $(
                /// A builder without values. The value is checked last.
                pub fn builder() -> $builder<Self> {
                    $builder::__empty()
                }
            )?
        }

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
