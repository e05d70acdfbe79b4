//! What cannot start says so in one clear line, with exit code 1.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::process::{Command, Output};

use support::Demo;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).output().unwrap()
}

/// With ports that nobody listens at. Between the look and the start another test may take one: then with others.
fn demo_at_free_ports(arguments: &[&str]) -> Output {
    for _ in 1..5 {
        let output = try_demo_at_free_ports(arguments);
        if !String::from_utf8_lossy(&output.stderr).contains("cannot listen on") {
            return output;
        }
    }
    try_demo_at_free_ports(arguments)
}

fn try_demo_at_free_ports(arguments: &[&str]) -> Output {
    let port = Demo::free_ports().to_string();
    demo(&[arguments, &["--port-base", &port]].concat())
}

fn check_refusal(output: &Output, words: &str) {
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    assert!(line.contains(words), "{line}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let running = Demo::start(&[]);
    let folder = running.folder().to_str().unwrap();
    check_refusal(&demo_at_free_ports(&["--data", folder]), "in use by another process");
}

#[test]
fn a_port_in_use_is_refused_before_anything_is_touched() {
    let running = Demo::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let port = running.port.to_string();
    std::fs::write(folder.path().join("portal.sqlite"), "kept").unwrap();
    check_refusal(&demo(&["--data", data, "--port-base", &port, "--reset"]), "cannot listen on");
    assert_eq!(std::fs::read_to_string(folder.path().join("portal.sqlite")).unwrap(), "kept");
}

#[test]
fn a_folder_that_cannot_be_used_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let data = file.path().to_str().unwrap();
    check_refusal(&demo_at_free_ports(&["--data", data]), "cannot be used");
}

#[test]
fn a_file_that_is_no_client_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let client = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(client.path(), "{}").unwrap();
    let data = folder.path().to_str().unwrap();
    let arguments = ["--data", data, "--extra-client", client.path().to_str().unwrap()];
    check_refusal(&demo_at_free_ports(&arguments), "is not a client");
}
