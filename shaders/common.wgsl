// What every pass shares: the view, the light of the hour and the air between.
// Frame: east, north, up (metres), relative to the camera, so that f32 is exact where it matters.
#define_import_path belvedere::common

struct View {
    clip_from_rel: mat4x4<f32>,
    // Rays of the sky: columns are the camera's right, up and forward, scaled to the frustum's edge.
    ray_right: vec4<f32>,
    ray_up: vec4<f32>,
    ray_forward: vec4<f32>,
    // xyz: toward the sun (or the moon at night); w: sine of the sun's elevation.
    sun_dir: vec4<f32>,
    sun_color: vec4<f32>,
    sky_zenith: vec4<f32>,
    sky_horizon: vec4<f32>,
    sky_glow: vec4<f32>,
    ambient_sky: vec4<f32>,
    ambient_ground: vec4<f32>,
    // x: density per metre at the ground, y: night 0..1, z: exposure, w: seconds for moving water.
    air: vec4<f32>,
    // xyz: camera in the local frame (f32, for patterns only); w: height above the ground.
    camera: vec4<f32>,
    // x,y: pixels; z,w: one over pixels.
    viewport: vec4<f32>,
    // Fraction of lit windows by building use, four to a vector.
    lit: array<vec4<f32>, 3>,
    shadow_from_rel: array<mat4x4<f32>, 4>,
    // Far distance of each cascade, metres; count in shadow_info.x, 1/size in .y, strength in .z.
    shadow_splits: vec4<f32>,
    shadow_info: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;

fn sky_color(dir: vec3<f32>) -> vec3<f32> {
    let h = clamp(1.0 - max(dir.z, 0.0), 0.0, 1.0);
    let h2 = h * h;
    var color = mix(view.sky_zenith.rgb, view.sky_horizon.rgb, h2 * h2 * h);
    let mu = max(dot(dir, view.sun_dir.xyz), 0.0);
    let mu2 = mu * mu;
    let mu8 = mu2 * mu2 * mu2 * mu2;
    color += view.sky_glow.rgb * (0.5 * mu8 * h2 + 0.15 * mu2);
    return color;
}

/// Colour of the haze in a direction, and how much of it lies over a point (exponential in distance and height).
fn haze_over(rel: vec3<f32>) -> vec4<f32> {
    let distance = length(rel);
    let dir = rel / max(distance, 1e-3);
    // Mean density along the ray for an atmosphere with a scale height of 900 m.
    let h0 = max(view.camera.w, 0.0);
    let h1 = max(h0 + rel.z, 0.0);
    let mean = exp(-(h0 + h1) * 0.5 / 900.0);
    let amount = 1.0 - exp(-distance * view.air.x * mean);
    let flat_dir = normalize(vec3<f32>(dir.xy, max(dir.z, 0.02)));
    return vec4<f32>(sky_color(flat_dir), amount);
}

/// Brings light to the screen: exposure, a little more colour than the haze leaves, then a shoulder that keeps hue.
fn tonemap(light: vec3<f32>) -> vec3<f32> {
    let exposed = light * view.air.z;
    let grey = dot(exposed, vec3<f32>(0.2126, 0.7152, 0.0722));
    let c = max(mix(vec3<f32>(grey), exposed, 1.14), vec3<f32>(0.0));
    return c * (1.0 + c * 0.20) / (1.0 + c * 0.85);
}

fn hash2(p: vec2<f32>) -> f32 {
    var q = fract(p * vec2<f32>(0.1031, 0.1030));
    q += dot(q, q.yx + 33.33);
    return fract((q.x + q.y) * q.x);
}

fn lit_fraction(use_code: u32) -> f32 {
    let code = min(use_code, 11u);
    return view.lit[code / 4u][code % 4u];
}
