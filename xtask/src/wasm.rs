//! Building one crate for the browser and packing it: compile, bind, shrink, compress.

use std::fs;
use std::hash::Hasher as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::packages::{self, Need};
use crate::paths;
use crate::run::{cargo, run, spelled, which};
use crate::toolchain::WasmToolchain;

/// What is built for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The app on WebGL2.
    WebGl2,
    /// The app on WebGPU.
    WebGpu,
    /// The decode worker.
    Worker,
}

impl Part {
    /// Its name in `web/dist`.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebGl2 => "webgl2",
            Self::WebGpu => "webgpu",
            Self::Worker => "worker",
        }
    }

    /// The crate.
    pub fn package(self) -> &'static str {
        match self {
            Self::WebGl2 | Self::WebGpu => "belvedere",
            Self::Worker => "city_worker",
        }
    }

    fn features(self) -> Option<&'static str> {
        match self {
            Self::WebGl2 => Some("webgl2"),
            Self::WebGpu => Some("webgpu"),
            Self::Worker => None,
        }
    }
}

/// How it is built.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions {
    /// Small to download instead of quick to make.
    pub release: bool,
    /// A warning in one of our own crates fails the build.
    pub deny_warnings: bool,
}

impl BuildOptions {
    fn profile(self) -> &'static str {
        if self.release { "web-release" } else { "web" }
    }
}

/// A part as a browser loads it.
pub struct Packed {
    /// Holds `<package>.js`, `<package>_bg.wasm`, and `.br` of each.
    pub directory: PathBuf,
    /// Changes whenever the content does.
    pub hash: String,
}

/// Builds and packs one part; does nothing that was done before.
pub fn build(toolchain: &WasmToolchain, part: Part, options: BuildOptions) -> Result<Packed> {
    let linked = compile(toolchain, part, options)?;
    let bytes = fs::read(&linked).with_context(|| format!("cannot read {}", linked.display()))?;
    let hash = hash_of(&[&bytes, env!("CARGO_PKG_VERSION").as_bytes()]);
    let name = format!("{}-{}", part.name(), options.profile());
    let packed = paths::wasm_target().join("packed");
    let directory = packed.join(format!("{name}-{hash}"));
    if directory.join("done").exists() {
        return Ok(Packed { directory, hash });
    }
    discard_older(&packed, &name)?;
    fs::create_dir_all(&directory)?;
    pack(&linked, part, options, &directory)?;
    fs::write(directory.join("done"), "")?;
    Ok(Packed { directory, hash })
}

/// Compiles and links; returns the path of the linked wasm file.
fn compile(toolchain: &WasmToolchain, part: Part, options: BuildOptions) -> Result<PathBuf> {
    let mut command = toolchain.build();
    command
        .args([
            "--package",
            part.package(),
            "--lib",
            "--profile",
            options.profile(),
        ])
        .args(["--message-format", "json-diagnostic-rendered-ansi"]);
    if let Some(features) = part.features() {
        command.args(["--features", features]);
    }
    eprintln!("$ {}   ({})", spelled(&command), toolchain.name());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", spelled(&command)))?;
    let mut messages = Messages::default();
    if let Some(stream) = child.stdout.take() {
        for line in BufReader::new(stream).lines() {
            if let Some(text) = messages.read(&line?, part.package()) {
                eprint!("{text}");
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!(
            "the {} build for the browser failed ({status})",
            part.name()
        );
    }
    if options.deny_warnings && messages.warnings > 0 {
        bail!(
            "the {} build for the browser has {} warnings, and none is allowed",
            part.name(),
            messages.warnings
        );
    }
    messages.wasm.with_context(|| {
        format!(
            "{} built, but made no wasm file: is it a cdylib?",
            part.package()
        )
    })
}

/// What cargo says in JSON, one message a line.
#[derive(Default)]
struct Messages {
    warnings: usize,
    wasm: Option<PathBuf>,
}

impl Messages {
    /// Takes in one line; returns what is to be shown to people.
    fn read(&mut self, line: &str, package: &str) -> Option<String> {
        let message: Value = serde_json::from_str(line).ok()?;
        match message["reason"].as_str()? {
            // Cargo passes on the warnings of our own crates only.
            "compiler-message" => {
                if message["message"]["level"] == "warning" {
                    self.warnings += 1;
                }
                message["message"]["rendered"].as_str().map(str::to_owned)
            }
            "compiler-artifact" if message["target"]["name"] == package => {
                let files = message["filenames"].as_array()?;
                let mut files = files.iter().filter_map(Value::as_str);
                if let Some(file) = files.find(|file| file.ends_with(".wasm")) {
                    self.wasm = Some(file.into());
                }
                None
            }
            _ => None,
        }
    }
}

fn pack(linked: &Path, part: Part, options: BuildOptions, directory: &Path) -> Result<()> {
    let packer = packer()?;
    let package = part.package();
    let glue = directory.join(format!("{package}.js"));
    let module = directory.join(format!("{package}_bg.wasm"));

    let bar = spinner(format!("binding {} to JavaScript", part.name()));
    let mut bind = Command::new(&packer);
    bind.arg("bindgen").arg(linked).arg(package).arg(directory);
    bind.arg(if options.release { "false" } else { "true" });
    run(&mut bind)?;
    bar.finish_and_clear();

    if options.release {
        let bar = spinner(format!(
            "shrinking {} with wasm-opt (5 to 8 minutes)",
            part.name()
        ));
        shrink(&module)?;
        bar.finish_and_clear();
    }

    let bar = spinner(format!("compressing {}", part.name()));
    let mut compress = Command::new(&packer);
    // 11 is brotli's best, at a MB a second; 4 is a matter of a second or two.
    compress
        .arg("brotli")
        .arg(if options.release { "11" } else { "4" });
    compress.arg(&glue).arg(&module).args(snippets(directory)?);
    run(&mut compress)?;
    bar.finish_and_clear();
    Ok(())
}

/// JavaScript that crates bring along; wasm-bindgen writes it under `snippets/`.
fn snippets(directory: &Path) -> Result<Vec<PathBuf>> {
    let start = directory.join("snippets");
    if start.exists() {
        files_under(&start)
    } else {
        Ok(Vec::new())
    }
}

/// Every file below a directory, in the order of their paths.
pub fn files_under(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_under(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Builds the packer and returns its path.
pub fn packer() -> Result<PathBuf> {
    run(cargo()
        .args([
            "build",
            "--quiet",
            "--package",
            "xtask",
            "--features",
            "pack",
            "--bin",
            "xtask-pack",
        ])
        .env("CARGO_TARGET_DIR", paths::target()))?;
    Ok(paths::target().join("debug/xtask-pack"))
}

/// Every flag is there because browsers accept what it allows. `--all-features`
/// would let wasm-opt write what they refuse, and Debian's own wasm-opt 108
/// makes modules that trap at start.
const WASM_OPT: &[&str] = &[
    "-Os",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-simd",
];

fn shrink(module: &Path) -> Result<()> {
    packages::ensure(&[Need::Node])?;
    let tools = npm_tools("wasm-opt", &paths::root().join("xtask/wasm-opt"))?;
    let output = module.with_extension("small");
    run(Command::new("node")
        .arg(tools.join("node_modules/binaryen/bin/wasm-opt"))
        .args(WASM_OPT)
        .arg(module)
        .arg("-o")
        .arg(&output))?;
    fs::rename(&output, module)?;
    Ok(())
}

/// Installs what a lockfile names, outside the checkout, once; returns the place.
fn npm_tools(name: &str, source: &Path) -> Result<PathBuf> {
    let lock = fs::read(source.join("package-lock.json"))?;
    let place = paths::target()
        .join("npm")
        .join(format!("{name}-{}", hash_of(&[&lock])));
    if !place.join("done").exists() {
        fs::create_dir_all(&place)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), place.join(file))?;
        }
        run(npm_ci().current_dir(&place))?;
        fs::write(place.join("done"), "")?;
    }
    Ok(place)
}

/// `npm ci`, without its news and without scripts of packages.
pub fn npm_ci() -> Command {
    let mut command = Command::new(which("npm").unwrap_or_else(|| "npm".into()));
    command.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    command
}

fn discard_older(packed: &Path, name: &str) -> Result<()> {
    let Ok(entries) = fs::read_dir(packed) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        let is_older = path
            .file_name()
            .and_then(|file| file.to_str()?.rsplit_once('-'))
            .is_some_and(|(stem, _)| stem == name);
        if is_older {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

/// 16 hexadecimal digits that change when the content does. Not for secrets.
pub fn hash_of(parts: &[&[u8]]) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    format!("{:016x}", hasher.finish())
}

/// A moving sign of life for work of unknown length.
pub fn spinner(message: String) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(message.clone());
    if bar.is_hidden() {
        eprintln!("{message}");
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn warnings_are_counted_and_the_wasm_file_is_found() {
        let mut messages = Messages::default();
        let warning = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: unused"}}"#;
        let note =
            r#"{"reason":"compiler-message","message":{"level":"note","rendered":"note: x"}}"#;
        let artifact = r#"{"reason":"compiler-artifact","target":{"name":"city_worker"},"filenames":["/t/city_worker.wasm","/t/city_worker.d"]}"#;
        let other = r#"{"reason":"compiler-artifact","target":{"name":"city_tiles"},"filenames":["/t/other.wasm"]}"#;
        assert_eq!(
            messages.read(warning, "city_worker").as_deref(),
            Some("warning: unused")
        );
        messages.read(note, "city_worker");
        messages.read(artifact, "city_worker");
        messages.read(other, "city_worker");
        messages.read("not json", "city_worker");
        assert_eq!(messages.warnings, 1);
        assert_eq!(
            messages.wasm.as_deref(),
            Some(Path::new("/t/city_worker.wasm"))
        );
    }

    #[test]
    fn the_hash_tells_contents_and_their_borders_apart() {
        assert_eq!(hash_of(&[b"ab", b"c"]), hash_of(&[b"ab", b"c"]));
        assert_ne!(hash_of(&[b"ab", b"c"]), hash_of(&[b"a", b"bc"]));
        assert_eq!(hash_of(&[b""]).len(), 16);
    }
}
