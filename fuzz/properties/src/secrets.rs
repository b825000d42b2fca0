//! Checks whether a text repeats a part of an input.

use std::ops::Range;

/// The replacement for a string of the input, to detect whether it is printed: not a word of any error.
const MARK: &str = "Xqj0vKz";
/// The replacement for a number.
const MARK_DIGITS: &str = "7171717171";

/// The minimum length of a string or number to search for: shorter ones occur in any text.
const SHORTEST: usize = 5;

/// Fails if the text that `show` returns contains a string or a number of its input. Since a string can be a word that
/// `show` itself uses, a string that is found is replaced by a mark: if the text then contains the mark, it is shown.
pub(crate) fn assert_hidden(input: &str, show: impl Fn(&str) -> String) {
    let shown = show(input);
    if shown.is_empty() || input.contains(MARK) || input.contains(MARK_DIGITS) {
        return;
    }
    for Token { span, text, mark } in tokens(input) {
        if !shown.contains(&text) {
            continue;
        }
        let exchanged = [&input[..span.start], mark, &input[span.end..]].concat();
        let shown = show(&exchanged);
        assert!(!shown.contains(mark), "{text:?} of {input:?} is shown: {shown}");
    }
}

/// All texts of an error.
pub(crate) fn shown(error: &impl std::error::Error) -> String {
    format!("{error} {error:?} {error:#?}\n")
}

struct Token {
    /// Its range without quotation marks.
    span: Range<usize>,
    /// Its value.
    text: String,
    /// Its replacement.
    mark: &'static str,
}

/// The strings and the numbers of a text that may be malformed JSON.
fn tokens(input: &str) -> Vec<Token> {
    let bytes = input.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        if byte == b'"' {
            while let Some(&byte) = bytes.get(at) {
                match byte {
                    b'"' => break,
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            at = at.min(bytes.len());
            while !input.is_char_boundary(at) {
                at += 1;
            }
            let raw = &input[start + 1..at];
            let text = serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.to_owned());
            tokens.push(Token { span: start + 1..at, text, mark: MARK });
            at += 1;
        } else if byte.is_ascii_digit() {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            tokens.push(Token { span: start..at, text: input[start..at].to_owned(), mark: MARK_DIGITS });
        }
    }
    tokens.retain(|token| token.text.len() >= SHORTEST);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_are_found_at_every_position() {
        let found: Vec<_> = tokens(r#"{"a longer key":"wörd\n\"s",12345.678901,"x":"cut off\"#)
            .into_iter()
            .map(|token| token.text)
            .collect();
        assert_eq!(found, ["a longer key", "wörd\n\"s", "12345", "678901", "cut off\\"]);
    }

    #[test]
    fn a_word_of_the_error_is_allowed_and_a_repeated_one_is_not() {
        assert_hidden(r#"{"is missing":12}"#, |_| "/status is missing".into());
        let repeats =
            std::panic::catch_unwind(|| assert_hidden(r#"["hunter22"]"#, |input| format!("not {input}")));
        assert!(repeats.is_err());
        let repeats = std::panic::catch_unwind(|| assert_hidden("[1234567]", |input| format!("not {input}")));
        assert!(repeats.is_err());
    }
}
