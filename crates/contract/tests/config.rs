//! `charter.toml`: the settings that are read and the errors in them.

use charter_contract::{AssertedFormats, Contract, Error, from_documents};

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

/// Errors name the setting by its pointer, its line and its column.
#[track_caller]
fn check_refused(settings: &str, at: &str, message: &str) {
    let error = load(settings).expect_err(settings);
    let [problem] = error.problems() else { panic!("{error}") };
    let text = problem.to_string();
    assert!(text.starts_with(&format!("charter.toml#{at}: ")) && text.contains(message), "{text}");
    assert!(problem.place.text.is_some(), "no listing: {text}");
}

#[test]
fn an_unknown_key_is_located() {
    check_refused("[generate]\nout = \"a\"\n\n[chekc]\n", "/chekc (line 4, column 2)", "unknown field `chekc`");
    check_refused("[check]\n# é\noperations = 1\n", "/check/operations (line 3, column 1)", "unknown field `operations`");
    check_refused("[probe.artifacts.rules]\nlenght = \"a\"\n", "/probe/artifacts/rules/lenght (line 2, column 1)", "unknown field");
    check_refused("check = { operations = 1 }\n", "/check/operations (line 1, column 11)", "unknown field `operations`");
}

#[test]
fn a_value_of_another_type_is_located() {
    check_refused("[mask]\nemails = \"yes\"\n", "/mask/emails (line 2, column 10)", "expected a boolean");
    check_refused("[check]\nbase-paths = [\"/eu\", 1]\n", "/check/base-paths/1 (line 2, column 22)", "expected a string");
    check_refused("[check.simulator]\nresources = -1\n", "/check/simulator/resources (line 2, column 13)", "integer `-1`");
}

#[test]
fn asserted_formats_are_all_or_a_list_of_known_ones() {
    let formats = |settings: &str| load(settings).expect("a contract").config().check.formats.clone();
    assert_eq!(formats("[check]\nformats = true"), AssertedFormats::all());
    assert!(formats("[check]\nformats = false").is_empty() && formats("").is_empty());
    let two = formats("[check]\nformats = [\"uuid\", \"int32\"]");
    assert!(two.get("uuid").is_some() && two.get("int32").is_some() && two.get("date").is_none());
    let message = "unknown format `uid`; did you mean `uuid`? The known formats are date-time, date, time";
    check_refused("[check]\nformats = [\"date\", \"uid\"]\n", "/check/formats (line 2, column 11)", message);
    check_refused("[check]\nformats = \"all\"\n", "/check/formats (line 2, column 11)", "expected true, false or a list of formats");
}

#[test]
fn a_value_outside_the_enumeration_is_located() {
    check_refused("[generate]\nmode = \"stirct\"\n", "/generate/mode (line 2, column 8)", "unknown variant `stirct`");
    check_refused("[generate.formats]\ndate = \"moment\"\n", "/generate/formats/date (line 2, column 8)", "unknown variant `moment`");
}

#[test]
fn a_missing_key_is_located_at_its_table() {
    let unreachable = "[[check.unreachable]]\ncase = \"a\"\nreason = \"b\"\n\n[[check.unreachable]]\ncase = \"c\"\n";
    check_refused(unreachable, "/check/unreachable/1 (line 5, column 1)", "missing field `reason`");
    check_refused("\n[sections]\nparameter = \"with\"\n", "/sections (line 2, column 1)", "missing field `values`");
}

#[test]
fn a_setting_that_names_a_missing_operation_is_located() {
    check_refused("[check]\nbase-paths = []\noperation = \"a\"\n", "/check/operation (line 3, column 13)", "unknown operation `a`");
}

#[test]
fn a_syntax_error_is_located() {
    check_refused("[check]\noperation = \n", " (line 2, column 13)", "TOML syntax");
}
