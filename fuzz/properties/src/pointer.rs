//! JSON Pointers into records, against what `serde_json` finds.

use cardsavr_cli::input::pointer::Pointer;
use serde_json::Value;

/// The maximum number of a record's values that are looked up by their own pointers.
const LOOKUPS: usize = 50;

/// A pointer, and on the lines after it a record: the pointer prints as it was written, and leads where
/// [`Value::pointer`] leads; so does the pointer to each value of the record.
pub fn pointer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (pointer, record) = text.split_once('\n').unwrap_or((&text, ""));

    let read = pointer.parse::<Pointer>();
    assert_eq!(read.is_ok(), is_pointer(pointer), "{pointer:?}");
    if let Ok(read) = &read {
        assert_eq!(read.to_string(), pointer);
        assert_eq!(read.to_string().parse::<Pointer>().ok().as_ref(), Some(read));
        // In an invalid text the result is unspecified, but there is no panic.
        read.find(record);
    }

    let Ok(value) = serde_json::from_str::<Value>(record) else { return };
    if let Ok(read) = &read {
        assert_leads_to(read, record, value.pointer(pointer));
    }
    let mut ways = Vec::new();
    collect_ways(&value, String::new(), &mut ways);
    for (way, target) in ways {
        let read = way.parse().unwrap_or_else(|error| panic!("{way:?}: {error}"));
        assert_leads_to(&read, record, Some(target));
    }
}

/// The syntax of RFC 6901, section 3.
fn is_pointer(text: &str) -> bool {
    let is_escape = |(at, _): (usize, &str)| matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1'));
    (text.is_empty() || text.starts_with('/')) && text.match_indices('~').all(is_escape)
}

fn assert_leads_to(pointer: &Pointer, record: &str, expected: Option<&Value>) {
    let found = pointer.find(record);
    if let Some(found) = found {
        assert!(record.as_bytes().as_ptr_range().contains(&found.as_ptr()), "it is a part of the record");
    }
    let found =
        found.map(|found| serde_json::from_str::<Value>(found).expect("a value of sound JSON is sound"));
    assert_eq!(found.as_ref(), expected, "{pointer} in {record:?}");
}

/// Collects the pointers to the values of a value, up to the maximum.
fn collect_ways<'v>(value: &'v Value, way: String, ways: &mut Vec<(String, &'v Value)>) {
    if ways.len() >= LOOKUPS {
        return;
    }
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect_ways(element, format!("{way}/{index}"), ways);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let step = name.chars().fold(String::new(), |step, char| match char {
                    '~' => step + "~0",
                    '/' => step + "~1",
                    char => step + char.encode_utf8(&mut [0; 4]),
                });
                collect_ways(field, format!("{way}/{step}"), ways);
            }
        }
        _ => {}
    }
    ways.push((way, value));
}
