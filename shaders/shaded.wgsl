// Lean surfaces whose pixels have no colour of their own: no texture, no windows, no water. Their corners' colours are
// worked out to the end, and pixels are mixed from them. On a CPU each number that a vertex reads from a uniform costs as
// much as ten that it computes, so all that is the same for an object comes worked out, in the axes of its mesh:
// src/render/shaded.rs.
#import belvedere::common::{develop, for_target, LOG2_E}

struct Object {
    clip_from_mesh: mat4x4<f32>,
    // The camera; w: haze per unit of the mesh at the ground, for powers of two.
    eye: vec4<f32>,
    // Unit vectors; w: metres per unit of the mesh, and whether both sides are seen.
    up: vec4<f32>,
    sun: vec4<f32>,
    // Light, exposed: on upright walls, the difference of roofs to them, of the sun.
    // w: height of the camera, how much of the haze, alpha cut-off.
    ambient: vec4<f32>,
    ambient_up: vec4<f32>,
    sunlight: vec4<f32>,
    // Colours of the haze, exposed. w: opacity, least light on what is picked.
    horizon: vec4<f32>,
    zenith: vec4<f32>,
    glow: vec4<f32>,
    // Factor of the content's colours, and what is added; w of the second: the picked feature, bits.
    color: vec4<f32>,
    tint: vec4<f32>,
    unused: vec4<f32>,
}

@group(1) @binding(0) var<uniform> object: Object;

struct VertexIn {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec4<f32>,
    @location(2) color: vec4<f32>,
    @location(4) feature: u32,
}

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
}

@vertex
fn vertex(in: VertexIn) -> VertexOut {
    let up = object.up;
    let sun = object.sun;
    let rel = in.position - object.eye.xyz;
    let square = max(dot(rel, rel), 1e-6);
    let per_length = inverseSqrt(square);

    let lit = dot(in.normal.xyz, sun.xyz);
    let upward = dot(in.normal.xyz, up.xyz);
    // No branches: they cost more than both of their sides.
    let side = select(1.0, -1.0, dot(in.normal.xyz, rel) * sun.w > 0.0);
    let ambient = object.ambient;
    let ambient_up = object.ambient_up;
    let sunlight = object.sunlight;
    let zenith = object.zenith;
    let tint = object.tint;
    let picked = select(0.0, 1.0, in.feature == bitcast<u32>(tint.w));
    let unpicked = ambient.rgb + ambient_up.rgb * (upward * side) + sunlight.rgb * max(lit * side, 0.0);
    let light = max(unpicked, vec3<f32>(zenith.w * picked));
    let color = mix(in.color.rgb * object.color.rgb + tint.rgb, vec3<f32>(0.10, 0.42, 1.0), 0.72 * picked);

    // As haze_over and sky_color in common.wgsl.
    let high = dot(rel, up.xyz);
    let mean = exp2((ambient.w + max(ambient.w + high * up.w, 0.0)) * (-0.5 / 900.0 * LOG2_E));
    let amount = (1.0 - exp2(square * per_length * object.eye.w * -mean)) * ambient_up.w;
    let h = 1.0 - max(high * per_length, 0.0);
    let h2 = h * h;
    let mu = max(dot(rel, sun.xyz) * per_length, 0.0);
    let mu2 = mu * mu;
    let mu8 = mu2 * mu2 * mu2 * mu2;
    let horizon = object.horizon;
    let haze = mix(zenith.rgb, horizon.rgb, h2 * h2 * h) + object.glow.rgb * (0.5 * mu8 * h2 + 0.15 * mu2);

    var out: VertexOut;
    out.clip = object.clip_from_mesh * vec4<f32>(in.position, 1.0);
    let alpha = in.color.a * object.color.a;
    out.color = vec4<f32>(for_target(develop(mix(color * light, haze, amount))), alpha);
    return out;
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4<f32> {
#ifdef MASK
    if in.color.a < object.sunlight.w { discard; }
#endif
#ifdef BLEND
    return vec4<f32>(in.color.rgb, in.color.a * object.horizon.w);
#else
    return vec4<f32>(in.color.rgb, 1.0);
#endif
}
