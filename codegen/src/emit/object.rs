//! Objects: each key read once, in any order; written in the order of the schema, absent keys left out.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Emit;
use crate::shape::{PatternProperty, Property, TypeId, Use};

pub(super) fn ability(
    emit: &Emit<'_>,
    id: TypeId,
    properties: &[Property],
    patterns: &[PatternProperty],
    additional: Option<&Use>,
) -> TokenStream {
    let read = read(emit, id, properties, patterns, additional);
    let write = write(emit, id, properties, patterns.len(), additional);
    quote!(#read #write)
}

fn read(emit: &Emit<'_>, id: TypeId, properties: &[Property], patterns: &[PatternProperty], additional: Option<&Use>) -> TokenStream {
    let name = emit.ident(id);
    let members = emit.members(id);
    // Slots have names of their own, so that no key of the contract hides a variable.
    let slots: Vec<_> = properties.iter().zip(&members).map(|(_, member)| format_ident!("slot_{member}")).collect();
    let declarations = properties.iter().zip(&slots).map(|(property, slot)| {
        let type_ = emit.use_(&property.use_);
        quote!(let mut #slot = support::Slot::<#type_>::new();)
    });
    let arms = properties.iter().zip(&slots).map(|(property, slot)| {
        let key = &property.key;
        quote!(#key => #slot.fill(&mut entries, at, #key)?,)
    });
    let fields = properties.iter().zip(members.iter().zip(&slots)).map(|(property, (member, slot))| {
        let key = &property.key;
        match (property.required, property.use_.nullable) {
            (true, _) => quote!(#member: #slot.required(at, #key)?,),
            (false, true) => quote!(#member: #slot.field(),),
            (false, false) => quote!(#member: #slot.optional(),),
        }
    });
    let by_pattern: Vec<_> = patterns.iter().zip(&members[properties.len()..]).collect();
    let maps = by_pattern.iter().map(|(pattern, member)| {
        let (map, type_) = (format_ident!("map_{member}"), emit.map(&pattern.use_));
        quote!(let mut #map = <#type_>::new();)
    });
    let guards = by_pattern.iter().enumerate().map(|(index, (pattern, member))| {
        let (map, written) = (format_ident!("map_{member}"), &pattern.pattern);
        let engine = format_ident!("PATTERN_{index}");
        let declared = quote!(static #engine: support::Pattern = support::Pattern::new(#written););
        (declared, quote!(other if #engine.is_match(other) => support::read_additional(&mut #map, &mut entries, at, other)?,))
    });
    let (engines, guards): (Vec<_>, Vec<_>) = guards.unzip();
    let matching = by_pattern.iter().map(|(_, member)| {
        let map = format_ident!("map_{member}");
        quote!(#member: #map,)
    });
    let (other, rest, others) = match additional {
        Some(value) => {
            let (member, map) = (&members[properties.len() + patterns.len()], emit.map(value));
            (
                quote!(other => support::read_additional(&mut additional_entries, &mut entries, at, other)?,),
                quote!(#member: additional_entries,),
                quote!(let mut additional_entries = <#map>::new();),
            )
        }
        None => (quote!(other => return Err(support::unknown_key(at, other)),), TokenStream::new(), TokenStream::new()),
    };
    let body = if properties.is_empty() && patterns.is_empty() && additional.is_none() {
        quote! {
            if let Some(key) = support::read_key(&mut entries)? {
                return Err(support::unknown_key(at, &key));
            }
        }
    } else {
        quote! {
            while let Some(key) = support::read_key(&mut entries)? {
                match &*key { #(#arms)* #(#guards)* #other }
            }
        }
    };
    quote! {
        impl<'de> support::ReadObject<'de> for #name {
            fn read_object<__A: ::serde::de::MapAccess<'de>>(mut entries: __A, at: &support::At<'_>) -> Result<Self, __A::Error> {
                #(#engines)*
                #(#declarations)*
                #(#maps)*
                #others
                #body
                Ok(Self { #(#fields)* #(#matching)* #rest })
            }
        }

        impl<'de> support::Read<'de> for #name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                support::read_object(deserializer, at)
            }
        }
    }
}

fn write(emit: &Emit<'_>, id: TypeId, properties: &[Property], patterns: usize, additional: Option<&Use>) -> TokenStream {
    let name = emit.ident(id);
    let members = emit.members(id);
    let entries = properties.iter().zip(&members).map(|(property, member)| {
        let key = &property.key;
        match (property.required, property.use_.nullable) {
            (true, _) => quote!(entries.serialize_entry(#key, &self.#member)?;),
            (false, true) => quote! {
                if !self.#member.is_absent() {
                    entries.serialize_entry(#key, &self.#member)?;
                }
            },
            (false, false) => quote! {
                if let Some(value) = &self.#member {
                    entries.serialize_entry(#key, value)?;
                }
            },
        }
    });
    let maps = properties.len()..properties.len() + patterns + usize::from(additional.is_some());
    let rest = members[maps].iter().map(|member| {
        quote! {
            for (key, value) in &self.#member {
                entries.serialize_entry(key, value)?;
            }
        }
    });
    let mutable = (!members.is_empty()).then(|| quote!(mut));
    quote! {
        impl ::serde::Serialize for #name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                use ::serde::ser::SerializeMap as _;
                let #mutable entries = serializer.serialize_map(None)?;
                #(#entries)*
                #(#rest)*
                entries.end()
            }
        }
    }
}
