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

const LOG2_E: f32 = 1.442695;

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

/// Colour of the haze toward a point, and how much of it lies over the point (exponential in distance and height). Every
/// vertex of the lean path asks for it, so it takes one root and two powers of two.
fn haze_over(rel: vec3<f32>) -> vec4<f32> {
    let square = max(dot(rel, rel), 1e-6);
    let per_distance = inverseSqrt(square);
    // Mean density along the ray for an atmosphere with a scale height of 900 m.
    let h0 = max(view.camera.w, 0.0);
    let h1 = max(h0 + rel.z, 0.0);
    let mean = exp2((h0 + h1) * (-0.5 / 900.0 * LOG2_E));
    let amount = 1.0 - exp2(square * per_distance * view.air.x * mean * -LOG2_E);
    return vec4<f32>(sky_color(rel * per_distance), amount);
}

/// Brings light to the screen: exposure, a little more colour than the haze leaves, then a shoulder that keeps hue.
fn tonemap(light: vec3<f32>) -> vec3<f32> {
    return develop(light * view.air.z);
}

/// The same of light that is exposed already.
fn develop(exposed: vec3<f32>) -> vec3<f32> {
    let grey = dot(exposed, vec3<f32>(0.2126, 0.7152, 0.0722));
    let c = max(mix(vec3<f32>(grey), exposed, 1.14), vec3<f32>(0.0));
    return c * (1.0 + c * 0.20) / (1.0 + c * 0.85);
}

/// Light as screens take it (sRGB, IEC 61966-2-1), within a tenth of a step of eight bits: two roots cost less than a power.
fn encode(light: vec3<f32>) -> vec3<f32> {
    let root = sqrt(light);
    let curve = root * 0.8338138 + sqrt(root) * 0.2980610 - light * 0.0553425 - 0.0768939;
    return select(curve, light * 12.92, light < vec3<f32>(0.0031308));
}

/// As the target keeps colours: by itself encoded, or (ENCODE) as they are written.
fn for_target(light: vec3<f32>) -> vec3<f32> {
#ifdef ENCODE
    return encode(light);
#else
    return light;
#endif
}

/// The colour of light in the picture.
fn shown(light: vec3<f32>) -> vec3<f32> {
    return for_target(tonemap(light));
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
