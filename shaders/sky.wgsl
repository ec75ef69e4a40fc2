// The sky behind everything: one triangle at the far plane (reverse z: depth 0).
#import belvedere::common::{view, sky_color, tonemap, hash2}


struct Out {
    @builtin(position) clip: vec4<f32>,
    @location(0) ray: vec3<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Out {
    let xy = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    var out: Out;
    out.clip = vec4<f32>(xy, 0.0, 1.0);
    out.ray = view.ray_forward.xyz + xy.x * view.ray_right.xyz + xy.y * view.ray_up.xyz;
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    let dir = normalize(in.ray);
    var color = sky_color(dir);
    // Below the horizon: haze, darker toward the nadir.
    let below = clamp(-dir.z * 6.0, 0.0, 1.0);
    color = mix(color, view.sky_horizon.rgb * 0.55, below);
    // The sun's disc (0.53 degrees, drawn a little larger, as the eye sees it through haze).
    let mu = dot(dir, view.sun_dir.xyz);
    let disc = smoothstep(0.99992, 0.99998, mu) * step(-0.02, dir.z) * step(-0.09, view.sun_dir.w);
    color += view.sun_color.rgb * disc * 4.0;
#ifdef FULL
    // Stars, only when it is dark enough to see them.
    if view.air.y > 0.5 && dir.z > 0.05 {
        let cell = floor(dir.xy / max(dir.z, 0.1) * 160.0);
        let star = hash2(cell);
        color += vec3<f32>(0.6, 0.7, 0.9) * step(0.9985, star) * (view.air.y - 0.5) * 0.35 * smoothstep(0.05, 0.4, dir.z);
    }
#endif
    return vec4<f32>(tonemap(color), 1.0);
}
