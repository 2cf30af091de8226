//! A masked recording has the same findings at the same locations as the original, and the same counts for every rule.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use charter_contract_tests::mask::{Masker, Secret};
use charter_contract_tests::read::{Limits, Source};
use charter_contract_tests::report::Report;
use charter_contract_tests::scrub;
use charter_contract_tests::{CheckOptions, Judge, check};

fn report(judge: &Judge, path: &Path) -> Report {
    let options = CheckOptions::default().with_samples(None);
    check(judge, &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()))
}

/// The parts of a report that masking must not change.
fn unmasked_parts(report: &Report) -> (BTreeMap<String, Vec<String>>, String) {
    let places = |group: &charter_contract_tests::report::Group| {
        let samples = group.samples.iter();
        samples.map(|sample| format!("{} {} {:?}", sample.instance_location, sample.exchange.index, sample.exchange.status)).collect()
    };
    let groups = report.groups.iter().map(|group| (format!("{} {}", group.fingerprint, group.count), places(group))).collect();
    (groups, format!("{:?} {:?}", report.summary, report.rules))
}

fn each_recording(visit: &mut dyn FnMut(&Path)) -> usize {
    let mut count = 0;
    for folder in ["recordings/kept", "recordings/broken"] {
        for entry in std::fs::read_dir(folder).expect("the recordings") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| ["ndjson", "json", "har"].iter().any(|wanted| extension == *wanted)) {
                visit(&path);
                count += 1;
            }
        }
    }
    count
}

#[test]
fn masking_changes_no_finding_of_the_bundled_recordings() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().expect("a folder");
    // More than the contract configures: every member with personal data.
    let mut config = judge.contract().config().mask.clone();
    config.pointers.extend(["/**/by/id", "/**/by/email", "/output/**", "/input/**", "/source/name", "/error"].map(str::to_owned));
    let secrets = ["usr_4c", "Invoice intake", "wf_invoices"].map(|text| Secret::new(text).expect("a secret"));
    let masker = Masker::new(&config, &secrets).expect("a masker");
    let mut masked = 0;
    let count = each_recording(&mut |path| {
        let clean = folder.path().join(path.file_name().expect("a name"));
        let mut out = std::fs::File::create(&clean).expect("a file");
        match scrub(&masker, &Source::File(path.to_owned()), &Limits::default(), &mut out) {
            Ok(done) => masked += done.masked,
            // A body that is not JSON is refused, not written unmasked.
            Err(error) => return assert!(path.to_string_lossy().contains("syntax."), "{}: {error}", path.display()),
        }
        let (wanted, found) = (report(&judge, path), report(&judge, &clean));
        assert_eq!(unmasked_parts(&wanted), unmasked_parts(&found), "{}", path.display());
        let text = std::fs::read_to_string(&clean).expect("text");
        assert!(!text.contains("usr_4c") && !text.contains("Invoice intake") && !text.contains("ops@example.com"), "{}", path.display());
    });
    assert!(count >= 100 && masked >= 100, "{count} recordings, {masked} exchanges masked");
}
