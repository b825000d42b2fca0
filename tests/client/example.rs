//! The program that docs/rust.md shows.

#[expect(dead_code, reason = "the program's own entry")]
#[path = "../../examples/client.rs"]
mod program;

#[test]
fn the_program_prints_each_effect() {
    let says = |code| {
        let effects = program::play(code).unwrap();
        effects.iter().map(program::carry_out).collect::<Vec<_>>()
    };
    let answered = [
        "(fetch job 101 with its requests)",
        "Please enter the code that you were sent.",
        "You may leave: nothing more will be asked.",
        "Job 101 ended in SUCCESSFUL.",
        "(reported as a Success)",
        "(StopPolling { job: Number(101) })",
    ];
    assert_eq!(says(Some("123456")), answered);
    let not_answered = [
        "(fetch job 101 with its requests)",
        "Please enter the code that you were sent.",
        "60 seconds are left to enter it.",
        "The code can't be entered any more.",
        "Job 101 ended in TIMEOUT_TFA.",
        "(reported as a Failure)",
        "(StopPolling { job: Number(101) })",
    ];
    assert_eq!(says(None), not_answered);
}

#[test]
fn the_page_shows_the_program() {
    let shown = format!("```rust\n{}```\n", include_str!("../../examples/client.rs"));
    assert!(include_str!("../../docs/rust.md").contains(&shown), "copy examples/client.rs into docs/rust.md");
}
