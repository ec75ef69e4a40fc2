//! Addresses in a scene: URLs, paths beside the scene file, and names of the environment.

use url::Url;

/// Before a file of the city that the program makes itself; `demo:` alone is its `tileset.json`.
pub const DEMO_PREFIX: &str = "demo:";

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A name of the environment that is not set.
    #[error(
        "\"{address}\" needs the environment variable {name}, which is not set: set it, or give a default as \
         ${{{name}:-path}}"
    )]
    NotSet {
        /// The address.
        address: String,
        /// The variable.
        name: String,
    },
    /// `${` without `}`, or a name that is none.
    #[error(
        "\"{address}\" has a ${{...}} that is not complete or whose name is not letters, digits and _"
    )]
    Variable {
        /// The address.
        address: String,
    },
}

/// The absolute address of what a scene file names.
///
/// - `${NAME}` and `${NAME:-default}` are replaced by what `environment` answers (in a browser, nothing);
/// - addresses with a scheme (`https:`, `demo:` …) and absolute paths stay;
/// - others are beside the scene file, whose own path or URL is `scene` (empty: the working directory).
///
/// # Errors
/// When a variable is not set and has no default.
pub fn resolve_location(
    address: &str,
    scene: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ResolveError> {
    let address = expand(address, environment)?;
    if has_scheme(&address) || is_absolute(&address) {
        return Ok(address);
    }
    if has_scheme(scene)
        && let Ok(url) = Url::parse(scene).and_then(|base| base.join(&address))
    {
        return Ok(url.into());
    }
    let folder = scene.rfind(['/', '\\']).map_or("", |end| &scene[..=end]);
    Ok(tidy(&format!("{folder}{address}")))
}

/// A text with `${NAME}` and `${NAME:-default}` replaced by what `environment` answers.
///
/// # Errors
/// When a variable is not set and has no default.
pub fn expand(
    address: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ResolveError> {
    let broken = || ResolveError::Variable {
        address: address.to_owned(),
    };
    let mut result = String::with_capacity(address.len());
    let mut rest = address;
    while let Some(start) = rest.find("${") {
        result.push_str(&rest[..start]);
        let inside = &rest[start + 2..];
        let end = inside.find('}').ok_or_else(broken)?;
        let (name, default) = match inside[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inside[..end], None),
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(broken());
        }
        let value = environment(name)
            .filter(|value| !value.is_empty())
            .or_else(|| default.map(str::to_owned));
        match value {
            // Not expanded again: what the environment says is taken as it is.
            Some(value) => result.push_str(&value),
            None => {
                return Err(ResolveError::NotSet {
                    address: address.to_owned(),
                    name: name.to_owned(),
                });
            }
        }
        rest = &inside[end + 1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// `https:...`; a single letter is a drive.
fn has_scheme(address: &str) -> bool {
    let Some((scheme, _)) = address.split_once(':') else {
        return false;
    };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

/// A path without `./` and without `folder/..`.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for (i, part) in path.split('/').enumerate() {
        match part {
            "." => {}
            "" if i > 0 => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(address: &str, scene: &str) -> String {
        let environment = |name: &str| (name == "SAMPLES").then(|| "/data".to_owned());
        resolve_location(address, scene, &environment).unwrap()
    }

    #[test]
    fn beside_the_scene_file() {
        assert_eq!(
            resolve("tiles/tileset.json", "scenes/a.toml"),
            "scenes/tiles/tileset.json"
        );
        assert_eq!(resolve("../tiles/t.json", "scenes/a.toml"), "tiles/t.json");
        assert_eq!(resolve("../../x/t.json", "scenes/a.toml"), "../x/t.json");
        assert_eq!(resolve("t.json", "a.toml"), "t.json");
        assert_eq!(resolve("t.json", "/home/a.toml"), "/home/t.json");
        assert_eq!(resolve("t.json", ""), "t.json");
        assert_eq!(
            resolve("t.json", "https://x.org/s/a.toml?v=2"),
            "https://x.org/s/t.json"
        );
        assert_eq!(
            resolve("../t.json", "https://x.org/s/a.toml"),
            "https://x.org/t.json"
        );
    }

    #[test]
    fn absolute_ones_stay() {
        for address in [
            "https://x.org/t.json",
            "demo:",
            "demo:42",
            "/data/t.json",
            "C:\\data\\t.json",
        ] {
            assert_eq!(resolve(address, "scenes/a.toml"), address);
        }
    }

    #[test]
    fn environment() {
        assert_eq!(
            resolve("${SAMPLES}/t.json", "scenes/a.toml"),
            "/data/t.json"
        );
        assert_eq!(
            resolve("${SAMPLES:-../x}/t.json", "scenes/a.toml"),
            "/data/t.json"
        );
        assert_eq!(
            resolve("${OTHER:-../x}/t.json", "scenes/a.toml"),
            "x/t.json"
        );
        let none = |_: &str| None;
        let message = resolve_location("${HOME}/t", "", &none)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("HOME") && message.contains("${HOME:-path}"),
            "{message}"
        );
        for broken in ["${", "${}", "${A B}", "x${A:-"] {
            assert!(
                matches!(
                    resolve_location(broken, "", &none),
                    Err(ResolveError::Variable { .. })
                ),
                "{broken}"
            );
        }
    }
}
