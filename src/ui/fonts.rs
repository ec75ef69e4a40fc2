//! Fonts: which files a language needs, and their installation.
//!
//! The files lie in `assets/fonts` (SIL Open Font License; made by `assets/fonts/subset.py`). The
//! panels do not load them: the app reads or downloads the files that [`files_for`] names and hands
//! their bytes to [`install`], so that a browser fetches only what its language needs. One family
//! throughout: Inter with tabular figures for Latin, Noto Sans CJK for Chinese, in the glyph shapes of
//! the language. Every language has the few characters of the other languages' names, for the menu.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

use super::i18n::Language;

/// The name of the semibold family.
pub const STRONG: &str = "strong";

/// A font file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FontFile {
    /// Latin, Greek letters of units, figures of one width.
    Latin,
    /// The same, semibold.
    LatinStrong,
    /// The names of the languages in the language menu.
    Names,
    /// Traditional Chinese.
    ChineseTraditional,
    /// Simplified Chinese.
    ChineseSimplified,
}

impl FontFile {
    /// Every file.
    pub const ALL: [Self; 5] = [
        Self::Latin,
        Self::LatinStrong,
        Self::Names,
        Self::ChineseTraditional,
        Self::ChineseSimplified,
    ];

    /// The file's name in `assets/fonts`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Latin => "latin-regular.otf",
            Self::LatinStrong => "latin-semibold.otf",
            Self::Names => "names.otf",
            Self::ChineseTraditional => "zh-hant.otf",
            Self::ChineseSimplified => "zh-hans.otf",
        }
    }
}

/// The files that a language needs, the most urgent first.
pub fn files_for(language: Language) -> &'static [FontFile] {
    use FontFile::{ChineseSimplified, ChineseTraditional, Latin, LatinStrong, Names};
    match language {
        Language::En => &[Latin, LatinStrong, Names],
        Language::ZhHant => &[Latin, LatinStrong, ChineseTraditional, Names],
        Language::ZhHans => &[Latin, LatinStrong, ChineseSimplified, Names],
    }
}

/// The file that has Chinese characters, for a language whose own files have none: wanted as soon as
/// data or typed text contains them.
pub fn file_for_chinese(language: Language) -> FontFile {
    match language {
        Language::En | Language::ZhHant => FontFile::ChineseTraditional,
        Language::ZhHans => FontFile::ChineseSimplified,
    }
}

/// Whether a text has characters that only the Chinese files hold.
pub fn needs_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}'))
}

/// Why font bytes were refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FontError {
    /// The bytes are no font: a truncated download, mostly, or a server's error page.
    #[error(
        "assets/fonts/{file} is not an OpenType font ({bytes} bytes): load the page again, or restore the file"
    )]
    NotAFont {
        /// The file's name.
        file: &'static str,
        /// How many bytes there were.
        bytes: usize,
    },
}

/// Installs fonts, replacing those installed before. They are used from the next frame on.
///
/// # Errors
/// Refuses bytes that are no font, before egui sees them (it would panic); the other files are
/// installed all the same, and the first refusal is returned.
pub fn install(
    ctx: &Context,
    language: Language,
    files: &[(FontFile, Arc<Vec<u8>>)],
) -> Result<(), FontError> {
    let mut definitions = FontDefinitions::empty();
    let mut result = Ok(());
    let mut usable: Vec<(FontFile, String)> = Vec::new();
    for (file, bytes) in files {
        if !is_open_type(bytes) {
            let refusal = FontError::NotAFont {
                file: file.file_name(),
                bytes: bytes.len(),
            };
            result = result.and(Err(refusal));
            continue;
        }
        let name = file.file_name().to_owned();
        definitions
            .font_data
            .insert(name.clone(), Arc::new(FontData::from_owned(bytes.to_vec())));
        usable.push((*file, name));
    }
    usable.sort_by_key(|(file, _)| rank(*file, language));
    let list = |skip: FontFile, first: FontFile| -> Vec<String> {
        let mut names: Vec<_> = usable.iter().filter(|(f, _)| *f != skip).cloned().collect();
        names.sort_by_key(|(f, _)| *f != first);
        names.into_iter().map(|(_, name)| name).collect()
    };
    let regular = list(FontFile::LatinStrong, FontFile::Latin);
    let mut strong = list(FontFile::Latin, FontFile::LatinStrong);
    if !usable.iter().any(|(f, _)| *f == FontFile::LatinStrong) {
        strong = regular.clone();
    }
    definitions
        .families
        .insert(FontFamily::Proportional, regular.clone());
    definitions.families.insert(FontFamily::Monospace, regular);
    definitions
        .families
        .insert(FontFamily::Name(STRONG.into()), strong);
    ctx.set_fonts(definitions);
    result
}

/// Whether [`install`] has been called and has taken effect: without fonts there is nothing to draw.
pub fn installed(ctx: &Context) -> bool {
    ctx.fonts(|fonts| {
        let families = &fonts.definitions().families;
        families
            .get(&FontFamily::Name(STRONG.into()))
            .is_some_and(|names| !names.is_empty())
    })
}

/// Which font is asked first: the language's own Chinese before the other.
fn rank(file: FontFile, language: Language) -> u8 {
    match file {
        FontFile::Latin | FontFile::LatinStrong => 0,
        f if f == file_for_chinese(language) => 1,
        FontFile::ChineseTraditional | FontFile::ChineseSimplified => 2,
        FontFile::Names => 3,
    }
}

/// Whether the bytes begin as an OpenType file does and hold the tables that they promise.
fn is_open_type(bytes: &[u8]) -> bool {
    let u16_at = |at: usize| {
        bytes
            .get(at..at + 2)
            .map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])))
    };
    let u32_at = |at: usize| {
        bytes
            .get(at..at + 4)
            .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
    };
    let magic = bytes.get(..4);
    if magic != Some(b"OTTO") && magic != Some(&[0, 1, 0, 0]) {
        return false;
    }
    let Some(tables) = u16_at(4) else {
        return false;
    };
    let mut seen = 0;
    for table in 0..tables {
        let at = 12 + table * 16;
        let (Some(tag), Some(offset), Some(length)) =
            (bytes.get(at..at + 4), u32_at(at + 8), u32_at(at + 12))
        else {
            return false;
        };
        if offset
            .checked_add(length)
            .is_none_or(|end| end > bytes.len())
        {
            return false;
        }
        seen += usize::from(matches!(
            tag,
            b"cmap" | b"head" | b"hhea" | b"hmtx" | b"maxp"
        ));
    }
    seen == 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::i18n::Messages;

    fn bytes_of(file: FontFile) -> Vec<u8> {
        std::fs::read(format!(
            "{}/assets/fonts/{}",
            env!("CARGO_MANIFEST_DIR"),
            file.file_name()
        ))
        .unwrap()
    }

    /// Chinese characters of the scene files and of the demo city's sources, whose names of places, buildings
    /// and layers the panels write too.
    fn shipped_names() -> String {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        let mut folders = vec![root.join("scenes"), root.join("crates/city_tiler/src")];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder)
                .unwrap()
                .map(|e| e.unwrap().path())
            {
                let extension = path.extension().and_then(|e| e.to_str());
                if path.is_dir() {
                    folders.push(path);
                } else if matches!(extension, Some("toml" | "rs")) {
                    text.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        text.retain(|c| needs_chinese(&c.to_string()));
        assert!(text.contains('海'), "the harbour has a Chinese name");
        text
    }

    fn context(language: Language) -> Context {
        let ctx = Context::default();
        let files: Vec<_> = files_for(language)
            .iter()
            .map(|f| (*f, Arc::new(bytes_of(*f))))
            .collect();
        install(&ctx, language, &files).unwrap();
        let _ = ctx.run_ui(egui::RawInput::default(), |_| {});
        ctx
    }

    #[test]
    fn files_are_small_and_whole() {
        for file in FontFile::ALL {
            let bytes = bytes_of(file);
            assert!(
                bytes.len() < 224 * 1024,
                "{} has {} bytes",
                file.file_name(),
                bytes.len()
            );
            assert!(is_open_type(&bytes), "{}", file.file_name());
            assert!(
                !is_open_type(&bytes[..bytes.len() / 2]),
                "half of {} is refused",
                file.file_name()
            );
        }
    }

    #[test]
    fn every_language_can_write_its_messages_and_the_other_languages_names() {
        for language in Language::ALL {
            let ctx = context(language);
            assert!(installed(&ctx));
            let mut text: String = Language::ALL
                .iter()
                .flat_map(|l| [l.native_name(), l.short_name()])
                .collect();
            let source = std::fs::read_to_string(format!(
                "{}/assets/i18n/{}.ftl",
                env!("CARGO_MANIFEST_DIR"),
                language.tag()
            ));
            text.extend(source.unwrap().lines().filter(|l| !l.starts_with('#')));
            if language != Language::En {
                text.push_str(&shipped_names());
            }
            text.push_str("0123456789 µg/m³ PM2.5 CO₂ °C ≤ ≥ ± − × · … ← → ↑ ↓ 港");
            if language == Language::En {
                text = text.replace('港', "");
            }
            for family in [FontFamily::Proportional, FontFamily::Name(STRONG.into())] {
                let known = ctx.fonts_mut(|f| f.fonts.font(&family).characters().clone());
                let missing: String = text
                    .chars()
                    .filter(|c| !c.is_whitespace() && !known.contains_key(c))
                    .collect();
                assert!(
                    missing.is_empty(),
                    "{}: no glyph for {missing:?}",
                    language.tag()
                );
            }
            assert_eq!(Messages::new(language).language(), language);
        }
    }

    #[test]
    fn figures_have_one_width() {
        let ctx = context(Language::En);
        for family in [FontFamily::Proportional, FontFamily::Name(STRONG.into())] {
            let font = egui::FontId::new(14.0, family);
            let widths: Vec<f32> = ('0'..='9')
                .map(|c| ctx.fonts_mut(|f| f.glyph_width(&font, c)))
                .collect();
            assert!(
                widths.iter().all(|w| (w - widths[0]).abs() < 1e-3),
                "{widths:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_font_are_refused_without_a_panic() {
        let ctx = Context::default();
        let page = Arc::new(b"<html>404</html>".to_vec());
        let refusal = install(&ctx, Language::En, &[(FontFile::Latin, page)]);
        assert_eq!(
            refusal,
            Err(FontError::NotAFont {
                file: "latin-regular.otf",
                bytes: 16
            })
        );
        let _ = ctx.run_ui(egui::RawInput::default(), |_| {});
        assert!(!installed(&ctx));
    }
}
