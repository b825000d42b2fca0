//! Explains why a record is not JSON.

/// The number of bytes inspected from the error on: the length of `-Infinity`.
pub(super) const LOOKAHEAD: usize = 9;

/// Quotation marks that word processors substitute for `"`.
const QUOTATION_MARKS: [&str; 8] = ["“", "”", "„", "‟", "‘", "’", "«", "»"];

/// The reason, given the error of the parser and its offset in `bytes`. It does not quote the bytes, which may be secret.
pub(super) fn reason<'e>(error: &'e str, bytes: &[u8], offset: usize) -> &'e str {
    let end = bytes.len().min(offset.saturating_add(LOOKAHEAD));
    let here = bytes.get(offset..end).unwrap_or_default();
    let starts = |words: &[&str]| words.iter().any(|word| here.starts_with(word.as_bytes()));
    let is_key = error == "key must be a string";
    let before = bytes.get(..offset).unwrap_or_default().trim_ascii_end();
    let follows_comma = before.ends_with(b",");
    let is_line_break = matches!(here, [b'\r' | b'\n', ..]);
    match error {
        "EOF while parsing a string" => "the text ends inside a string",
        "EOF while parsing an object" => "the text ends inside an object",
        "EOF while parsing a list" => "the text ends inside an array",
        "EOF while parsing a value" => "the text ends where a value belongs",
        _ if error.starts_with("control character") && is_line_break => "the line ends inside a string",
        // The examples of the specification have these three.
        _ if starts(&QUOTATION_MARKS) => {
            "a typographic quotation mark where `\"` belongs, as in the specification's own examples"
        }
        _ if is_key && matches!(here, [b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$', ..]) => {
            "a key without quotation marks, as in the specification's own examples"
        }
        _ if starts(&["...", "…"]) => {
            "an ellipsis for what was left out, as in the specification's own examples"
        }
        "key must be a string" | "expected value" if starts(&["}", "]"]) && follows_comma => {
            "a comma after the last field or element"
        }
        _ if starts(&["'"]) => "a single quotation mark where `\"` belongs",
        _ if starts(&["//", "/*", "#"]) => "a comment, and JSON has none",
        _ if starts(&["NaN", "Infinity", "-Infinity"]) => {
            "no number of JSON, which has no NaN and no Infinity"
        }
        "invalid number" if starts(&["I"]) => "no number of JSON, which has no NaN and no Infinity",
        _ => error,
    }
}

/// Whether the bytes look like the start of UTF-16 text: a byte-order mark, or a zero byte beside a printable one.
pub(super) fn looks_like_utf16(bytes: &[u8]) -> bool {
    let is_printable = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match *bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [0, byte, ..] | [byte, 0, ..] => is_printable(byte),
        _ => false,
    }
}
