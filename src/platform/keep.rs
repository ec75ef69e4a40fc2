//! What is kept between starts: a small file in the user's configuration directory, or the browser's storage.

#[cfg(not(target_arch = "wasm32"))]
pub use native::*;
#[cfg(target_arch = "wasm32")]
pub use web::*;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::path::{Path, PathBuf};

    /// The user's configuration directory, by the customs of the system.
    fn directory() -> Option<PathBuf> {
        let named = |name: &str| {
            std::env::var_os(name)
                .filter(|dir| !dir.is_empty())
                .map(PathBuf::from)
        };
        let dir = if cfg!(windows) {
            named("APPDATA")?
        } else if let Some(dir) = named("XDG_CONFIG_HOME") {
            dir
        } else if cfg!(target_os = "macos") {
            named("HOME")?.join("Library/Application Support")
        } else {
            named("HOME")?.join(".config")
        };
        Some(dir.join("belvedere"))
    }

    /// Reads what was kept under a name; `None` where there is nothing.
    #[must_use]
    pub fn read_kept(name: &str) -> Option<String> {
        let path = directory()?.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!("{} cannot be read: {error}", path.display());
                None
            }
        }
    }

    /// Keeps a text under a name.
    ///
    /// # Errors
    /// Says which file could not be written, and why.
    pub fn keep(name: &str, text: &str) -> Result<(), String> {
        let dir = directory().ok_or("there is no home directory")?;
        write_whole(&dir.join(name), text)
    }

    /// Writes a file in one step: whoever reads it sees the old text or the new one, never half of it.
    fn write_whole(path: &Path, text: &str) -> Result<(), String> {
        let unfinished = path.with_extension("unfinished");
        let write = || {
            if let Some(dir) = path.parent() {
                std::fs::create_dir_all(dir)?;
            }
            std::fs::write(&unfinished, text)?;
            std::fs::rename(&unfinished, path)
        };
        write().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))
    }

    /// Where pictures of the view go: the user's folder for pictures, else the working directory.
    #[must_use]
    pub fn pictures_directory() -> PathBuf {
        std::env::var_os("XDG_PICTURES_DIR")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join("Pictures")))
            .filter(|dir| dir.is_dir())
            .unwrap_or_default()
    }

    /// Saves a file that somebody asked for, where they find it: their folder for downloads, else the working directory.
    /// Says where.
    ///
    /// # Errors
    /// Where it could not be written, and why.
    pub fn save_file(name: &str, _kind: &str, bytes: &[u8]) -> Result<String, String> {
        let folder = std::env::var_os("XDG_DOWNLOAD_DIR")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join("Downloads")))
            .filter(|dir| dir.is_dir())
            .unwrap_or_default();
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path.display().to_string())
    }

    #[cfg(test)]
    mod tests {
        use super::write_whole;

        #[test]
        fn a_file_is_replaced_as_a_whole_and_its_folder_made() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("belvedere/settings.json");
            write_whole(&path, "one").unwrap();
            write_whole(&path, "two").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
            let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
            assert_eq!(beside, 1, "nothing unfinished stays behind");
            std::fs::write(dir.path().join("file"), "").unwrap();
            let error = write_whole(&dir.path().join("file/settings.json"), "x").unwrap_err();
            assert!(error.contains("file/settings.json"), "{error}");
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod web {
    /// The page's storage; a browser may refuse it (private windows, sandboxed frames).
    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok().flatten()
    }

    fn key(name: &str) -> String {
        format!("belvedere/{name}")
    }

    /// Reads what was kept under a name; `None` where there is nothing.
    #[must_use]
    pub fn read_kept(name: &str) -> Option<String> {
        storage()?.get_item(&key(name)).ok().flatten()
    }

    /// Keeps a text under a name.
    ///
    /// # Errors
    /// Where the browser keeps nothing for this page.
    pub fn keep(name: &str, text: &str) -> Result<(), String> {
        let storage = storage().ok_or("the browser keeps nothing for this page")?;
        storage
            .set_item(&key(name), text)
            .map_err(|_| "the browser's storage for this page is full".to_owned())
    }

    /// The browser puts downloads where it wants.
    #[must_use]
    pub fn pictures_directory() -> std::path::PathBuf {
        std::path::PathBuf::new()
    }

    /// Gives a file that somebody asked for to the browser, which saves it like a download. Says under which name.
    ///
    /// # Errors
    /// The browser refuses it.
    pub fn save_file(name: &str, kind: &str, bytes: &[u8]) -> Result<String, String> {
        use wasm_bindgen::JsCast;
        let offer = || -> Result<(), wasm_bindgen::JsValue> {
            let part = js_sys::Uint8Array::from(bytes);
            let options = web_sys::BlobPropertyBag::new();
            options.set_type(kind);
            let parts = js_sys::Array::of1(&part);
            let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
            let url = web_sys::Url::create_object_url_with_blob(&blob)?;
            let document = web_sys::window().and_then(|window| window.document());
            let document = document.ok_or_else(|| wasm_bindgen::JsValue::from_str("no page"))?;
            let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
            link.set_href(&url);
            link.set_download(name);
            link.click();
            // The download has its own hold on the bytes by now.
            web_sys::Url::revoke_object_url(&url)
        };
        offer().map_err(|error| format!("{name}: {error:?}"))?;
        Ok(name.to_owned())
    }
}
