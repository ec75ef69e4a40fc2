//! Font files: compiled in on the desktop, downloaded by the page for the language in use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ui::Language;
use crate::ui::fonts::{self, FontFile};

/// Gets the files that the panels want and installs them when all are there.
pub(super) struct FontLoader {
    have: BTreeMap<FontFile, Arc<Vec<u8>>>,
    asked: BTreeSet<FontFile>,
    #[cfg(target_arch = "wasm32")]
    fetcher: crate::platform::Fetcher,
}

impl FontLoader {
    pub fn new() -> Self {
        Self {
            have: BTreeMap::new(),
            asked: BTreeSet::new(),
            #[cfg(target_arch = "wasm32")]
            fetcher: crate::platform::Fetcher::new(2),
        }
    }

    /// Installs what is wanted as soon as it is complete.
    pub fn serve(&mut self, ctx: &egui::Context, language: Language, wanted: &[FontFile]) {
        let news = self.collect();
        for file in wanted {
            if self.asked.insert(*file) {
                self.ask(*file);
            }
        }
        if (wanted.is_empty() && !news)
            || !self.asked.iter().all(|file| self.have.contains_key(file))
        {
            return;
        }
        let files: Vec<_> = self
            .have
            .iter()
            .map(|(file, bytes)| (*file, bytes.clone()))
            .collect();
        if let Err(error) = fonts::install(ctx, language, &files) {
            tracing::error!("{error}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn ask(&mut self, file: FontFile) {
        let bytes: &[u8] = match file {
            FontFile::Latin => include_bytes!("../../assets/fonts/latin-regular.otf"),
            FontFile::LatinStrong => include_bytes!("../../assets/fonts/latin-semibold.otf"),
            FontFile::Names => include_bytes!("../../assets/fonts/names.otf"),
            FontFile::ChineseTraditional => include_bytes!("../../assets/fonts/zh-hant.otf"),
            FontFile::ChineseSimplified => include_bytes!("../../assets/fonts/zh-hans.otf"),
        };
        self.have.insert(file, Arc::new(bytes.to_vec()));
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn collect(&mut self) -> bool {
        false
    }

    #[cfg(target_arch = "wasm32")]
    fn ask(&mut self, file: FontFile) {
        self.fetcher
            .fetch(file as u64, &format!("fonts/{}", file.file_name()));
    }

    #[cfg(target_arch = "wasm32")]
    fn collect(&mut self) -> bool {
        let mut news = false;
        for fetched in self.fetcher.poll() {
            let Some(file) = FontFile::ALL
                .into_iter()
                .find(|file| *file as u64 == fetched.key)
            else {
                continue;
            };
            match fetched.result {
                Ok(bytes) => {
                    self.have.insert(file, Arc::new(bytes));
                    news = true;
                }
                Err(error) => {
                    tracing::error!("font {} could not be loaded: {error}", file.file_name());
                    self.asked.remove(&file);
                }
            }
        }
        news
    }
}
