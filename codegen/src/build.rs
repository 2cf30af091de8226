//! Types at build time: one file for `include!` in a build script, and the code of a macro.

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::Sources;

use crate::{Options, Output, Schemars};

/// Generates types from a build script.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), charter_codegen::BuildError> {
///     charter_codegen::Build::of("openapi.yaml").client().write()
/// }
/// ```
///
/// ```ignore
/// // src/orders.rs
/// include!(concat!(env!("OUT_DIR"), "/openapi.rs"));
/// ```
#[derive(Clone, Debug)]
pub struct Build {
    path: Utf8PathBuf,
    client: bool,
    server: bool,
}

/// Why a build script failed. `Debug` is the message as well: a `main` that returns it prints it so.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A document cannot be read.
    #[error("{0}")]
    Read(#[from] charter_contract::Error),
    /// The generator refused the document.
    #[error("{0}")]
    Generate(#[from] crate::Error),
    /// The file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The program is not a build script.
    #[error("the variable OUT_DIR is not set; call this from a build script")]
    NotABuildScript,
}

impl std::fmt::Debug for BuildError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, formatter)
    }
}

impl Build {
    /// The types of a JSON Schema, of an OpenAPI document or of a folder of schemas, relative to the folder of Cargo.toml.
    pub fn of(path: impl Into<Utf8PathBuf>) -> Self {
        Self { path: path.into(), client: false, server: false }
    }

    /// Also a client of the operations; the package needs `charter-client`.
    #[must_use]
    pub fn client(self) -> Self {
        Self { client: true, ..self }
    }

    /// Also a server of the operations; the package needs `charter-server`.
    #[must_use]
    pub fn server(self) -> Self {
        Self { server: true, ..self }
    }

    /// The code, and the files that it was generated from.
    ///
    /// # Errors
    /// A document cannot be read, or the generator refuses it.
    pub fn generate(&self) -> Result<(String, Vec<Utf8PathBuf>), BuildError> {
        let files = charter_contract::read_schemas(&self.path)?;
        let folder = if self.path.is_dir() { &self.path } else { self.path.parent().unwrap_or(Utf8Path::new("")) };
        let mut read: Vec<Utf8PathBuf> = files.iter().map(|(name, _)| folder.join(name)).filter(|path| path.exists()).collect();
        if !read.contains(&self.path) {
            read.push(self.path.clone());
        }
        let contract = charter_contract::from_sources(Sources::new(files))?;
        let mut options = Options::of(&contract);
        (options.client, options.server, options.schemars) = (self.client, self.server, Schemars::Never);
        options.tag_features = false;
        Ok((single(&crate::generate_with(&contract, &options)?), read))
    }

    /// Writes the code to `OUT_DIR`, in a file with the name of the document and the extension `rs`. Cargo runs the build script again when
    /// a file changes that the code was generated from.
    ///
    /// # Errors
    /// As [`Self::generate`], and the file cannot be written.
    pub fn write(&self) -> Result<(), BuildError> {
        let out = std::env::var("OUT_DIR").map_err(|_| BuildError::NotABuildScript)?;
        let (text, files) = self.generate()?;
        for file in files {
            println!("cargo::rerun-if-changed={file}");
        }
        let path = Utf8Path::new(&out).join(format!("{}.rs", self.path.file_stem().unwrap_or("types")));
        std::fs::write(&path, text).map_err(|source| BuildError::Write { path, source })
    }
}

/// All modules in one file without attributes of its own, so that `include!` accepts it.
fn single(output: &Output) -> String {
    let text = |name: &str| output.files.iter().find(|file| file.path == name).map_or("", |file| file.text.as_str());
    let mut all = String::new();
    for line in text("mod.rs").lines().skip_while(|line| line.starts_with("//") || line.is_empty()) {
        let declared = line
            .trim_end()
            .strip_suffix(';')
            .and_then(|line| line.split_once("mod "))
            .filter(|(before, name)| matches!(*before, "" | "pub ") && !name.contains(' '));
        match declared {
            Some((visibility, name)) => {
                all.push_str(&format!("{visibility}mod {name} {{\n{}}}\n", text(&format!("{name}.rs"))));
            }
            None => {
                all.push_str(line);
                all.push('\n');
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_has_all_modules() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Utf8Path::from_path(folder.path()).expect("UTF-8").join("order.json");
        let schema = r#"{"title": "Order", "type": "object", "properties": {"size": {"type": "string", "pattern": "^[A-Z]$"}}}"#;
        std::fs::write(&path, schema).expect("a file");
        let (text, files) = Build::of(path.clone()).generate().expect("types");
        assert_eq!(files, [path]);
        let file = syn::parse_file(&text).expect("Rust");
        let modules: Vec<String> = file
            .items
            .iter()
            .filter_map(|item| match item {
                syn::Item::Mod(module) => {
                    assert!(module.content.is_some(), "{} is in a file of its own", module.ident);
                    Some(module.ident.to_string())
                }
                _ => None,
            })
            .collect();
        assert!(modules.contains(&"order".to_owned()) && modules.contains(&"order_impl".to_owned()), "{modules:?}");
    }

    #[test]
    fn errors_are_readable() {
        let error = Build::of("missing.json").generate().expect_err("no file");
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.to_string().contains("missing.json"), "{error}");
    }
}
