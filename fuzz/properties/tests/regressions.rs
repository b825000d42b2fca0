//! Regression tests for the findings of fuzzing.

use std::time::Duration;

use cardsavr_cli::input::pointer::Pointer;
use cardsavr_protocol::Timestamp;

/// The target `pointer`: the two kinds of escapes were removed one after the other, which produced a new escape.
#[test]
fn a_bare_tilde_before_an_escape_is_no_pointer() {
    for text in ["/~~01", "/a~~01b", "/~~~011"] {
        assert!(text.parse::<Pointer>().is_err(), "{text}");
        cardsavr_properties::pointer(format!("{text}\n{{}}").as_bytes());
    }
}

/// The target `life`: adding a duration of more than 63 bits gave the maximum time even to a time far in the past.
#[test]
fn a_long_duration_after_an_early_time_does_not_saturate() {
    let at = Timestamp::from_millis;
    let long = Duration::from_millis((1 << 63) + 5);
    assert_eq!(at(i64::MIN) + long, at(5));
    assert_eq!(at(i64::MAX) - long, at(-6));
    assert_eq!(at(0) + long, at(i64::MAX));
    assert_eq!(at(0) - long, at(i64::MIN));
    assert_eq!(at(i64::MIN) + Duration::MAX, at(i64::MAX));
    assert_eq!(at(i64::MAX) - Duration::MAX, at(i64::MIN));
}

/// The target `log`: a pointer applies to each element of an array, and so leads one level deeper than the maximum depth.
#[test]
fn a_pointer_to_the_whole_may_lead_deeper() {
    for depth in 15..20 {
        let array = "[".repeat(depth) + &"]".repeat(depth);
        cardsavr_properties::log(format!("\u{7f}\0\0{array}").as_bytes());
    }
}

/// The target `message`: no text is an empty poll, but log items have an error for it.
#[test]
fn no_text_is_an_empty_poll() {
    for text in ["", " \n"] {
        cardsavr_properties::message(text.as_bytes());
    }
}
