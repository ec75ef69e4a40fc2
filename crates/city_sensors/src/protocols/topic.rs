//! Topic patterns with names: `city/{layer}/+/{sensor}`, `#` at the end.

use std::collections::BTreeMap;

/// A pattern for MQTT topics in which `{name}` stands for one level and keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPattern {
    levels: Vec<Level>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Text(String),
    Any,
    Named(String),
    Rest,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("topic pattern \"{pattern}\": {what}")]
pub struct PatternError {
    pattern: String,
    what: &'static str,
}

impl TopicPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// For an empty pattern, `#` before the end, a wildcard or brace within a level, or a name used twice.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let error = |what| PatternError {
            pattern: pattern.to_owned(),
            what,
        };
        if pattern.is_empty() || pattern.len() > 1024 {
            return Err(error("must have 1 to 1024 bytes"));
        }
        let parts: Vec<&str> = pattern.split('/').collect();
        let mut levels = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let level = match *part {
                "+" => Level::Any,
                "#" if index + 1 == parts.len() => Level::Rest,
                "#" => return Err(error("# is allowed at the end only")),
                _ => match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                    Some(name) if is_name(name) => Level::Named(name.to_owned()),
                    _ if part.contains(['{', '}', '+', '#']) => {
                        return Err(error("a level is text, + or {name}"));
                    }
                    _ => Level::Text((*part).to_owned()),
                },
            };
            if matches!(level, Level::Named(_)) && levels.contains(&level) {
                return Err(error("a name is used twice"));
            }
            levels.push(level);
        }
        Ok(Self { levels })
    }

    /// The filter to subscribe to.
    #[must_use]
    pub fn filter(&self) -> String {
        let levels: Vec<&str> = self
            .levels
            .iter()
            .map(|level| match level {
                Level::Text(text) => text.as_str(),
                Level::Any | Level::Named(_) => "+",
                Level::Rest => "#",
            })
            .collect();
        levels.join("/")
    }

    /// Names in the pattern.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().filter_map(|level| match level {
            Level::Named(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The levels that names stand for; `None` where the topic does not fit.
    #[must_use]
    pub fn captures<'t>(&self, topic: &'t str) -> Option<BTreeMap<&str, &'t str>> {
        let mut captured = BTreeMap::new();
        let mut parts = topic.split('/');
        for level in &self.levels {
            match level {
                Level::Rest => return Some(captured),
                Level::Any => {
                    parts.next()?;
                }
                Level::Text(text) => {
                    if parts.next()? != text {
                        return None;
                    }
                }
                Level::Named(name) => {
                    captured.insert(name.as_str(), parts.next()?);
                }
            }
        }
        parts.next().is_none().then_some(captured)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_capture_one_level() {
        let pattern = TopicPattern::new("city/{layer}/+/{sensor}").unwrap();
        assert_eq!(pattern.filter(), "city/+/+/+");
        let captured = pattern.captures("city/air/x/17").unwrap();
        assert_eq!((captured["layer"], captured["sensor"]), ("air", "17"));
        assert!(pattern.captures("city/air/x").is_none());
        assert!(pattern.captures("city/air/x/17/y").is_none());
        assert!(pattern.captures("town/air/x/17").is_none());
        let rest = TopicPattern::new("a/{b}/#").unwrap();
        assert!(rest.captures("a/1/2/3").is_some());
    }

    #[test]
    fn bad_patterns_say_why() {
        for pattern in ["", "a/#/b", "a/b+", "{a}/{a}", "x{a}", "{a b}"] {
            assert!(TopicPattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
