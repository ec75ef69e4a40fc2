//! Running other programs: show what is run, say what failed, keep a log.

use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Cargo of the pinned toolchain, in the root of the checkout.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(crate::paths::root());
    // What `cargo run` sets for xtask itself must not leak into builds of others.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A command as one would type it.
pub fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| {
            let word = word.to_string_lossy();
            if word.is_empty() || word.contains([' ', '"', '$', '(', '|']) {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a command to its end; its output goes to the terminal. Fails unless it exits with 0.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", spelled(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", spelled(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", spelled(command));
    }
    Ok(())
}

/// Runs a command and returns its standard output; None when it cannot be started or fails.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a command that was listened to did.
pub struct Outcome {
    /// Whether it exited with 0.
    pub success: bool,
    /// Both of its output streams, line by line as they came, without colours.
    pub output: String,
}

/// Runs a command, shows its output as it comes and appends it to a log file.
pub fn tee(command: &mut Command, log: &Path) -> Result<Outcome> {
    eprintln!("$ {}", spelled(command));
    let mut file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write the log {}", log.display()))?;
    writeln!(file, "$ {}", spelled(command))?;
    let mut child = command
        .env("CARGO_TERM_COLOR", colour())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", spelled(command)))?;
    let (sender, lines) = mpsc::channel();
    if let Some(stream) = child.stdout.take() {
        forward(stream, sender.clone());
    }
    if let Some(stream) = child.stderr.take() {
        forward(stream, sender);
    }
    let mut output = String::new();
    // Ends when both streams are closed.
    for line in lines {
        eprintln!("{line}");
        let plain = without_colours(&line);
        writeln!(file, "{plain}")?;
        output.push_str(&plain);
        output.push('\n');
    }
    let success = child.wait()?.success();
    Ok(Outcome { success, output })
}

fn colour() -> &'static str {
    if std::io::stderr().is_terminal() {
        "always"
    } else {
        "never"
    }
}

fn forward(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while let Ok(count) = reader.read_until(b'\n', &mut bytes) {
            if count == 0 {
                break;
            }
            let line = String::from_utf8_lossy(&bytes);
            if lines.send(line.trim_end().to_owned()).is_err() {
                break;
            }
            bytes.clear();
        }
    });
}

/// Drops the escape sequences with which programs colour their output.
pub fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // ESC [ parameters final-letter
            for next in characters.by_ref() {
                if next.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(character);
        }
    }
    plain
}

/// Where a program lies, as the shell would find it.
pub fn which(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
}

/// A program that runs beside us and is stopped when we are done with it, or when we die.
pub struct Background(Child);

impl Background {
    /// Starts it.
    pub fn start(command: &Command) -> Result<Self> {
        eprintln!("$ {} &", spelled(command));
        // setpriv asks the kernel to stop the child when this process ends in whatever way.
        let mut wrapped = match which("setpriv") {
            Some(setpriv) => {
                let mut wrapped = Command::new(setpriv);
                wrapped
                    .args(["--pdeathsig", "TERM", "--"])
                    .arg(command.get_program());
                wrapped
            }
            None => Command::new(command.get_program()),
        };
        wrapped.args(command.get_args()).stdin(Stdio::null());
        if let Some(directory) = command.get_current_dir() {
            wrapped.current_dir(directory);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        let child = wrapped
            .spawn()
            .with_context(|| format!("cannot start {}", spelled(command)))?;
        Ok(Self(child))
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// Waits until it ends by itself; true when it exited with 0.
    pub fn wait(&mut self) -> Result<bool> {
        Ok(self.0.wait()?.success())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.is_running() {
            // First politely, so that stores are closed.
            let _ = Command::new("kill").arg(self.0.id().to_string()).status();
            for _ in 0..50 {
                if !self.is_running() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn colours_are_dropped() {
        assert_eq!(without_colours("\u{1b}[1;31merror\u{1b}[0m: x"), "error: x");
        assert_eq!(without_colours("plain [1] text"), "plain [1] text");
    }

    #[test]
    fn a_spelled_command_can_be_typed_again() {
        let mut command = Command::new("node");
        command.args(["-e", "console.log(1)", ""]);
        assert_eq!(spelled(&command), "node -e 'console.log(1)' ''");
    }

    #[test]
    fn tee_keeps_both_streams_and_the_exit_status() {
        let log = std::env::temp_dir().join(format!("xtask-tee-{}.log", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let outcome = tee(&mut command, &log).unwrap();
        assert!(!outcome.success);
        assert!(outcome.output.contains("out\n") && outcome.output.contains("err\n"));
        assert!(std::fs::read_to_string(&log).unwrap().contains("err"));
        std::fs::remove_file(&log).unwrap();
    }
}
