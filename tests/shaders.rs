//! Every WGSL file composes and validates in every variant that a pipeline may ask for: shaders
//! otherwise break only where they are used, on adapters that the tests do not have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use belvedere::render::SHADERS;
use naga_oil::compose::{
    ComposableModuleDescriptor, Composer, NagaModuleDescriptor, ShaderDefValue,
};

/// What the others import.
const SHARED: [&str; 2] = ["common.wgsl", "clip.wgsl"];

/// The defs that each shader may meet; every subset is tried.
fn defs_of(name: &str) -> &'static [&'static str] {
    match name {
        "tile.wgsl" => &[
            "FULL",
            "SHADOWS",
            "FACADE",
            "WATER",
            "TEXTURED",
            "MASK",
            "BLEND",
            "POINTS",
            "STYLED",
            "CLIP",
            "EMISSIVE",
            "EMISSIVE_MAP",
            "DETAIL",
            "ENCODE",
        ],
        "shaded.wgsl" => &["MASK", "BLEND", "ENCODE"],
        "panels.wgsl" => &[],
        "sky.wgsl" => &["FULL", "SHADOWS", "SUN", "ENCODE"],
        "line.wgsl" | "marker.wgsl" => &["FULL", "SHADOWS", "CLIP", "ENCODE"],
        "shadow.wgsl" => &["CLIP"],
        other => panic!("{other} has no list of defs: add one here"),
    }
}

#[test]
fn every_shader_composes_and_validates_in_every_variant() {
    let mut tried = 0;
    let (shared, drawn): (Vec<_>, Vec<_>) = SHADERS
        .iter()
        .partition(|(_, name, _)| SHARED.contains(name));
    assert_eq!(shared.len(), SHARED.len());
    for (_, name, source) in drawn {
        let defs = defs_of(name);
        for subset in 0..1u32 << defs.len() {
            let mut shader_defs: HashMap<String, ShaderDefValue> = defs
                .iter()
                .enumerate()
                .filter(|(bit, _)| subset & 1 << bit != 0)
                .map(|(_, def)| ((*def).to_owned(), ShaderDefValue::Bool(true)))
                .collect();
            // The maps come one after another, and all with a base colour.
            let has = |def: &str| shader_defs.contains_key(def);
            if has("DETAIL") && !(has("FULL") && has("EMISSIVE_MAP"))
                || has("EMISSIVE_MAP") && !(has("EMISSIVE") && has("TEXTURED"))
                // Their lines stand apart from those of styles, masks and blending: tried without.
                || has("EMISSIVE") && (has("STYLED") || has("MASK") || has("BLEND"))
                || has("DETAIL") && (has("FACADE") || has("WATER") || has("POINTS"))
                // Only the lean path encodes, and where it does is no concern of the vertex stage.
                || has("ENCODE")
                    && (["FULL", "SHADOWS", "STYLED", "POINTS", "EMISSIVE"].into_iter()).any(has)
            {
                continue;
            }
            if shader_defs.contains_key("STYLED") {
                let group = if shader_defs.contains_key("TEXTURED") {
                    3
                } else {
                    2
                };
                shader_defs.insert("LOOK_GROUP".to_owned(), ShaderDefValue::UInt(group));
            }
            // WebGL2 has the fewest capabilities: what passes with none passes everywhere.
            let mut composer =
                Composer::default().with_capabilities(naga::valid::Capabilities::empty());
            for (_, name, source) in &shared {
                composer
                    .add_composable_module(ComposableModuleDescriptor {
                        source,
                        file_path: name,
                        ..Default::default()
                    })
                    .unwrap_or_else(|error| {
                        panic!(
                            "{name}: {}",
                            error.emit_to_string(&composer_of(source, name))
                        )
                    });
            }
            let module = composer.make_naga_module(NagaModuleDescriptor {
                source,
                file_path: name,
                shader_defs: shader_defs.clone(),
                ..Default::default()
            });
            if let Err(error) = module {
                panic!(
                    "{name} with {:?}: {}",
                    shader_defs.keys(),
                    error.emit_to_string(&composer)
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 1024 + 3 * 8, "only {tried} variants were tried");
}

fn composer_of(source: &str, path: &str) -> Composer {
    let mut composer = Composer::default();
    // Only for the message of an error that is already on its way.
    let _ = composer.add_composable_module(ComposableModuleDescriptor {
        source,
        file_path: path,
        ..Default::default()
    });
    composer
}
