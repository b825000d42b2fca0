//! The records follow from the bytes, however these come in.

use std::iter::{Copied, Cycle};
use std::slice::Iter;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Hands out bytes a few at a time: as many as the sizes say, one after another and over again.
struct Pieces<'b> {
    bytes: &'b [u8],
    sizes: Cycle<Copied<Iter<'b, usize>>>,
}

impl<'b> Pieces<'b> {
    fn of(bytes: &'b [u8], sizes: &'b [usize]) -> Self {
        Self { bytes, sizes: sizes.iter().copied().cycle() }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().unwrap_or(1).min(buffer.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.bytes = rest;
        Ok(size)
    }
}

/// What was read of an input.
#[derive(Debug, PartialEq)]
struct ReadAll {
    records: Vec<(Location, Result<String, Unreadable>)>,
    count: u64,
    bytes: u64,
}

fn read(input: impl Read, max_bytes: usize) -> ReadAll {
    let mut reader = Records::new(input, max_bytes);
    let mut records = Vec::new();
    while let Some(Record { location, text, .. }) = reader.next_record().expect("the input can be read") {
        records.push((location, text.map(str::to_owned)));
    }
    ReadAll { records, count: reader.count(), bytes: reader.bytes() }
}

/// Checks that an input is the same in pieces of any size, and gives what it is.
fn read_in_pieces(bytes: &[u8], max_bytes: usize) -> ReadAll {
    let whole = read(bytes, max_bytes);
    for size in 1..=bytes.len().min(12) {
        assert_eq!(read(Pieces::of(bytes, &[size]), max_bytes), whole, "in pieces of {size} bytes");
    }
    for first in 1..bytes.len() {
        assert_eq!(read(Pieces::of(bytes, &[first, bytes.len()]), max_bytes), whole, "split at {first}");
    }
    assert_eq!(whole.bytes, bytes.len() as u64);
    whole
}

fn at(line: u64, column: u64) -> Location {
    Location { line, column }
}

/// The records of an input that has only sound ones.
fn sound(input: &str) -> Vec<(Location, String)> {
    let read = read_in_pieces(input.as_bytes(), 1 << 20);
    assert_eq!(read.count, read.records.len() as u64);
    let records = read.records.into_iter();
    records
        .map(|(location, text)| (location, text.unwrap_or_else(|error| panic!("{input}: {error}"))))
        .collect()
}

#[test]
fn values_may_follow_each_other_in_any_way() {
    let forms = [
        "{\"a\":1}\n[2]\n\"three\"\n",
        "{\"a\":1}[2]\"three\"",
        "{\"a\":1}\r\n[2]\r\n\"three\"\r\n",
        "\n\n{\"a\":1}\n \t\n\r\n[2]\n\n\"three\"",
        "\u{feff}{\"a\":1} [2]\t\"three\"",
    ];
    for form in forms {
        let texts: Vec<String> = sound(form).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, [r#"{"a":1}"#, "[2]", "\"three\""], "{form:?}");
    }
}

#[test]
fn a_record_has_the_place_of_its_first_byte() {
    let pretty = "{\n  \"a\": \"ü\"\n}";
    let input = format!("\u{feff}{pretty} 12\r\n\r\n\t[\"é\"] {{}}");
    let expected = [(at(1, 4), pretty), (at(3, 3), "12"), (at(5, 2), "[\"é\"]"), (at(5, 9), "{}")];
    assert_eq!(sound(&input), expected.map(|(location, text)| (location, text.to_owned())));
}

#[test]
fn a_number_ends_where_it_ends() {
    let texts: Vec<String> = sound("12 -3.5e+7\n0[1]true").into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["12", "-3.5e+7", "0", "[1]", "true"]);
}

#[test]
fn nothing_is_in_an_input_without_values() {
    for input in ["", "\n", " \t\r\n\n"] {
        assert_eq!(sound(input), [], "{input:?}");
    }
    // Half a byte-order mark, or one that nothing follows, is no value either.
    let read = read_in_pieces("\u{feff}".as_bytes(), 99);
    assert_eq!(read.records.len(), 1);
}

/// What an input is where not all of it is sound: the locations, and the texts or what is said of them.
fn described(input: &[u8], max_bytes: usize) -> Vec<String> {
    let records = read_in_pieces(input, max_bytes).records.into_iter();
    records
        .map(|(Location { line, column }, text)| {
            format!("{line}:{column} {}", text.unwrap_or_else(|error| error.to_string()))
        })
        .collect()
}

/// The bracket that ends an array read by elements is not one that a broken array has left.
#[test]
fn a_deep_array_after_a_broken_one_ends() {
    let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    let deep = described(format!("[1,]\n{deep}\n{{}}\n").as_bytes(), 1 << 20);
    let (last, before) = deep.split_last().expect("there are some");
    assert_eq!(last, "3:1 {}");
    assert_eq!(before.iter().filter(|record| record.contains("not JSON")).count(), 1, "{before:?}");
}

#[test]
fn a_broken_value_ends_at_the_next_line_that_begins_like_a_record() {
    assert_eq!(
        described(b"{\"a\":1}\n{\"b\":\"c\n  {\"d\":2}\nnoise\n[3]\n", 99),
        ["1:1 {\"a\":1}", "2:1 not JSON: the line ends inside a string, at line 2, column 8", "5:1 [3]"]
    );
    assert_eq!(
        described(b"{\"b\":\"c\r\n{\"a\":\"\tx\"}\n[3]", 99),
        [
            "1:1 not JSON: the line ends inside a string, at line 1, column 8",
            "2:1 not JSON: control character (\\u0000-\\u001F) found while parsing a string, at line 2, column 7",
            "3:1 [3]"
        ]
    );
    assert_eq!(
        described(b"{} {\"a\" 1} {\"lost\":1}\nlost too\n{}", 99),
        ["1:1 {}", "1:4 not JSON: expected `:`, at line 1, column 9", "3:1 {}"]
    );
    assert_eq!(
        described(b"{\"a\":\n{}\n[]", 99),
        ["1:1 not JSON: expected `,` or `}`, at line 3, column 1", "2:1 {}", "3:1 []"]
    );
}

#[test]
fn the_end_of_the_input_breaks_a_value_off() {
    for (input, expected) in [
        ("{\"a", "the text ends inside a string, at line 1, column 3"),
        ("{\"a\":1", "the text ends inside an object, at line 1, column 6"),
        ("{\n\"a\":\n", "the text ends where a value belongs, at line 2, column 5"),
        ("[1,\n 2", "the text ends inside an array, at line 2, column 2"),
        ("tru", "the text ends where a value belongs, at line 1, column 3"),
    ] {
        assert_eq!(described(input.as_bytes(), 99), [format!("1:1 not JSON: {expected}")], "{input:?}");
    }
}

/// What an interrupt or a failing disk cuts in two was not read.
#[test]
fn a_record_that_cannot_be_read_on_does_not_count() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no more"))
        }
    }
    let mut records = Records::new(r#"{} {"a":"#.as_bytes().chain(Failing), MAX_BYTES);
    assert!(records.next_record().expect("it can be read").is_some());
    assert!(records.next_record().is_err());
    assert_eq!(records.count(), 1);
}

#[test]
fn a_broken_array_leaves_its_elements() {
    let input = b"[\n{\"a\":1},\n{\"b\" 2},\n{\"c\":3},\n{\"d\":4}\n]\n{\"e\":5}\n,";
    assert_eq!(
        described(input, 99),
        [
            "1:1 not JSON: expected `:`, at line 3, column 6",
            "2:1 {\"a\":1}",
            "3:1 not JSON: expected `:`, at line 3, column 6",
            "4:1 {\"c\":3}",
            "5:1 {\"d\":4}",
            "7:1 {\"e\":5}",
            // Once it has ended, a comma is one too many again.
            "8:1 not JSON: expected value, at line 8, column 1",
        ]
    );
}

#[test]
fn text_that_is_not_utf_8_is_broken() {
    assert_eq!(
        described(b"{\"a\":\"\xff\"}\n{\"\xc3\xa9\":1}\n{\"\xc3\":1}", 99),
        ["1:1 not UTF-8, at line 1, column 7", "2:1 {\"é\":1}", "3:1 not UTF-8, at line 3, column 3"]
    );
}

#[test]
fn a_value_may_be_as_large_as_the_cap_and_no_larger() {
    let input = b"{\"a\":12}{\"b\":123}\n\"12345\" \"1234567\" 1\n12345678 123456789\n{}";
    assert_eq!(
        described(input, 8),
        [
            "1:1 {\"a\":12}",
            "1:9 the record is larger than 8 bytes",
            "2:1 \"12345\"",
            "2:9 the record is larger than 8 bytes",
            "2:19 1",
            "3:1 12345678",
            "3:10 the record is larger than 8 bytes",
            "4:1 {}",
        ]
    );
}

#[test]
fn a_value_that_is_too_large_takes_no_sound_one_with_it() {
    // Cut off inside a string, outside of one, and at the end.
    let input = b"{\"a\":\"0123456789\n{\"b\":1}\n{\"a\":[0,1,2,3,4,5,\n{\"c\":1}\n{\"a\":{\"b\":{\"c\":";
    assert_eq!(
        described(input, 9),
        [
            "1:1 the record is larger than 9 bytes",
            "2:1 {\"b\":1}",
            "3:1 the record is larger than 9 bytes",
            "4:1 {\"c\":1}",
            "5:1 the record is larger than 9 bytes",
        ]
    );
}

#[test]
fn an_array_larger_than_the_cap_is_read_element_by_element() {
    let input = b"[{\"a\":1}, {\"b\":\"0123456789\"},\n [1,2] , 3]{}";
    let read = read_in_pieces(input, 8);
    let texts: Vec<_> = read.records.iter().map(|(_, text)| text.as_deref().ok()).collect();
    assert_eq!(texts, [Some("{\"a\":1}"), None, Some("[1,2]"), Some("3"), Some("{}")]);
    assert_eq!(read.count, 2, "the array is one record");

    assert_eq!(
        described(b"[{\"a\":1} {\"b\":2}]\n{\"c\":3},\n{\"d\":4}]\n{}", 8),
        [
            "1:2 {\"a\":1}",
            "1:10 not JSON: expected `,` or `]`, at line 1, column 10",
            "2:1 {\"c\":3}",
            "3:1 {\"d\":4}",
            "4:1 {}"
        ]
    );
    assert_eq!(
        described(b"[{\"a\":1},{\"b\":2}", 8),
        [
            "1:2 {\"a\":1}",
            "1:10 {\"b\":2}",
            "1:17 not JSON: the text ends inside an array, at line 1, column 17"
        ]
    );
}

#[test]
fn depth_has_a_cap() {
    let nested = |depth: usize| format!("{}{{}}{}", "{\"\":".repeat(depth - 1), "}".repeat(depth - 1));
    let deepest = nested(MAX_DEPTH);
    let too_deep = nested(MAX_DEPTH + 1);
    let input = format!("{deepest}{too_deep}\n{{}}");
    let told = format!("the record is nested deeper than {MAX_DEPTH} levels");
    assert_eq!(
        described(input.as_bytes(), 1 << 20),
        [format!("1:1 {deepest}"), format!("1:{} {told}", deepest.len() + 1), "2:1 {}".into()]
    );
    // Of an array, what is not too deep by itself is good.
    assert_eq!(
        described(format!("[1,{too_deep},\n{deepest}]").as_bytes(), 1 << 20),
        ["1:2 1".into(), format!("1:4 {told}"), format!("2:1 {deepest}")]
    );
    // Brackets in a string are no levels.
    let string = format!("[\"\\\"{}\"]", "[".repeat(2 * MAX_DEPTH));
    assert_eq!(sound(&string).len(), 1);
}

/// What is never closed is gone through to its end from no more of its lines than may stand in each other.
#[test]
fn what_is_never_closed_is_left_early() {
    const LINES: usize = 5_000;
    let input = "[\n".repeat(LINES);
    let read = read(input.as_bytes(), 1 << 20);
    let by_line: Vec<_> =
        read.records.iter().map(|(location, text)| (location.line, text.as_ref().err())).collect();
    let too_deep = by_line.iter().filter(|(_, error)| matches!(error, Some(Unreadable::TooDeep(_)))).count();
    let to_the_end =
        by_line.iter().filter(|(_, error)| matches!(error, Some(Unreadable::NotJson { .. }))).count();
    assert_eq!(too_deep + to_the_end, by_line.len());
    assert!(to_the_end <= FIRST_LOOK, "{to_the_end} of {LINES}");
}

/// Bytes that are likely to be JSON, or nearly.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\n",
        b"\n",
        b"\r\n",
        b" ",
        b"1",
        b"-",
        b"0.5e3",
        b"true",
        b"nul",
        b"\"a\":",
        b"\"\\u00e9\"",
        b"{\"a\":1}",
        b"{\"b\":[{},2]}\n",
        b"\n{",
        b"\n[",
        b"\xff",
        b"\xc3\xa9",
        b"\0",
        b"\xef\xbb\xbf",
        b"\t",
    ];
    vec(select(words), 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_input_is_the_same_in_pieces(
        bytes in prop_oneof![bytes(), vec(any::<u8>(), 0..60)],
        sizes in vec(1..20_usize, 1..5),
        max_bytes in prop_oneof![0..30_usize, Just(1 << 20)],
    ) {
        let whole = read(&bytes[..], max_bytes);
        prop_assert_eq!(&read(Pieces::of(&bytes, &sizes), max_bytes), &whole);
        prop_assert_eq!(&read(Pieces::of(&bytes, &[1]), max_bytes), &whole);
        prop_assert_eq!(whole.bytes, bytes.len() as u64);
        let locations: Vec<_> = whole.records.iter().map(|(location, _)| (location.line, location.column)).collect();
        prop_assert!(locations.is_sorted(), "{locations:?}");
        for (_, text) in whole.records {
            if let Ok(text) = text {
                prop_assert!(text.len() <= max_bytes);
                prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok());
            }
        }
    }
}
