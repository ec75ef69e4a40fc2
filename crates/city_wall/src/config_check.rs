//! What cannot be said by types about a wall.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::Range;

use crate::config::{
    MAX_ID_BYTES, MAX_LEADERS, MAX_NODES, MAX_OUTPUTS, MAX_WALL_PX, Placement, WallConfig,
};
use crate::config_read::Spans;
use crate::projection::Projection;

/// What is wrong and where.
pub(crate) struct Fault {
    pub(crate) span: Option<Range<usize>>,
    pub(crate) cause: String,
    pub(crate) advice: String,
}

impl Fault {
    pub(crate) fn new(
        span: Option<Range<usize>>,
        cause: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            span,
            cause: cause.into(),
            advice: advice.into(),
        }
    }
}

type Checked = Result<(), Fault>;

/// The first thing that is wrong with a wall that reads.
pub(crate) fn check(config: &WallConfig, spans: &Spans) -> Checked {
    check_wall(config, spans)?;
    check_leaders(config, spans)?;
    check_nodes(config, spans)?;
    check_outputs(config, spans)
}

fn number(
    span: &Option<Range<usize>>,
    key: &str,
    value: f64,
    [min, max]: [f64; 2],
    unit: &str,
) -> Checked {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let advice = format!("It must be between {min} and {max} {unit}");
    Err(Fault::new(
        span.clone(),
        format!("{key} is {value}"),
        advice,
    ))
}

fn check_wall(config: &WallConfig, spans: &Spans) -> Checked {
    if config.name.is_empty() || config.name.len() > 200 {
        return Err(Fault::new(
            Some(spans.wall.clone()),
            "the wall's name is empty or longer than 200 bytes",
            "Give it a short name",
        ));
    }
    let [w, h] = config.pixels;
    if w == 0 || h == 0 || w > MAX_WALL_PX || h > MAX_WALL_PX {
        return Err(Fault::new(
            Some(spans.pixels.clone()),
            format!("the wall has {w} by {h} pixels"),
            format!("Each side has 1 to {MAX_WALL_PX}"),
        ));
    }
    if let Some(pitch) = config.pixel_pitch_mm {
        number(&spans.pitch, "the pixel pitch", pitch, [0.01, 100.0], "mm")?;
    }
    for gap in config.bezel_mm {
        number(&spans.bezel, "bezel_mm", gap, [0.0, 500.0], "mm")?;
    }
    if config.bezel_mm != [0.0; 2] && config.pixel_pitch_mm.is_none() {
        return Err(Fault::new(
            spans.bezel.clone(),
            "bezels are given in millimetres, but the size of a pixel is not known",
            "Add pixel_pitch_mm, or size_mm = [width, height] of all pixels without bezels",
        ));
    }
    let distance = config.view_distance_m;
    number(
        &spans.distance,
        "view_distance_m",
        distance,
        [0.1, 200.0],
        "m",
    )?;
    if config.eye_mm.z < 100.0 - distance * 1000.0 {
        return Err(Fault::new(
            spans.eye.clone(),
            "the eye is behind the wall, or nearer to it than 100 mm",
            "The flat screens stand at z = -view_distance_m; z of eye_mm points towards the viewer",
        ));
    }
    for part in config.eye_mm.to_array() {
        number(&spans.eye, "eye_mm", part, [-1e6, 1e6], "mm")?;
    }
    number(&spans.lead, "lead_ms", config.lead_ms, [1.0, 1000.0], "ms")?;
    if config.scene.trim().is_empty() || config.scene.len() > 2000 {
        return Err(Fault::new(
            Some(spans.scene.clone()),
            "scene names nothing",
            "Give the path of a scene file, or its URL",
        ));
    }
    if let Some(hub) = &config.hub
        && !(hub.starts_with("http://") || hub.starts_with("https://"))
    {
        return Err(Fault::new(
            spans.hub.clone(),
            "hub is not an address of a hub",
            "Write it as http://192.0.2.10:8600",
        ));
    }
    Ok(())
}

/// Identifiers and addresses that are taken.
#[derive(Default)]
struct Taken {
    ids: BTreeSet<String>,
    udp: BTreeSet<SocketAddr>,
    tcp: BTreeSet<SocketAddr>,
}

fn identifier(taken: &mut Taken, id: &str, span: &Range<usize>) -> Checked {
    let good = (1..=MAX_ID_BYTES).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if !good {
        let shown: String = id.chars().take(80).collect();
        let cause = format!("\"{shown}\" cannot be an id");
        let advice = format!("Use letters, digits, _ and -, at most {MAX_ID_BYTES} of them");
        return Err(Fault::new(Some(span.clone()), cause, advice));
    }
    if !taken.ids.insert(id.to_owned()) {
        return Err(Fault::new(
            Some(span.clone()),
            format!("the id \"{id}\" is there twice"),
            "Give each leader and node its own",
        ));
    }
    Ok(())
}

fn address(taken: &mut BTreeSet<SocketAddr>, address: SocketAddr, span: &Range<usize>) -> Checked {
    if address.port() == 0 || address.ip().is_unspecified() || address.ip().is_multicast() {
        return Err(Fault::new(
            Some(span.clone()),
            format!("{address} is not an address that others can send to"),
            "Give the machine's own address in the wall's network, and a port",
        ));
    }
    if !taken.insert(address) {
        return Err(Fault::new(
            Some(span.clone()),
            format!("the address {address} is there twice"),
            "Give each its own port",
        ));
    }
    Ok(())
}

fn check_leaders(config: &WallConfig, spans: &Spans) -> Checked {
    if config.leaders.is_empty() || config.leaders.len() > MAX_LEADERS {
        return Err(Fault::new(
            Some(spans.wall.clone()),
            format!("there are {} of [[leader]]", config.leaders.len()),
            format!("Describe 1 to {MAX_LEADERS}, the preferred one first"),
        ));
    }
    let mut taken = Taken::default();
    for (leader, [id, frames, http]) in config.leaders.iter().zip(&spans.leaders) {
        identifier(&mut taken, &leader.id, id)?;
        address(&mut taken.udp, leader.frames, frames)?;
        address(&mut taken.tcp, leader.http, http)?;
    }
    for (node, (id, listen, _)) in config.nodes.iter().zip(&spans.nodes) {
        identifier(&mut taken, &node.id, id)?;
        address(&mut taken.udp, node.listen, listen)?;
    }
    Ok(())
}

fn check_nodes(config: &WallConfig, spans: &Spans) -> Checked {
    if config.nodes.is_empty() || config.nodes.len() > MAX_NODES {
        return Err(Fault::new(
            Some(spans.wall.clone()),
            format!("there are {} of [[node]]", config.nodes.len()),
            format!("Describe 1 to {MAX_NODES}"),
        ));
    }
    for (node, (id, _, places)) in config.nodes.iter().zip(&spans.nodes) {
        if node.outputs.is_empty() || node.outputs.len() > MAX_OUTPUTS {
            return Err(Fault::new(
                Some(id.clone()),
                format!(
                    "the node \"{}\" has {} screens",
                    node.id,
                    node.outputs.len()
                ),
                format!(
                    "Describe 1 to {MAX_OUTPUTS} in output = [{{ display = 0, rect = [...] }}]"
                ),
            ));
        }
        for (i, (output, place)) in node.outputs.iter().zip(places).enumerate() {
            if node.outputs[..i]
                .iter()
                .any(|o| o.display == output.display)
            {
                return Err(Fault::new(
                    Some(place.clone()),
                    format!(
                        "the display {} of \"{}\" is there twice",
                        output.display, node.id
                    ),
                    "Number a machine's displays 0, 1, 2 ...",
                ));
            }
        }
    }
    Ok(())
}

fn check_outputs(config: &WallConfig, spans: &Spans) -> Checked {
    let mut seen: Vec<([u32; 4], &str, u32)> = Vec::new();
    for (node, (_, _, places)) in config.nodes.iter().zip(&spans.nodes) {
        for (output, place) in node.outputs.iter().zip(places) {
            let fault =
                |cause: String, advice: &str| Err(Fault::new(Some(place.clone()), cause, advice));
            let [w, h] = output.size_px();
            if w == 0 || h == 0 || w > MAX_WALL_PX || h > MAX_WALL_PX {
                let advice = "Give its width and height in pixels";
                return fault(format!("the screen has {w} by {h} pixels"), advice);
            }
            match &output.placement {
                Placement::Flat { rect } => {
                    let [x, y, w, h] = rect.map(u64::from);
                    let [wall_w, wall_h] = config.pixels.map(u64::from);
                    if x + w > wall_w || y + h > wall_h {
                        let cause = format!(
                            "the screen reaches to ({}, {}), outside of the wall of {wall_w} by {wall_h} pixels",
                            x + w,
                            y + h
                        );
                        return fault(cause, "rect is x, y, width, height from the top left");
                    }
                    let other = seen.iter().find(|(other, ..)| overlap(rect, other));
                    if let Some((_, other, display)) = other {
                        let cause =
                            format!("the screen overlaps display {display} of node \"{other}\"");
                        return fault(
                            cause,
                            "rect is x, y, width, height; every pixel has one screen",
                        );
                    }
                    seen.push((*rect, &node.id, output.display));
                }
                Placement::Angled { corners_mm, .. } => {
                    if let Err(error) = Projection::from_corners(*corners_mm, config.eye_mm) {
                        return fault(
                            error.to_string(),
                            "corners_mm is lower left, lower right, upper left, each [x, y, z] with x right, y up \
                             and z towards the viewer, as seen from the eye",
                        );
                    }
                }
            }
        }
    }
    Ok(())
}

fn overlap(a: &[u32; 4], b: &[u32; 4]) -> bool {
    let meet = |i: usize| {
        let [a_start, b_start] = [u64::from(a[i]), u64::from(b[i])];
        a_start < b_start + u64::from(b[i + 2]) && b_start < a_start + u64::from(a[i + 2])
    };
    meet(0) && meet(1)
}
