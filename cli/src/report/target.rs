//! The argument of `--output`: a format and a file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use super::format::Format;
use crate::text::nearest;

/// A report to write: its format and file. Without a format, the extension of the file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub format: Format,
    /// `None` for standard output.
    pub file: Option<PathBuf>,
}

/// Why an argument is no target.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("there is no format `{found}`{}; expected one of {}, and a file after a colon: json:report.json; or a file whose name ends in .html, .json, .jsonl, .sarif, .xml (junit), .md or .txt", suggested(.found), names().join(", "))]
    Format { found: String },
    #[error("no file follows `{format}:`; omit the colon for standard output")]
    File { format: String },
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (name, file) = text.split_once(':').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = match (Format::from_str(name, false), inferred(text)) {
            (Ok(format), _) => format,
            (Err(_), Some(format)) => return Ok(Self { format, file: Some(text.into()) }),
            (Err(_), None) => return Err(TargetError::Format { found: name.into() }),
        };
        match file {
            Some("") => Err(TargetError::File { format: name.into() }),
            Some("-") | None => Ok(Self { format, file: None }),
            Some(file) => Ok(Self { format, file: Some(file.into()) }),
        }
    }
}

/// The format of a file by its name.
fn inferred(file: &str) -> Option<Format> {
    let extension = Path::new(file).extension()?.to_str()?;
    Some(match extension {
        "html" | "htm" => Format::Html,
        "json" => Format::Json,
        "jsonl" | "ndjson" => Format::Jsonl,
        "sarif" => Format::Sarif,
        "xml" => Format::Junit,
        "md" => Format::Markdown,
        "txt" => Format::Human,
        _ => return None,
    })
}

/// The names of the formats.
fn names() -> Vec<String> {
    let values = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    values.map(|value| value.get_name().to_owned()).collect()
}

fn suggested(found: &str) -> String {
    let names = names();
    let nearest = nearest(found, names.iter().map(String::as_str));
    nearest.map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_before_the_first_colon() {
        let target = |format, file: Option<&str>| Ok(Target { format, file: file.map(PathBuf::from) });
        for (text, expected) in [
            ("human", target(Format::Human, None)),
            ("json:-", target(Format::Json, None)),
            ("json:a.json", target(Format::Json, Some("a.json"))),
            (r"jsonl:C:\a:b", target(Format::Jsonl, Some(r"C:\a:b"))),
            ("json:", Err(TargetError::File { format: "json".into() })),
            ("a.json", target(Format::Json, Some("a.json"))),
            ("out/report.html", target(Format::Html, Some("out/report.html"))),
            (r"C:\a.md", target(Format::Markdown, Some(r"C:\a.md"))),
            ("results.xml", target(Format::Junit, Some("results.xml"))),
            ("a.csv", Err(TargetError::Format { found: "a.csv".into() })),
            ("", Err(TargetError::Format { found: String::new() })),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
        let error = "jsnol:a".parse::<Target>().expect_err("there is none").to_string();
        assert!(error.contains("did you mean `jsonl`?"), "{error}");
    }
}
