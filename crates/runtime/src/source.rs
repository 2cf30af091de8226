//! The source files of this crate, for a copy in a user's tree.

/// One file of the runtime, with the lines that the root of a copy needs for it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Part {
    /// The name of the module; its file is `name.rs`.
    pub name: &'static str,
    /// The feature of this crate that adds the part; `None` if it is always there.
    pub feature: Option<&'static str>,
    /// The items that the root re-exports.
    pub items: &'static [&'static str],
    /// The macros that it defines for generated code.
    pub macros: &'static [&'static str],
    /// The text of the file.
    pub text: &'static str,
}

macro_rules! parts {
    (@feature) => { None };
    (@feature $feature:literal) => { Some($feature) };
    ($($name:ident $(if $feature:literal)? $(use $($item:ident)*)? $(macros $($macro:ident)*)?;)*) => {
        /// Every part, in the order of the names.
        pub const PARTS: &[Part] = &[$(Part {
            name: stringify!($name),
            feature: parts!(@feature $($feature)?),
            items: &[$($(stringify!($item)),*)?],
            macros: &[$($(stringify!($macro)),*)?],
            text: include_str!(concat!(stringify!($name), ".rs")),
        }),*];
    };
}

parts! {
    abilities macros deserialize object;
    at use At;
    check use constant count dependent_required json position_of unique_items;
    constrained macros constrained integers text_traits;
    construct use BuildError Invalid OptionalInput Property built of_contract;
    enumeration macros enumeration values;
    held;
    input use Checked EachEntry EachItem EachPart InBox Input InputAs Target Whole branch;
    items use End Items Perhaps ReadItems Then WriteItems;
    merged macros merged union;
    never use Never;
    number use FromInteger Integer Number convert_integer parse_number;
    object use Entries KnownKeys Map Met ReadObject Slot complete read_additional read_key read_object unknown_key;
    open use Json Value;
    own use Own;
    pass;
    pattern if "pattern" use Pattern;
    presence use Field Nullable;
    raw use Later;
    read use Accept Accepting Num Read Seed;
    reference if "reference" use Documents Reference;
    scalar use read_text;
    schema if "schemars" use Hole json_schema subschema;
    text use from_slice from_str;
    union use Buffered Refusals refused;
    unknown use Unknown;
    violation use Violation;
    write use WriteObject;
    written use Format Written;
    written_chrono if "chrono";
    written_jiff if "jiff";
    written_time if "time";
    written_uuid if "uuid";
}
