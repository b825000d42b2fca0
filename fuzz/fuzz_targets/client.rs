#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cardsavr_properties::client(bytes));
