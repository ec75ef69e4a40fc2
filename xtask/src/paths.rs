//! Where things stand: the checkout, the build outputs, the user's data.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The root of the checkout.
pub fn root() -> PathBuf {
    // xtask/ lies directly under the root.
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target directory for programs of this machine.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => std::path::absolute(&directory).unwrap_or_else(|_| directory.into()),
        None => root().join("target"),
    }
}

/// Cargo's target directory for the browser: apart from the other, because the
/// two may be built by different compilers and would throw each other's work away.
pub fn wasm_target() -> PathBuf {
    match std::env::var_os("BELVEDERE_WASM_TARGET_DIR") {
        Some(directory) => directory.into(),
        None => target().join("wasm"),
    }
}

/// The built browser viewer.
pub fn dist() -> PathBuf {
    root().join("web/dist")
}

/// The user's data directory of Belvedere: `$XDG_DATA_HOME/belvedere`,
/// by default `~/.local/share/belvedere`.
pub fn user_data() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_DATA_HOME").filter(|value| !value.is_empty()) {
        Some(directory) => PathBuf::from(directory),
        None => PathBuf::from(std::env::var_os("HOME").context(
            "neither XDG_DATA_HOME nor HOME is set: set one, so that the demo city has a place",
        )?)
        .join(".local/share"),
    };
    Ok(base.join("belvedere"))
}
