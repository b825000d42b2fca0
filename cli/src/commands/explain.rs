//! `cardsavr explain`: what a status, a termination type or a rule means.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Basis, Input, Phase, Status, StatusSet, TerminationType, Transition};
use strum::VariantArray;

use super::outcome::{Failure, Verdict, unknown};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr explain PENDING_TFA
  cardsavr explain USER_DATA_FAILURE
  cardsavr explain illegal-transition

Exit status: 0, or 2 for an unknown name.")]
pub struct Args {
    /// The name of a status, a termination type or a rule
    pub name: String,
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    if let Some(text) = explain(&args.name) {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(Verdict::Clean);
    }
    Err(unknown("status, termination type or rule", &args.name, names()))
}

/// The explanation of a name; `None` if it is unknown. The case is ignored, and in a rule `_` stands for `-`.
fn explain(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    if let Ok(status) = upper.parse() {
        return Some(explain_status(status, &upper));
    }
    if let Ok(termination_type) = upper.parse() {
        return Some(explain_termination_type(termination_type));
    }
    name.to_ascii_lowercase().replace('_', "-").parse().ok().map(explain_rule)
}

/// All names that can be explained.
fn names() -> impl Iterator<Item = &'static str> {
    let statuses = Status::ALL.iter().map(Into::into);
    let termination_types = TerminationType::ALL.iter().map(Into::into);
    statuses.chain(termination_types).chain(Rule::ALL.iter().map(|rule| rule.name()))
}

fn explain_status(status: Status, asked: &str) -> String {
    let mut text = format!("{status}\n\n{}\n\n", status.description());
    if asked != status.as_str() {
        _ = writeln!(text, "  {asked} is another spelling of this status, seen on the wire.");
    }
    _ = writeln!(text, "  phase: {}", status.phase());
    if let Some(termination_type) = status.termination_type() {
        _ = writeln!(text, "  termination type: {termination_type}");
    }
    if let Some(input) = status.awaits() {
        _ = writeln!(text, "  awaits: {input}");
    }
    text += "\nReached from:\n";
    if Status::STARTS.contains(&status) {
        text += "  (a job begins here)\n";
    }
    list(&mut text, status.predecessors(), |from| Transition::between(from, status));
    text += "\nLeft to:\n";
    if status.is_terminal() {
        text += "  nothing: the job has ended\n";
    }
    list(&mut text, status.successors(), |to| Transition::between(status, to));
    _ = write!(text, "\nWhat a client does: {}\n", client_does(status));
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

fn client_does(status: Status) -> Cow<'static, str> {
    if let Some(input) = status.awaits() {
        return client_gives(input);
    }
    Cow::Borrowed(match (status, status.termination_type()) {
        (Status::Updating, _) => "may let the cardholder navigate away: the job asks for nothing more.",
        (Status::NetworkIssue, _) => {
            "continues polling if the message has no termination type; otherwise tells the cardholder how the job ended and \
             stops polling."
        }
        (_, Some(TerminationType::ProcessFailure)) => {
            "reports the job as unsuccessful, shows the status message if there is one, and stops polling."
        }
        (_, Some(TerminationType::NeverStarted)) => "leaves the job out of reports, and stops polling.",
        (_, Some(_)) if status.is_timeout() => {
            "withdraws its prompt, since the answer can no longer be given; tells the cardholder how the job ended and \
             stops polling."
        }
        (_, Some(_)) => {
            "tells the cardholder how the job ended, with the status message if there is one, and stops polling."
        }
        _ if status.phase() == Phase::Creation => "waits, and polls every 3 to 5 seconds.",
        _ => "shows the progress, and polls every 3 to 5 seconds.",
    })
}

fn client_gives(input: Input) -> Cow<'static, str> {
    match RequestKind::for_input(input) {
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

fn explain_termination_type(termination_type: TerminationType) -> String {
    let mut text = format!(
        "{termination_type}\n\n{}\n\nStatuses that end a job with it:\n",
        termination_type.description()
    );
    for status in Status::ALL.iter().filter(|status| status.termination_type() == Some(termination_type)) {
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
