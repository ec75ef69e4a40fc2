//! From the text of `wall.toml` to a [`WallConfig`].

use std::net::SocketAddr;
use std::ops::Range;

use city_geo::DVec3;
use city_scene::{explain, place_of};
use serde::Deserialize;
use toml::Spanned;

use crate::config::{
    ConfigError, LeaderConfig, MAX_CONFIG_BYTES, MIN_TOKEN_BYTES, NodeConfig, OutputConfig,
    Placement, Sync, TokenSource, WallConfig,
};
use crate::config_check::{Fault, check};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    wall: Spanned<RawWall>,
    #[serde(default, rename = "leader")]
    leaders: Vec<RawLeader>,
    #[serde(default, rename = "node")]
    nodes: Vec<RawNode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWall {
    #[serde(default = "wall_name")]
    name: String,
    pixels: Spanned<[u32; 2]>,
    pixel_pitch_mm: Option<Spanned<f64>>,
    size_mm: Option<Spanned<[f64; 2]>>,
    #[serde(default)]
    bezel_mm: Option<Spanned<[f64; 2]>>,
    #[serde(default)]
    view_distance_m: Option<Spanned<f64>>,
    #[serde(default)]
    eye_mm: Option<Spanned<[f64; 3]>>,
    #[serde(default)]
    sync: Sync,
    lead_ms: Option<Spanned<f64>>,
    scene: Spanned<String>,
    hub: Option<Spanned<String>>,
    token: Option<Spanned<String>>,
    token_env: Option<Spanned<String>>,
}

fn wall_name() -> String {
    "wall".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeader {
    id: Spanned<String>,
    frames: Spanned<String>,
    http: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNode {
    id: Spanned<String>,
    listen: Spanned<String>,
    output: Vec<Spanned<RawOutput>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    #[serde(default)]
    display: u32,
    rect: Option<[u32; 4]>,
    pixels: Option<[u32; 2]>,
    corners_mm: Option<[[f64; 3]; 3]>,
}

/// Where values of the checked configuration stand in the text.
pub(crate) struct Spans {
    pub(crate) wall: Range<usize>,
    pub(crate) pixels: Range<usize>,
    pub(crate) pitch: Option<Range<usize>>,
    pub(crate) bezel: Option<Range<usize>>,
    pub(crate) distance: Option<Range<usize>>,
    pub(crate) eye: Option<Range<usize>>,
    pub(crate) lead: Option<Range<usize>>,
    pub(crate) scene: Range<usize>,
    pub(crate) hub: Option<Range<usize>>,
    /// id, frames, http
    pub(crate) leaders: Vec<[Range<usize>; 3]>,
    /// id, listen, outputs
    pub(crate) nodes: Vec<(Range<usize>, Range<usize>, Vec<Range<usize>>)>,
}

impl WallConfig {
    /// Reads the text of `wall.toml`; `file` is its name, for messages and for what is beside it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what to do.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let at = |span: Option<Range<usize>>, cause: String, advice: String| ConfigError {
            file: file.to_owned(),
            place: span.map(|span| place_of(text, span.start)),
            cause,
            advice,
        };
        if text.len() > MAX_CONFIG_BYTES {
            let cause = format!("the file has {} bytes", text.len());
            let advice = format!("The description of a wall has at most {MAX_CONFIG_BYTES}");
            return Err(at(None, cause, advice));
        }
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let (cause, advice) = explain(error.message());
            at(error.span(), cause, advice)
        })?;
        let fault = |fault: Fault| at(fault.span, fault.cause, fault.advice);
        let (config, spans) = convert(raw, file).map_err(fault)?;
        check(&config, &spans).map_err(fault)?;
        Ok(config)
    }
}

fn convert(raw: RawFile, file: &str) -> Result<(WallConfig, Spans), Fault> {
    let wall_span = raw.wall.span();
    let wall = raw.wall.into_inner();
    let token = token(wall.token, wall.token_env, &wall_span)?;
    let pitch = pitch(wall.pixel_pitch_mm, wall.size_mm, wall.pixels.get_ref())?;
    let mut spans = Spans {
        wall: wall_span,
        pixels: wall.pixels.span(),
        pitch: pitch.as_ref().map(Spanned::span),
        bezel: wall.bezel_mm.as_ref().map(Spanned::span),
        distance: wall.view_distance_m.as_ref().map(Spanned::span),
        eye: wall.eye_mm.as_ref().map(Spanned::span),
        lead: wall.lead_ms.as_ref().map(Spanned::span),
        scene: wall.scene.span(),
        hub: wall.hub.as_ref().map(Spanned::span),
        leaders: Vec::new(),
        nodes: Vec::new(),
    };
    let mut leaders = Vec::new();
    for leader in raw.leaders {
        let frames = address(&leader.frames, "frames")?;
        let http = address(&leader.http, "http")?;
        spans
            .leaders
            .push([leader.id.span(), leader.frames.span(), leader.http.span()]);
        leaders.push(LeaderConfig {
            id: leader.id.into_inner(),
            frames,
            http,
        });
    }
    let mut nodes = Vec::new();
    for node in raw.nodes {
        let listen = address(&node.listen, "listen")?;
        let places = node.output.iter().map(Spanned::span).collect();
        spans
            .nodes
            .push((node.id.span(), node.listen.span(), places));
        let outputs = node.output.into_iter().map(output);
        nodes.push(NodeConfig {
            id: node.id.into_inner(),
            listen,
            outputs: outputs.collect::<Result<_, Fault>>()?,
        });
    }
    let config = WallConfig {
        file: file.to_owned(),
        name: wall.name,
        pixels: wall.pixels.into_inner(),
        pixel_pitch_mm: pitch.map(Spanned::into_inner),
        bezel_mm: wall.bezel_mm.map_or([0.0; 2], Spanned::into_inner),
        view_distance_m: wall.view_distance_m.map_or(6.0, Spanned::into_inner),
        eye_mm: wall
            .eye_mm
            .map_or(DVec3::ZERO, |eye| DVec3::from_array(eye.into_inner())),
        sync: wall.sync,
        lead_ms: wall.lead_ms.map_or(50.0, Spanned::into_inner),
        scene: wall.scene.into_inner(),
        hub: wall.hub.map(Spanned::into_inner),
        token,
        leaders,
        nodes,
    };
    Ok((config, spans))
}

fn token(
    token: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    wall: &Range<usize>,
) -> Result<TokenSource, Fault> {
    match (token, name) {
        (Some(token), None) => {
            let (span, token) = (token.span(), token.into_inner());
            if token.len() < MIN_TOKEN_BYTES || token.len() > 1000 || !token.is_ascii() {
                let cause = format!("the token has {} bytes", token.len());
                let advice = format!(
                    "Use at least {MIN_TOKEN_BYTES} random letters and digits; better, keep them in the \
                     environment and name the variable with token_env"
                );
                return Err(Fault::new(Some(span), cause, advice));
            }
            Ok(TokenSource::Inline(token))
        }
        (None, Some(name)) if !name.get_ref().is_empty() => {
            Ok(TokenSource::Environment(name.into_inner()))
        }
        (Some(_), Some(name)) => Err(Fault::new(
            Some(name.span()),
            "there are both token and token_env",
            "Keep one; token_env keeps the token out of the file",
        )),
        (None, _) => Err(Fault::new(
            Some(wall.clone()),
            "the wall has no token, so anybody in the network could drive it",
            "Add token_env = \"BELVEDERE_WALL_TOKEN\" and set that variable on every machine",
        )),
    }
}

/// The pitch as given, or from the wall's size.
fn pitch(
    pitch: Option<Spanned<f64>>,
    size: Option<Spanned<[f64; 2]>>,
    pixels: &[u32; 2],
) -> Result<Option<Spanned<f64>>, Fault> {
    match (pitch, size) {
        (Some(_), Some(size)) => Err(Fault::new(
            Some(size.span()),
            "there are both pixel_pitch_mm and size_mm",
            "Keep one; size_mm is the width and height of all pixels without bezels",
        )),
        (pitch, None) => Ok(pitch),
        (None, Some(size)) => {
            let span = size.span();
            let [w, h] = size.into_inner();
            let of = [w / f64::from(pixels[0]), h / f64::from(pixels[1])];
            let square = (0.98..=1.02).contains(&(of[0] / of[1]));
            if !square {
                let cause = format!("size_mm gives pixels of {:.3} by {:.3} mm", of[0], of[1]);
                return Err(Fault::new(
                    Some(span),
                    cause,
                    "Pixels are square: measure the pixels of the screens, without bezels",
                ));
            }
            Ok(Some(Spanned::new(span, (of[0] + of[1]) / 2.0)))
        }
    }
}

fn address(text: &Spanned<String>, key: &str) -> Result<SocketAddr, Fault> {
    text.get_ref().parse().map_err(|_| {
        let shown: String = text.get_ref().chars().take(80).collect();
        let cause = format!("{key} is \"{shown}\", which is not an IP address with a port");
        let advice = "Write it as 192.0.2.10:7801; names are not looked up, so that no name server \
                      can stop the wall";
        Fault::new(Some(text.span()), cause, advice)
    })
}

fn output(raw: Spanned<RawOutput>) -> Result<OutputConfig, Fault> {
    let span = raw.span();
    let raw = raw.into_inner();
    let placement = match (raw.rect, raw.pixels, raw.corners_mm) {
        (Some(rect), None, None) => Placement::Flat { rect },
        (None, Some(pixels), Some(corners)) => Placement::Angled {
            pixels,
            corners_mm: corners.map(DVec3::from_array),
        },
        _ => {
            return Err(Fault::new(
                Some(span),
                "the place of this screen is not clear",
                "Give either rect = [x, y, width, height], or both pixels = [width, height] and \
                 corners_mm = [lower left, lower right, upper left]",
            ));
        }
    };
    Ok(OutputConfig {
        display: raw.display,
        placement,
    })
}
