//! A test for a user's crate: snapshots of the generated code, so that a changed contract is reviewed as a change of code.

use std::fmt::Write as _;

use camino::Utf8Path;

use crate::{MARK, Output, SourceFile};

/// The lines of a Cargo.toml that the test needs.
pub(crate) const DEV_DEPENDENCIES: &str = "[dev-dependencies]\ninsta = \"1\"\n";

/// The test of the generated code in a folder, relative to that of Cargo.toml. Its path is relative to the folder of Cargo.toml as well.
///
/// Files with implementations, schemas and tables are left out: their changes follow from those of the types.
pub fn snapshot_test(output: &Output, folder: &Utf8Path) -> SourceFile {
    let is_reviewed = |name: &str| {
        name.ends_with(".rs")
            && !name.ends_with("_impl.rs")
            && !name.ends_with("_schema.rs")
            && !matches!(name, "documents.rs" | "reader.rs")
    };
    let mut files = String::new();
    for file in output.files.iter().filter(|file| is_reviewed(file.path.as_str())) {
        let path = folder.join(&file.path).as_str().replace('\\', "/");
        let _ = writeln!(files, "    ({:?}, include_str!({:?})),", file.path.file_stem().unwrap_or_default(), format!("../{path}"));
    }
    let name = folder.file_name().filter(|name| *name != "generated").map_or_else(String::new, |name| format!("{name}_"));
    let text = format!(
        "{MARK}`charter generate --snapshot-test`; do not edit by hand.\n\
         //! The generated code is the one that was reviewed. `cargo insta test --review` shows what has changed.\n\
         //!\n\
         //! The test needs `insta = \"1\"` below `[dev-dependencies]` in Cargo.toml.\n\n\
         #[rustfmt::skip]\n\
         const FILES: &[(&str, &str)] = &[\n{files}];\n\n\
         #[test]\n\
         fn the_generated_code_is_the_one_reviewed() {{\n    \
             for (name, text) in FILES {{\n        \
                 // The first line names the command.\n        \
                 let code = text.split_once('\\n').map_or(*text, |(_, code)| code);\n        \
                 insta::assert_snapshot!(*name, code);\n    \
             }}\n\
         }}\n"
    );
    SourceFile::new(format!("tests/{name}generated.rs"), text)
}
