//! Why a record is not JSON, in words that tell what stands there instead.

/// How many bytes from a fault on are looked at, at most: those of `-Infinity`.
pub(super) const LOOKAHEAD: usize = 9;

/// Quotation marks that word processors put where `"` was typed.
const QUOTATION_MARKS: [&str; 8] = ["“", "”", "„", "‟", "‘", "’", "«", "»"];

/// Why there is no JSON: `error` is what the parser says, and `offset` where in `bytes` it says so. It repeats nothing of
/// the bytes: they may be a secret.
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
        // The specification's own examples have these three.
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

/// Whether bytes look like the beginning of a text in UTF-16: its byte-order mark, or every other byte is zero.
pub(super) fn looks_like_utf16(bytes: &[u8]) -> bool {
    let is_written = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match *bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [0, byte, ..] | [byte, 0, ..] => is_written(byte),
        _ => false,
    }
}
