//! Ids, percentages and timeouts at the limits of numbers.

use std::time::Duration;

use cardsavr_protocol::wire::{JobId, JobTimeout, Percent, TimeoutUnit};

fn id(json: &str) -> Option<JobId> {
    serde_json::from_str(json).ok()
}

#[test]
fn ids_are_equal_by_number() {
    assert_eq!(id("1586"), id(r#""1586""#));
    assert_eq!(id("18446744073709551615"), id(r#""18446744073709551615""#));
    assert_ne!(id("1586"), id("1587"));
    // Not numbers: other characters than digits, values beyond u64, and the empty string.
    for text in ["-1", "+1", "1.0", "1e3", " 1", "", "18446744073709551616", "१"] {
        let quoted = format!("\"{text}\"");
        let id = id(&quoted).unwrap_or_else(|| panic!("{quoted}"));
        assert_eq!((id.number(), id.to_string().as_str()), (None, text));
        assert_ne!(id, JobId::Number(1));
    }
}

#[test]
fn a_value_that_is_not_an_id_is_refused() {
    for json in ["-1", "1.5", "1.0", "1e3", "-0", "18446744073709551616", "null", "true", "[1]", r#"{"a":1}"#]
    {
        assert_eq!(id(json), None, "{json}");
    }
}

#[test]
fn other_formats_may_have_signed_numbers_only() {
    use serde::Deserialize;
    use serde::de::value::{Error, I64Deserializer};

    let read = |number: i64| JobId::deserialize(I64Deserializer::<Error>::new(number));
    assert_eq!(read(7).unwrap(), JobId::Number(7));
    assert!(read(-7).is_err());
}

#[test]
fn timeouts_are_integers_and_serialize_unchanged() {
    for (json, value) in [
        ("80", 80),
        ("0", 0),
        ("-1", -1),
        ("300.0", 300),
        ("766325", 766_325),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        let timeout: JobTimeout = serde_json::from_str(json).unwrap();
        assert_eq!(timeout.get(), value, "{json}");
        assert_eq!(serde_json::to_string(&timeout).unwrap(), json);
    }
    assert_eq!(serde_json::from_str::<JobTimeout>("1e3").unwrap().get(), 1000);
    for json in
        ["1.5", "-0.5", "1e400", "1e30", "9223372036854775808", "18446744073709551616", "\"300\"", "null"]
    {
        assert!(serde_json::from_str::<JobTimeout>(json).is_err(), "{json}");
    }
}

#[test]
fn the_size_determines_the_unit() {
    for (json, unit, duration) in [
        ("0", TimeoutUnit::Seconds, Duration::ZERO),
        ("-5", TimeoutUnit::Seconds, Duration::ZERO),
        ("-9223372036854775808", TimeoutUnit::Seconds, Duration::ZERO),
        ("9999", TimeoutUnit::Seconds, Duration::from_secs(9999)),
        ("10000", TimeoutUnit::Milliseconds, Duration::from_secs(10)),
        ("10000.0", TimeoutUnit::Milliseconds, Duration::from_secs(10)),
        ("9223372036854775807", TimeoutUnit::Milliseconds, Duration::from_millis(i64::MAX.unsigned_abs())),
    ] {
        let timeout: JobTimeout = serde_json::from_str(json).unwrap();
        assert_eq!((timeout.unit(), timeout.duration()), (unit, duration), "{json}");
    }
    // Once a job's unit is milliseconds, its small values are in milliseconds as well.
    let unit = TimeoutUnit::default().after(150);
    assert_eq!(unit, TimeoutUnit::Seconds);
    assert_eq!(unit.after(835_815).after(9000), TimeoutUnit::Milliseconds);
}

#[test]
fn percentages_serialize_unchanged() {
    for (json, value) in [
        ("80", 80.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-1", -1.0),
        ("100.0", 100.0),
        ("93.5", 93.5),
        // Each parses to the nearest float.
        ("31.245270191439438", 31.245_270_191_439_438),
        ("0.30000000000000004", 0.300_000_000_000_000_04),
        ("61.04877309120231", 61.048_773_091_202_31),
    ] {
        let percent: Percent = serde_json::from_str(json).unwrap();
        assert_eq!(percent.get().to_bits(), f64::to_bits(value), "{json}");
        assert_eq!(serde_json::to_string(&percent).unwrap(), json);
    }
    assert_eq!(serde_json::to_string(&Percent::from(80)).unwrap(), "80");
}
