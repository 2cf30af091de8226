//! The trait implementations of generated objects, and `Deserialize` of all generated types, as macros. Generated files pass the names and
//! types.
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
    (@take field $slot:ident $missing:lifetime $key:expr) => { support::Field::of_property($slot.0) };
    (@take optional $slot:ident $missing:lifetime $key:expr) => { $slot.0 };
    (@take optional_list $slot:ident $missing:lifetime $key:expr) => { $slot.0 };
    (@take $required:ident $slot:ident $missing:lifetime $key:expr) => {
        match $slot.0 {
            Some(value) => value,
            None => break $missing Err($key),
        }
    };
    // The member of an index, eight at a time: patterns of literals take the least time to compile.
    (@fill $index:expr; $entries:ident $at:ident) => {{
        let _ = $index;
        Ok(())
    }};
    (
        @fill $index:expr; $entries:ident $at:ident $a:ident $a_key:literal $b:ident $b_key:literal $c:ident $c_key:literal $d:ident $d_key:literal
        $e:ident $e_key:literal $f:ident $f_key:literal $g:ident $g_key:literal $h:ident $h_key:literal $($rest:tt)*
    ) => {
        match $index {
            0 => $a.fill(&mut $entries, $at, $a_key),
            1 => $b.fill(&mut $entries, $at, $b_key),
            2 => $c.fill(&mut $entries, $at, $c_key),
            3 => $d.fill(&mut $entries, $at, $d_key),
            4 => $e.fill(&mut $entries, $at, $e_key),
            5 => $f.fill(&mut $entries, $at, $f_key),
            6 => $g.fill(&mut $entries, $at, $g_key),
            7 => $h.fill(&mut $entries, $at, $h_key),
            _ => support::object!(@fill $index - 8; $entries $at $($rest)*),
        }
    };
    (
        @fill $index:expr; $entries:ident $at:ident $a:ident $a_key:literal $($b:ident $b_key:literal $($c:ident $c_key:literal
        $($d:ident $d_key:literal $($e:ident $e_key:literal $($f:ident $f_key:literal $($g:ident $g_key:literal)?)?)?)?)?)?
    ) => {
        match $index {
            0 => $a.fill(&mut $entries, $at, $a_key),
            $(1 => $b.fill(&mut $entries, $at, $b_key),
            $(2 => $c.fill(&mut $entries, $at, $c_key),
            $(3 => $d.fill(&mut $entries, $at, $d_key),
            $(4 => $e.fill(&mut $entries, $at, $e_key),
            $(5 => $f.fill(&mut $entries, $at, $f_key),
            $(6 => $g.fill(&mut $entries, $at, $g_key),)?)?)?)?)?)?
            _ => Ok(()),
        }
    };
    (@write optional $entries:ident $key:literal $value:expr) => { $entries.optional($key, $value) };
    (@write optional_list $entries:ident $key:literal $value:expr) => { $entries.optional($key, $value) };
    (@write field $entries:ident $key:literal $value:expr) => { $entries.field($key, $value) };
    (@write $required:ident $entries:ident $key:literal $value:expr) => { $entries.required($key, $value) };
    (@other $entries:ident $at:ident $key:ident) => { Err(support::unknown_key($at, $key)) };
    (@other $entries:ident $at:ident $key:ident $rest:ident) => { support::read_additional(&mut $rest, &mut $entries, $at, $key) };
    (@set required $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`.")]
        pub fn $member(mut self, value: impl support::Input<$type>) -> Self {
            self.__invalid.required(&mut self.$member, $key, value);
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
            self.__invalid.items(&mut self.$member, $key, items);
            self
        }
    };
    (@set optional_list $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets the items of `", $key, "`.")]
        pub fn $member<__H>(mut self, items: impl support::OptionalInput<$type, __H>) -> Self {
            self.__invalid.optional(&mut self.$member, $key, items);
            self
        }
    };
    (@set nullable $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`, which may be null.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<<$type as support::Property>::Of, __H>) -> Self {
            self.__invalid.nullable(&mut self.$member, $key, value);
            self
        }
    };
    (@set optional $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<$type, __H>) -> Self {
            self.__invalid.optional(&mut self.$member, $key, value);
            self
        }
    };
    (@set field $member:ident $type:ty = $key:literal) => {
        #[doc = concat!("Sets `", $key, "`, which may be null.")]
        pub fn $member<__H>(mut self, value: impl support::OptionalInput<<$type as support::Property>::Of, __H>) -> Self {
            self.__invalid.field(&mut self.$member, $key, value);
            self
        }
    };
    (@finish tag $slot:expr, $missing:lifetime $key:literal) => { $slot.unwrap_or_default() };
    (@finish optional $slot:expr, $missing:lifetime $key:literal) => { $slot };
    (@finish optional_list $slot:expr, $missing:lifetime $key:literal) => { $slot };
    (@finish field $slot:expr, $missing:lifetime $key:literal) => { support::Field::of_property($slot) };
    (@finish $required:ident $slot:expr, $missing:lifetime $key:literal) => {
        match $slot {
            Some(value) => value,
            None => break $missing Err($key),
        }
    };
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
                $(let mut $member = support::Slot::<$type>(None);)*
                $($(let mut $by = <$map>::new();)*)?
                $(let mut $rest = <$entries>::new();)?
                let mut keys = const { support::KnownKeys::new(&[$($key),*]) };
                while let Some(met) = keys.read(&mut entries)? {
                    // One `?` for all keys: each one is a call of two traits.
                    let filled = match met {
                        support::Met::Known(index) => support::object!(@fill index; entries at $($member $key)*),
                        support::Met::Other(key) => match &*key {
                            $($(
                                other if {
                                    static PATTERN: support::Pattern = support::Pattern::new($pattern);
                                    PATTERN.is_match(other)
                                } => support::read_additional(&mut $by, &mut entries, at, other),
                            )*)?
                            other => support::object!(@other entries at other $($rest)?),
                        },
                    };
                    filled?;
                }
                support::complete(at, '__value: {
                    Ok(Self {
                        $($member: support::object!(@take $presence $member '__value $key),)*
                        $($($by,)*)?
                        $($rest,)?
                    })
                })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                let mut entries = support::WriteObject::new(serializer);
                $(support::object!(@write $presence entries $key &self.$member);)*
                $($(entries.all(&self.$by);)*)?
                $(entries.all(&self.$rest);)?
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

        impl<__T> $builder<__T> {
            fn __object(self) -> Result<$name, support::BuildError> {
                self.__invalid.end('__value: {
                    Ok($name {
                        $($member: support::object!(@finish $presence self.$member, '__value $key),)*
                        $($map: self.$map,)*
                    })
                })
            }
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
                self.__object().and_then(support::built)
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
    /// `Deserialize` by [`Read`](super::Read), from the root of a document, and the class of the type as the argument of a builder.
    deserialize,
    ($name:ident) => { support::deserialize!($name as support::Whole); };
    ($name:ident as $class:ty) => {
        impl support::Target for $name {
            type Class = $class;
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<__D: ::serde::Deserializer<'de>>(deserializer: __D) -> Result<Self, __D::Error> {
                <Self as support::Read>::read(deserializer, &support::At::Root)
            }
        }
    };
}
