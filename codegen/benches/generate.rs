//! The cost of generating types for the Run contract: from the loaded contract to the text of the files, and including loading.

use criterion::{Criterion, criterion_group, criterion_main};

fn generate(criterion: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema");
    let load = || charter_rules::load(folder.into()).unwrap_or_else(|error| panic!("{error}"));
    let contract = load();
    criterion.bench_function("generate the Run types", |bencher| bencher.iter(|| charter_codegen::generate(&contract).expect("code")));
    criterion.bench_function("load the contract", |bencher| bencher.iter(load));
}

criterion_group!(benches, generate);
criterion_main!(benches);
