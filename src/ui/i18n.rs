//! Words in three languages, from message files.
//!
//! The files (`assets/i18n/*.ftl`) use a small part of Fluent's syntax, so that translators' tools
//! read them: comments (`#`), one-line messages (`key = text`) and placeables (`{ $name }`). No
//! selectors, terms or attributes: the texts are worded so that they need no plural forms. A line that
//! is none of these is an error that the tests find. All three files are part of the program, about
//! 12 KB each, so that the language changes at once; fonts are what the browser fetches by need.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

/// A language of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Traditional Chinese.
    #[serde(rename = "zh-Hant")]
    ZhHant,
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    ZhHans,
}

impl Language {
    /// Every language, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::En, Self::ZhHant, Self::ZhHans];

    /// The language's own name.
    pub fn native_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhHant => "繁體中文",
            Self::ZhHans => "简体中文",
        }
    }

    /// The short form for the top bar.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::En => "EN",
            Self::ZhHant => "繁",
            Self::ZhHans => "简",
        }
    }

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHant => "zh-Hant",
            Self::ZhHans => "zh-Hans",
        }
    }

    /// The best of our languages for a BCP 47 tag, as a browser or `LANG` gives it ("zh-HK",
    /// "zh_CN.UTF-8", "en-GB"); English for anything unknown.
    pub fn from_tag(tag: &str) -> Self {
        let tag = tag.to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split(['-', '.']);
        if parts.next() != Some("zh") {
            return Self::En;
        }
        let rest: Vec<&str> = parts.collect();
        if rest
            .iter()
            .any(|p| matches!(*p, "hant" | "tw" | "hk" | "mo"))
        {
            Self::ZhHant
        } else {
            Self::ZhHans
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::En => include_str!("../../assets/i18n/en.ftl"),
            Self::ZhHant => include_str!("../../assets/i18n/zh-Hant.ftl"),
            Self::ZhHans => include_str!("../../assets/i18n/zh-Hans.ftl"),
        }
    }
}

/// Keys of what the app says about what happened, and of what the libraries say about where numbers are from.
const SAID: [&str; 2] = ["notice-", "said-"];

/// The messages of one language.
#[derive(Debug)]
pub struct Messages {
    language: Language,
    texts: HashMap<&'static str, &'static str>,
}

impl Messages {
    /// Reads the messages of a language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            texts: entries(language.source()).flatten().collect(),
        }
    }

    /// The language of these messages.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key; the key itself where the file lacks it (the tests let no such key pass).
    pub fn get<'k>(&self, key: &'k str) -> &'k str {
        self.texts.get(key).copied().unwrap_or(key)
    }

    /// The text of a key that need not exist, such as `layer-traffic`.
    pub fn find(&self, key: &str) -> Option<&'static str> {
        self.texts.get(key).copied()
    }

    /// The text of `prefix-id`, or `otherwise` where the files do not name it.
    pub fn named<'k>(&self, prefix: &str, id: &str, otherwise: &'k str) -> &'k str {
        self.find(&format!("{prefix}-{id}")).unwrap_or(otherwise)
    }

    /// A message of the app in the language: found by its English words, whole or up to the first `: `, after
    /// which names, numbers and others' words follow. What the files do not know stays as it is.
    pub fn translate<'k>(&self, english: &'k str) -> Cow<'k, str> {
        if self.language == Language::En || english.is_empty() {
            return Cow::Borrowed(english);
        }
        if let Some(text) = self.notice(english) {
            return Cow::Borrowed(text);
        }
        match english
            .split_once(": ")
            .and_then(|(what, rest)| Some((self.notice(what)?, rest)))
        {
            Some((what, rest)) => Cow::Owned(format!("{what}：{rest}")),
            None => Cow::Borrowed(english),
        }
    }

    fn notice(&self, english: &str) -> Option<&'static str> {
        let mut all = entries(Language::En.source()).flatten();
        let (key, _) = all.find(|(key, text)| {
            *text == english && SAID.iter().any(|prefix| key.starts_with(prefix))
        })?;
        self.find(key)
    }

    /// The text of a key with its placeables filled in.
    pub fn fmt(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let text = self.get(key);
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((inside, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            let name = inside.trim().trim_start_matches('$');
            match values.iter().find(|(n, _)| *n == name) {
                Some((_, value)) => out.push_str(&value.to_string()),
                None => out.push_str(name),
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// The entries of a message file; `Err` with the line number for a line that is not understood.
fn entries(
    source: &'static str,
) -> impl Iterator<Item = Result<(&'static str, &'static str), usize>> {
    source.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let entry = line
            .split_once('=')
            .map(|(key, text)| (key.trim(), text.trim()));
        let is_key = |k: &str| {
            !k.is_empty()
                && k.chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        Some(
            entry
                .filter(|(key, text)| is_key(key) && !text.is_empty())
                .ok_or(index + 1),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn placeables(text: &str) -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|p| p.split_once('}'))
            .map(|(p, _)| p.trim().to_owned())
            .collect()
    }

    #[test]
    fn the_three_files_have_the_same_keys_and_placeables() {
        let english = Messages::new(Language::En);
        for language in Language::ALL {
            let lines: Vec<_> = entries(language.source()).collect();
            for line in &lines {
                assert!(
                    line.is_ok(),
                    "{}.ftl line {:?} is not a message",
                    language.tag(),
                    line
                );
            }
            let other = Messages::new(language);
            assert_eq!(
                lines.len(),
                other.texts.len(),
                "{}.ftl has a key twice",
                language.tag()
            );
            let keys = |m: &Messages| m.texts.keys().copied().collect::<BTreeSet<_>>();
            let missing: Vec<_> = keys(&english)
                .symmetric_difference(&keys(&other))
                .copied()
                .collect();
            assert!(
                missing.is_empty(),
                "{}.ftl differs from en.ftl in {missing:?}",
                language.tag()
            );
            for (key, text) in &english.texts {
                assert_eq!(
                    placeables(text),
                    placeables(other.texts[key]),
                    "{} in {}.ftl",
                    key,
                    language.tag()
                );
            }
        }
    }

    /// Every key that the code names in a string literal exists, and every key in the files that is not
    /// of a family looked up by its parts is named somewhere in the code.
    #[test]
    fn every_key_in_the_code_exists_and_none_is_left_over() {
        let code = sources("src");
        let english = Messages::new(Language::En);
        for call in ["t.get(\"", "t.fmt(\"", "t.get(\n", "key: \""] {
            for rest in code.split(call).skip(1) {
                let Some((key, _)) = rest.split_once('"') else {
                    continue;
                };
                if key
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                    && !key.is_empty()
                {
                    assert!(
                        english.texts.contains_key(key),
                        "{key} is used in the code but not in the files"
                    );
                }
            }
        }
        const FAMILIES: [&str; 15] = [
            "layer-",
            "property-",
            "use-",
            "class-",
            "unit-",
            "mark-",
            "reject-",
            "plan-op-",
            "plan-diff-",
            "plan-field-",
            "plan-indicator-",
            "plan-method-",
            "plan-source-",
            SAID[0],
            SAID[1],
        ];
        for key in english.texts.keys() {
            let family = FAMILIES.iter().any(|f| key.starts_with(f));
            assert!(
                family || code.contains(&format!("\"{key}\"")),
                "{key} is in the files but not used"
            );
        }
    }

    /// Reads every source file under a folder, without the message files.
    fn sources(folder: &str) -> String {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = String::new();
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder)
                .unwrap()
                .map(|e| e.unwrap().path())
            {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        code
    }

    #[test]
    fn what_the_app_says_is_found_by_its_english_words() {
        let traditional = Messages::new(Language::ZhHant);
        assert_eq!(
            traditional.translate("the hub does not answer: connection refused"),
            "中樞沒有回應：connection refused"
        );
        assert_eq!(
            traditional.translate("the link to this view is copied"),
            "已複製此視角的連結"
        );
        for other in ["tiles/1.glb: 404", "something new", ""] {
            assert_eq!(traditional.translate(other), other);
        }
        let english = Messages::new(Language::En);
        assert_eq!(english.translate("it is left out"), "it is left out");
        // None has gone stale: each is said somewhere.
        let code = [
            "src",
            "crates/city_time/src",
            "crates/city_hub/src",
            "crates/city_models/src",
        ];
        let code = code.map(sources).concat();
        for (key, text) in entries(Language::En.source()).flatten() {
            assert!(
                !SAID.iter().any(|prefix| key.starts_with(prefix)) || code.contains(text),
                "nobody says {text:?} ({key}) any more"
            );
        }
    }

    #[test]
    fn placeables_are_filled_in() {
        let mut messages = Messages::new(Language::En);
        messages.texts.insert("test", "{ $n } of { $m } {broken");
        assert_eq!(
            messages.fmt("test", &[("n", &3), ("m", &"many")]),
            "3 of many broken"
        );
        assert_eq!(messages.fmt("no such key", &[]), "no such key");
    }

    #[test]
    fn language_tags_find_the_right_script() {
        for (tag, want) in [
            ("zh-HK", Language::ZhHant),
            ("zh_TW.UTF-8", Language::ZhHant),
            ("zh-Hant-HK", Language::ZhHant),
            ("zh-CN", Language::ZhHans),
            ("zh", Language::ZhHans),
            ("en-GB", Language::En),
            ("fr", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(Language::from_tag(tag), want, "{tag}");
        }
    }
}
