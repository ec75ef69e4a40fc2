//! Addresses of tilesets and contents: URLs, or paths of files on this machine.
//!
//! A *location* is a string that is either an absolute URL (`https://…`, `data:…`) or a path. Nothing is
//! opened here; [`resolve`] only says where a URI inside a file points to.

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

/// Where `uri`, written inside the file at `base`, points to. Against a URL, RFC 3986 section 5 holds, and query
/// parameters of the base (access tokens) are handed on to the same origin; against a path, the URI is
/// percent-decoded and loses query and fragment.
pub fn resolve(base: &str, uri: &str) -> Result<String, UriError> {
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
    let is_separator = |c: char| c == '/' || (cfg!(windows) && c == '\\');
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
