// Sensor readings: one instanced draw per layer. Each instance carries the two readings around the
// clock's time; the value at that time is worked out here, so moving the clock uploads nothing.
#import belvedere::common::{view, for_target}
#ifdef CLIP
#import belvedere::clip::is_gone
#endif

struct Layer {
    rel_origin: vec4<f32>,
    // x: the clock, y: now minus epoch when live (age reference), z: cadence, w: stale after; seconds from the layer's epoch
    time: vec4<f32>,
    // x: value at the map's start, y: at its end, z: size px, w: opacity
    range: vec4<f32>,
    // x: selected instance, y: colour map row (unused here), z: flags
    pick: vec4<u32>,
}
@group(1) @binding(0) var<uniform> layer: Layer;
@group(1) @binding(1) var color_map: texture_2d<f32>;
@group(1) @binding(2) var color_sampler: sampler;

// Must agree with overlays::instance.
const QUALITY_SUSPECT: u32 = 3u;
const QUALITY_FAIL: u32 = 4u;
const QUALITY_MISSING: u32 = 9u;

struct In {
    @builtin(vertex_index) vertex: u32,
    @builtin(instance_index) instance: u32,
    @location(0) position: vec3<f32>,
    @location(1) values: vec2<f32>,
    @location(2) times: vec2<f32>,
    // bits 0..4 quality of the first reading, 4..8 of the second, 8: linear, 9: no reading at all
    @location(3) flags: u32,
    @location(4) index: u32,
}
struct Out {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    @location(2) @interpolate(flat) shape: u32,
    @location(3) @interpolate(flat) picked: u32,
}

@vertex
fn vertex(in: In) -> Out {
    let q0 = in.flags & 15u;
    let linear = (in.flags & 256u) != 0u;
    let empty = (in.flags & 512u) != 0u;
    let now = layer.time.x;
    var value = in.values.x;
    let gap = in.times.y - in.times.x;
    // Whether a line may be drawn was decided by city_sensors; the flag says so.
    if linear && gap > 0.0 {
        value = mix(in.values.x, in.values.y, clamp((now - in.times.x) / gap, 0.0, 1.0));
    }
    var shape = 0u; // full disc: good
    if q0 == QUALITY_SUSPECT { shape = 2u; }
    if q0 == QUALITY_FAIL { shape = 4u; }
    if now - in.times.x > layer.time.w { shape = 1u; } // stale: hollow
    if empty || q0 == QUALITY_MISSING { shape = 3u; }
    let t = clamp((value - layer.range.x) / (layer.range.y - layer.range.x), 0.0, 1.0);
    var color = textureSampleLevel(color_map, color_sampler, vec2<f32>(t * (255.0 / 256.0) + 0.5 / 256.0, 0.5), 0.0);
    if shape == 3u || shape == 4u { color = vec4<f32>(0.35, 0.38, 0.42, 1.0); }

    let rel = in.position + layer.rel_origin.xyz;
    // Nearer by two per cent, so that neither the wall that carries a sensor nor the ground below it cuts the disc.
    var clip = view.clip_from_rel * vec4<f32>(rel * 0.98, 1.0);
    let picked = u32(in.index == layer.pick.x);
    let distance = length(rel);
    var size = layer.range.z * clamp(2400.0 / max(distance, 1.0), 0.6, 1.5);
    size *= 1.0 + 0.5 * f32(picked);
    let corner = vec2<f32>(f32(in.vertex & 1u), f32((in.vertex >> 1u) & 1u)) * 2.0 - 1.0;
    // Two units of clip space span the viewport: `size` is a radius in pixels, as picking takes it.
    clip = vec4<f32>(clip.xy + corner * size * 2.0 * view.viewport.zw * clip.w, clip.zw);
#ifdef CLIP
    // With what it stands on: outside of everything.
    if is_gone(rel) { clip = vec4<f32>(2.0, 2.0, 2.0, 1.0); }
#endif
    var out: Out;
    out.clip = clip;
    out.uv = corner;
    out.color = vec4<f32>(color.rgb, layer.range.w);
    out.shape = shape;
    out.picked = picked;
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    let r = length(in.uv);
    let w = fwidth(r);
    var alpha = 1.0 - smoothstep(1.0 - w, 1.0, r);
    var color = in.color.rgb;
    let dark = vec3<f32>(0.010, 0.013, 0.018);
    if in.shape == 1u {
        alpha *= smoothstep(0.52 - w, 0.52, r);
    } else if in.shape == 2u {
        let stripe = fract((in.uv.x + in.uv.y) * 1.6);
        color = mix(color, dark, step(0.5, stripe));
    } else if in.shape == 3u {
        let cross = min(abs(in.uv.x - in.uv.y), abs(in.uv.x + in.uv.y));
        color = mix(vec3<f32>(0.75), dark, step(0.34, cross));
    } else if in.shape == 4u {
        color = mix(vec3<f32>(0.85), color, step(0.22, abs(in.uv.y)));
    }
    // A rim keeps any colour readable on any ground: dark by day, light over the city's lights; white when picked.
    let rim = smoothstep(0.74 - w, 0.76, r);
    let edge = mix(dark, vec3<f32>(0.34, 0.39, 0.46), view.air.y);
    if in.shape != 1u { color = mix(color, edge, rim * 0.85); }
    if in.picked == 1u { color = mix(color, vec3<f32>(1.0), smoothstep(0.66, 0.7, r)); }
    if alpha * in.color.a < 0.02 { discard; }
    return vec4<f32>(for_target(color), alpha * in.color.a);
}
