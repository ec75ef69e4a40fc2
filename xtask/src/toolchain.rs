//! Which compiler builds for the browser.
//!
//! rustup's own, when it has the wasm32 target or can fetch it. Otherwise
//! Debian's `rustc-web`, which lives beside rustup's and brings the standard
//! library as source. `BELVEDERE_WASM_TOOLCHAIN=rustup|debian` decides by hand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::packages::{self, Need};
use crate::paths;
use crate::run::{cargo, output_of, which};

/// The target that browsers run.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The crates that make random numbers ask the browser for them.
const RUSTFLAGS: &str = "--cfg getrandom_backend=\"wasm_js\"";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// The oldest compiler that our engine accepts: (major, minor).
const OLDEST: (u32, u32) = (1, 95);

/// How long rustup may try to reach its server.
const PATIENCE: Duration = Duration::from_secs(120);

/// A compiler for the browser.
#[derive(Clone, Debug)]
pub enum WasmToolchain {
    /// The pinned toolchain of rustup, with the target installed.
    Rustup,
    /// Debian's compiler, which builds the standard library as well.
    Debian {
        /// The linker that it is to use.
        linker: PathBuf,
    },
}

impl WasmToolchain {
    /// Picks a compiler, and installs it when there is none.
    pub fn find() -> Result<Self> {
        match std::env::var("BELVEDERE_WASM_TOOLCHAIN").as_deref() {
            Ok("rustup") if rustup_has_target() || rustup_adds_target() => return Ok(Self::Rustup),
            Ok("rustup") => bail!("rustup can neither find nor fetch the target {TARGET}"),
            Ok("debian") => return Self::debian(),
            Ok(other) => bail!("BELVEDERE_WASM_TOOLCHAIN={other}: expected rustup or debian"),
            Err(_) => {}
        }
        if rustup_has_target() {
            Ok(Self::Rustup)
        } else if debian_is_ready() {
            Self::debian()
        } else if rustup_adds_target() {
            Ok(Self::Rustup)
        } else {
            eprintln!("rustup cannot fetch the target {TARGET}; Debian's compiler is used instead");
            Self::debian()
        }
    }

    fn debian() -> Result<Self> {
        packages::ensure(&[Need::Wasm])?;
        let version = output_of(Command::new(DEBIAN_RUSTC).arg("--version")).unwrap_or_default();
        if version_of(&version).is_none_or(|version| version < OLDEST) {
            bail!(
                "{DEBIAN_RUSTC} is too old for the browser build ({}; {}.{} is needed): \
                 make the update suites of Debian available to apt, or a rustup that reaches its server",
                version.trim(),
                OLDEST.0,
                OLDEST.1
            );
        }
        Ok(Self::Debian { linker: linker()? })
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rustup => "rustup's compiler",
            Self::Debian { .. } => "Debian's compiler",
        }
    }

    /// `cargo build` for the browser, without package, features or profile.
    pub fn build(&self) -> Command {
        let mut command = match self {
            Self::Rustup => cargo(),
            Self::Debian { linker } => debian_cargo(linker),
        };
        command.args(["build", "--target", TARGET]);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
            .env("RUSTFLAGS", RUSTFLAGS)
            .env("CARGO_TARGET_DIR", paths::wasm_target());
        command
    }
}

fn debian_cargo(linker: &Path) -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .current_dir(paths::root())
        // Nothing of the toolchain that runs xtask may leak into the other one.
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("LD_LIBRARY_PATH")
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    command
}

/// rustup's own rust-lld belongs to a newer LLVM than Debian's lld and is preferred.
fn linker() -> Result<PathBuf> {
    let sysroot = output_of(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(paths::root()),
    );
    let host = format!(
        "lib/rustlib/{}-unknown-linux-gnu/bin/rust-lld",
        std::env::consts::ARCH
    );
    sysroot
        .map(|sysroot| Path::new(sysroot.trim()).join(host))
        .filter(|path| path.is_file())
        .or_else(|| which("rust-lld"))
        .or_else(|| which("wasm-ld"))
        .context("no linker for wasm found: neither rust-lld of the Rust toolchain nor wasm-ld (Debian's package lld)")
}

fn rustup_has_target() -> bool {
    output_of(
        Command::new("rustup")
            .args(["target", "list", "--installed"])
            .current_dir(paths::root()),
    )
    .is_some_and(|list| list.lines().any(|line| line.trim() == TARGET))
}

fn rustup_adds_target() -> bool {
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", TARGET])
        .current_dir(paths::root())
        .stdin(Stdio::null());
    eprintln!("Asking rustup for the target {TARGET}");
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(200)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn debian_is_ready() -> bool {
    let source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    let version = output_of(Command::new(DEBIAN_RUSTC).arg("--version"));
    Path::new(DEBIAN_CARGO).exists()
        && source.exists()
        && version
            .as_deref()
            .and_then(version_of)
            .is_some_and(|version| version >= OLDEST)
}

/// `rustc 1.96.0 (…)` -> (1, 96)
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(
            version_of("rustc 1.96.0 (ac68faa20 2026-05-25)"),
            Some((1, 96))
        );
        assert!(version_of("rustc 1.100.0 (x)") > version_of("rustc 1.95.0"));
        assert_eq!(version_of("rustc"), None);
        assert_eq!(version_of("rustc one.two"), None);
    }
}
