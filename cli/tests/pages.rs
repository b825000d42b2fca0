//! Runs the commands of the README and of the pages of `docs/`, and compares the output that they show.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cardsavr_protocol::Edition;
use cardsavr_protocol::export::diagram::svg;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The root of the repository, the working directory of the commands with `cargo run`.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages with their names.
fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
    paths.push(root().join("README.md"));
    paths.iter().map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// The commands in the console blocks of a page, each with the output that the page shows.
fn commands(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let blocks = page.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(|block| block.split("$ ").skip(1)).filter_map(|command| command.split_once('\n'))
}

fn output(command: &mut Command, shown: &str, from: &str) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    // Status 1: the log of a page may have errors.
    assert!(matches!(status.code(), Some(0 | 1)), "{from}: {}", String::from_utf8_lossy(&stderr));
    assert!(
        shown.is_empty() || shown == String::from_utf8_lossy(&stdout),
        "{from} prints a different output"
    );
}

/// Creates the files that the commands of the pages use.
fn prepare(directory: &Path) {
    let logs = directory.join("logs");
    fs::create_dir(&logs).unwrap();
    for entry in fs::read_dir(root().join("examples/logs")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, logs.join(path.file_name().unwrap())).unwrap();
    }
    let message = r#"{"type":"job_status","job_id":101,"message":{"status":"AUTH"}}"#;
    let record = format!("{{\"ts\":\"2026-03-02T09:00:00Z\",\"payload\":{message}}}\n");
    fs::write(directory.join("service.jsonl"), &record).unwrap();
    let today = message.replace("AUTH", "PENDING");
    fs::write(directory.join("today.jsonl"), today + "\n").unwrap();
    fs::write(directory.join("client.jsonl"), format!("{{\"at\":0,\"message\":{message}}}\n")).unwrap();
    for name in ["service.jsonl.gz", "gateway.jsonl.gz"] {
        let mut file = GzEncoder::new(File::create(directory.join(name)).unwrap(), Compression::fast());
        file.write_all(record.as_bytes()).unwrap();
        file.finish().unwrap();
    }
}

#[test]
fn the_commands_of_the_pages_print_the_shown_output() {
    let directory = tempfile::tempdir().unwrap();
    prepare(directory.path());
    let program = Path::new(env!("CARGO_BIN_EXE_cardsavr"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [program.parent().unwrap().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).unwrap();
    let (mut compared, mut ran) = (0, 0);
    for (name, page) in pages() {
        for (command, shown) in commands(&page) {
            let from = format!("{name}: {command}");
            if let Some(arguments) = command.strip_prefix("cargo run --release -- ") {
                output(Command::new(program).args(arguments.split(' ')).current_dir(root()), shown, &from);
                compared += usize::from(!shown.is_empty());
            } else if command.starts_with("cardsavr ") {
                let mut shell = Command::new("sh");
                output(shell.args(["-c", command]).env("PATH", &path).current_dir(&directory), shown, &from);
                ran += 1;
            }
        }
    }
    assert!(compared > 0 && ran > 10, "{compared} outputs were compared, {ran} other commands ran");
}

#[test]
fn the_picture_is_the_life_cycle() {
    let picture = |name: &str| fs::read_to_string(root().join("docs").join(name)).unwrap();
    for (edition, name) in [(Edition::V2021, "lifecycle.svg"), (Edition::V2026, "lifecycle-2026.svg")] {
        let help = format!("run: cardsavr lifecycle --edition {edition} --format svg > docs/{name}");
        assert!(picture(name) == svg(edition), "{help}");
    }
}
