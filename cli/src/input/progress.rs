//! Progress on standard error, if that is a terminal: a bar with rate and time left if the sizes of all inputs are known,
//! otherwise a byte count with a rate.

use std::io::{self, IsTerminal, Read, Write};

use indicatif::{ProgressBar, ProgressBarIter, ProgressDrawTarget, ProgressFinish, ProgressStyle};

const BAR: &str = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
const COUNT: &str = "{bytes} read, {bytes_per_sec}";

/// The progress line. Clones share it.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    is_quiet: bool,
}

impl Default for Progress {
    /// Draws nothing.
    fn default() -> Self {
        Self { bar: ProgressBar::hidden(), is_quiet: false }
    }
}

impl Progress {
    /// Draws nothing, and turns off other messages beside the report.
    pub fn quiet() -> Self {
        Self { is_quiet: true, ..Self::default() }
    }

    /// Whether messages beside the report are off.
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Progress through inputs of these sizes in bytes, where `None` is unknown. It is drawn only on a terminal.
    pub fn through(sizes: impl Iterator<Item = Option<u64>>) -> Self {
        if !io::stderr().is_terminal() {
            return Self::default();
        }
        let size: Option<u64> = sizes.sum();
        let template = if size.is_some() { BAR } else { COUNT };
        // A test checks that the templates are valid.
        let style = style(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
        Self { bar: bar.with_style(style).with_finish(ProgressFinish::AndClear), is_quiet: false }
    }

    /// Counts the bytes that are read.
    pub fn count<R: Read>(&self, input: R) -> ProgressBarIter<R> {
        self.bar.wrap_read(input)
    }

    /// Calls a function that may write to the terminal, with the line removed.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Wraps standard output so that, on a terminal, text is written above the line.
    pub fn above(&self, stdout: Box<dyn Write>) -> Box<dyn Write> {
        if self.bar.is_hidden() || !io::stdout().is_terminal() {
            return stdout;
        }
        Box::new(io::BufWriter::new(Above { progress: self.clone(), stdout }))
    }

    /// Removes the line for good.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> Result<ProgressStyle, impl std::error::Error> {
    Ok::<_, indicatif::style::TemplateError>(ProgressStyle::with_template(template)?.progress_chars("=> "))
}

/// Writes above the progress line.
struct Above {
    progress: Progress,
    stdout: Box<dyn Write>,
}

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let stdout = &mut self.stdout;
        self.progress.aside(|| stdout.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        for template in [BAR, COUNT] {
            assert!(style(template).is_ok(), "{template}");
        }
    }
}
