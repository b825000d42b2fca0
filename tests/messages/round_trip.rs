//! Decoding and serializing keeps all known fields, with canonical spellings and each number as written.

use cardsavr_protocol::wire::{Content, Message, Payload, log_items};
use proptest::prelude::*;
use serde_json::Value;

use crate::samples::{self, Sample};

fn print<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it has string keys only")
}

proptest! {
    #[test]
    fn a_message_round_trips(sample in samples::message()) {
        let message = Message::from_json(&sample.input)?;
        let printed = print(&message);
        prop_assert_eq!(&serde_json::from_str::<Value>(&printed)?, &sample.output);

        let again = Message::from_json(&printed)?;
        prop_assert_eq!(&again, &message);
        prop_assert_eq!(&print(&again), &printed);

        prop_assert_eq!(&serde_json::from_str::<Message>(&sample.input)?, &message);
        let from_value: Message = serde_json::from_value(sample.output.clone())?;
        prop_assert_eq!(serde_json::to_value(from_value)?, sample.output);
    }

    #[test]
    fn a_message_is_the_same_at_any_position(sample in samples::message()) {
        let message = Message::from_json(&sample.input)?;
        prop_assert_eq!(Payload::from_json(&sample.input)?, Payload::Message(message.clone()));
        let mut seen = Vec::new();
        log_items(&sample.input, |part| seen.push((part.offset, part.at, part.content)));
        prop_assert_eq!(seen, [(0, None, Ok(Content::Message(message)))]);
    }

    #[test]
    fn an_unknown_kind_survives_whole(sample in samples::unknown_message(), space in "[ \t\r\n]{0,3}") {
        let input = format!("{space}{}{space}", sample.input);
        let Message::Unknown(message) = Message::from_json(&input)? else {
            return Err(TestCaseError::fail("taken for a known kind"));
        };
        prop_assert_eq!(serde_json::from_str::<Value>(message.json.as_str())?, sample.output.clone());
        prop_assert_eq!(message.kind.text(), &sample.output["type"]);
        prop_assert_eq!(message.kind.known(), None);
        let printed = print(&Message::Unknown(message.clone()));
        prop_assert_eq!(&printed, message.json.as_str());
    }

    #[test]
    fn a_payload_round_trips(sample in samples::carrier()) {
        let Sample { input, output } = sample;
        let carrier = Payload::from_json(&input)?;
        let printed = print(&carrier);
        prop_assert_eq!(serde_json::from_str::<Value>(&printed)?, output);
        let again = Payload::from_json(&printed)?;
        prop_assert_eq!(&again, &carrier);
        prop_assert_eq!(print(&again), printed.as_str());

        prop_assert_eq!(&serde_json::from_str::<Payload>(&input)?, &carrier);
        prop_assert_eq!(serde_json::from_str::<Payload>(&printed)?, carrier);
    }

    /// The items of a payload are the messages that it contains.
    #[test]
    fn the_items_are_the_content_of_the_payload(sample in samples::carrier()) {
        let mut whole = Vec::new();
        match Payload::from_json(&sample.input)? {
            Payload::Message(message) => whole.push(Content::Message(message)),
            Payload::Poll(messages) => whole.extend(messages.into_iter().map(Content::Message)),
            Payload::Job(mut job) => {
                let requests = core::mem::take(&mut job.credential_requests);
                whole.push(Content::Job(job));
                whole.extend(requests.into_iter().map(Content::Message));
            }
            Payload::Requests(job) => whole.extend(job.credential_requests.into_iter().map(Content::Message)),
            Payload::Notification(notification) => {
                whole.extend(notification.jobs.into_iter().map(Content::Notified));
            }
            other => panic!("a new carrier: {other:?}"),
        }
        let mut seen = Vec::new();
        log_items(&sample.input, |part| seen.push(part.content));
        prop_assert_eq!(seen.into_iter().collect::<Result<Vec<_>, _>>()?, whole);
    }
}
