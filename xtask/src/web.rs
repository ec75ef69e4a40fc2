//! `cargo xtask web`: the browser viewer in `web/dist`.
//!
//! Layout of `web/dist`, which the hub relies on for its cache headers:
//!
//! - `index.html`, `manifest.json`, `keep.js`: never cached without asking;
//! - `v/<name>-<hash>/...`: never changes, cached for ever;
//! - `<file>.br` beside a file: the same, compressed with brotli.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::paths;
use crate::run::run;
use crate::toolchain::WasmToolchain;
use crate::wasm::{self, BuildOptions, Packed, Part};

/// The page's own files, beside `index.html`.
const PAGE: &[&str] = &["loader.js", "drop.js", "stages.js", "style.css", "icon.svg"];

/// Which graphics API of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Api {
    /// Everywhere
    Webgl2,
    /// Newer, with compute
    Webgpu,
    /// One build for each; the page picks
    Both,
    /// Neither: only the page and the decode worker, in seconds
    None,
}

/// Options of `cargo xtask web`.
#[derive(clap::Args)]
pub struct Options {
    /// Small to download instead of quick to make (30 minutes on two cores)
    #[arg(long)]
    pub release: bool,
    /// Which graphics APIs; by default webgl2, with --release both
    #[arg(long, value_enum)]
    pub api: Option<Api>,
    /// Fail on warnings
    #[arg(long)]
    pub deny_warnings: bool,
}

/// `cargo xtask web`.
pub fn web(options: &Options) -> Result<()> {
    let default = if options.release {
        Api::Both
    } else {
        Api::Webgl2
    };
    build(
        options.api.unwrap_or(default),
        BuildOptions {
            release: options.release,
            deny_warnings: options.deny_warnings,
        },
    )
    .map(|_| ())
}

/// Builds what the API needs and lays it out in `web/dist`. Returns for each API
/// how many bytes one browser downloads before tiles.
pub fn build(api: Api, options: BuildOptions) -> Result<Vec<(&'static str, u64)>> {
    let apps: &[Part] = match api {
        Api::Webgl2 => &[Part::WebGl2],
        Api::Webgpu => &[Part::WebGpu],
        Api::Both => &[Part::WebGl2, Part::WebGpu],
        Api::None => &[],
    };
    let toolchain = WasmToolchain::find()?;
    // The small one first: it finds mistakes in seconds.
    let worker = wasm::build(&toolchain, Part::Worker, options)?;
    let mut modules = Vec::new();
    for &part in apps {
        modules.push((part, wasm::build(&toolchain, part, options)?));
    }
    lay_out(&worker, &modules)?;
    let mut sizes = Vec::new();
    for (part, packed) in &modules {
        let bytes = download_bytes(&[packed, &worker])?;
        println!(
            "One browser on {} downloads {:.2} MB before tiles (brotli)",
            part.name(),
            bytes as f64 / 1e6
        );
        sizes.push((part.name(), bytes));
    }
    println!("The browser viewer is in {}", paths::dist().display());
    Ok(sizes)
}

/// Writes `web/dist` anew, beside the old one, and then puts it in its place.
fn lay_out(worker: &Packed, modules: &[(Part, Packed)]) -> Result<()> {
    let source = paths::root().join("web");
    let dist = paths::dist();
    let fresh = dist.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;

    let mut manifest = Map::new();
    for (part, packed) in modules {
        let place = format!("v/{}-{}", part.name(), packed.hash);
        copy(&packed.directory, &fresh.join(&place))?;
        manifest.insert(part.name().into(), entry(&place, *part, packed)?);
    }

    let script = fs::read(source.join("worker.js"))?;
    let hash = wasm::hash_of(&[worker.hash.as_bytes(), &script]);
    let place = format!("v/worker-{hash}");
    copy(&worker.directory, &fresh.join(&place))?;
    let script_path = fresh.join(&place).join("worker.js");
    fs::write(&script_path, script)?;
    manifest.insert(
        "worker".into(),
        json!({ "script": format!("{place}/worker.js") }),
    );

    let page = page_files(&source)?;
    let contents: Vec<&[u8]> = page.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let place = format!("v/page-{}", wasm::hash_of(&contents));
    fs::create_dir_all(fresh.join(&place))?;
    let mut to_compress = vec![script_path];
    for (name, bytes) in &page {
        let path = fresh.join(&place).join(name);
        fs::write(&path, bytes)?;
        to_compress.push(path);
    }
    let index = fs::read_to_string(source.join("index.html"))?.replace("{{page}}", &place);
    fs::write(fresh.join("index.html"), index)?;
    fs::write(
        fresh.join("manifest.json"),
        serde_json::to_string_pretty(&Value::Object(manifest))?,
    )?;
    // A service worker answers for what lies below its own address, so it lies at the top.
    fs::copy(source.join("keep.js"), fresh.join("keep.js"))?;
    // The panels ask for fonts by name, and only for those of their language.
    fs::create_dir_all(fresh.join("fonts"))?;
    for entry in fs::read_dir(paths::root().join("assets/fonts"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "otf")
            && let Some(name) = path.file_name()
        {
            let target = fresh.join("fonts").join(name);
            fs::copy(&path, &target)?;
            to_compress.push(target);
        }
    }
    run(Command::new(wasm::packer()?)
        .args(["brotli", "11"])
        .args(&to_compress))?;

    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::rename(&fresh, &dist).with_context(|| format!("cannot write {}", dist.display()))
}

fn page_files(source: &Path) -> Result<Vec<(&'static str, Vec<u8>)>> {
    PAGE.iter()
        .map(|&name| {
            let bytes =
                fs::read(source.join(name)).with_context(|| format!("cannot read web/{name}"))?;
            Ok((name, bytes))
        })
        .collect()
}

/// What the loader must know of a module. The size is that of the decompressed
/// file, because that is what a browser counts while it reads.
fn entry(place: &str, part: Part, packed: &Packed) -> Result<Value> {
    let package = part.package();
    let wasm = format!("{package}_bg.wasm");
    let bytes = fs::metadata(packed.directory.join(&wasm))?.len();
    Ok(json!({
        "script": format!("{place}/{package}.js"),
        "wasm": format!("{place}/{wasm}"),
        "wasm_bytes": bytes,
    }))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in wasm::files_under(from)? {
        let relative = file.strip_prefix(from)?;
        if relative == Path::new("done") {
            continue;
        }
        let target = to.join(relative);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &target)?;
    }
    Ok(())
}

/// Bytes that one browser downloads before tiles: page, module, worker and fonts, compressed. Only
/// one of the Chinese fonts is ever fetched at a start, so the larger one counts.
fn download_bytes(parts: &[&Packed]) -> Result<u64> {
    let mut bytes = 0;
    for packed in parts {
        bytes += compressed_bytes(&packed.directory)?;
    }
    let dist = paths::dist();
    for entry in fs::read_dir(dist.join("v"))? {
        let path = entry?.path();
        let is_page = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("page-"));
        if is_page {
            bytes += compressed_bytes(&path)?;
        }
    }
    let (mut fonts, mut chinese) = (0, 0);
    for entry in fs::read_dir(dist.join("fonts"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name.filter(|name| name.ends_with(".br")) else {
            continue;
        };
        let length = fs::metadata(&path)?.len();
        if name.starts_with("zh-") {
            chinese = length.max(chinese);
        } else {
            fonts += length;
        }
    }
    let page = fs::metadata(dist.join("index.html"))?.len()
        + fs::metadata(dist.join("manifest.json"))?.len();
    Ok(bytes + fonts + chinese + page)
}

fn compressed_bytes(directory: &Path) -> Result<u64> {
    let files: Vec<PathBuf> = wasm::files_under(directory)?;
    let mut bytes = 0;
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "br"))
    {
        bytes += fs::metadata(file)?.len();
    }
    Ok(bytes)
}
