//! `belvedere serve`, the real program: what it says when it cannot start, and by which exit code.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const SCENE: &str = r#"name = "Nothing much"
time_zone = "UTC"
origin = { lon = 4.9, lat = 52.4 }
"#;

fn serve(scene: &Path, data: &Path, listen: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .args(["serve", "--listen", listen, "--scene"])
        .arg(scene)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

/// Exit code and message.
fn refused(scene: &Path, data: &Path, listen: &str) -> (i32, String) {
    let output = serve(scene, data, listen);
    let message = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), message)
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let scene = dir.path().join("scene.toml");
    std::fs::write(&scene, SCENE).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, message) = refused(&scene, &dir.path().join("data"), &address);
    assert_eq!(code, 1, "{message}");
    for part in [&address, "in use", "--listen"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_unknown_key_of_a_scene_is_named_with_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let scene = dir.path().join("typing error.toml");
    let text = format!("{SCENE}\n[[feeds.mqtt]]\nname = \"x\"\nbrocker = \"mqtt://localhost\"\n");
    std::fs::write(&scene, text).unwrap();
    let (code, message) = refused(&scene, &dir.path().join("data"), "127.0.0.1:0");
    assert_eq!(code, 1, "{message}");
    for part in ["typing error.toml:7:1", "brocker", "broker"] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
}

#[test]
fn a_feed_that_cannot_work_is_named_with_its_setting() {
    let dir = tempfile::tempdir().unwrap();
    let scene = dir.path().join("scene.toml");
    let text = format!(
        "{SCENE}\n[[feeds.mqtt]]\nname = \"harbour master\"\nbroker = \"mqtt://localhost\"\n\
         [[feeds.mqtt.mapping]]\ntopic = \"a/#/{{sensor}}\"\n"
    );
    std::fs::write(&scene, text).unwrap();
    let (code, message) = refused(&scene, &dir.path().join("data"), "127.0.0.1:0");
    assert_eq!(code, 1, "{message}");
    assert!(
        message.contains("topic") && message.contains('#'),
        "{message}"
    );
}

#[test]
fn a_scene_that_is_not_there_and_a_data_directory_that_is_a_file_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let scene = dir.path().join("scene.toml");
    let (code, message) = refused(&scene, &dir.path().join("data"), "127.0.0.1:0");
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("scene.toml"), "{message}");
    std::fs::write(&scene, SCENE).unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let (code, message) = refused(&scene, &file, "127.0.0.1:0");
    assert_eq!(code, 1, "{message}");
    assert!(
        message.contains("file") && message.contains("--data"),
        "{message}"
    );
}

#[test]
fn wrong_usage_has_exit_code_two() {
    let program = env!("CARGO_BIN_EXE_belvedere");
    for arguments in [
        ["serve", "--listen", "nowhere"].as_slice(),
        &["serve", "--no-such-option"],
    ] {
        let output = Command::new(program).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let help = Command::new(program)
        .args(["serve", "--help"])
        .output()
        .unwrap();
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(
        text.contains("127.0.0.1:8080"),
        "loopback unless told otherwise: {text}"
    );
}
