//! Arbitrary bytes as compressed content, by their signature and by the name of the file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    charter_fuzz_formats::check(bytes);
    charter_fuzz_formats::check_named("recording.br", bytes);
});
