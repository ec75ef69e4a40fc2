//! Models that a hub keeps, so that a scenario that names them can be opened anywhere.

use sha2::{Digest as _, Sha256};

/// Longest file of a model that a hub keeps, bytes.
pub const MAX_MODEL_BYTES: usize = 32 << 20;

/// Before the name of a model that the hub keeps, in a scenario.
pub const KEPT_MODELS: &str = "hub:models/";

/// Longest name of a file that goes along with an address, bytes.
const MAX_LABEL_BYTES: usize = 100;

/// A model that a hub keeps. Its name is the SHA-256 of its bytes, so that what is named cannot change, and two people
/// who bring the same file keep it once. A scenario names it `hub:models/<SHA-256>.glb#<name of the file>`, which is
/// the same on every machine: where the hub is, each program knows for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptModel {
    hash: String,
    label: String,
}

impl KeptModel {
    /// What a model is named by.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            hash: Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            label: String::new(),
        }
    }

    /// The same, with what people call its file.
    #[must_use]
    pub fn named(mut self, label: &str) -> Self {
        self.label.clear();
        for letter in label.chars().filter(|c| !c.is_control() && *c != '#') {
            if self.label.len() + letter.len_utf8() > MAX_LABEL_BYTES {
                break;
            }
            self.label.push(letter);
        }
        self
    }

    /// Takes an address in a scenario apart; `None` for any other address.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        let rest = address.strip_prefix(KEPT_MODELS)?;
        let (file, label) = rest.split_once('#').unwrap_or((rest, ""));
        Some(Self {
            hash: hash_of_file(file)?.to_owned(),
            label: label.to_owned(),
        })
    }

    /// The name of its file on the hub.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.glb", self.hash)
    }

    /// Its address in a scenario.
    #[must_use]
    pub fn address(&self) -> String {
        let file = self.file();
        if self.label.is_empty() {
            format!("{KEPT_MODELS}{file}")
        } else {
            format!("{KEPT_MODELS}{file}#{}", self.label)
        }
    }
}

/// The hash in the name of a kept model's file: 64 hexadecimal digits in small letters before `.glb`. `None` for any
/// other name.
#[must_use]
pub fn hash_of_file(name: &str) -> Option<&str> {
    let hash = name.strip_suffix(".glb")?;
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (hash.len() == 64 && hash.bytes().all(digit)).then_some(hash)
}

/// What people call a model: the name of the file that was kept, or the address as it is written.
#[must_use]
pub fn model_label(address: &str) -> &str {
    let label = address
        .strip_prefix(KEPT_MODELS)
        .and_then(|rest| rest.split_once('#'))
        .map_or("", |(_, label)| label);
    if label.is_empty() { address } else { label }
}

/// Why bytes are no GLB (glTF 2.0, 4.4.1); `None` where they are one, as far as their header says.
#[must_use]
pub fn glb_fault(bytes: &[u8]) -> Option<String> {
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        bytes.try_into().ok().map(u32::from_le_bytes)
    };
    if !bytes.starts_with(b"glTF") {
        return Some("it is no GLB: a GLB starts with `glTF`".to_owned());
    }
    match (word(4), word(8)) {
        (Some(2), Some(length)) if length as usize == bytes.len() => None,
        (Some(2), Some(length)) => Some(format!(
            "it is a broken GLB: it says that it has {length} bytes and has {}",
            bytes.len()
        )),
        (Some(version), Some(_)) => Some(format!(
            "it is a GLB of version {version}: only version 2 is taken"
        )),
        _ => Some("it is a broken GLB: it ends in its header".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn an_address_says_what_is_in_the_file_and_what_people_call_it() {
        let kept = KeptModel::of(b"abc").named("Café #2.glb");
        assert_eq!(kept.file(), format!("{ABC}.glb"));
        let address = kept.address();
        assert_eq!(address, format!("hub:models/{ABC}.glb#Café 2.glb"));
        assert_eq!(KeptModel::parse(&address), Some(kept));
        assert_eq!(model_label(&address), "Café 2.glb");
        let nameless = KeptModel::of(b"abc").address();
        assert_eq!(nameless, format!("hub:models/{ABC}.glb"));
        assert_eq!(model_label(&nameless), nameless);
        assert_eq!(model_label("models/a.glb#x"), "models/a.glb#x");
        assert!(KeptModel::of(b"").named(&"好".repeat(200)).address().len() < 300);
    }

    #[test]
    fn other_addresses_are_none_of_a_hub() {
        for other in [
            format!("models/{ABC}.glb"),
            format!("hub:models/{ABC}.gltf"),
            format!("hub:models/{}.glb", ABC.to_uppercase()),
            format!("hub:models/../{ABC}.glb"),
            "hub:models/a.glb".to_owned(),
            "hub:models/".to_owned(),
        ] {
            assert_eq!(KeptModel::parse(&other), None, "{other}");
        }
        assert_eq!(hash_of_file("../../etc/passwd.glb"), None);
    }

    #[test]
    fn what_is_no_glb_is_said() {
        let glb = |version: u32, length: u32| {
            let mut bytes = b"glTF".to_vec();
            bytes.extend(version.to_le_bytes());
            bytes.extend(length.to_le_bytes());
            bytes
        };
        let fault = |bytes: &[u8]| glb_fault(bytes).unwrap_or_default();
        assert_eq!(glb_fault(&glb(2, 12)), None);
        assert!(fault(&glb(2, 13)).contains("says that it has 13 bytes and has 12"));
        assert!(fault(&glb(1, 12)).contains("version 1"));
        assert!(fault(b"glTF").contains("ends in its header"));
        assert!(fault(b"{\"asset\": {}}").contains("no GLB"));
        assert!(fault(b"").contains("no GLB"));
    }
}
