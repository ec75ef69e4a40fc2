//! What opened files are called.

/// What an address calls its file, without folders and extension; `otherwise` where that is nothing.
#[must_use]
pub fn stem(url: &str, otherwise: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let file = bare.rsplit(['/', '\\']).next().unwrap_or(bare);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let plain = percent_encoding::percent_decode_str(stem).decode_utf8_lossy();
    if plain.is_empty() {
        otherwise.to_owned()
    } else {
        plain.into_owned()
    }
}

/// The name, with a number where it is taken.
#[must_use]
pub fn numbered(wanted: &str, taken: &[String]) -> String {
    let mut name = wanted.to_owned();
    let mut copies = 1;
    while taken.contains(&name) {
        copies += 1;
        name = format!("{wanted} ({copies})");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_address() {
        let name_of = |url: &str, taken: &[String]| numbered(&stem(url, "table"), taken);
        assert_eq!(name_of("file:///a/energy%202025.csv", &[]), "energy 2025");
        assert_eq!(
            name_of("https://x.org/t.csv?key=1", &["t".to_owned()]),
            "t (2)"
        );
        assert_eq!(name_of("", &[]), "table");
    }
}
