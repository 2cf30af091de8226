//! "Did you mean": the most similar valid name.

use std::path::Path;

/// The number of characters to insert, delete, replace or swap between two texts.
pub fn edit_distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(one, other)
}

/// A remedy that names the most similar candidate, if one is similar enough.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    most_similar(wrong, names).map(|name| format!("did you mean `{name}`?"))
}

/// The most similar name, if one is similar enough.
pub fn most_similar<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    nearest_name(wrong, wrong, names)
}

/// The most similar candidate, if one is similar enough: the longer `significant` is, the more may differ.
fn nearest_name<'n>(wrong: &str, significant: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (significant.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// The remedy for a path that does not exist: a URL, a path of another system, a missing folder, or the most similar name in its folder.
pub fn missing_path(path: &str) -> Option<String> {
    if path.starts_with("http://") || path.starts_with("https://") {
        return Some(format!("URLs are not fetched; download the file first, for example with curl -O {path}"));
    }
    if std::path::MAIN_SEPARATOR == '/' && path.contains('\\') {
        let slashes = path.replace('\\', "/");
        let remedy = if Path::new(&slashes).exists() {
            format!("did you mean `{slashes}`?")
        } else {
            "this system separates folders by `/`".to_owned()
        };
        return Some(remedy);
    }
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        let remedy = folder.to_str().and_then(missing_path).filter(|remedy| remedy.starts_with("did you mean"));
        return Some(
            remedy.map_or_else(|| format!("the folder `{}` does not exist", folder.display()), |remedy| format!("the folder: {remedy}")),
        );
    }
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| !name.starts_with('.')).collect();
    let stem = |name: &str| Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    let own = stem(name);
    // The same name with another ending, such as .yml for .yaml, or a similar name.
    let same = names.iter().map(String::as_str).find(|other| stem(other) == own);
    let found = same.or_else(|| nearest_name(name, &own, names.iter().map(String::as_str)))?;
    let found = folder.map_or_else(|| found.to_owned(), |folder| folder.join(found).display().to_string());
    Some(format!("did you mean `{found}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_has_a_remedy_if_one_is_known() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("api")).expect("a folder");
        std::fs::write(folder.path().join("api/openapi.yaml"), "").expect("a file");
        let root = folder.path().to_str().expect("UTF-8");
        for (path, expected) in [
            ("api/openapi.yml", Some("did you mean `ROOT/api/openapi.yaml`?")),
            ("api/OpenAPI.yaml", Some("did you mean `ROOT/api/openapi.yaml`?")),
            ("api/openapi.json", Some("did you mean `ROOT/api/openapi.yaml`?")),
            ("apj/openapi.yaml", Some("the folder: did you mean `ROOT/api`?")),
            ("other/openapi.yaml", Some("the folder `ROOT/other` does not exist")),
            ("api\\openapi.yaml", Some("did you mean `ROOT/api/openapi.yaml`?")),
            ("api\\other.yaml", Some("this system separates folders by `/`")),
            ("api/traffic.har", None),
        ] {
            if path.contains('\\') && std::path::MAIN_SEPARATOR != '/' {
                continue;
            }
            let remedy = missing_path(&format!("{root}/{path}"));
            assert_eq!(remedy.map(|remedy| remedy.replace(root, "ROOT")).as_deref(), expected, "{path}");
        }
        assert!(missing_path("https://example.com/openapi.yaml").is_some_and(|remedy| remedy.contains("curl -O https://example.com")));
    }
}
