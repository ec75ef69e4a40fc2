//! Files beside a content (models of i3dm, buffers and images of glTF): which are needed, and which have come. A model
//! that has come may name files in turn, so it is asked again then. Asks nobody itself.

use crate::formats::{self, DecodeOptions};

/// A content that waits for files beside it.
#[derive(Debug)]
pub struct Beside {
    url: String,
    bytes: Vec<u8>,
    files: Vec<File>,
    /// Files that stand in for missing ones have been asked for.
    stood_in: bool,
    /// How often its files have been asked for.
    rounds: usize,
}

#[derive(Debug)]
struct File {
    url: String,
    asked: bool,
    answered: bool,
    bytes: Option<Vec<u8>>,
}

impl File {
    fn new(url: String) -> Self {
        Self {
            url,
            asked: false,
            answered: false,
            bytes: None,
        }
    }
}

/// What a content needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Files: those of [`Beside::due`], and answers to what was asked.
    Files,
    /// Nothing: it can be decoded.
    Nothing,
    /// More files than are allowed; how many, in words.
    TooMany(String),
}

impl Beside {
    /// A content that has come from an address.
    #[must_use]
    pub fn new(url: String, bytes: Vec<u8>) -> Self {
        Self {
            url,
            bytes,
            files: Vec::new(),
            stood_in: false,
            rounds: 0,
        }
    }

    /// The content's own address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Files that are to be asked for now, by number.
    pub fn due(&self) -> impl Iterator<Item = usize> + '_ {
        let files = self.files.iter().enumerate();
        files
            .filter(|(_, file)| !file.asked)
            .map(|(index, _)| index)
    }

    /// A file has been asked for.
    pub fn asked(&mut self, file: usize) {
        if let Some(file) = self.files.get_mut(file) {
            file.asked = true;
        }
    }

    /// The address of a file.
    #[must_use]
    pub fn address(&self, file: usize) -> Option<&str> {
        self.files.get(file).map(|file| file.url.as_str())
    }

    /// A file has come, or cannot be had.
    pub fn answered(&mut self, file: usize, bytes: Option<Vec<u8>>) {
        if let Some(file) = self.files.get_mut(file) {
            (file.answered, file.bytes) = (true, bytes);
        }
    }

    /// Bytes of what has come, the content's own included.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        let files = self.files.iter().filter_map(|file| file.bytes.as_ref());
        self.bytes.len() + files.map(Vec::len).sum::<usize>()
    }

    /// What is needed, now that what has come is there; at most so many files. What is wrong with the content is the
    /// decoder's to say.
    pub fn next(&mut self, most_files: usize) -> Next {
        if self.files.iter().any(|file| !file.answered) {
            return Next::Files;
        }
        if self.add_named() {
            let count = self.files.len();
            return if count > most_files {
                Next::TooMany(format!(
                    "it needs {count} files beside it, the limit is {most_files}"
                ))
            } else {
                Next::Files
            };
        }
        if !self.stood_in && self.files.iter().any(|file| file.bytes.is_none()) {
            self.stood_in = true;
            let files = &self.files;
            let is_missing = |url: &str| files.iter().any(|f| f.url == url && f.bytes.is_none());
            let mut more = formats::list_instead(&self.bytes, &self.url, &is_missing);
            more.retain(|url| files.iter().all(|f| f.url != *url));
            more.truncate(most_files);
            if !more.is_empty() {
                self.files.extend(more.into_iter().map(File::new));
                return Next::Files;
            }
        }
        Next::Nothing
    }

    /// Address, content, and the files that came, by resolved address.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<u8>, Vec<(String, Vec<u8>)>) {
        let files = self.files.into_iter();
        let files = files.filter_map(|file| file.bytes.map(|bytes| (file.url, bytes)));
        (self.url, self.bytes, files.collect())
    }

    /// Adds files that what has come names and that have not been asked for; whether there are any.
    fn add_named(&mut self) -> bool {
        if self.rounds >= formats::EXTERNAL_ROUNDS {
            return false;
        }
        self.rounds += 1;
        let come = |url: &str| {
            let file = self.files.iter().find(|file| file.url == url)?;
            file.bytes.clone()
        };
        let options = DecodeOptions::default();
        let mut urls = formats::list_external_with(&self.bytes, &self.url, &come, &options)
            .unwrap_or_default();
        urls.sort();
        urls.dedup();
        urls.retain(|url| {
            crate::uri::decode_data(url).is_none() && self.files.iter().all(|f| f.url != *url)
        });
        let any = !urls.is_empty();
        self.files.extend(urls.into_iter().map(File::new));
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_waits_for_each_of_its_files_once() {
        let model = r#"{"asset":{"version":"2.0"},"buffers":[{"uri":"a%20b.bin","byteLength":4}],
            "images":[{"uri":"bark.png"},{"uri":"bark.png"},{"uri":"data:,x"}]}"#;
        let mut beside = Beside::new("/m/tree.gltf".to_owned(), model.into());
        assert_eq!(beside.next(2), Next::Files);
        let due: Vec<usize> = beside.due().collect();
        let addresses: Vec<&str> = due.iter().filter_map(|f| beside.address(*f)).collect();
        assert_eq!(addresses, ["/m/a b.bin", "/m/bark.png"]);
        beside.asked(0);
        beside.asked(1);
        assert_eq!(beside.due().count(), 0);
        beside.answered(0, Some(b"aaaa".to_vec()));
        assert_eq!(beside.next(2), Next::Files, "one is under way");
        beside.answered(1, None);
        assert_eq!(beside.next(2), Next::Nothing);
        assert_eq!(beside.byte_count(), model.len() + 4);
        let (.., files) = beside.into_parts();
        assert_eq!(files, [("/m/a b.bin".to_owned(), b"aaaa".to_vec())]);
    }

    #[test]
    fn too_many_files_are_said_before_any_is_asked_for() {
        let model = r#"{"asset":{"version":"2.0"},"images":[{"uri":"a.png"},{"uri":"b.png"}]}"#;
        let mut beside = Beside::new("m.gltf".to_owned(), model.into());
        let Next::TooMany(why) = beside.next(1) else {
            panic!("two are more than one");
        };
        assert!(
            why.contains("2 files") && why.contains("limit is 1"),
            "{why}"
        );
        let mut alone = Beside::new("m.glb".to_owned(), b"no model".to_vec());
        assert_eq!(alone.next(1), Next::Nothing);
    }
}
