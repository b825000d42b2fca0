//! The arguments of `cardsavr check`.

use std::path::PathBuf;
use std::time::Duration;

use cardsavr_protocol::conformance::{Level, Rule, Selector, Settings, Severities};
use cardsavr_protocol::wire::JobId;
use cardsavr_protocol::{Status, Timestamp};
use clap::ArgMatches;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::threshold::Threshold;
use crate::commands::args::{EditionArgs, OrderArgs, ReadingArgs, ThreadArgs, job_id};
use crate::commands::config::{Config, LimitSetting};
use crate::commands::duration::duration;
use crate::pipeline::baseline::{Baseline, BaselineError};
use crate::pipeline::narrow::Narrow;
use crate::report::{Format, Shown, Target};
use crate::text::nearest;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr check poll.jsonl logs/             all logs as one
  tail -f poll.jsonl | cardsavr check         standard input
  cardsavr check --deny warnings --allow unknown-status logs/
  cardsavr check --fail-if 'TIMEOUT_TFA > 2%' --since 2026-03-02 logs/
  cardsavr check --output report.html --output report.sarif poll.jsonl
  cardsavr check --message-pointer /payload --time-pointer /ts app.log

A log has JSON values: messages, arrays of them, jobs, notifications, or records \
{\"at\": <RFC 3339 or milliseconds>, \"message\": <any of these>}. The last flag for \
a rule wins; a rule overrides a group. Formats: human, json, jsonl (a finding a \
line), sarif, junit, github, markdown, html. Limits: failed-logins, \
failed-tfa-codes, network-failures, answer-window. A bound of --fail-if is a \
number, a percentage (of the ended jobs for an end, else of all jobs), or a time for \
the 95th percentile of a wait. cardsavr.toml sets defaults.

Exit status: 0 no error found, 1 some, 2 bad usage or input, 130 interrupted.")]
pub struct Args {
    /// Files, patterns, directories with .json, .jsonl, .ndjson, .log, .txt (also .1,
    /// .gz, .zst); `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Only this job, and records without a job
    #[arg(long, value_name = "ID", value_parser = job_id())]
    pub job: Vec<JobId>,
    /// Only findings from then on: 2026-03-02
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub since: Option<Timestamp>,
    /// Only findings before then
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub until: Option<Timestamp>,
    /// Only findings on messages with this status
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Vec<Status>,
    #[command(flatten)]
    pub order: OrderArgs,
    /// Print this format [default: human]
    #[arg(long, hide_possible_values = true)]
    pub format: Option<Format>,
    /// Write a report, as report.html; repeatable
    #[arg(long, value_name = "[FORMAT:]FILE")]
    pub output: Vec<Target>,
    #[command(flatten)]
    pub edition: EditionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
    /// Report as error; also `warnings`, `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub deny: Vec<Selector>,
    /// Report as warning; also `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub warn: Vec<Selector>,
    /// Report as note; also `warnings`, `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub note: Vec<Selector>,
    /// Don't report; also `warnings`, `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub allow: Vec<Selector>,
    /// Exit with 1 if so, as 'KILLED > 2%'
    #[arg(long, value_name = "NAME>BOUND")]
    pub fail_if: Vec<Threshold>,
    /// Hide the findings in FILE
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to FILE
    #[expect(clippy::option_option, reason = "the flag may be there with a file or without one")]
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with_all = ["job", "since", "until", "status"])]
    pub write_baseline: Option<Option<PathBuf>>,
    /// Set a limit, such as failed-logins=3
    #[arg(long, value_name = "NAME=VALUE")]
    pub limit: Vec<LimitSetting>,
    /// Ended jobs remembered [default: 10000000]
    #[arg(long, value_name = "NUMBER")]
    pub max_ended_jobs: Option<usize>,
    /// Remember them at least [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub retention: Option<Duration>,
    /// human: at most so many [default: 1000]
    #[arg(long, value_name = "NUMBER")]
    pub max_findings: Option<u64>,
    /// human: all findings, similar ones too
    #[arg(long, conflicts_with = "max_findings")]
    pub all: bool,
    /// Exit with 0 if there is no message
    #[arg(long)]
    pub allow_empty: bool,
    /// No progress or notes on standard error
    #[arg(long, short)]
    pub quiet: bool,
}

impl Args {
    /// Which findings the format `human` prints.
    pub fn shown(&self, config: &Config) -> Shown {
        let max_findings = self.max_findings.or(config.max_findings).unwrap_or(1000);
        if self.all { Shown::All } else { Shown::Folded(max_findings) }
    }

    /// The settings of the checker. `levels` are those of the arguments.
    pub fn settings(&self, config: &Config, levels: Vec<(Level, Selector)>) -> Result<Settings, String> {
        let mut settings = config.settings(self.edition.edition(config))?;
        settings.limits.message_retention = self.retention.unwrap_or(settings.limits.message_retention);
        for limit in &self.limit {
            limit.apply(&mut settings.limits);
        }
        settings.severities = Severities::new(config.rules.iter().copied()).with(levels);
        settings.max_ended_jobs = self.max_ended_jobs.unwrap_or(settings.max_ended_jobs);
        Ok(settings)
    }

    /// The findings to report, if not all.
    pub fn narrow(&self) -> Option<Narrow> {
        Narrow::new(self.since, self.until, self.status.clone())
    }

    /// The baseline named by the arguments or the configuration, if any.
    pub fn baseline(&self, config: &Config) -> Result<Option<Baseline>, BaselineError> {
        let path = self.baseline.as_ref().or(config.baseline.as_ref());
        match (&self.write_baseline, path) {
            (Some(written), path) => match written.as_ref().or(path) {
                Some(path) => Baseline::to_write(path).map(Some),
                None => Err(BaselineError::Nameless),
            },
            (None, Some(path)) => Baseline::read(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The requested reports.
    pub fn targets(&self) -> Vec<Target> {
        let to_stdout = self.format.map(|format| Target { format, file: None });
        to_stdout.into_iter().chain(self.output.iter().cloned()).collect()
    }
}

/// Parses a time: RFC 3339, or a date with or without a time of day, in UTC.
fn instant(text: &str) -> Result<Timestamp, &'static str> {
    let utc = |time| jiff::tz::Offset::UTC.to_timestamp(time).ok();
    let at = text.parse().ok().or_else(|| {
        let time = text.parse::<jiff::civil::DateTime>().ok();
        time.and_then(utc)
    });
    at.map(|at: jiff::Timestamp| Timestamp::from_millis(at.as_millisecond()))
        .ok_or("it is not a time such as 2026-03-02, 2026-03-02T09:00 or 2026-03-02T09:00:00Z")
}

/// Parses a status, with the nearest one for an unknown name.
fn status(text: &str) -> Result<Status, String> {
    text.to_ascii_uppercase().parse().map_err(|_| {
        let near = nearest(text, Status::ALL.iter().map(|status| status.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("there is no such status{hint}")
    })
}

/// The names of rules and groups; clap suggests a similar one for an unknown name.
fn rule_parser() -> impl TypedValueParser<Value = Selector> {
    let rules = Rule::ALL.iter().map(|rule| rule.name());
    PossibleValuesParser::new(rules.chain(["warnings", "all"])).try_map(|name| name.parse::<Selector>())
}

/// The values of `--deny`, `--warn`, `--note` and `--allow`, in the order given.
pub fn levels(matches: &ArgMatches) -> Vec<(Level, Selector)> {
    let Some(check) = matches.subcommand_matches("check") else { return Vec::new() };
    let mut levels = Vec::new();
    for (id, level) in
        [("deny", Level::Deny), ("warn", Level::Warn), ("note", Level::Note), ("allow", Level::Allow)]
    {
        let selectors = check.get_many::<Selector>(id).into_iter().flatten();
        levels.extend(
            check.indices_of(id).into_iter().flatten().zip(selectors.map(|&selector| (level, selector))),
        );
    }
    levels.sort_by_key(|&(index, _)| index);
    levels.into_iter().map(|(_, level)| level).collect()
}
