//! Text from a log or a file name, escaped for a terminal.

use std::fmt::{self, Display, Formatter, Write};

/// Displays a text with its invisible characters escaped, among them those that move the cursor, change colours or reverse
/// the direction of text: a log can't change how the report looks.
pub struct Plain<'t>(pub &'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| {
            if is_hidden(char) { write!(f, "{}", char.escape_default()) } else { f.write_char(char) }
        })
    }
}

/// Whether a character is invisible or changes how others are displayed.
pub fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped() {
        let text = "Zür\u{1b}[31m\n\u{7}\u{9b}\u{202e}\u{2067}\u{61c}\u{200b}„x“";
        assert_eq!(Plain(text).to_string(), r"Zür\u{1b}[31m\n\u{7}\u{9b}\u{202e}\u{2067}\u{61c}\u{200b}„x“");
    }
}
