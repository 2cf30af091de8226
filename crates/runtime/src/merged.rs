//! Unions of closed objects whose branch is determined by a key: read in one pass into slots for the keys of all branches.

define_macro! {
    /// A union of closed objects: a slot for each key of any branch, then each branch with the slot whose presence selects it.
    ///
    /// A member is `member: required|field|optional slot`, followed by `as Type` if the key has another type in other branches: its value
    /// is then buffered. `without` lists the slots of keys that only other branches have.
    merged,
    (@take $presence:ident $slot:ident $at:ident $missing:lifetime) => {
        support::object!(@take $presence $slot $missing __KEYS[__Key::$slot as usize])
    };
    (@take $presence:ident $slot:ident $at:ident $missing:lifetime as $type:ty) => {{
        let later = $slot.later::<$type, _>($at, __KEYS[__Key::$slot as usize])?;
        support::object!(@take $presence later $missing __KEYS[__Key::$slot as usize])
    }};
    (@build $at:ident $missing:lifetime {
        $variant:ident($type:ident) { $($member:ident: $presence:ident $slot:ident $(as $later:ty)?,)* } without { $($absent:ident)* }
    }) => {{
        $(
            if $absent.is_met() {
                return Err(support::unknown_key($at, __KEYS[__Key::$absent as usize]));
            }
        )*
        Ok(Self::$variant($type { $($member: support::merged!(@take $presence $slot $at $missing $(as $later)?),)* }))
    }};
    (
        $name:ident { $($slot:ident: $type:ty = $key:literal,)* }
        $(if $deciding:ident $branch:tt)*
        else $otherwise:tt
    ) => {
        impl<'de> support::ReadObject<'de> for $name {
            fn read_object<__A: ::serde::de::MapAccess<'de>>(mut entries: __A, at: &support::At<'_>) -> Result<Self, __A::Error> {
                $(let mut $slot = support::Slot::<$type>(None);)*
                const __KEYS: &[&str] = &[$($key),*];
                #[allow(non_camel_case_types, reason = "each key, by the name of its slot")]
                enum __Key { $($slot),* }
                const __SLOTS: &[__Key] = &[$(__Key::$slot),*];
                let mut keys = const { support::KnownKeys::new(__KEYS) };
                while let Some(met) = keys.read(&mut entries)? {
                    let filled = match met {
                        support::Met::Known(index) => match __SLOTS.get(index) {
                            $(Some(__Key::$slot) => $slot.fill(&mut entries, at, $key),)*
                            None => Ok(()),
                        },
                        support::Met::Other(key) => Err(support::unknown_key(at, &key)),
                    };
                    filled?;
                }
                support::complete(at, '__value: {
                    $(
                        if $deciding.is_met() {
                            break '__value support::merged!(@build at '__value $branch);
                        }
                    )*
                    support::merged!(@build at '__value $otherwise)
                })
            }
        }

        support::object!(@read $name);
    };
}

define_macro! {
    /// The other implementations of a union: it is written as its branch, and made from what converts to a branch.
    ///
    /// `from` lists the types that convert to the type of the variant; `through`, those that convert to `Branch`, which may be boxed in the
    /// variant; `each`, the types of items whose lists and arrays do. `try` and `try each` list those whose conversion can fail.
    union,
    (
        $name:ident { $($member:ident,)* }
        from { $($from:ident($type:ty),)* }
        $(through { $($through:ident($through_type:ty) of $branch:ty,)* })?
        $(each { $($each:ident($item:ty),)* })?
        $(try { $($try:ident($try_type:ty) of $try_branch:ty,)* })?
        $(try each { $($try_each:ident($try_item:ty) of $list:ty,)* })?
    ) => {
        impl ::serde::Serialize for $name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                match self { $(Self::$member(value) => ::serde::Serialize::serialize(value, serializer),)* }
            }
        }

        $(
            impl From<$type> for $name {
                fn from(value: $type) -> Self {
                    Self::$from(value.into())
                }
            }
        )*

        $($(
            impl From<$through_type> for $name {
                fn from(value: $through_type) -> Self {
                    Self::$through(<$branch>::from(value).into())
                }
            }
        )*)?

        $($(
            impl From<Vec<$item>> for $name {
                fn from(items: Vec<$item>) -> Self {
                    Self::$each(items.into_iter().map(::std::convert::Into::into).collect())
                }
            }

            impl<const __N: usize> From<[$item; __N]> for $name {
                fn from(items: [$item; __N]) -> Self {
                    Self::$each(items.into_iter().map(::std::convert::Into::into).collect())
                }
            }
        )*)?

        $($(
            impl TryFrom<$try_type> for $name {
                type Error = support::Violation;

                fn try_from(value: $try_type) -> Result<Self, support::Violation> {
                    support::branch::<$try_branch>(value).map(|value| Self::$try(value.into()))
                }
            }
        )*)?

        $($(
            impl TryFrom<Vec<$try_item>> for $name {
                type Error = support::Violation;

                fn try_from(items: Vec<$try_item>) -> Result<Self, support::Violation> {
                    support::branch::<$list>(items).map(|items| Self::$try_each(items.into()))
                }
            }

            impl<const __N: usize> TryFrom<[$try_item; __N]> for $name {
                type Error = support::Violation;

                fn try_from(items: [$try_item; __N]) -> Result<Self, support::Violation> {
                    support::branch::<$list>(items).map(|items| Self::$try_each(items.into()))
                }
            }
        )*)?
    };
}
