//! The outputs of a run: one on standard output, any number in files.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anstream::StripStream;
use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::EventRef;
use same_file::Handle;

use super::format::Format;
use super::human::Shown;
use super::target::Target;
use crate::input::progress::Progress;
use crate::pipeline::output::Output;

/// Opens the outputs of a run. If no target is standard output, that has the report for people. `is_taken` is whether a file
/// is used otherwise: as a log, the baseline, the configuration. Files are opened before any input is read, so that a path
/// that can't be written is reported first.
pub fn open(
    targets: Vec<Target>,
    is_taken: impl Fn(&Handle) -> bool,
    shown: Shown,
    progress: &Progress,
) -> Result<Box<dyn Output>, TargetsError> {
    let (to_files, mut to_stdout): (Vec<_>, Vec<_>) =
        targets.into_iter().partition(|target| target.file.is_some());
    if to_stdout.len() > 1 {
        return Err(TargetsError::Stdout);
    }
    let mut files: Vec<(PathBuf, Format, Handle)> = Vec::new();
    for Target { format, file } in to_files {
        let Some(path) = file else { continue };
        let file = open_file(&path).map_err(|error| TargetsError::Unwritable(path.clone(), error))?;
        if is_taken(&file) {
            return Err(TargetsError::IsTaken(path));
        }
        if files.iter().any(|(_, _, other)| *other == file) || is_stdout(&file) {
            return Err(TargetsError::Twice(path));
        }
        files.push((path, format, file));
    }
    let format = to_stdout.pop().map_or(Format::Human, |target| target.format);
    let stdout: Box<dyn Write> = match format {
        Format::Human => Box::new(anstream::stdout().lock()),
        _ => Box::new(io::stdout().lock()),
    };
    let stdout = format.output(progress.above(stdout), shown);
    if files.is_empty() {
        return Ok(stdout);
    }
    let mut outputs = vec![Destination { path: None, output: stdout }];
    for (path, format, handle) in files {
        let file = writable(&handle).map_err(|error| TargetsError::Unwritable(path.clone(), error))?;
        let to: Box<dyn Write> = match format {
            Format::Human => {
                let buffer: Box<dyn Write> = Box::new(BufWriter::new(file));
                Box::new(StripStream::new(buffer))
            }
            _ => Box::new(file),
        };
        outputs.push(Destination { path: Some(path), output: format.output(to, shown) });
    }
    let observes = outputs.iter().any(|to| to.output.observes());
    Ok(Box::new(MultiOutput { outputs, observes }))
}

/// Why the outputs of a run can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum TargetsError {
    #[error(
        "two reports would go to standard output; name a file for one of them: `--output json:report.json`"
    )]
    Stdout,
    #[error("{}: two reports would go to it; name another file for one of them", .0.display())]
    Twice(PathBuf),
    #[error("{}: it is a log, the baseline or the configuration of this run; write the report to another file", .0.display())]
    IsTaken(PathBuf),
    #[error("{}: the report can't be written: {}", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
}

/// Opens a file for writing without truncating it: it may turn out to be an input.
fn open_file(path: &Path) -> io::Result<Handle> {
    Handle::from_file(OpenOptions::new().write(true).create(true).truncate(false).open(path)?)
}

/// The file, truncated if it is a regular one.
fn writable(handle: &Handle) -> io::Result<File> {
    let file = handle.as_file().try_clone()?;
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

fn is_stdout(file: &Handle) -> bool {
    Handle::stdout().is_ok_and(|stdout| stdout == *file)
}

/// An output and its file; `None` for standard output.
struct Destination {
    path: Option<PathBuf>,
    output: Box<dyn Output>,
}

struct MultiOutput {
    outputs: Vec<Destination>,
    observes: bool,
}

impl MultiOutput {
    /// Calls each output. If the reader of standard output closes it, the files are still written.
    fn each(&mut self, mut print: impl FnMut(&mut dyn Output) -> io::Result<()>) -> io::Result<()> {
        let mut is_open = true;
        for Destination { path, output } in &mut self.outputs {
            match (print(&mut **output), path) {
                (Ok(()), _) => {}
                (Err(error), None) if error.kind() == ErrorKind::BrokenPipe => is_open = false,
                (Err(error), None) => return Err(error),
                (Err(error), Some(path)) => {
                    return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())));
                }
            }
        }
        if !is_open {
            self.outputs.retain(|to| to.path.is_some());
        }
        Ok(())
    }
}

impl Output for MultiOutput {
    fn observes(&self) -> bool {
        self.observes
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        for Destination { output, .. } in self.outputs.iter_mut().filter(|to| to.output.observes()) {
            output.observe(event);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.each(|output| output.finding(finding, file, text))
    }

    fn compares(&mut self) {
        self.outputs.iter_mut().for_each(|to| to.output.compares());
    }

    fn known(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.each(|output| output.known(finding, file, text))
    }

    fn exits_with(&mut self, status: u8) {
        self.outputs.iter_mut().for_each(|to| to.output.exits_with(status));
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.each(|output| output.finish(summary))
    }
}
