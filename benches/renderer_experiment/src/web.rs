//! In a page: the query names the case (`?mode=d`), the page's script sets
//! `globalThis.__frame` and finds the number of encoded frames in
//! `globalThis.__drawn` and of updates in `globalThis.__updates`.

use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::window::{WindowRef, WindowResolution};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::{CONTENTS, Frame, add_case, glb, orbit, report::Drawn};

pub fn main() {
    wasm_bindgen_futures::spawn_local(async {
        if let Err(error) = start().await {
            web_sys::console::error_1(&error);
        }
    });
}

async fn start() -> Result<(), JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let query = window.location().search()?;
    let get = |key: &str| {
        query
            .trim_start_matches('?')
            .split('&')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    };
    let mode = get("mode").unwrap_or("d").to_owned();
    let data = get("data").unwrap_or("data").to_owned();
    let enu_from_ecef = orbit::enu_from_ecef();
    let mut tiles = Vec::new();
    for name in CONTENTS {
        let url = format!("{data}/content/{name}.glb");
        let response: web_sys::Response = JsFuture::from(window.fetch_with_str(&url))
            .await?
            .dyn_into()?;
        let bytes = JsFuture::from(response.array_buffer()?).await?;
        let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
        tiles.push(glb::read(&bytes, &enu_from_ecef).map_err(|e| format!("{url}: {e}"))?);
    }

    let mut app = App::new();
    app.add_plugins(DefaultPlugins.set(WindowPlugin {
        primary_window: Some(Window {
            canvas: Some("#canvas".into()),
            resolution:
                WindowResolution::new(orbit::SIZE.0, orbit::SIZE.1).with_scale_factor_override(1.0),
            ..default()
        }),
        ..default()
    }));
    let drawn = add_case(
        &mut app,
        &mode,
        tiles,
        RenderTarget::Window(WindowRef::Primary),
    );
    app.insert_resource(drawn)
        .add_systems(First, read_frame)
        .add_systems(Last, tell)
        .run();
    Ok(())
}

fn read_frame(mut frame: ResMut<Frame>) {
    let value = js_sys::Reflect::get(&js_sys::global(), &"__frame".into()).ok();
    frame.0 = value.and_then(|v| v.as_f64()).unwrap_or(0.0) as u32;
}

fn tell(drawn: Res<Drawn>, mut updates: Local<u32>) {
    *updates += 1;
    let set = |key: &str, value: u32| {
        let _ = js_sys::Reflect::set(&js_sys::global(), &key.into(), &value.into());
    };
    set("__drawn", drawn.get());
    set("__updates", *updates);
}
