//! Files of models, with the buffers and images beside them. Knows no engine.

use std::collections::HashMap;

use city_tiles::beside::{Beside, Next};
use city_tiles::limits::Limits;
use city_tiles::uri;

use crate::platform::{FetchFailure, Fetched, Fetcher, MAX_RESPONSE_BYTES};

/// A model's file and those beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Whole {
    /// The file.
    pub bytes: Vec<u8>,
    /// The files beside it that could be had, by whole address.
    pub external: Vec<(String, Vec<u8>)>,
    /// What could not be had, and why; the decoder knows whether it does without.
    pub missing: Vec<String>,
}

impl Whole {
    /// What is wrong with the model, with what was missing if anything was.
    pub fn fault(missing: &[String], why: &str) -> String {
        if missing.is_empty() {
            why.to_owned()
        } else {
            format!("{why} ({})", missing.join("; "))
        }
    }

    /// A file beside it, as decoders ask for it.
    pub fn external(&self, address: &str) -> Option<Vec<u8>> {
        let mut files = self.external.iter();
        files
            .find(|(url, _)| url == address)
            .map(|(_, bytes)| bytes.clone())
    }
}

/// What a request is for: a model, or a file beside it by number.
struct Ask {
    model: String,
    file: Option<usize>,
}

struct Gathering {
    beside: Beside,
    missing: Vec<String>,
}

/// Fetches models whole. Not `Send` in the browser.
pub(super) struct ModelFetcher {
    fetcher: Fetcher,
    next: u64,
    asked: HashMap<u64, Ask>,
    gathering: HashMap<String, Gathering>,
}

impl ModelFetcher {
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(2),
            next: 0,
            asked: HashMap::new(),
            gathering: HashMap::new(),
        }
    }

    /// Asks for a model by its whole address.
    pub fn ask(&mut self, url: &str) {
        self.fetch(url, url, None);
    }

    fn fetch(&mut self, url: &str, model: &str, file: Option<usize>) {
        self.next += 1;
        let model = model.to_owned();
        self.asked.insert(self.next, Ask { model, file });
        self.fetcher.fetch(self.next, url);
    }

    /// Models that have come with all their files, or not, since the last call.
    pub fn poll(&mut self) -> Vec<(String, Result<Whole, String>)> {
        let fetched = self.fetcher.poll();
        fetched.into_iter().filter_map(|f| self.take(f)).collect()
    }

    fn take(&mut self, fetched: Fetched) -> Option<(String, Result<Whole, String>)> {
        let Ask { model, file } = self.asked.remove(&fetched.key)?;
        let mut gathering = match (file, fetched.result) {
            (None, Err(error)) => return Some((model, Err(in_words(&error)))),
            (None, Ok(bytes)) => Gathering {
                beside: Beside::new(model.clone(), bytes),
                missing: Vec::new(),
            },
            // Without a model it was given up: its other files are of no use.
            (Some(file), result) => {
                let mut gathering = self.gathering.remove(&model)?;
                if let Err(error) = &result {
                    let address = gathering.beside.address(file).unwrap_or_default();
                    let line = format!("{}: {}", uri::short(address), in_words(error));
                    gathering.missing.push(line);
                }
                gathering.beside.answered(file, result.ok());
                gathering
            }
        };
        if gathering.beside.byte_count() > MAX_RESPONSE_BYTES {
            let why = format!("with its files it is larger than {MAX_RESPONSE_BYTES} bytes");
            return Some((model, Err(why)));
        }
        match gathering.beside.next(Limits::default().max_external_files) {
            Next::TooMany(why) => Some((model, Err(why))),
            Next::Nothing => {
                let (_, bytes, external) = gathering.beside.into_parts();
                let missing = gathering.missing;
                let whole = Whole {
                    bytes,
                    external,
                    missing,
                };
                Some((model, Ok(whole)))
            }
            Next::Files => {
                let due: Vec<usize> = gathering.beside.due().collect();
                for file in due {
                    let address = gathering.beside.address(file).map(str::to_owned);
                    gathering.beside.asked(file);
                    self.fetch(&address.unwrap_or_default(), &model, Some(file));
                }
                self.gathering.insert(model, gathering);
                None
            }
        }
    }
}

/// Why a file could not be had.
fn in_words(failure: &FetchFailure) -> String {
    match failure {
        FetchFailure::Status(404) => "it is not there".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn fetched(url: &str) -> Result<Whole, String> {
        let mut fetcher = ModelFetcher::new();
        fetcher.ask(url);
        for _ in 0..1000 {
            if let Some((_, result)) = fetcher.poll().pop() {
                assert!(fetcher.asked.is_empty() && fetcher.gathering.is_empty());
                return result;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{url} never came");
    }

    #[test]
    fn a_model_comes_with_what_lies_beside_it_and_says_what_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        };
        let url = |name: &str| {
            let path = folder.path().join(name);
            url::Url::from_file_path(path).unwrap().to_string()
        };
        let model = br#"{"asset":{"version":"2.0"},"buffers":[{"uri":"a%20b.bin","byteLength":4}],
            "images":[{"uri":"bark.png"}]}"#;
        write("tree.gltf", model);
        write("a b.bin", b"aaaa");
        write("bark.png", b"png");
        let whole = fetched(&url("tree.gltf")).unwrap();
        assert_eq!(whole.bytes, model);
        assert_eq!(whole.external(&url("a b.bin")).unwrap(), b"aaaa");
        assert_eq!(whole.external(&url("bark.png")).unwrap(), b"png");
        assert!(whole.missing.is_empty());
        std::fs::remove_file(folder.path().join("bark.png")).unwrap();
        let whole = fetched(&url("tree.gltf")).unwrap();
        assert_eq!(whole.external.len(), 1);
        assert_eq!(whole.missing.len(), 1);
        let said = Whole::fault(&whole.missing, "no bark");
        assert!(
            said.starts_with("no bark (") && said.contains("bark.png: it is not there"),
            "{said}"
        );
        assert_eq!(fetched(&url("none.glb")), Err("it is not there".to_owned()));
        write("alone.glb", b"glTF");
        assert!(fetched(&url("alone.glb")).unwrap().external.is_empty());
        let images: Vec<String> = (0..65)
            .map(|i| format!("{{\"uri\":\"{i}.png\"}}"))
            .collect();
        let many = format!(
            "{{\"asset\":{{\"version\":\"2.0\"}},\"images\":[{}]}}",
            images.join(",")
        );
        write("many.gltf", many.as_bytes());
        let why = fetched(&url("many.gltf")).unwrap_err();
        assert!(why.contains("65 files"), "{why}");
    }
}
