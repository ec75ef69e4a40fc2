// The sky behind everything, at the far plane (reverse z: depth 0).
// FULL: one triangle, everything per pixel. Lean: a grid whose pixels are mixed from its corners, and then the square
// around the sun (SUN), whose disc is smaller than the grid's cells.
#import belvedere::common::{view, sky_color, shown, hash2}

/// The grid of the lean path; src/render/pass.rs draws six vertices for each cell. Half a degree to two a cell.
const COLUMNS: u32 = 48u;
const ROWS: u32 = 48u;

struct Out {
    @builtin(position) clip: vec4<f32>,
#ifdef FULL
    @location(0) ray: vec3<f32>,
#else
#ifdef SUN
    @location(0) ray: vec3<f32>,
#else
    @location(0) color: vec3<f32>,
#endif
#endif
}

/// The sky and, below the horizon, haze that darkens toward the nadir.
fn behind(dir: vec3<f32>) -> vec3<f32> {
    let below = clamp(-dir.z * 6.0, 0.0, 1.0);
    return mix(sky_color(dir), view.sky_horizon.rgb * 0.55, below);
}

/// The sun's disc (0.53 degrees, drawn a little larger, as the eye sees it through haze).
fn disc(dir: vec3<f32>) -> vec3<f32> {
    let mu = dot(dir, view.sun_dir.xyz);
    let share = smoothstep(0.99992, 0.99998, mu) * step(-0.02, dir.z) * step(-0.09, view.sun_dir.w);
    return view.sun_color.rgb * share * 4.0;
}

fn ray_at(xy: vec2<f32>) -> vec3<f32> {
    return view.ray_forward.xyz + xy.x * view.ray_right.xyz + xy.y * view.ray_up.xyz;
}

#ifdef FULL
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Out {
    let xy = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    var out: Out;
    out.clip = vec4<f32>(xy, 0.0, 1.0);
    out.ray = ray_at(xy);
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    let dir = normalize(in.ray);
    var color = behind(dir) + disc(dir);
    // Stars, only when it is dark enough to see them.
    if view.air.y > 0.5 && dir.z > 0.05 {
        let cell = floor(dir.xy / max(dir.z, 0.1) * 160.0);
        let star = hash2(cell);
        color += vec3<f32>(0.6, 0.7, 0.9) * step(0.9985, star) * (view.air.y - 0.5) * 0.35 * smoothstep(0.05, 0.4, dir.z);
    }
    return vec4<f32>(shown(color), 1.0);
}
#else
#ifdef SUN
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Out {
    let side = vec2<f32>(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    let sun = view.sun_dir.xyz;
    let level = select(vec3<f32>(0.0, 0.0, 1.0), vec3<f32>(0.0, 1.0, 0.0), abs(sun.z) > 0.9);
    let right = normalize(cross(sun, level));
    let dir = sun + (right * side.x + cross(right, sun) * side.y) * 0.013;
    var out: Out;
    // A direction is a point that is infinitely far.
    out.clip = view.clip_from_rel * vec4<f32>(dir, 0.0);
    out.clip.z = 0.0;
    out.ray = dir;
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    let dir = normalize(in.ray);
    return vec4<f32>(shown(behind(dir) + disc(dir)), 1.0);
}
#else
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Out {
    let cell = index / 6u;
    // Two triangles: corners 0 1 2 and 2 1 3, two bits each.
    let at = (0xda4u >> (index % 6u * 2u)) & 3u;
    let place = vec2<u32>(cell % COLUMNS + (at & 1u), cell / COLUMNS + (at >> 1u));
    let xy = vec2<f32>(place) / vec2<f32>(f32(COLUMNS), f32(ROWS)) * 2.0 - 1.0;
    var out: Out;
    out.clip = vec4<f32>(xy, 0.0, 1.0);
    out.color = shown(behind(normalize(ray_at(xy))));
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    return vec4<f32>(in.color, 1.0);
}
#endif
#endif
