//! The nesting depth of a JSON text, computed from its brackets.

/// The nesting depth of a valid JSON value; 0 if a quick count shows that it is at most `max`.
pub(super) fn depth(bytes: &[u8], max: usize) -> usize {
    // Most records have too few brackets to be deep.
    if memchr::memchr2_iter(b'{', b'[', bytes).take(max.saturating_add(1)).count() <= max {
        return 0;
    }
    let mut nesting = Nesting::default();
    let depths = bytes.iter().map(|&byte| {
        nesting.step(byte);
        nesting.depth
    });
    depths.max().unwrap_or(0)
}

/// The position in the arrays, objects and strings of a JSON text.
#[derive(Default)]
pub struct Nesting {
    depth: usize,
    pub is_in_string: bool,
    is_escaped: bool,
}

impl Nesting {
    /// Advances by a byte.
    pub fn step(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = self.is_in_string,
            b'"' => self.is_in_string = !self.is_in_string,
            b'{' | b'[' if !self.is_in_string => self.depth += 1,
            b'}' | b']' if !self.is_in_string => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the value has ended.
    pub fn is_closed(&self) -> bool {
        self.depth == 0 && !self.is_in_string
    }
}
