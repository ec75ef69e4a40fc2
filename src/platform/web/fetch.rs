//! Requests of the page: `fetch`, parts of packages, and what was dropped on it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, DomException, Headers, RequestInit, Response};

use city_tiles::package::{PackageLimits, PackageReader, Step};
use city_tiles::uri::{InPackage, package_of};

use super::super::{DROPPED, FetchFailure, MAX_RESPONSE_BYTES};
use super::{timed, window};

pub(super) fn describe(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    )
}

/// A request's answer, whatever its status.
async fn ask(
    url: &str,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<Response, FetchFailure> {
    let window = window().ok_or_else(|| FetchFailure::Network("there is no window".into()))?;
    let init = RequestInit::new();
    init.set_signal(signal);
    if !headers.is_empty() {
        let list = Headers::new().map_err(failed)?;
        for (name, value) in headers {
            list.append(name, value).map_err(failed)?;
        }
        init.set_headers(&list);
    }
    JsFuture::from(window.fetch_with_str_and_init(url, &init))
        .await
        .and_then(JsCast::dyn_into)
        .map_err(failed)
}

/// The body of an answer, if it is not too large.
async fn body(response: &Response) -> Result<Vec<u8>, FetchFailure> {
    let announced = response
        .headers()
        .get("content-length")
        .ok()
        .flatten()
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_RESPONSE_BYTES) {
        return Err(FetchFailure::TooLarge(MAX_RESPONSE_BYTES));
    }
    let body = JsFuture::from(response.array_buffer().map_err(failed)?)
        .await
        .map_err(failed)?;
    let body = Uint8Array::new(&body);
    if body.length() as usize > MAX_RESPONSE_BYTES {
        return Err(FetchFailure::TooLarge(MAX_RESPONSE_BYTES));
    }
    Ok(timed(|| body.to_vec()))
}

fn failed(error: JsValue) -> FetchFailure {
    match error.dyn_ref::<DomException>() {
        Some(dom) if dom.name() == "AbortError" => FetchFailure::Cancelled,
        _ => FetchFailure::Network(format!(
            "{} (the server may not be reachable, or may not allow this page: CORS)",
            describe(&error)
        )),
    }
}

/// A file: of a server, inside a package, or dropped on the page.
pub(super) async fn request(
    url: &str,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<Vec<u8>, FetchFailure> {
    if url.starts_with(DROPPED) {
        return dropped(url).await.map_err(failed)?;
    }
    if let Some(place) = package_of(url) {
        if place.is_database() {
            let name = city_tiles::uri::short(url);
            return Err(FetchFailure::Refused(format!(
                "{name}: databases of tiles open in the desktop program; a browser reads .3tz"
            )));
        }
        return in_package(&place, headers, signal).await;
    }
    let response = ask(url, headers, signal).await?;
    if !response.ok() {
        return Err(FetchFailure::Status(response.status()));
    }
    body(&response).await
}

/// More packages than so many are not kept open.
const MOST_OPEN: usize = 64;

thread_local! {
    /// Packages whose directory has been read; `None` while it is under way.
    static PACKAGES: RefCell<HashMap<String, Option<Rc<PackageReader>>>> = RefCell::default();
}

/// A file inside a package: a range of it.
async fn in_package(
    place: &InPackage,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<Vec<u8>, FetchFailure> {
    let bad = |error: &dyn std::fmt::Display| FetchFailure::Network(error.to_string());
    let reader = open_package(place, headers, signal).await?;
    let Some(entry) = reader.locate(&place.path) else {
        return Err(FetchFailure::Status(404));
    };
    let bytes = part(&place.package, &entry.range, headers, signal).await?.0;
    reader.extract(&entry, &bytes).map_err(|error| bad(&error))
}

async fn open_package(
    place: &InPackage,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<Rc<PackageReader>, FetchFailure> {
    let known = || PACKAGES.with_borrow(|packages| packages.get(&place.package).cloned());
    while let Some(known) = known() {
        match known {
            Some(reader) => return Ok(reader),
            // Another request reads the directory.
            None => pause(20).await,
        }
    }
    PACKAGES.with_borrow_mut(|packages| {
        // Those under way are waited for.
        if packages.len() >= MOST_OPEN {
            packages.retain(|_, reader| reader.is_none());
        }
        packages.insert(place.package.clone(), None)
    });
    let opened = read_directory(place, headers, signal).await;
    PACKAGES.with_borrow_mut(|packages| match &opened {
        Ok(reader) => packages.insert(place.package.clone(), Some(reader.clone())),
        Err(_) => packages.remove(&place.package),
    });
    opened
}

async fn read_directory(
    place: &InPackage,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<Rc<PackageReader>, FetchFailure> {
    let bad = |error: &dyn std::fmt::Display| FetchFailure::Network(error.to_string());
    let (_, size) = part(&place.package, &(0..1), headers, signal).await?;
    let size = size.ok_or_else(|| bad(&"its server does not say how large it is"))?;
    let mut reader = PackageReader::new(&place.package, size, PackageLimits::default())
        .map_err(|error| bad(&error))?;
    while let Step::Need(range) = reader.step() {
        let (bytes, _) = part(&place.package, &range, headers, signal).await?;
        reader.supply(bytes).map_err(|error| bad(&error))?;
    }
    Ok(Rc::new(reader))
}

/// These bytes of a file, and how large the file is (RFC 9110, 14).
async fn part(
    url: &str,
    range: &std::ops::Range<u64>,
    headers: &[(String, String)],
    signal: Option<&AbortSignal>,
) -> Result<(Vec<u8>, Option<u64>), FetchFailure> {
    let wanted = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
    let with_range: Vec<_> = [("range".to_owned(), wanted)]
        .into_iter()
        .chain(headers.iter().cloned())
        .collect();
    let response = ask(url, &with_range, signal).await?;
    match response.status() {
        206 => {}
        200 => {
            return Err(FetchFailure::Network(
                "its server gives no parts of files (HTTP range requests), which packages need"
                    .into(),
            ));
        }
        status => return Err(FetchFailure::Status(status)),
    }
    let size = response
        .headers()
        .get("content-range")
        .ok()
        .flatten()
        .and_then(|range| range.rsplit('/').next()?.parse().ok());
    Ok((body(&response).await?, size))
}

async fn pause(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // Without a window there is nobody to wait.
        let _ = window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
        });
    });
    let _ = JsFuture::from(promise).await;
}

async fn dropped(url: &str) -> Result<Result<Vec<u8>, FetchFailure>, JsValue> {
    let Some(window) = window() else {
        return Ok(Err(FetchFailure::Network("there is no window".into())));
    };
    let read: js_sys::Function = Reflect::get(&window, &"belvedere_dropped".into())?.dyn_into()?;
    let file: js_sys::Promise = read.call1(&JsValue::NULL, &url.into())?.dyn_into()?;
    let Ok(buffer) = JsFuture::from(file).await?.dyn_into::<ArrayBuffer>() else {
        return Ok(Err(FetchFailure::Status(404)));
    };
    if buffer.byte_length() as usize > MAX_RESPONSE_BYTES {
        return Ok(Err(FetchFailure::TooLarge(MAX_RESPONSE_BYTES)));
    }
    Ok(Ok(timed(|| Uint8Array::new(&buffer).to_vec())))
}
