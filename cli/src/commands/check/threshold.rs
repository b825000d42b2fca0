//! `--fail-if`: thresholds on ends, waits and rules.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use cardsavr_protocol::conformance::{Finding, Rule, Summary, Totals};
use cardsavr_protocol::wire::EventRef;
use cardsavr_protocol::{Status, TerminationType};

use crate::commands::duration::duration;
use crate::pipeline::history::{Figures, Histogram};
use crate::pipeline::output::Output;
use crate::text::{HumanDuration, nearest};

/// A threshold, such as `TIMEOUT_TFA > 2%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    subject: Subject,
    comparison: Comparison,
    bound: Bound,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// The jobs that ended in a status.
    End(Status),
    /// The jobs that ended with a termination type.
    Type(TerminationType),
    /// The waits in a status.
    Wait(Status),
    /// The findings of a rule.
    Rule(Rule),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display, strum::EnumString)]
enum Comparison {
    #[strum(serialize = ">=")]
    AtLeast,
    #[strum(serialize = ">")]
    Above,
    #[strum(serialize = "<=")]
    AtMost,
    #[strum(serialize = "<")]
    Below,
}

impl Comparison {
    fn holds<T: PartialOrd + Copy>(self, value: T, bound: T) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::Above => value > bound,
            Self::AtMost => value <= bound,
            Self::Below => value < bound,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    /// A number of ends, waits or findings.
    Count(u64),
    /// A percentage: of the jobs that ended, for an end, otherwise of all jobs.
    Percent(f64),
    /// The 95th percentile of the waits.
    Time(Duration),
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "it is not a name, a comparison and a bound, such as 'TIMEOUT_TFA > 2%'";
        let (name, rest) = text.split_at(text.find(['<', '>']).ok_or(FORM)?);
        let (comparison, bound) = rest.split_at(if rest[1..].starts_with('=') { 2 } else { 1 });
        let subject = Subject::from_str(name.trim())?;
        let bound = Bound::from_str(bound.trim())?;
        if matches!(bound, Bound::Time(_)) && !matches!(subject, Subject::Wait(_)) {
            return Err(format!(
                "{subject} has no duration: a time is a bound of a wait, such as PENDING_TFA > 2m"
            ));
        }
        Ok(Self { subject, comparison: comparison.parse().map_err(|_| FORM)?, bound })
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let upper = name.to_ascii_uppercase();
        if let Ok(status) = upper.parse::<Status>() {
            return match status {
                _ if status.is_terminal() => Ok(Self::End(status)),
                _ if status.is_waiting() => Ok(Self::Wait(status)),
                _ => Err(format!("{status} is neither an end nor a wait")),
            };
        }
        if let Ok(termination_type) = upper.parse() {
            return Ok(Self::Type(termination_type));
        }
        name.parse().map(Self::Rule).map_err(|_| {
            let statuses = Status::ALL.iter().filter(|status| status.is_terminal() || status.is_waiting());
            let types = TerminationType::ALL.iter().map(<&str>::from);
            let rules = Rule::ALL.iter().map(|rule| rule.name());
            let names = statuses.map(|status| status.as_str()).chain(types).chain(rules);
            let hint = nearest(name, names).map(|near| format!("; did you mean `{near}`?"));
            format!("there is no end, wait or rule `{name}`{}", hint.unwrap_or_default())
        })
    }
}

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(percent) = text.strip_suffix('%') {
            let percent = percent.trim_end().parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
            return percent
                .map(Self::Percent)
                .ok_or_else(|| format!("{text} is not a percentage from 0 to 100"));
        }
        let count = text.parse().ok().map(Self::Count);
        count.or_else(|| duration(text).ok().map(Self::Time)).ok_or_else(|| {
            format!("`{text}` is neither a number, a percentage such as 2% nor a time such as 2m")
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End(status) | Self::Wait(status) => status.fmt(f),
            Self::Type(termination_type) => termination_type.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

impl Threshold {
    /// What is beyond the threshold, for people; `None` if nothing is, or if the log has nothing to measure.
    fn breach(&self, totals: &Totals, figures: &Figures) -> Option<String> {
        let Self { subject, comparison, bound } = *self;
        let ended: u64 = figures.jobs.values().map(|jobs| jobs.count).sum();
        let (count, of, what) = match subject {
            Subject::End(status) => {
                (figures.ends.get(&status).copied().unwrap_or_default(), ended, "ended jobs")
            }
            Subject::Type(kind) => {
                (figures.jobs.get(&Some(kind)).map_or(0, |jobs| jobs.count), ended, "ended jobs")
            }
            Subject::Wait(status) => {
                let waits = figures.waits.iter().filter(|((of, _), _)| *of == status);
                (waits.map(|(_, waits)| waits.count).sum(), totals.jobs, "jobs")
            }
            Subject::Rule(rule) => {
                (totals.rules.get(&rule).copied().unwrap_or_default(), totals.jobs, "jobs")
            }
        };
        match bound {
            Bound::Count(bound) if comparison.holds(count, bound) => {
                Some(format!("{subject} {comparison} {bound}: there are {count}"))
            }
            #[expect(clippy::cast_precision_loss, reason = "a percentage of fewer than 2^53 jobs")]
            Bound::Percent(bound) if of > 0 => {
                let percent = count as f64 * 100.0 / of as f64;
                comparison.holds(percent, bound).then(|| {
                    format!("{subject} {comparison} {bound}%: it is {percent:.1}%, {count} of {of} {what}")
                })
            }
            Bound::Time(bound) => {
                let mut durations = Histogram::default();
                let waits = figures.waits.iter().filter(|((of, _), _)| Subject::Wait(*of) == subject);
                waits.for_each(|(_, waits)| durations.merge(&waits.durations));
                let p95 = durations.quantiles()?.p95;
                comparison.holds(p95, bound).then(|| {
                    let (bound, p95) = (HumanDuration(bound), HumanDuration(p95));
                    format!("{subject} {comparison} {bound}: the 95th percentile is {p95}")
                })
            }
            Bound::Count(_) | Bound::Percent(_) => None,
        }
    }
}

/// The thresholds of a run, and the figures that they are about.
#[derive(Default)]
pub struct Thresholds {
    thresholds: Vec<Threshold>,
    figures: Rc<RefCell<Figures>>,
}

impl Thresholds {
    pub fn new(thresholds: Vec<Threshold>) -> Self {
        Self { thresholds, figures: Rc::default() }
    }

    /// The output, with the figures of what it observes, if there is a threshold.
    pub fn watch(&self, output: Box<dyn Output>) -> Box<dyn Output> {
        if self.thresholds.is_empty() {
            return output;
        }
        let observes = output.observes();
        Box::new(Watched { output, observes, figures: Rc::clone(&self.figures) })
    }

    /// What is beyond each threshold, once all is read.
    pub fn breaches(&self, totals: &Totals) -> Vec<String> {
        let mut figures = self.figures.borrow_mut();
        figures.finish();
        self.thresholds.iter().filter_map(|threshold| threshold.breach(totals, &figures)).collect()
    }
}

/// An output beside which figures are kept.
struct Watched {
    output: Box<dyn Output>,
    observes: bool,
    figures: Rc<RefCell<Figures>>,
}

impl Output for Watched {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.figures.borrow_mut().observe(event);
        if self.observes {
            self.output.observe(event);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.output.finding(finding, file, text)
    }

    fn compares(&mut self) {
        self.output.compares();
    }

    fn known(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.output.known(finding, file, text)
    }

    fn exits_with(&mut self, status: u8) {
        self.output.exits_with(status);
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.output.finish(summary)
    }
}
