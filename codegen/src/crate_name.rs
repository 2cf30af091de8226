//! The names of generated crates.

/// Names that Cargo or Rust needs for something else, besides the keywords of Rust.
const RESERVED: [&str; 11] = ["alloc", "build", "core", "deps", "examples", "incremental", "proc-macro", "self", "std", "support", "test"];

/// The name of a crate for a text, such as the title of a document. The name is legal for Cargo, and code of every edition can name it.
pub fn crate_name(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        match character {
            letter if letter.is_ascii_alphanumeric() => name.push(letter.to_ascii_lowercase()),
            '_' => name.push('_'),
            _ if name.is_empty() || name.ends_with(['-', '_']) => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches(['-', '_']);
    let name = match name.chars().next() {
        None => return "types".to_owned(),
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        Some(_) => format!("api-{}", name.trim_start_matches('_')),
    };
    let is_keyword = syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err() || matches!(name.as_str(), "gen" | "union");
    if is_keyword || RESERVED.contains(&name.as_str()) { format!("{name}-types") } else { name }
}

#[cfg(test)]
mod tests {
    use super::crate_name;

    #[test]
    fn every_text_gives_a_name_that_code_can_use() {
        for (text, wanted) in [
            ("GitHub v3 REST API", "github-v3-rest-api"),
            ("orders_api", "orders_api"),
            ("gen", "gen-types"),
            ("Async", "async-types"),
            ("core", "core-types"),
            ("3D prints", "api-3d-prints"),
            ("Größe: (beta)", "gr-e-beta"),
            ("☂", "types"),
            ("", "types"),
        ] {
            assert_eq!(crate_name(text), wanted, "{text}");
            assert_eq!(crate_name(wanted), wanted, "the name of a name");
        }
    }
}
