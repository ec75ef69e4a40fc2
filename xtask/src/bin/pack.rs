//! Packs a linked wasm file for the browser.
//!
//! - `xtask-pack bindgen IN.wasm NAME OUT_DIR KEEP_NAMES` writes `NAME.js` and `NAME_bg.wasm`.
//! - `xtask-pack brotli QUALITY FILE...` writes `FILE.br` beside each file.
//!
//! `cargo xtask` builds and calls this; it is not meant to be called by hand.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["bindgen", input, name, out, keep_names] => bindgen(
            Path::new(input),
            name,
            Path::new(out),
            *keep_names == "true",
        ),
        ["brotli", quality, files @ ..] => {
            let quality: u32 = quality.parse().context("the quality is not a number")?;
            files
                .iter()
                .try_for_each(|file| compress(Path::new(file), quality))
        }
        _ => bail!(
            "usage: xtask-pack bindgen IN NAME OUT KEEP_NAMES | xtask-pack brotli QUALITY FILE..."
        ),
    }
}

/// Writes the JavaScript glue and the wasm module that belongs to it.
fn bindgen(input: &Path, name: &str, out: &Path, keep_names: bool) -> Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)?
        .typescript(false)
        // The loader fetches the module itself, to show the bytes as they come.
        .omit_default_module_path(true)
        .remove_name_section(!keep_names)
        .remove_producers_section(!keep_names)
        .generate(out)
        .with_context(|| format!("wasm-bindgen failed on {}", input.display()))
}

/// Writes `<file>.br`. A window of 2^24 bytes is the largest that browsers must accept.
fn compress(file: &Path, quality: u32) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let target = PathBuf::from(format!("{}.br", file.display()));
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 20, quality, 24);
    writer.write_all(&bytes)?;
    fs::write(&target, writer.into_inner())
        .with_context(|| format!("cannot write {}", target.display()))
}
