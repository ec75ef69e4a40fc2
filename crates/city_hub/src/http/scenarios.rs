//! Scenarios over HTTP: everyone may read, who is at the hub's machine or has its token may save (and delete:
//! `deleting`).
//!
//! Saving names the revision that it is based on (`If-Match`), or that there is none yet (`If-None-Match: *`). The
//! second of two who save is refused (412) and told what the first did, so that no work is lost.

use super::headers::may_connect;
use crate::{
    config::Config,
    hub::Hub,
    scenarios::{Condition, Saved, Stored, Tombstone, models_of},
};
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use city_scene::scenario::{MAX_SCENARIO_BYTES, Scenario, merge, merge_report};
use serde_json::{Value, json};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// `GET /api/scenarios`
pub(super) async fn list(State(hub): State<Arc<Hub>>) -> Response {
    match blocking(move || hub.scenarios.list()).await {
        Ok(all) => Json(all).into_response(),
        Err(response) => response,
    }
}

/// `GET /api/scenarios/{id}`
pub(super) async fn read(
    State(hub): State<Arc<Hub>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let wanted = id.clone();
    let work = move || match hub.scenarios.get(&wanted)? {
        Some(stored) => Ok(Ok(stored)),
        None => Ok(Err(hub.scenarios.deleted(&wanted)?)),
    };
    let stored = match blocking(work).await {
        Ok(Ok(stored)) => stored,
        Ok(Err(deleted)) => return not_there(&id, deleted.as_ref()),
        Err(response) => return response,
    };
    let tag = entity_tag(&stored.revision);
    if tags(&headers, &header::IF_NONE_MATCH).is_some_and(|t| t.contains(&stored.revision)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let content_type = HeaderValue::from_static("application/toml; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, content_type), (header::ETAG, tag)];
    (headers, stored.text).into_response()
}

/// `PUT /api/scenarios/{id}`
pub(super) async fn save(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !may_save(&hub.config, peer, &headers) {
        let message = "scenarios are saved on the hub's own machine, or with its token (Authorization: Bearer ...)";
        return refusal(StatusCode::FORBIDDEN, message, json!({}));
    }
    if !Scenario::is_id(&id) {
        let message = "the id of a scenario is 1 to 64 of a-z, 0-9 and -";
        return refusal(StatusCode::BAD_REQUEST, message, json!({}));
    }
    let Some(condition) = condition(&headers) else {
        let message = "say which revision this is based on with If-Match, or If-None-Match: * for a new scenario";
        return refusal(StatusCode::PRECONDITION_REQUIRED, message, json!({}));
    };
    let Ok(bytes) = to_bytes(body, MAX_SCENARIO_BYTES).await else {
        let message = format!("a scenario has at most {MAX_SCENARIO_BYTES} bytes");
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, &message, json!({}));
    };
    let work = move || Ok(check_and_save(&hub, &id, &bytes, &condition));
    blocking(work).await.unwrap_or_else(|response| response)
}

fn check_and_save(hub: &Hub, id: &str, bytes: &[u8], condition: &Condition) -> Response {
    let file = format!("{id}.toml");
    let (scenario, problems) = match Scenario::parse_bytes(bytes, &file) {
        Ok(read) => read,
        Err(error) => {
            let problem =
                json!({"place": error.place, "cause": error.cause, "advice": error.advice});
            let more = json!({ "problems": [problem] });
            return refusal(StatusCode::BAD_REQUEST, &error.to_string(), more);
        }
    };
    if scenario.id != id {
        let message = format!("the file's id is \"{}\", not \"{id}\"", scenario.id);
        return refusal(StatusCode::BAD_REQUEST, &message, json!({}));
    }
    // It was read as text, so it is text.
    let text = String::from_utf8_lossy(bytes);
    let held = hub.scenarios.hold();
    match held.put(id, &text, condition) {
        Ok(Saved::Done { revision, created }) => {
            let models = models_of(&text);
            hub.models.are_named(&models);
            drop(held);
            let status = if created {
                StatusCode::CREATED
            } else {
                StatusCode::OK
            };
            let headers = [(header::ETAG, entity_tag(&revision))];
            let missing: Vec<&String> = models
                .iter()
                .filter(|file| hub.models.path(file).is_some_and(|path| !path.is_file()))
                .collect();
            let body = json!({
                "id": id,
                "revision": revision,
                "problems": problems,
                "missing_models": missing,
            });
            (status, headers, Json(body)).into_response()
        }
        Ok(Saved::Refused { current: None, .. }) => {
            let (message, deleted) = match hub.scenarios.deleted(id) {
                Ok(Some(gone)) => (
                    format!(
                        "somebody deleted this scenario on {}; to keep your work, save it as a new one",
                        gone.deleted
                    ),
                    Some(gone.deleted),
                ),
                _ => (
                    "there is no such scenario; save it as a new one".to_owned(),
                    None,
                ),
            };
            let more = json!({"revision": null, "deleted": deleted});
            refusal(StatusCode::PRECONDITION_FAILED, &message, more)
        }
        Ok(Saved::Refused {
            current: Some(current),
            ancestor,
        }) => {
            let message =
                "somebody else has saved this scenario meanwhile; nothing was overwritten";
            overtaken(
                &file,
                message,
                &current,
                ancestor.as_deref(),
                Some(&scenario),
            )
        }
        Ok(Saved::Full) => {
            let message = "the hub keeps no more scenarios; delete some that nobody needs any more";
            refusal(StatusCode::INSUFFICIENT_STORAGE, message, json!({}))
        }
        Err(error) => failed(&error),
    }
}

/// Tells that somebody else has saved meanwhile, and what they did; `mine` is what was to be saved, and nothing where
/// the scenario was to be deleted.
pub(super) fn overtaken(
    file: &str,
    message: &str,
    current: &Stored,
    ancestor: Option<&str>,
    mine: Option<&Scenario>,
) -> Response {
    let parse = |text: &str| {
        Scenario::parse(text, file)
            .ok()
            .map(|(scenario, _)| scenario)
    };
    let ancestor = ancestor.and_then(parse);
    let theirs = parse(&current.text);
    let report = theirs.as_ref().zip(mine.or(ancestor.as_ref()));
    let report = report.map(|(theirs, mine)| merge_report(ancestor.as_ref(), mine, theirs));
    let merged = match (&ancestor, mine, &theirs) {
        (Some(ancestor), Some(mine), Some(theirs)) => merge(ancestor, mine, theirs),
        _ => None,
    };
    let more = json!({
        "revision": current.revision,
        "text": current.text,
        "report": report,
        "merged": merged.map(|merged| merged.to_toml()),
    });
    let tag = [(header::ETAG, entity_tag(&current.revision))];
    (tag, refusal(StatusCode::PRECONDITION_FAILED, message, more)).into_response()
}

/// Whether the request comes from this machine by itself, or has the token.
pub(super) fn may_save(config: &Config, peer: SocketAddr, headers: &HeaderMap) -> bool {
    // A page from elsewhere must not save with what its reader may do.
    if !may_connect(config, headers) {
        return false;
    }
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = &config.scenario_token {
        let given = text(&header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        if given.is_some_and(|given| same(given.trim(), token)) && !token.is_empty() {
            return true;
        }
    }
    // Behind a proxy everyone seems to be at this machine, and by DNS rebinding a page can call itself by its name.
    let forwarded = [
        &header::FORWARDED,
        &HeaderName::from_static("x-forwarded-for"),
    ]
    .into_iter()
    .any(|name| headers.contains_key(name));
    let host = text(&header::HOST).unwrap_or_default();
    let own_name = is_own_name(host);
    peer.ip().to_canonical().is_loopback() && !forwarded && own_name
}

/// Whether a host, with or without a port, is a name of this machine for itself.
fn is_own_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

/// Compares in a time that does not tell how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |differs, (x, y)| differs | (x ^ y))
            == 0
}

pub(super) fn condition(headers: &HeaderMap) -> Option<Condition> {
    match (
        tags(headers, &header::IF_MATCH),
        tags(headers, &header::IF_NONE_MATCH),
    ) {
        (Some(tags), None) if tags == ["*"] => Some(Condition::Exists),
        (Some(tags), None) => Some(Condition::Revision(tags)),
        (None, Some(tags)) if tags == ["*"] => Some(Condition::New),
        _ => None,
    }
}

/// The entity tags of a header, without quotes; weak ones count like strong ones, since proxies that compress make
/// them weak.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let text = headers.get(name)?.to_str().ok()?;
    let tag = |tag: &str| {
        tag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_owned()
    };
    Some(text.split(',').map(tag).collect())
}

fn entity_tag(revision: &str) -> HeaderValue {
    // Hexadecimal digits can be in a header.
    HeaderValue::from_str(&format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Response> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| failed(&error)),
        Err(error) => Err(failed(&io::Error::other(error))),
    }
}

/// There is none: never was, as far as is known, or not any more.
pub(super) fn not_there(id: &str, deleted: Option<&Tombstone>) -> Response {
    if let Some(Tombstone { name, deleted }) = deleted {
        let message = format!("the scenario \"{name}\" ({id}) was deleted on {deleted}");
        let more = json!({"name": name, "deleted": deleted});
        return refusal(StatusCode::GONE, &message, more);
    }
    let message = if Scenario::is_id(id) {
        format!("there is no scenario {id}")
    } else {
        "there is no such scenario".to_owned()
    };
    refusal(StatusCode::NOT_FOUND, &message, json!({}))
}

fn failed(error: &io::Error) -> Response {
    tracing::error!("scenarios cannot be read or saved: {error}");
    let message = format!("the hub cannot read or save scenarios: {error}");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, &message, json!({}))
}

pub(super) fn refusal(status: StatusCode, message: &str, more: Value) -> Response {
    let mut body = json!({"code": status.as_u16(), "type": "error", "message": message});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_this_machine_or_who_has_the_token_may_save() {
        let mut config = Config::new("data");
        let here: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let there: SocketAddr = "192.0.2.7:5000".parse().unwrap();
        let may = |config: &Config, peer, pairs: &[(&'static str, &'static str)]| {
            may_save(config, peer, &headers(pairs))
        };
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
        ] {
            assert!(may(&config, here, &[("host", host)]), "{host}");
            assert!(!may(&config, there, &[("host", host)]), "{host}");
        }
        // A proxy in front, a name that leads here, a page from elsewhere.
        assert!(!may(
            &config,
            here,
            &[("host", "localhost"), ("x-forwarded-for", "192.0.2.7")]
        ));
        assert!(!may(
            &config,
            here,
            &[
                ("host", "evil.example:8080"),
                ("origin", "http://evil.example:8080")
            ]
        ));
        assert!(!may(
            &config,
            here,
            &[("host", "localhost:1"), ("origin", "http://evil.example")]
        ));
        assert!(!may(&config, here, &[]));
        let bearer = [("host", "city.example"), ("authorization", "Bearer s3cret")];
        assert!(!may(&config, there, &bearer), "there is no token");
        config.scenario_token = Some("s3cret".to_owned());
        assert!(may(&config, there, &bearer));
        assert!(!may(
            &config,
            there,
            &[("host", "city.example"), ("authorization", "Bearer s3cres")]
        ));
        assert!(!may(
            &config,
            there,
            &[("host", "city.example"), ("authorization", "s3cret")]
        ));
        config.scenario_token = Some(String::new());
        assert!(!may(
            &config,
            there,
            &[("host", "city.example"), ("authorization", "Bearer ")]
        ));
    }
}
