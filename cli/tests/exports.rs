//! `cardsavr lifecycle` for other tools: the text of each format, and the options that it refuses.

use std::process::{Command, Output};

use cardsavr_protocol::Edition;
use cardsavr_protocol::export::diagram;

fn lifecycle(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cardsavr"))
        .arg("lifecycle")
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn each_format_prints_its_text() {
    for (arguments, text) in [
        (&["--format", "xstate"][..], diagram::xstate(Edition::V2021)),
        (&["--format", "scxml"], diagram::scxml(Edition::V2021)),
        (&["--format", "csv"], diagram::transitions_csv(Edition::V2021)),
        (&["--format", "csv", "--table", "transitions"], diagram::transitions_csv(Edition::V2021)),
        (&["--format", "csv", "--table", "statuses"], diagram::statuses_csv(Edition::V2021)),
    ] {
        let output = lifecycle(arguments);
        assert!(output.status.success(), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), text, "{arguments:?}");
    }
}

#[test]
fn an_option_of_another_format_is_a_usage_error() {
    for (arguments, error) in [
        (&["--group-ends"][..], "cardsavr: --group-ends is for the formats mermaid and dot\n"),
        (
            &["--format", "scxml", "--group-ends"],
            "cardsavr: --group-ends is for the formats mermaid and dot\n",
        ),
        (&["--table", "statuses"], "cardsavr: --table is for the format csv\n"),
        (&["--format", "dot", "--table", "statuses"], "cardsavr: --table is for the format csv\n"),
    ] {
        let output = lifecycle(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), error);
    }
}
