//! Addresses of tilesets and contents: URLs, or paths of files on this machine.
//!
//! A *location* is a string that is either an absolute URL (`https://…`, `data:…`) or a path. Nothing is
//! opened here; [`resolve`] only says where a URI inside a file points to.
//!
//! A file inside a package is addressed as if the package were a folder, as MAXAR_content_3tz has it:
//! `https://host/city.3tz/tiles/0.glb?key=7`. [`package_of`] takes such an address apart.

use percent_encoding::percent_decode_str;
use url::Url;

/// Why an address was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// The URI does not parse as a URL reference (RFC 3986).
    #[error(
        "the address '{uri}' inside {base} is not a valid URL: {cause}; correct it in the file"
    )]
    Invalid {
        /// The URI as written.
        uri: String,
        /// The file it was written in.
        base: String,
        /// The parser's words.
        cause: String,
    },
    /// A tileset from the network names a file of this machine.
    #[error("{base} came over the network and may not name the local file '{uri}'")]
    LocalFromRemote {
        /// The URI as written.
        uri: String,
        /// The file it was written in.
        base: String,
    },
    /// A `data:` URI that cannot be read.
    #[error("a data: URI cannot be read: {0}")]
    Data(&'static str),
}

/// Whether a location is a URL rather than a path. One letter before the colon is a Windows drive.
pub fn is_url(location: &str) -> bool {
    location.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

fn is_remote(location: &str) -> bool {
    is_url(location) && !has_scheme(location, "file") && !has_scheme(location, "data")
}

fn has_scheme(location: &str, scheme: &str) -> bool {
    location
        .split_once(':')
        .is_some_and(|(s, _)| s.eq_ignore_ascii_case(scheme))
}

/// A file inside a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPackage {
    /// The package's own location, with the query that the address had.
    pub package: String,
    /// The path inside it, percent-decoded; `tileset.json` where the address names the package alone.
    pub path: String,
}

impl InPackage {
    /// Whether it is in a database (`.3dtiles`) rather than an archive (`.3tz`).
    #[must_use]
    pub fn is_database(&self) -> bool {
        let (path, _) = path_and_rest(&self.package);
        names_package(path) == Some(DATABASE)
    }
}

/// Endings of packages.
const ARCHIVE: &str = ".3tz";
const DATABASE: &str = ".3dtiles";

/// The ending by which a part of a path names a package.
fn names_package(part: &str) -> Option<&'static str> {
    [ARCHIVE, DATABASE].into_iter().find(|ending| {
        let stem = part.len().checked_sub(ending.len());
        let stem = stem.filter(|stem| *stem > 0);
        stem.and_then(|stem| part.get(stem..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}

/// Takes the address of a file inside a package (`.3tz`, `.3dtiles`) apart; `None` where no part of the path is a package. The
/// address of a package alone means its `tileset.json` (MAXAR_content_3tz, "Path Resolver Algorithm").
pub fn package_of(location: &str) -> Option<InPackage> {
    if has_scheme(location, "data") {
        return None;
    }
    let (path, rest) = path_and_rest(location);
    let (end, _) = package_part(path)?;
    let (package, inner) = path.split_at(end);
    let inner = inner.trim_start_matches(is_separator);
    let inner = if is_url(location) {
        percent_decode_str(inner).decode_utf8().ok()?.into_owned()
    } else {
        inner.to_owned()
    };
    // A fragment is no part of what is fetched.
    let query = rest.split('#').next().unwrap_or_default();
    Some(InPackage {
        package: format!("{package}{query}"),
        path: if inner.is_empty() {
            "tileset.json".to_owned()
        } else {
            inner
        },
    })
}

fn is_separator(c: char) -> bool {
    c == '/' || (cfg!(windows) && c == '\\')
}

/// A location without, and its query and fragment. A path of this machine has neither.
fn path_and_rest(location: &str) -> (&str, &str) {
    let end = is_url(location)
        .then(|| location.find(['?', '#']))
        .flatten();
    location.split_at(end.unwrap_or(location.len()))
}

/// Where the last part of a path that names a package ends, and how many such parts there are.
fn package_part(path: &str) -> Option<(usize, usize)> {
    let (mut at, mut found) = (0, None);
    let mut count = 0;
    for part in path.split(is_separator) {
        let end = at + part.len();
        if names_package(part).is_some() {
            count += 1;
            found = Some((end, count));
        }
        at = end + 1;
    }
    found
}

/// Where `uri`, written inside the file at `base`, points to. Against a URL, RFC 3986 section 5 holds, and query
/// parameters of the base (access tokens) are handed on to the same origin; against a path, the URI is
/// percent-decoded and loses query and fragment.
///
/// A base that is a package alone stands for the package's `tileset.json`. Packages are never inside packages, so a
/// URI that would name one inside the base's package names one beside it.
pub fn resolve(base: &str, uri: &str) -> Result<String, UriError> {
    let relative = !is_url(uri) && !uri.starts_with(is_separator);
    if !relative || has_scheme(base, "data") {
        return join(base, uri);
    }
    let (base_path, base_rest) = path_and_rest(base);
    let Some((end, _)) = package_part(base_path) else {
        return join(base, uri);
    };
    let target = uri.split(['?', '#']).next().unwrap_or_default();
    let is_package = package_part(target).is_some();
    let package = base_path.get(..end).unwrap_or(base_path);
    if base_path.len() == end {
        // Relative to the package as a file for its neighbours, as a folder for what is in it.
        return if is_package {
            join(base, uri)
        } else {
            join(&format!("{package}/tileset.json{base_rest}"), uri)
        };
    }
    let joined = join(base, uri)?;
    let (path, _) = path_and_rest(&joined);
    match package_part(path) {
        Some((_, 2..)) if is_package => join(&format!("{package}{base_rest}"), uri),
        _ => Ok(joined),
    }
}

fn join(base: &str, uri: &str) -> Result<String, UriError> {
    let invalid = |cause: &dyn std::fmt::Display| UriError::Invalid {
        uri: short(uri),
        base: short(base),
        cause: cause.to_string(),
    };
    if has_scheme(uri, "data") {
        return Ok(uri.to_owned());
    }
    if is_url(uri) {
        if is_remote(base) && has_scheme(uri, "file") {
            return Err(UriError::LocalFromRemote {
                uri: short(uri),
                base: short(base),
            });
        }
        let mut url = Url::parse(uri).map_err(|e| invalid(&e))?;
        if let Ok(base) = Url::parse(base) {
            hand_on_query(&base, &mut url);
        }
        return Ok(url.into());
    }
    if has_scheme(base, "data") {
        return Err(invalid(&"a data: URI has no place for relative addresses"));
    }
    if is_url(base) {
        let base = Url::parse(base).map_err(|e| invalid(&e))?;
        let mut url = base.join(uri).map_err(|e| invalid(&e))?;
        hand_on_query(&base, &mut url);
        return Ok(url.into());
    }
    let path_part = uri.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_decode_str(path_part)
        .decode_utf8()
        .map_err(|e| invalid(&e))?;
    if decoded.contains('\0') {
        return Err(invalid(&"a zero byte"));
    }
    Ok(join_path(base, &decoded))
}

fn hand_on_query(base: &Url, url: &mut Url) {
    if base.query().is_none() || base.origin() != url.origin() {
        return;
    }
    let own: Vec<String> = url.query_pairs().map(|(k, _)| k.into_owned()).collect();
    let missing: Vec<(String, String)> = base
        .query_pairs()
        .filter(|(k, _)| !own.iter().any(|o| o == k))
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    if !missing.is_empty() {
        url.query_pairs_mut().extend_pairs(missing);
    }
}

fn join_path(base: &str, relative: &str) -> String {
    if relative.starts_with(is_separator) {
        return relative.to_owned();
    }
    let folder = base.rfind(is_separator).map_or("", |at| &base[..=at]);
    let mut parts: Vec<&str> = folder
        .split(is_separator)
        .filter(|p| !p.is_empty() && *p != ".")
        .collect();
    let absolute = folder.starts_with(is_separator);
    for part in relative.split(is_separator) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

/// A location fit for a message: without the query (which may hold an access token), and not too long.
pub fn short(location: &str) -> String {
    if has_scheme(location, "data") {
        return "data:…".to_owned();
    }
    let plain = if is_url(location) {
        location.split('?').next().unwrap_or_default()
    } else {
        location
    };
    if plain.chars().count() <= 240 {
        return plain.to_owned();
    }
    let tail: String = plain.chars().skip(plain.chars().count() - 200).collect();
    format!("…{tail}")
}

/// The bytes of a `data:` URI (RFC 2397); `None` where the location is not one.
pub fn decode_data(location: &str) -> Option<Result<Vec<u8>, UriError>> {
    if !has_scheme(location, "data") {
        return None;
    }
    Some(decode_data_body(
        location.split_once(':').map_or("", |(_, rest)| rest),
    ))
}

fn decode_data_body(rest: &str) -> Result<Vec<u8>, UriError> {
    let (kind, body) = rest
        .split_once(',')
        .ok_or(UriError::Data("it has no comma"))?;
    let raw: Vec<u8> = percent_decode_str(body).collect();
    if !kind.to_ascii_lowercase().ends_with(";base64") {
        return Ok(raw);
    }
    decode_base64(&raw).ok_or(UriError::Data("its base64 is damaged"))
}

fn decode_base64(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for &byte in raw {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\r' | b'\n' | b' ' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_paths() {
        assert_eq!(
            resolve("/a/b/tileset.json", "c/d.glb").unwrap(),
            "/a/b/c/d.glb"
        );
        assert_eq!(
            resolve("/a/b/tileset.json", "../d%20e.glb?v=1").unwrap(),
            "/a/d e.glb"
        );
        assert_eq!(resolve("/a/tileset.json", "../../../x").unwrap(), "/x");
        assert_eq!(resolve("tileset.json", "./x.glb").unwrap(), "x.glb");
        assert_eq!(
            resolve("../t/tileset.json", "../../x.glb").unwrap(),
            "../../x.glb"
        );
        assert_eq!(
            resolve("C:/city/tileset.json", "x.glb").unwrap(),
            "C:/city/x.glb"
        );
    }

    #[test]
    fn urls_are_joined_as_urls_and_keep_the_token_at_home() {
        let base = "https://host/a/tileset.json?key=7&v=2";
        assert_eq!(
            resolve(base, "c/d.glb").unwrap(),
            "https://host/a/c/d.glb?key=7&v=2"
        );
        assert_eq!(
            resolve(base, "d.glb?v=3").unwrap(),
            "https://host/a/d.glb?v=3&key=7"
        );
        assert_eq!(
            resolve(base, "https://other/d.glb").unwrap(),
            "https://other/d.glb"
        );
        assert_eq!(
            resolve("https://h/a/t.json", "../{x}.glb").unwrap(),
            "https://h/%7Bx%7D.glb"
        );
    }

    #[test]
    fn files_inside_packages_have_addresses() {
        let apart = |location| package_of(location).map(|p| (p.package, p.path));
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(apart("/a/city.3tz"), pair("/a/city.3tz", "tileset.json"));
        assert_eq!(apart("city.3TZ/"), pair("city.3TZ", "tileset.json"));
        assert_eq!(
            apart("/a/city.3dtiles/t/0.glb"),
            pair("/a/city.3dtiles", "t/0.glb")
        );
        let is_database = |location| package_of(location).map(|p| p.is_database());
        assert_eq!(is_database("https://h/a.3DTILES/t.json?k=1"), Some(true));
        assert_eq!(is_database("/a.3dtiles/b.3tz/t.json"), Some(false));
        assert_eq!(is_database("/a/.3dtiles"), None);
        assert_eq!(
            apart("C:/a/city.3tz/t/0 1.glb"),
            pair("C:/a/city.3tz", "t/0 1.glb")
        );
        assert_eq!(
            apart("https://h/a/city.3tz/t/0%201.glb?key=7#x"),
            pair("https://h/a/city.3tz?key=7", "t/0 1.glb")
        );
        assert_eq!(
            apart("https://h/city.3tz?v=a.3tz/b"),
            pair("https://h/city.3tz?v=a.3tz/b", "tileset.json")
        );
        for other in [
            "/a/city.3tzx/b",
            "/a/.3tz",
            "https://h/t.json?f=x.3tz",
            "data:,a.3tz",
            "/a/b.json",
        ] {
            assert_eq!(package_of(other), None, "{other}");
        }
        // A path may hold what is special in a URL.
        assert_eq!(apart("/a/q?.3tz/b#.glb"), pair("/a/q?.3tz", "b#.glb"));
    }

    #[test]
    fn addresses_inside_packages_resolve_as_in_folders() {
        for (base, uri, expected) in [
            ("/a/city.3tz", "t/0.glb", "/a/city.3tz/t/0.glb"),
            (
                "/a/city.3tz/tileset.json",
                "t/0%20.glb?v=1",
                "/a/city.3tz/t/0 .glb",
            ),
            ("/a/city.3tz/t/sub.json", "../0.glb", "/a/city.3tz/0.glb"),
            ("C:/a/city.3tz", "t/0.glb", "C:/a/city.3tz/t/0.glb"),
            (
                "https://h/a/city.3tz?key=7",
                "t/0.glb",
                "https://h/a/city.3tz/t/0.glb?key=7",
            ),
            (
                "https://h/a/city.3tz/t/s.json?key=7",
                "0.glb?v=1",
                "https://h/a/city.3tz/t/0.glb?v=1&key=7",
            ),
            // Neighbours, seen from the package as a file and as a folder.
            ("/a/s/city.3tz", "../other.3tz", "/a/other.3tz"),
            (
                "/a/s/city.3tz/tileset.json",
                "../other.3tz",
                "/a/s/other.3tz",
            ),
            ("/a/city.3tz", "other.3tz/x.glb", "/a/other.3tz/x.glb"),
            (
                "/a/city.3tz/t/s.json",
                "other.3tz/x.glb",
                "/a/other.3tz/x.glb",
            ),
            (
                "https://h/city.3tz/t.json?key=7",
                "other.3tz",
                "https://h/other.3tz?key=7",
            ),
            ("/a/tileset.json", "city.3tz", "/a/city.3tz"),
            ("/a/city.3tz", "https://h/x.glb", "https://h/x.glb"),
        ] {
            assert_eq!(resolve(base, uri).unwrap(), expected, "{base} + {uri}");
        }
        assert!(resolve("https://h/city.3tz", "file:///etc/passwd").is_err());
    }

    #[cfg(windows)]
    #[test]
    fn windows_paths_lead_into_packages() {
        let base = r"C:\a\city.3tz";
        assert_eq!(resolve(base, "t/0.glb").unwrap(), "C:/a/city.3tz/t/0.glb");
        assert_eq!(
            package_of(r"C:\a\city.3tz\t\0.glb").unwrap().path,
            r"t\0.glb"
        );
    }

    #[test]
    fn the_network_may_not_name_local_files() {
        let refused = resolve("https://h/t.json", "file:///etc/passwd");
        assert!(matches!(refused, Err(UriError::LocalFromRemote { .. })));
        assert!(resolve("/t.json", "file:///x").is_ok());
        assert!(resolve("data:,x", "y.glb").is_err());
    }

    #[test]
    fn data_uris_are_read() {
        assert_eq!(
            decode_data("data:application/octet-stream;base64,aGk=")
                .unwrap()
                .unwrap(),
            b"hi"
        );
        assert_eq!(decode_data("data:,a%20b").unwrap().unwrap(), b"a b");
        assert!(decode_data("data:;base64,a*b=").unwrap().is_err());
        assert!(decode_data("data:nothing").unwrap().is_err());
        assert!(decode_data("http://x").is_none());
    }

    #[test]
    fn messages_show_no_tokens() {
        assert_eq!(short("https://h/t.json?key=secret"), "https://h/t.json");
        assert_eq!(short("data:;base64,AAAA"), "data:…");
    }
}
