//! The HTML report.

use crate::{directory, run_in, status, successful};

/// The page of a log.
fn page(log: &str) -> String {
    let logs = directory([("log.jsonl", log)]);
    run_in(logs.path(), &["check", "--no-config", "--output", "html:report.html", "log.jsonl"]);
    std::fs::read_to_string(logs.path().join("report.html")).expect("it was written")
}

/// All data from a log is text in the page: in a status, a job's id, a kind of message, a file's name.
#[test]
fn text_from_a_log_is_never_markup() {
    let plain = page(&format!("{}\n{}\n", status(7, "ODD"), successful(8)));
    let hostile = [
        r#"{"type":"job_status","job_id":"</script><script>alert(1)</script>","message":{"status":"<img src=x onerror=alert(2)>"}}"#,
        r#"{"type":"<!--<script>","job_id":"\u003c/script\u003e","envelope_id":"<b>"}"#,
        r#"{"type":"job_status","job_id":7,"message":{"status":"SUCCESSFUL","termination_type":"</title><svg onload=alert(3)>"}}"#,
        r#"{"type":"job_status","job_id":8,"message":{"status":"{style}{script}{layout}{data}"}}"#,
    ];
    let hostile = page(&hostile.join("\n"));
    assert_eq!(hostile.matches('<').count(), plain.matches('<').count());
    assert!(hostile.contains(r"\u003cimg src=x onerror=alert(2)>"), "it is in the page as text");
}

#[test]
fn the_page_refers_to_no_other_resource() {
    let page = page(&successful(7));
    assert!(page.contains("default-src 'none'"));
    for address in ["src=", "href=\"http", "@import", "fetch(", "XMLHttpRequest", "WebSocket"] {
        assert!(!page.contains(address), "{address}");
    }
    // All references are to elements of the page.
    assert_eq!(page.matches("url(").count(), page.matches("url(#").count());
}
