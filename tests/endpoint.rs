//! The endpoints: their parts, the values that are refused, and an HTTP request to each on a local server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::endpoint::{
    AccessKey, AccountId, Body, Endpoint, EndpointError, EndpointRow, HeaderSource, Registration, Returns,
};
use cardsavr_protocol::wire::{EnvelopeId, JobId, Payload, Secret};
use cardsavr_protocol::{Edition, Limits, Timestamp};
use proptest::prelude::*;

#[path = "../examples/http.rs"]
#[expect(dead_code, reason = "only the part of the example that sends requests is used here")]
mod http;

use http::carry;

/// The first lines of an HTTP request to an endpoint.
fn head(endpoint: &Endpoint) -> String {
    let headers = endpoint.headers().iter().map(|header| format!("\n{}: {}", header.name(), header.value()));
    format!("{} {}{}", endpoint.method(), endpoint.path(), headers.collect::<String>())
}

#[test]
fn the_endpoints_are_those_of_the_specification() {
    let job = JobId::from(101);
    let jobs = "/messages/place_card_on_single_site_jobs/101";
    let key = AccessKey::new(job.clone(), Secret::new("k3y =="));
    let envelope = EnvelopeId::new("bdNruAXhrc3jhLfmpD5naA==");
    let expected = [
        (Endpoint::register(&job), format!("GET {jobs}/broadcasts/registrations"), Returns::Registration),
        (
            Endpoint::broadcasts(&key),
            format!("GET {jobs}/broadcasts\ncardsavr-messaging-access-key: k3y =="),
            Returns::Messages,
        ),
        (Endpoint::requests(&job), format!("GET {jobs}/credential_requests"), Returns::Messages),
        (Endpoint::answer(&job), format!("POST {jobs}/credential_responses"), Returns::Nothing),
        (Endpoint::messages(&5.into()), "GET /messages/cardholders/5".into(), Returns::Messages),
        (
            Endpoint::job(&job),
            "GET /place_card_on_single_site_jobs/101\nx-cardsavr-hydration: [\"credential_requests\"]".into(),
            Returns::Job,
        ),
        (
            Ok(Endpoint::create()),
            "POST /place_card_on_single_site_jobs\nx-cardsavr-hydration: [\"credential_requests\"]".into(),
            Returns::Job,
        ),
        (Endpoint::job_messages(&job), format!("GET {jobs}"), Returns::Messages),
        (
            Endpoint::answer_job(&job, &envelope),
            "PUT /place_card_on_single_site_jobs/101\nx-cardsavr-envelope-id: bdNruAXhrc3jhLfmpD5naA=="
                .into(),
            Returns::Nothing,
        ),
        (
            Endpoint::answer_account(&AccountId::from(1679), &envelope),
            "PUT /cardsavr_accounts/1679\nx-cardsavr-envelope-id: bdNruAXhrc3jhLfmpD5naA==".into(),
            Returns::Nothing,
        ),
        (Endpoint::cancel(&job), "PUT /place_card_on_single_site_jobs/101".into(), Returns::Nothing),
    ];
    assert_eq!(Endpoint::cancel(&job).unwrap().body(), Body::Fixed(r#"{"status":"CANCEL_REQUESTED"}"#));
    for (endpoint, text, returns) in expected {
        let endpoint = endpoint.unwrap();
        assert_eq!((head(&endpoint), endpoint.returns()), (text, returns));
    }
}

#[test]
fn ids_are_percent_encoded() {
    let path = |id: &'static str| Endpoint::messages(&id.into()).unwrap().path().to_owned();
    assert_eq!(path("a/../b?c#d"), "/messages/cardholders/a%2F..%2Fb%3Fc%23d");
    assert_eq!(path("é %\r\n"), "/messages/cardholders/%C3%A9%20%25%0D%0A");
    assert_eq!(path("A-z_0.9~"), "/messages/cardholders/A-z_0.9~");
    let job = JobId::Text("7/8".into());
    assert_eq!(Endpoint::job(&job).unwrap().path(), "/place_card_on_single_site_jobs/7%2F8");
}

#[test]
fn an_id_that_would_make_another_path_is_refused() {
    for id in ["", ".", ".."] {
        let job = JobId::Text(id.into());
        let refusal = EndpointError::Id { parameter: "job_id", id: id.into() };
        for endpoint in [Endpoint::register, Endpoint::requests, Endpoint::answer, Endpoint::job] {
            assert_eq!(endpoint(&job), Err(refusal.clone()));
        }
        assert_eq!(Endpoint::broadcasts(&AccessKey::new(job, Secret::new("k"))), Err(refusal));
        assert!(Endpoint::messages(&id.into()).is_err());
    }
    let error = Endpoint::messages(&"..".into()).unwrap_err();
    assert_eq!(error.to_string(), r#"cardholder_id is "..": expected an id that is not empty, `.` or `..`"#);
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_and_not_shown() {
    for (key, position) in [
        ("k3y\r\nhost: evil", 3),
        ("k3y\n", 3),
        ("\0", 0),
        ("k3y\t", 3),
        ("k3y\u{7f}", 3),
        ("k3yé", 3),
        ("k3y ", 3),
        (" k3y", 0),
        ("", 0),
    ] {
        let error = Endpoint::broadcasts(&AccessKey::new(7.into(), Secret::new(key))).unwrap_err();
        let header = "cardsavr-messaging-access-key";
        assert_eq!(error, EndpointError::HeaderValue { header, position });
        assert!(key.is_empty() || !format!("{error} {error:?}").contains("k3y"));
    }
    let error = Endpoint::broadcasts(&AccessKey::new(7.into(), Secret::new("k\n"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value for cardsavr-messaging-access-key can't be carried, from 1 on: expected visible ASCII, and blanks \
         only between"
    );
}

#[test]
fn an_access_key_is_never_shown() {
    let registration = Registration::from_json(r#"{"access_key":"k3y","expires":1}"#).unwrap();
    assert!(!format!("{registration:?}").contains("k3y"));
    let key = registration.of(7.into());
    let endpoint = Endpoint::broadcasts(&key).unwrap();
    assert!(!format!("{key:?} {endpoint:?} {:#?}", endpoint.headers()).contains("k3y"));
    assert_eq!(endpoint.headers()[0].value(), "k3y");
    // An application stores it with its job.
    let stored = serde_json::to_string(&key).unwrap();
    assert_eq!(stored, r#"{"job":7,"key":"k3y"}"#);
    assert_eq!(serde_json::from_str::<AccessKey>(&stored).unwrap(), key);

    for json in [
        r#"["k3y"]"#,
        r#""k3y""#,
        r#"{"access_key":["k3y"]}"#,
        r#"{"key":"k3y"}"#,
        "k3y",
        r#"{"access_key":null}"#,
    ] {
        let error = Registration::from_json(json).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("k3y"), "{error}");
    }
    let error = Registration::from_json("{}").unwrap_err();
    assert_eq!(error.to_string(), "/access_key is missing, at line 1, column 2");
}

proptest! {
    /// Any id is one segment of the path, and decodes to itself.
    #[test]
    fn any_id_is_one_segment(id in ".{1,20}") {
        prop_assume!(id != "." && id != "..");
        let endpoint = Endpoint::messages(&id.as_str().into()).unwrap();
        let segment = endpoint.path().strip_prefix("/messages/cardholders/").unwrap();
        prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let mut decoded = Vec::new();
        let mut bytes = segment.bytes();
        while let Some(byte) = bytes.next() {
            decoded.push(if byte == b'%' {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap()
            } else {
                byte
            });
        }
        prop_assert_eq!(decoded, id.as_bytes());
    }

    /// A key is sent unchanged, or refused.
    #[test]
    fn any_key_is_sent_unchanged_or_refused(key in any::<String>()) {
        match Endpoint::broadcasts(&AccessKey::new(7.into(), Secret::new(key.clone()))) {
            Ok(endpoint) => prop_assert_eq!(endpoint.headers()[0].value(), key),
            Err(_) => prop_assert!(
                key.is_empty() || key.trim() != key || key.chars().any(|char| char.is_control() || !char.is_ascii())
            ),
        }
    }
}

/// A server that answers one request after another with these bodies, and returns the requests.
fn serve(bodies: Vec<&'static str>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let answer = |body: &'static str| {
            let (stream, _) = listener.accept().unwrap();
            let request = read_request(&stream);
            let length = body.len();
            let answer = match body.strip_prefix("HTTP/") {
                Some(_) => body.to_owned(),
                None => {
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                }
            };
            (&stream).write_all(answer.as_bytes()).unwrap();
            request
        };
        bodies.into_iter().map(answer).collect()
    });
    (base, server)
}

/// The first line of a request, the headers that the service requires, and the body.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let mut request = line().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<String> = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty())).collect();
    let asked_for = headers.iter().filter(|header| header.contains("cardsavr"));
    request.extend(asked_for.map(|header| format!("\n{header}")));
    let length = headers
        .iter()
        .find_map(|header| header.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    request + "\n" + std::str::from_utf8(&body).unwrap()
}

#[test]
fn an_http_client_sends_a_request_to_every_endpoint() -> Result<(), Box<dyn std::error::Error>> {
    let (base, server) = serve(vec![
        r#"{"access_key":"k3y=="}"#,
        r#"[{"type":"job_status","job_id":101,"message":{"status":"PENDING_TFA"}}]"#,
        r#"{"id":101,"status":"PENDING_TFA","credential_requests":[
            {"type":"tfa_request","job_id":101,"envelope_id":"e1"}]}"#,
        r#"[{"type":"tfa_request","job_id":101,"envelope_id":"e1"}]"#,
        "",
        r#"[{"type":"job_status","job_id":101,"message":{"status":"SUCCESSFUL","termination_type":"BILLABLE"}}]"#,
    ]);
    let mut client = Client::new(Limits::default());
    let mut observe = |json: &str| -> Result<Vec<Effect>, Box<dyn std::error::Error>> {
        Ok(client.observe(Timestamp::from_millis(0), &Payload::from_json(json)?))
    };
    let job = JobId::from(101);

    let registration = carry(&base, &Endpoint::register(&job)?, "")?;
    let access_key = Registration::from_json(&registration)?.of(job.clone());
    let effects = observe(&carry(&base, &Endpoint::broadcasts(&access_key)?, "")?)?;
    let [Effect::FetchJob { job }] = &effects[..] else { panic!("{effects:?}") };
    let effects = observe(&carry(&base, &Endpoint::job(job)?, "")?)?;
    let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(observe(&carry(&base, &Endpoint::requests(job)?, "")?)?, []);
    let answer = prompt.answer(Secret::new("123456"));
    carry(&base, &answer.endpoint()?, &serde_json::to_string(&answer)?)?;
    let effects = observe(&carry(&base, &Endpoint::messages(&"5/6".into())?, "")?)?;
    assert!(matches!(&effects[..], [Effect::Withdraw { .. }, .., Effect::StopPolling { .. }]), "{effects:?}");

    let requests = server.join().map_err(|_| "the server failed")?;
    let expected = [
        "GET /messages/place_card_on_single_site_jobs/101/broadcasts/registrations\n",
        "GET /messages/place_card_on_single_site_jobs/101/broadcasts\ncardsavr-messaging-access-key: k3y==\n",
        "GET /place_card_on_single_site_jobs/101\nx-cardsavr-hydration: [\"credential_requests\"]\n",
        "GET /messages/place_card_on_single_site_jobs/101/credential_requests\n",
        "POST /messages/place_card_on_single_site_jobs/101/credential_responses\n\
         {\"type\":\"tfa_response\",\"envelope_id\":\"e1\",\"message\":\"123456\"}",
        "GET /messages/cardholders/5%2F6\n",
    ];
    assert_eq!(requests, expected);
    Ok(())
}

#[test]
fn each_row_is_an_endpoint() {
    let job = JobId::from("{id}");
    let key = AccessKey::new(job.clone(), Secret::new("k3y"));
    let envelope = EnvelopeId::new("e1");
    let endpoints = [
        ("register", Endpoint::register(&job)),
        ("broadcasts", Endpoint::broadcasts(&key)),
        ("requests", Endpoint::requests(&job)),
        ("answer", Endpoint::answer(&job)),
        ("messages", Endpoint::messages(&"{id}".into())),
        ("job", Endpoint::job(&job)),
        ("create", Ok(Endpoint::create())),
        ("job_messages", Endpoint::job_messages(&job)),
        ("answer_job", Endpoint::answer_job(&job, &envelope)),
        ("answer_account", Endpoint::answer_account(&"{id}".into(), &envelope)),
        ("cancel", Endpoint::cancel(&job)),
    ];
    assert_eq!(EndpointRow::ALL.len(), endpoints.len());
    for (row, (name, endpoint)) in EndpointRow::ALL.iter().zip(endpoints) {
        let endpoint = endpoint.unwrap();
        assert_eq!((row.name, row.method, row.returns), (name, endpoint.method(), endpoint.returns()));
        assert_eq!(row.body, endpoint.body());
        let parameter = format!("{{{}}}", row.parameter());
        assert_eq!(row.path.replace(&parameter, "%7Bid%7D"), endpoint.path());
        let headers: Vec<_> =
            endpoint.headers().iter().map(|header| (header.name(), header.value())).collect();
        let expected = row.header.map(|header| match header.value {
            HeaderSource::Fixed(value) => (header.name, value),
            HeaderSource::AccessKey => (header.name, "k3y"),
            HeaderSource::Envelope => (header.name, "e1"),
            other => panic!("a new source: {other:?}"),
        });
        assert_eq!(headers, Vec::from_iter(expected));
    }
    assert_eq!(EndpointRow::of(Edition::V2021).count(), 6);
    assert_eq!(EndpointRow::of(Edition::V2026).count(), 11);
}

#[test]
fn an_envelope_that_no_header_can_carry_is_refused() {
    for (envelope, position) in [("e7\r\nhost: evil", 2), ("", 0), (" e7", 0), ("é", 0)] {
        let error = Endpoint::answer_job(&7.into(), &EnvelopeId::new(envelope)).unwrap_err();
        assert_eq!(error, EndpointError::HeaderValue { header: "x-cardsavr-envelope-id", position });
    }
}
