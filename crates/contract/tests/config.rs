//! `charter.toml`: the settings that are read and the errors in them.

use charter_contract::{Contract, Error, from_documents};

fn load(settings: &str) -> Result<Contract, Error> {
    let files = [("charter.toml", settings), ("order.schema.json", "{}")];
    from_documents(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into())
}

#[test]
fn the_former_spelling_of_sections_is_still_read() {
    let now = load("[sections]\nparameter = \"with\"\nvalues = [\"weight\"]").expect("a contract");
    let former = load("[probe.expand]\nparameter = \"with\"\nsections = [\"weight\"]").expect("a contract");
    assert_eq!(now.config(), former.config());
    let sections = now.config().sections.as_ref().expect("sections");
    assert_eq!((sections.parameter.as_str(), sections.values.as_slice()), ("with", &["weight".to_owned()][..]));
    let both = "[sections]\nparameter = \"a\"\nvalues = []\n[probe.expand]\nparameter = \"b\"\nsections = []";
    let error = load(both).expect_err("both spellings").to_string();
    assert!(error.contains("charter.toml#/probe/expand") && error.contains("remove [probe.expand]"), "{error}");
}

#[test]
fn the_former_name_of_the_number_of_simulated_resources_is_still_read() {
    let now = load("[check.simulator]\nresources = 3").expect("a contract");
    assert_eq!(now.config(), load("[check.simulator]\nruns = 3").expect("a contract").config());
    load("[check.simulator]\nruns = 3\nresources = 3").expect_err("both names");
}
