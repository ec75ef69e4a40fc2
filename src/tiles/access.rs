//! How a tileset's server is asked: headers, keys, and tokens that are renewed when the server no longer takes them.

use std::fmt;

use serde::Deserialize;
use url::Url;

use super::layer::OpenTileset;
use crate::platform::FetchFailure;

/// What a server wants to see before it answers. Sent to the tileset's own origin only.
#[derive(Clone, Default, PartialEq)]
pub struct Access {
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// Parameters of every address.
    pub query: Vec<(String, String)>,
    /// Where a fresh token comes from when the server says 401 or 403: an address that answers as Cesium ion's asset
    /// endpoints do.
    pub endpoint: Option<String>,
}

/// Tokens do not belong in logs.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |list: &[(String, String)]| {
            list.iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        };
        f.debug_struct("Access")
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("is_renewed", &self.endpoint.is_some())
            .finish()
    }
}

/// One tileset's access while it is open.
#[derive(Debug, Default)]
pub(super) struct Gate {
    access: Access,
    origin: Option<String>,
    /// Counts the tokens: what was refused under an older one is asked again under the new one.
    pub generation: u32,
    /// A token is being fetched.
    pub is_renewing: bool,
    /// The address for which it was last fetched.
    pub refused: String,
}

impl Gate {
    pub fn new(access: Access, tileset: &str) -> Self {
        Self {
            access,
            origin: origin(tileset),
            ..Self::default()
        }
    }

    /// Address and headers of a request.
    pub fn dress(&self, url: &str) -> (String, Vec<(String, String)>) {
        if self.origin.is_none() || origin(url) != self.origin {
            return (url.to_owned(), Vec::new());
        }
        let mut dressed = url.to_owned();
        if !self.access.query.is_empty()
            && let Ok(mut parsed) = Url::parse(url)
        {
            let missing: Vec<_> = self
                .access
                .query
                .iter()
                .filter(|(name, _)| {
                    parsed
                        .query_pairs()
                        .all(|(known, _)| known != name.as_str())
                })
                .collect();
            if !missing.is_empty() {
                parsed.query_pairs_mut().extend_pairs(missing);
            }
            dressed = parsed.into();
        }
        (dressed, self.access.headers.clone())
    }

    /// Where to ask for a fresh token; none where there is nothing to renew.
    pub fn endpoint(&self) -> Option<&str> {
        self.access.endpoint.as_deref()
    }

    /// A fresh token.
    pub fn renew(&mut self, endpoint: &Endpoint) {
        self.is_renewing = false;
        self.generation += 1;
        self.access.headers = endpoint.headers();
    }
}

fn origin(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    matches!(parsed.scheme(), "http" | "https").then(|| parsed.origin().ascii_serialization())
}

/// Before the number of an asset of Cesium ion, or of a server that answers like it.
pub(super) const ION: &str = "ion:";

/// `ion:NUMBER`, with `access_token` and, for another server, `server` as parameters.
///
/// # Errors
/// What is missing, in words.
pub(super) fn endpoint_of(address: &str) -> Result<String, String> {
    let rest = address.strip_prefix(ION).unwrap_or(address);
    let (asset, query) = rest.split_once('?').unwrap_or((rest, ""));
    let asset = asset.trim_matches('/');
    if asset.is_empty() || !asset.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("write it as ion:NUMBER, the number of the asset".to_owned());
    }
    let parameter = |wanted: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let token =
        parameter("access_token").or_else(|| crate::platform::environment("CESIUM_ION_TOKEN"));
    let token = token.ok_or(
        "it needs a token: ion:NUMBER?access_token=TOKEN, or CESIUM_ION_TOKEN in the environment",
    )?;
    let server = parameter("server").unwrap_or_else(|| "https://api.cesium.com".to_owned());
    let mut url = Url::parse(&server).map_err(|error| format!("server={server}: {error}"))?;
    url.path_segments_mut()
        .map_err(|()| format!("server={server} is no web address"))?
        .pop_if_empty()
        .extend(["v1", "assets", asset, "endpoint"]);
    url.query_pairs_mut().append_pair("access_token", &token);
    Ok(url.into())
}

/// What an asset endpoint answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Endpoint {
    /// The tileset.
    pub url: String,
    token: Option<String>,
    /// Credits, without markup.
    pub attribution: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
    access_token: Option<String>,
    external_type: Option<String>,
    options: Option<Options>,
    #[serde(default)]
    attributions: Vec<Attribution>,
}

#[derive(Deserialize)]
struct Options {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Attribution {
    #[serde(default)]
    html: String,
}

impl Endpoint {
    /// # Errors
    /// An answer that names no tileset, in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let answer: Answer = serde_json::from_slice(bytes)
            .map_err(|error| format!("the asset endpoint's answer is not understood: {error}"))?;
        let kind = answer.external_type.or(answer.kind).unwrap_or_default();
        if kind != "3DTILES" {
            return Err(format!(
                "the asset is {kind}, and only 3DTILES can be opened so"
            ));
        }
        let url = answer
            .options
            .and_then(|options| options.url)
            .or(answer.url);
        let credits: Vec<String> = answer
            .attributions
            .iter()
            .map(|credit| without_markup(&credit.html))
            .filter(|credit| !credit.is_empty())
            .collect();
        Ok(Self {
            url: url.ok_or("the asset endpoint names no tileset")?,
            token: answer.access_token.filter(|token| !token.is_empty()),
            attribution: credits.join("; "),
        })
    }

    /// # Errors
    /// As [`Self::read`], or why there is no answer.
    pub fn of_answer(answer: Result<Vec<u8>, FetchFailure>) -> Result<Self, String> {
        match answer {
            Ok(bytes) => Self::read(&bytes),
            Err(failure) => Err(format!("the asset endpoint: {failure}")),
        }
    }

    /// The wish to open an asset, with what its endpoint says.
    pub fn open(&self, mut wanted: OpenTileset) -> OpenTileset {
        let endpoint = endpoint_of(&wanted.source.url).ok();
        let source = &mut wanted.source;
        source.access = Access {
            headers: self.headers(),
            query: Vec::new(),
            endpoint: endpoint.filter(|_| self.token.is_some()),
        };
        source.url.clone_from(&self.url);
        if source.attribution.is_empty() {
            source.attribution.clone_from(&self.attribution);
        }
        wanted
    }

    /// What the tileset's server wants to see.
    pub fn headers(&self) -> Vec<(String, String)> {
        let bearer = |token: &String| ("Authorization".to_owned(), format!("Bearer {token}"));
        self.token.iter().map(bearer).collect()
    }
}

/// The text of a piece of HTML; a picture gives its `alt`.
fn without_markup(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(rest.get(..start).unwrap_or_default());
        let tag = rest.get(start..).unwrap_or_default();
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let alt = tag
            .get(..end)
            .and_then(|tag| tag.split_once("alt=\"")?.1.split_once('"'));
        text.push_str(alt.map_or("", |(alt, _)| alt));
        rest = tag.get(end..).unwrap_or_default();
    }
    text.push_str(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace("&copy;", "©")
        .replace("&amp;", "&")
        .chars()
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tilesets_own_server_sees_the_keys() {
        let access = Access {
            headers: vec![("X-Key".into(), "k".into())],
            query: vec![("token".into(), "t 1".into())],
            endpoint: None,
        };
        let gate = Gate::new(access.clone(), "https://city.example/tileset.json");
        let (url, headers) = gate.dress("https://city.example/a.glb?v=2");
        assert_eq!(
            (url.as_str(), headers.len()),
            ("https://city.example/a.glb?v=2&token=t+1", 1)
        );
        let (url, _) = gate.dress("https://city.example/a.glb?token=own");
        assert_eq!(url, "https://city.example/a.glb?token=own");
        for other in [
            "https://other.example/a.glb",
            "http://city.example/a.glb",
            "a.glb",
        ] {
            assert_eq!(gate.dress(other), (other.to_owned(), Vec::new()));
        }
        assert!(!format!("{access:?}").contains("t 1"));
        // A path has no server.
        assert_eq!(
            Gate::new(access, "city/tileset.json").dress("city/a.glb").1,
            []
        );
    }

    #[test]
    fn assets_are_asked_of_their_endpoint() {
        let url = endpoint_of("ion:96188?access_token=abc").unwrap();
        assert_eq!(
            url,
            "https://api.cesium.com/v1/assets/96188/endpoint?access_token=abc"
        );
        let own = endpoint_of("ion:7?access_token=a&server=http://127.0.0.1:80/ion/").unwrap();
        assert_eq!(
            own,
            "http://127.0.0.1/ion/v1/assets/7/endpoint?access_token=a"
        );
        for bad in [
            "ion:",
            "ion:abc?access_token=a",
            "ion:7?access_token=a&server=x",
        ] {
            assert!(endpoint_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn endpoints_name_tilesets_tokens_and_credits() {
        let answer = br#"{"type":"3DTILES","url":"https://assets.example/7/tileset.json?v=1","accessToken":"xyz",
            "attributions":[{"html":"<span><a href=\"https://c.example\"><img alt=\"City &amp; Co\" src=\"x\"></a></span>","collapsible":false}]}"#;
        let endpoint = Endpoint::read(answer).unwrap();
        assert_eq!(endpoint.attribution, "City & Co");
        assert_eq!(
            endpoint.headers(),
            [("Authorization".to_owned(), "Bearer xyz".to_owned())]
        );
        let outside = br#"{"externalType":"3DTILES","options":{"url":"https://tile.example/root.json?key=k"}}"#;
        let endpoint = Endpoint::read(outside).unwrap();
        assert_eq!(
            (endpoint.url.as_str(), endpoint.headers().len()),
            ("https://tile.example/root.json?key=k", 0)
        );
        assert!(
            Endpoint::read(br#"{"type":"TERRAIN","url":"x"}"#)
                .unwrap_err()
                .contains("TERRAIN")
        );
        assert!(Endpoint::read(b"[]").is_err());
    }
}
