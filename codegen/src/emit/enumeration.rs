//! Enumerations of strings: each variant knows its text, and each text its variant.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emit;
use crate::shape::TypeId;

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, values: &[String], open: bool) -> TokenStream {
    let name = emit.ident(id);
    let all = emit.members(id);
    let (members, unknown) = all.split_at(values.len());
    let promised = values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let promised = if values.len() == 1 { promised } else { format!("one of {promised}") };
    let keyword = if emit.contract.schema(emit.shapes.types[id.0].schema).keywords.enumeration.is_some() { "enum" } else { "const" };
    let text = match open {
        false => quote! {
            /// The text that stands for the value.
            pub const fn as_str(self) -> &'static str {
                match self { #(Self::#members => #values,)* }
            }
        },
        true => quote! {
            /// The text that stands for the value.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#members => #values,)*
                    #(Self::#unknown(text) => text.as_str(),)*
                }
            }
        },
    };
    let otherwise = match unknown.first() {
        Some(unknown) => quote!(other => Ok(Self::#unknown(support::Unknown::new(other))),),
        None => quote!(other => Err(support::Violation::new(#keyword, #promised, format_args!("{other:?}"))),),
    };
    quote! {
        impl #name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[#(Self::#members),*];

            #text
        }

        impl TryFrom<&str> for #name {
            type Error = support::Violation;

            fn try_from(text: &str) -> Result<Self, support::Violation> {
                match text {
                    #(#values => Ok(Self::#members),)*
                    #otherwise
                }
            }
        }

        impl ::std::str::FromStr for #name {
            type Err = support::Violation;

            fn from_str(text: &str) -> Result<Self, support::Violation> {
                Self::try_from(text)
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl<'de> support::Read<'de> for #name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let text = <String as support::Read>::read(deserializer, at)?;
                Self::try_from(text.as_str()).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    }
}
