//! The program that the README shows.

#[expect(dead_code, reason = "the program's own entry")]
#[path = "../../examples/client.rs"]
mod program;

#[test]
fn the_program_says_what_happens() {
    let says = |code| {
        let effects = program::play(code).unwrap();
        effects.iter().map(program::carry_out).collect::<Vec<_>>()
    };
    let answered = [
        "Please enter the code that you were sent.",
        "You may leave: nothing more will be asked.",
        "Job 101 ended in SUCCESSFUL.",
        "(reported as successful: true)",
        "(no more polls for job 101)",
    ];
    assert_eq!(says(Some("123456")), answered);
    let not_answered = [
        "Please enter the code that you were sent.",
        "60 seconds are left to enter it.",
        "The code can't be entered any more.",
        "Job 101 ended in TIMEOUT_TFA.",
        "(reported as successful: false)",
        "(no more polls for job 101)",
    ];
    assert_eq!(says(None), not_answered);
}
