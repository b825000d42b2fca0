//! The errors of a configuration, with their locations.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use strum::VariantArray;

use crate::input::records::Location;
use crate::text::nearest;

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("{}:{}:{}: {what}", .file.display(), .location.line, .location.column)]
    Mistake { file: PathBuf, location: Location, what: String },
}

/// An error in the text of a configuration.
#[derive(Debug)]
pub struct Mistake {
    what: String,
    span: Range<usize>,
}

impl Mistake {
    pub(super) fn new(what: String, span: Range<usize>) -> Self {
        Self { what, span }
    }

    /// An unknown name.
    pub(super) fn unknown(what: &str, name: &str, span: Range<usize>, names: &[&str]) -> Self {
        let hint = match nearest(name, names.iter().copied()) {
            Some(nearest) => format!("\n  did you mean `{nearest}`?"),
            None if names.len() <= 16 => format!("\n  known: {}", names.join(", ")),
            None => String::new(),
        };
        Self::new(format!("there is no {what} `{name}`{hint}"), span)
    }

    pub(super) fn in_file(self, file: PathBuf, text: &str) -> ConfigError {
        let before = text.as_bytes().get(..self.span.start).unwrap_or_default();
        ConfigError::Mistake { file, location: Location::START.after(before), what: self.what }
    }
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        Self::new(error.message().to_owned(), error.span().unwrap_or_default())
    }
}

/// The names of an enum's variants.
pub(super) fn names_of<T: VariantArray + Copy + Into<&'static str>>() -> Vec<&'static str> {
    T::VARIANTS.iter().map(|&variant| variant.into()).collect()
}
