// One light, a sky term, fog. Nothing else: every instruction here is paid per
// pixel on machines without a GPU.
struct View {
    clip_from_world: mat4x4<f32>,
    eye: vec4<f32>,
    to_light: vec4<f32>,
    fog: vec4<f32>, // linear rgb, density per metre
}
@group(0) @binding(0) var<uniform> view: View;

struct Varying {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec3<f32>,
}

struct PixelVarying {
    @builtin(position) clip: vec4<f32>,
    @location(0) normal: vec3<f32>,
    @location(1) distance_m: f32,
}

fn lit(normal: vec3<f32>, distance_m: f32) -> vec3<f32> {
    let sun = max(dot(normal, view.to_light.xyz), 0.0);
    let sky = 0.35 + 0.15 * normal.z;
    let fog = exp(-distance_m * view.fog.w);
    let color = mix(view.fog.rgb, vec3<f32>(0.8) * (sky + 0.6 * sun), fog);
#ifdef ENCODE_SRGB
    return pow(color, vec3<f32>(1.0 / 2.2));
#else
    return color;
#endif
}

// Lighting per vertex: right for flat-shaded buildings.
@vertex
fn vertex(@location(0) position: vec3<f32>, @location(1) normal: vec4<f32>) -> Varying {
    var out: Varying;
    out.clip = view.clip_from_world * vec4(position, 1.0);
    // The contents are two-sided and some of their normals point away.
    let to_eye = view.eye.xyz - position;
    let facing = select(-normal.xyz, normal.xyz, dot(normal.xyz, to_eye) >= 0.0);
    out.color = lit(facing, length(to_eye));
    return out;
}
@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    return vec4(in.color, 1.0);
}

// Lighting per pixel.
@vertex
fn vertex_pixel(@location(0) position: vec3<f32>, @location(1) normal: vec4<f32>) -> PixelVarying {
    var out: PixelVarying;
    out.clip = view.clip_from_world * vec4(position, 1.0);
    let to_eye = view.eye.xyz - position;
    out.normal = select(-normal.xyz, normal.xyz, dot(normal.xyz, to_eye) >= 0.0);
    out.distance_m = length(to_eye);
    return out;
}
@fragment
fn fragment_pixel(in: PixelVarying) -> @location(0) vec4<f32> {
    return vec4(lit(normalize(in.normal), in.distance_m), 1.0);
}
