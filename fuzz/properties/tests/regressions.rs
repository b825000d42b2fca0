//! What fuzzing found, each by its name.

use std::time::Duration;

use cardsavr_cli::input::pointer::Pointer;
use cardsavr_protocol::Timestamp;

/// The target `pointer`: escapes were taken out one kind after the other, which made a new one of what was left.
#[test]
fn a_bare_tilde_before_an_escape_is_no_pointer() {
    for text in ["/~~01", "/a~~01b", "/~~~011"] {
        assert!(text.parse::<Pointer>().is_err(), "{text}");
        cardsavr_properties::pointer(format!("{text}\n{{}}").as_bytes());
    }
}

/// The target `life`: a duration of more than 63 bits led to the end of time, from however far before it.
#[test]
fn a_long_time_after_a_time_long_ago_is_no_end_of_time() {
    let at = Timestamp::from_millis;
    let long = Duration::from_millis((1 << 63) + 5);
    assert_eq!(at(i64::MIN) + long, at(5));
    assert_eq!(at(i64::MAX) - long, at(-6));
    assert_eq!(at(0) + long, at(i64::MAX));
    assert_eq!(at(0) - long, at(i64::MIN));
    assert_eq!(at(i64::MIN) + Duration::MAX, at(i64::MAX));
    assert_eq!(at(i64::MAX) - Duration::MAX, at(i64::MIN));
}

/// The target `log`: a pointer leads from each element of an array on, and so one array deeper than there is an end to.
#[test]
fn a_pointer_to_the_whole_may_lead_deeper() {
    for depth in 15..20 {
        let array = "[".repeat(depth) + &"]".repeat(depth);
        cardsavr_properties::log(format!("\u{7f}\0\0{array}").as_bytes());
    }
}
