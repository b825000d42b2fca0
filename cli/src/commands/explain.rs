//! `cardsavr explain`: what a status, a termination type, a rule, a kind of message or a field means.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::{Field, FieldType, MessageKind, RequestKind, StatusBody};
use cardsavr_protocol::{Basis, Edition, Input, Phase, Status, StatusSet, TerminationType, Transition};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use strum::VariantArray;

use super::args::edition_parser;
use super::outcome::{Failure, Verdict, unknown};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr explain PENDING_TFA
  cardsavr explain USER_DATA_FAILURE
  cardsavr explain illegal-transition
  cardsavr explain tfa_request
  cardsavr explain job_timeout
  cardsavr explain              # a table of all rules

Exit status: 0, or 2 for an unknown name.")]
pub struct Args {
    /// The name of a status, a termination type, a rule, a kind of message or a field; without one, a table of all rules
    #[arg(value_parser = NameParser, hide_possible_values = true)]
    pub name: Option<String>,
    /// The edition, 2021 or 2026 [default: the first one that has the status]
    #[arg(long, value_name = "YEAR", value_parser = edition_parser(), hide_possible_values = true)]
    pub edition: Option<Edition>,
}

/// Any name, so that a wrong one is answered with the nearest; completions offer the known ones.
#[derive(Clone)]
struct NameParser;

impl TypedValueParser for NameParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().map(PossibleValue::new)))
    }
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    let text = match &args.name {
        None => rules(),
        Some(name) => explain(name, args.edition).ok_or_else(|| {
            unknown("status, termination type, rule, kind of message or field", name, names())
        })?,
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Verdict::Clean)
}

/// The explanation of a name; `None` if it is unknown. The case is ignored, and in a rule `_` stands for `-`.
fn explain(name: &str, edition: Option<Edition>) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    if let Ok(status) = upper.parse() {
        return Some(explain_status(edition.or_else(|| Edition::knowing(status).next())?, status, &upper));
    }
    if let Ok(termination_type) = upper.parse() {
        return Some(explain_termination_type(edition.unwrap_or_default(), termination_type));
    }
    let lower = name.to_ascii_lowercase();
    if let Ok(kind) = lower.parse() {
        return Some(explain_kind(kind));
    }
    let field = explain_field(&lower).map(|meanings| format!("{lower}\n{meanings}"));
    field.or_else(|| lower.replace('_', "-").parse().ok().map(explain_rule))
}

/// All names that can be explained.
pub fn names() -> impl Iterator<Item = &'static str> {
    let statuses = Status::VOCABULARY.iter().map(Into::into);
    let termination_types = TerminationType::ALL.iter().map(Into::into);
    let rules = Rule::ALL.iter().map(|rule| rule.name());
    let kinds = MessageKind::ALL.iter().map(Into::into);
    let fields: BTreeSet<&str> = Field::all().map(|field| field.name).collect();
    statuses.chain(termination_types).chain(rules).chain(kinds).chain(fields)
}

/// All rules, each with its severity and what it finds.
fn rules() -> String {
    let width = Rule::ALL.iter().map(|rule| rule.name().len()).max().unwrap_or_default();
    let mut text = format!("{:width$}  severity  found when\n", "rule");
    for rule in Rule::ALL {
        let severity: &str = rule.severity().into();
        _ = writeln!(text, "{:width$}  {severity:8}  {}", rule.name(), rule.description());
    }
    text
}

/// A kind of message: what it is for, what answers it, and its fields.
fn explain_kind(kind: MessageKind) -> String {
    let mut text = format!("{kind}\n\n{}\n", kind.description());
    if let Some(response) = kind.as_request().and_then(RequestKind::response) {
        _ = writeln!(text, "\n  answered by: {response}");
    }
    if let Some(request) = RequestKind::answered_by(kind) {
        _ = writeln!(text, "\n  answers: {request}");
    }
    text += "\nFields:\n";
    for field in kind.fields() {
        describe(&mut text, field);
    }
    // A field may have the same name.
    text += &explain_field(kind.into()).unwrap_or_default();
    text
}

/// What a field is in each object that has it; `None` if none has one of this name.
fn explain_field(name: &str) -> Option<String> {
    let mut meanings: Vec<(&Field, Vec<&str>)> = Vec::new();
    for (object, fields) in Field::objects() {
        for field in fields.iter().filter(|field| field.name == name) {
            match meanings.iter_mut().find(|(known, _)| *known == field) {
                Some((_, objects)) => objects.push(object),
                None => meanings.push((field, vec![object])),
            }
        }
    }
    (!meanings.is_empty()).then(|| {
        meanings.into_iter().fold(String::new(), |mut text, (field, objects)| {
            _ = writeln!(text, "\nIn {}:", objects.join(", "));
            describe(&mut text, field);
            text
        })
    })
}

/// A field in two lines or more: its type, and its meaning.
fn describe(text: &mut String, field: &Field) {
    let unit = field.field_type.unit().map(|unit| format!(", in {unit}")).unwrap_or_default();
    let presence = if field.is_required { "required" } else { "optional" };
    let secret = if field.field_type.is_secret() { ", may be secret" } else { "" };
    _ = writeln!(text, "  {}: {}{unit}, {presence}{secret}", field.name, field.field_type.json());
    for line in field.about.lines().map(str::trim).filter(|line| !line.is_empty()) {
        _ = writeln!(text, "    {line}");
    }
    if field.field_type == FieldType::StatusBody {
        let names: Vec<&str> = StatusBody::FIELDS.iter().map(|field| field.name).collect();
        _ = writeln!(text, "    Its fields: {}", names.join(", "));
    }
}

fn explain_status(edition: Edition, status: Status, asked: &str) -> String {
    let mut text = format!("{status}\n\n{}\n\n", status.description());
    if edition.current_spellings(status).contains(&asked) {
        _ = writeln!(text, "  {asked} is another spelling of this status, equally right.");
    } else if asked != status.as_str() {
        _ = writeln!(text, "  {asked} is another spelling of this status, seen on the wire.");
    }
    let Some(row) = edition.row(status) else {
        let editions: Vec<&str> = Edition::knowing(status).map(Into::into).collect();
        _ = writeln!(text, "  The edition {edition} lacks this status. In editions: {}", editions.join(", "));
        return text;
    };
    if edition != Edition::default() {
        _ = writeln!(text, "  edition: {edition}");
    }
    _ = writeln!(text, "  phase: {}", status.phase());
    if let Some(termination_type) = row.termination_type {
        _ = writeln!(text, "  termination type: {termination_type}");
    }
    if !row.other_termination_types.is_empty() {
        let others: Vec<&str> = row.other_termination_types.iter().map(Into::into).collect();
        _ = writeln!(text, "  other termination types: {}", others.join(", "));
    }
    if let Some(input) = status.awaits() {
        _ = writeln!(text, "  awaits: {input}");
    }
    text += "\nReached from:\n";
    if Status::STARTS.contains(&status) {
        text += "  (a job begins here)\n";
    }
    list(&mut text, edition.predecessors(status), |from| edition.transition(from, status));
    text += "\nLeft to:\n";
    if status.is_terminal() {
        text += "  nothing: the job has ended\n";
    }
    list(&mut text, edition.successors(status), |to| edition.transition(status, to));
    _ = write!(text, "\nWhat a client does: {}\n", client_does(edition, status));
    text
}

/// The statuses, one line for each basis of their transitions.
fn list(text: &mut String, statuses: StatusSet, transition: impl Fn(Status) -> Option<Transition>) {
    for &basis in Basis::VARIANTS {
        let of_basis =
            |status: &Status| transition(*status).is_some_and(|transition| transition.basis == basis);
        let names: Vec<&str> = statuses.iter().filter(of_basis).map(Status::as_str).collect();
        if !names.is_empty() {
            _ = writeln!(text, "  {}  ({basis})", names.join(", "));
        }
    }
}

fn client_does(edition: Edition, status: Status) -> Cow<'static, str> {
    if let Some(input) = status.awaits() {
        return client_gives(input);
    }
    Cow::Borrowed(match (status, edition.termination_type(status)) {
        (Status::Updating, _) => "may let the cardholder navigate away: the job asks for nothing more.",
        (Status::NetworkIssue, _) => {
            "continues polling if the message has no termination type; otherwise tells the cardholder how the job ended and \
             stops polling."
        }
        (_, Some(TerminationType::ProcessFailure)) => {
            "reports the job as unsuccessful, shows the status message if there is one, and stops polling."
        }
        (_, Some(TerminationType::NeverStarted)) => "leaves the job out of reports, and stops polling.",
        (_, Some(_)) if edition.is_timeout(status) => {
            "withdraws its prompt, since the answer can no longer be given; tells the cardholder how the job ended and \
             stops polling."
        }
        _ if status.is_terminal() => {
            "tells the cardholder how the job ended, with the status message if there is one, and stops polling."
        }
        _ if status.phase() == Phase::Creation => "waits, and polls every 3 to 5 seconds.",
        _ => "shows the progress, and polls every 3 to 5 seconds.",
    })
}

fn client_gives(input: Input) -> Cow<'static, str> {
    match RequestKind::for_input(input) {
        _ if input == Input::ActOutside => {
            "answers the request with `ack` at once, tells the cardholder to act elsewhere, and polls on.".into()
        }
        _ if input == Input::Named => {
            "asks the cardholder for what the open request names, and answers it with its envelope_id; warns the cardholder \
             a minute before the timeout."
                .into()
        }
        Some(RequestKind::TfaRequest) => {
            "asks the cardholder for the code and answers the open tfa_request with its envelope_id; fetches the job \
             with its requests if it has seen none; warns the cardholder a minute before the timeout."
                .into()
        }
        Some(_) => {
            "asks the cardholder for credentials, updates the account in the job safe, then answers the open \
             credential_request with `submitted`; fetches the job with its requests if it has seen none; warns the \
             cardholder a minute before the timeout."
                .into()
        }
        None => format!("adds the {input} that the job awaits.").into(),
    }
}

fn explain_termination_type(edition: Edition, termination_type: TerminationType) -> String {
    let mut text = format!(
        "{termination_type}\n\n{}\n\nStatuses that end a job with it:\n",
        termination_type.description()
    );
    for status in edition.statuses().iter().filter(|&status| edition.ends(status, termination_type)) {
        _ = writeln!(text, "  {status}: {}", status.description());
    }
    text
}

fn explain_rule(rule: Rule) -> String {
    let mut text = format!("{rule} ({} by default)\n\nFound when: {}\n", rule.severity(), rule.description());
    _ = write!(text, "Why: {}\nHow to fix it: {}\n", rule.why(), rule.help());
    text += "\nA log that breaks it:\n";
    indent(&mut text, rule.example());
    text += "\nA log that nearly does:\n";
    indent(&mut text, rule.near_miss());
    text
}

fn indent(text: &mut String, lines: &str) {
    for line in lines.lines() {
        _ = writeln!(text, "  {line}");
    }
}
