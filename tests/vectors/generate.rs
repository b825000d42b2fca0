//! Generates the vectors. `UPDATE_VECTORS=1 cargo test --test vectors` rewrites them; otherwise any difference fails.

use cardsavr_protocol::conformance::Rule;
use itertools::Itertools;
use serde_json::value::RawValue;

use crate::cases::{self, Case, CaseStep, job_status, milliseconds};
use crate::form::{Done, Expect, File, Level, Step, VERSION, Vector};
use crate::{FILES, directory, run, table, text_of};

#[test]
fn the_files_match_the_cases_and_the_table() {
    let generated = [transitions(), guards(), timeouts(), client(), rules()];
    for (name, file) in FILES.into_iter().zip(generated) {
        let text = file.text();
        if std::env::var_os("UPDATE_VECTORS").is_some() {
            std::fs::write(directory().join(name), &text).expect("the file can be written");
        }
        let how = "run `UPDATE_VECTORS=1 cargo test --test vectors`";
        assert!(text_of(name) == text, "schemas/vectors/{name} is not what is generated: {how}");
    }
}

fn file(level: Level, about: &str, vectors: Vec<Vector>) -> File {
    File { version: VERSION, level, about: about.into(), limits: None, vectors }
}

fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).expect("a case's input is JSON")
}

fn vector(name: String, shows: String, steps: Vec<Step>) -> Vector {
    Vector { name, shows, limits: None, log: None, findings: None, steps, at_end: None }
}

fn kebab(status: &str) -> String {
    status.to_lowercase().replace('_', "-")
}

/// From the table alone: each transition is taken, and each other step is refused.
fn transitions() -> File {
    let mut vectors = Vec::new();
    for (from, to) in table::transitions() {
        let legal = |status: &str| Step {
            at: None,
            input: Some(raw(job_status(status, [].into_iter()))),
            expect: Expect { status: Some(Some(status.into())), legal: Some(true), ..Expect::default() },
        };
        let name = format!("{}-to-{}", kebab(from), kebab(to));
        vectors.push(vector(name, format!("{from} may become {to}."), vec![legal(from), legal(to)]));
    }
    for from in table::statuses() {
        let successors = table::successors(from.name);
        let mut steps = vec![Step {
            at: None,
            input: Some(raw(job_status(from.name, [].into_iter()))),
            expect: Expect {
                status: Some(Some(from.name.into())),
                legal: Some(true),
                may_become: Some(successors.iter().map(|&to| to.into()).collect()),
                ..Expect::default()
            },
        }];
        let refused = table::statuses().into_iter().map(|row| row.name);
        for to in refused.filter(|to| *to != from.name && !successors.contains(to)) {
            let missing = table::between(from.name, to);
            let missing = missing.map(|path| path.into_iter().map(Into::into).collect());
            steps.push(Step {
                at: None,
                input: Some(raw(job_status(to, [].into_iter()))),
                expect: Expect {
                    status: Some(Some(from.name.into())),
                    legal: Some(false),
                    missing: Some(missing),
                    ..Expect::default()
                },
            });
        }
        let name = format!("{}-and-what-does-not-follow-it", kebab(from.name));
        let shows = format!("{} may become nothing but what the table says; the job stays in it.", from.name);
        vectors.push(vector(name, shows, steps));
    }
    file(Level::Machine, "Each transition of the table, and each step that it lacks.", vectors)
}

/// The vectors of some cases. `expect` combines the outcome of this crate with the hand-written expectation.
fn of_cases(
    level: Level,
    text: &'static str,
    expect: impl Fn(&Case, &CaseStep, &Expect) -> Expect,
) -> Vec<Vector> {
    cases::read(text)
        .into_iter()
        .map(|case| {
            let step = |step: &CaseStep| Step {
                at: step.at,
                input: step.input.clone().map(raw),
                expect: Expect::default(),
            };
            let steps = case.steps.iter().map(step).collect();
            let mut vector = vector(case.name.into(), case.shows.into(), steps);
            vector.limits = case.limits.map(|limits| raw(limits.into()));
            let actual = run::outcome(level, &vector);
            for ((step, said), actual) in vector.steps.iter_mut().zip(&case.steps).zip(&actual.steps) {
                step.expect = expect(&case, said, actual);
            }
            let end = actual.at_end.iter().flatten().map(|found| (found.rule.as_str(), found.step));
            assert_eq!(end.collect::<Vec<_>>(), case.end, "{}", case.name);
            vector.at_end = actual.at_end;
            vector
        })
        .collect()
}

fn guards() -> File {
    let vectors = of_cases(Level::Guards, include_str!("cases/guards.txt"), |case, said, actual| {
        let status = actual.status.clone();
        let Some(guard) = said.expected.strip_prefix("refused ") else {
            assert_eq!(actual.legal, Some(true), "{}: {:?}", case.name, said.input);
            return Expect { status, legal: Some(true), ..Expect::default() };
        };
        let guard = Some(guard).filter(|guard| *guard != "table");
        let row = guard.map(table::guard).filter(|row| !row.is_untyped);
        let from = status.clone().flatten().expect("the machine has a status");
        let mut may_become = table::successors(&from);
        may_become
            .retain(|to| !row.is_some_and(|row| row.forbids.iter().any(|status| status.as_str() == *to)));
        Expect {
            status,
            legal: Some(false),
            guard: Some(guard.map(Into::into)),
            may_become: Some(may_become.into_iter().map(Into::into).collect()),
            ..Expect::default()
        }
    });
    file(Level::Guards, "What a job remembers forbids a step that the table has.", vectors)
}

fn timeouts() -> File {
    let vectors = of_cases(Level::Timers, include_str!("cases/timeouts.txt"), |_, said, actual| {
        let words: Vec<&str> = said.expected.split_whitespace().collect();
        let of = |name: &str| words.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
        Expect {
            status: actual.status.clone(),
            time_left: Some(of("left").map(milliseconds)),
            expires_as: Some(of("expired").map(Into::into)),
            warns_at: Some(of("warns").map(milliseconds)),
            expires_at: Some(of("expires").map(milliseconds)),
            ..Expect::default()
        }
    });
    let about =
        "The budget, the answer window, the warning and the expiry. `limits` are the documented numbers.";
    // The documented limits, by hand.
    let limits = serde_json::from_str(
        r#"{"failed_logins":2,"failed_tfa_codes":1,"network_failures":2,"budget_seconds":300,
            "budget_extension_seconds":240,"answer_window_seconds":240,"warning_seconds":60,
            "message_retention_seconds":3600,"poll_interval_min_seconds":3,"poll_interval_max_seconds":5}"#,
    );
    File { limits: Some(limits.expect("they are limits")), ..file(Level::Timers, about, vectors) }
}

fn client() -> File {
    let vectors = of_cases(Level::Client, include_str!("cases/client.txt"), |case, said, actual| {
        let effects = actual.effects.iter().flatten().map(label).collect::<Vec<_>>().join("; ");
        assert_eq!(effects, said.expected, "{}: {:?}", case.name, said.input);
        actual.clone()
    });
    file(Level::Client, "What a client does.", vectors)
}

/// An effect in the format of the cases.
fn label(done: &Done) -> String {
    let time_left = done.time_left.map(|left| (left / 1000).to_string());
    // `tell_end` has the same end as `report`.
    let outcome = done.outcome.as_ref().filter(|_| done.what == "report");
    let parts = [&done.envelope_id, &done.reason, &time_left, &done.status, &outcome.cloned()];
    let parts = parts.into_iter().flatten();
    parts.fold(done.what.clone(), |label, part| label + " " + part)
}

fn rules() -> File {
    let mut vectors = examples();
    vectors.extend(of_cases(Level::Conformance, include_str!("cases/rules.txt"), |case, said, actual| {
        let found = actual.findings.iter().flatten().map(|found| found.rule.as_str()).collect::<Vec<_>>();
        assert_eq!(found.join(" "), said.expected, "{}: {:?}", case.name, said.input);
        actual.clone()
    }));
    file(Level::Conformance, "What each rule finds, and what nearly breaks it.", vectors)
}

fn examples() -> Vec<Vector> {
    let rules = Rule::ALL.iter().map(Rule::to_string).sorted();
    rules.flat_map(|rule| [example(&rule, true), example(&rule, false)]).collect()
}

/// A rule's example, which breaks the rule once, or its near miss.
fn example(rule: &str, is_broken: bool) -> Vector {
    let suffix = if is_broken { "" } else { ".nearly" };
    let path = format!("{}/examples/rules/{rule}{suffix}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let log = std::fs::read_to_string(path).expect("each rule has its logs");
    let shows = if is_broken {
        format!("The example of {rule}: it is broken once, and no other rule is.")
    } else {
        format!("The near miss of {rule}: no rule is broken.")
    };
    let name = if is_broken { rule.to_owned() } else { format!("nearly-{rule}") };
    let mut vector = vector(name, shows, Vec::new());
    if ["malformed-json", "record-too-large"].contains(&rule) {
        vector.log = Some(log);
    } else {
        vector.steps = log.lines().map(record).collect();
    }
    let actual = run::outcome(Level::Conformance, &vector);
    for (step, actual) in vector.steps.iter_mut().zip(actual.steps) {
        step.expect = actual;
    }
    (vector.at_end, vector.findings) = (actual.at_end, actual.findings);

    let in_steps = vector.steps.iter().filter_map(|step| step.expect.findings.as_ref()).flatten();
    let in_steps = in_steps.map(|found| found.rule.as_str());
    let at_end = vector.at_end.iter().flatten().map(|found| found.rule.as_str());
    let in_text = vector.findings.iter().flatten().map(|found| found.rule.as_str());
    let found: Vec<_> = in_steps.chain(at_end).chain(in_text).collect();
    let expected: Vec<_> = is_broken.then_some(rule).into_iter().collect();
    assert_eq!(found, expected, "{rule}{suffix}");
    vector
}

/// A record of an example, with its time if it has one.
fn record(line: &str) -> Step {
    #[derive(serde::Deserialize)]
    struct Record {
        at: String,
        message: Box<RawValue>,
    }
    let (at, input) = match serde_json::from_str::<Record>(line) {
        Ok(Record { at, message }) => (Some(of_day(&at)), message),
        Err(_) => (None, raw(line.into())),
    };
    Step { at, input: Some(input), expect: Expect::default() }
}

/// The milliseconds since the start of the day of the examples: only time differences matter.
fn of_day(at: &str) -> i64 {
    let time = at.strip_prefix("2021-09-28T").and_then(|rest| rest.strip_suffix('Z')).expect("the one day");
    time.split(':').fold(0, |sum, field| sum * 60 + field.parse::<i64>().expect("a number")) * 1000
}
