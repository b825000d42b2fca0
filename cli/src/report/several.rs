//! Several outputs of one run: one to standard output, any number to files.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anstream::StripStream;
use cardsavr_protocol::conformance::{Finding, Summary};
use same_file::Handle;

use super::{Format, Shown, Target};
use crate::input::progress::Progress;
use crate::pipeline::output::{Observed, Output};

/// Opens the outputs of a run. None may go to a file that is taken: a log, the baseline, the configuration. Where none goes
/// to standard output, it has the report for people. Files are opened before anything is read: a path that can't be written shows at once, not after hours.
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
    let stdout = super::new(format, progress.above(stdout), shown);
    if files.is_empty() {
        return Ok(stdout);
    }
    let mut outputs = vec![Named { path: None, output: stdout }];
    for (path, format, handle) in files {
        let file = writable(&handle).map_err(|error| TargetsError::Unwritable(path.clone(), error))?;
        let to: Box<dyn Write> = match format {
            // Colours are for terminals.
            Format::Human => {
                let buffer: Box<dyn Write> = Box::new(BufWriter::new(file));
                Box::new(StripStream::new(buffer))
            }
            _ => Box::new(file),
        };
        outputs.push(Named { path: Some(path), output: super::new(format, to, shown) });
    }
    let observes = outputs.iter().any(|named| named.output.observes());
    Ok(Box::new(Several { outputs, observes }))
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

/// A file to write to, with what it holds until it is known to be no other's.
fn open_file(path: &Path) -> io::Result<Handle> {
    Handle::from_file(OpenOptions::new().write(true).create(true).truncate(false).open(path)?)
}

/// The file, emptied where it can hold anything.
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

/// An output, and its file, if it is not standard output.
struct Named {
    path: Option<PathBuf>,
    output: Box<dyn Output>,
}

struct Several {
    outputs: Vec<Named>,
    observes: bool,
}

impl Several {
    /// Has each output print. Whoever reads standard output may have read enough; the files are written all the same.
    fn each(&mut self, mut print: impl FnMut(&mut dyn Output) -> io::Result<()>) -> io::Result<()> {
        let mut is_read = true;
        for Named { path, output } in &mut self.outputs {
            match (print(&mut **output), path) {
                (Ok(()), _) => {}
                (Err(error), None) if error.kind() == ErrorKind::BrokenPipe => is_read = false,
                (Err(error), None) => return Err(error),
                (Err(error), Some(path)) => {
                    return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())));
                }
            }
        }
        if !is_read {
            self.outputs.retain(|named| named.path.is_some());
        }
        Ok(())
    }
}

impl Output for Several {
    fn observes(&self) -> bool {
        self.observes
    }

    fn observe(&mut self, seen: &Observed<'_>) {
        for Named { output, .. } in self.outputs.iter_mut().filter(|named| named.output.observes()) {
            output.observe(seen);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.each(|output| output.finding(finding, file, text))
    }

    fn compares(&mut self) {
        self.outputs.iter_mut().for_each(|named| named.output.compares());
    }

    fn known(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.each(|output| output.known(finding, file, text))
    }

    fn exits_with(&mut self, status: u8) {
        self.outputs.iter_mut().for_each(|named| named.output.exits_with(status));
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.each(|output| output.finish(summary))
    }
}
