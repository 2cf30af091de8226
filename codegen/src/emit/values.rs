//! Enumerations of values that are not all strings: each variant knows its value.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::Emit;
use crate::shape::TypeId;

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, values: &[Value]) -> TokenStream {
    let name = emit.ident(id);
    let members = emit.members(id);
    let texts: Vec<String> = values.iter().map(Value::to_string).collect();
    let promised = if texts.len() == 1 { texts[0].clone() } else { format!("one of {}", texts.join(", ")) };
    let keyword = if emit.contract.schema(emit.shapes.types[id.0].schema).keywords.constant.is_some() { "const" } else { "enum" };
    quote! {
        impl #name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[#(Self::#members),*];

            /// The JSON that stands for the value.
            pub const fn as_json(self) -> &'static str {
                match self { #(Self::#members => #texts,)* }
            }

            /// The JSON value.
            pub fn to_value(self) -> support::Value {
                support::constant(self.as_json())
            }
        }

        impl TryFrom<&support::Value> for #name {
            type Error = support::Violation;

            fn try_from(value: &support::Value) -> Result<Self, support::Violation> {
                static TEXTS: &[&str] = &[#(#texts),*];
                match support::position_of(TEXTS, value) {
                    Some(index) => Ok(Self::ALL[index]),
                    None => Err(support::Violation::new(#keyword, #promised, value)),
                }
            }
        }

        impl<'de> support::Read<'de> for #name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let value = <support::Value as support::Read>::read(deserializer, at)?;
                Self::try_from(&value).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                self.to_value().serialize(serializer)
            }
        }
    }
}
