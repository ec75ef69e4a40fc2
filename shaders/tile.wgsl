// City tiles. Lean: one light and the haze in the vertex stage, next to nothing per pixel, for
// machines that draw on the CPU. FULL: light, shadow and reflection per pixel. Lean surfaces without a
// colour of their pixels have a shader of their own, shaded.wgsl.
#import belvedere::common::{view, sky_color, haze_over, tonemap, for_target, shown, hash2, lit_fraction}
#ifdef CLIP
#import belvedere::clip::{clipping, cut}
#endif

struct Object {
    rel_from_mesh: mat4x4<f32>,
    base_color: vec4<f32>,
    // x: opacity, y: alpha cut-off (negative: none), z: unlit, w: roughness
    params: vec4<f32>,
    // x: selected feature, y: pull toward the camera (bits of an f32, share of the distance), z: unused, w: flags
    features: vec4<u32>,
    // Debug colour; a: how much of it.
    tint: vec4<f32>,
    // Points: x: least size in pixels, y: size in metres. Styles: z: share of the colour that replaces the content's own.
    points: vec4<f32>,
    // What shines; a: how much metal.
    emissive: vec4<f32>,
    // x: how much the map of normals counts, y: that of occlusion.
    maps: vec4<f32>,
}

#ifdef SHADOWS
@group(0) @binding(1) var shadow_map: texture_depth_2d;
@group(0) @binding(2) var shadow_sampler: sampler_comparison;
#endif
@group(1) @binding(0) var<uniform> object: Object;
#ifdef TEXTURED
@group(2) @binding(0) var base_texture: texture_2d<f32>;
@group(2) @binding(1) var base_sampler: sampler;
#endif
#ifdef EMISSIVE_MAP
@group(2) @binding(2) var emissive_texture: texture_2d<f32>;
@group(2) @binding(3) var emissive_sampler: sampler;
#endif
#ifdef DETAIL
// Green: roughness, blue: metal.
@group(2) @binding(4) var roughness_texture: texture_2d<f32>;
@group(2) @binding(5) var roughness_sampler: sampler;
@group(2) @binding(6) var normal_texture: texture_2d<f32>;
@group(2) @binding(7) var normal_sampler: sampler;
@group(2) @binding(8) var occlusion_texture: texture_2d<f32>;
@group(2) @binding(9) var occlusion_sampler: sampler;
#endif

#ifdef STYLED
// One texel a feature: colours in the upper half; in the lower sizes of points, in red whether the colour replaces, and
// in green the pattern of a reading that is not good.
@group(#{LOOK_GROUP}) @binding(0) var looks: texture_2d<f32>;

fn look_at(feature: u32, lower: bool) -> vec4<f32> {
    let size = textureDimensions(looks);
    let half_height = size.y / 2u;
    let row = feature / size.x;
    if row >= half_height { return vec4<f32>(1.0, 1.0, 1.0, select(1.0, 0.0, lower)); }
    return textureLoad(looks, vec2<u32>(feature % size.x, row + select(0u, half_height, lower)), 0);
}

/// A colour under the pattern of its reading, in pixels of the picture: stale in thin level stripes, suspect hatched,
/// failed struck through the other way, missing crossed.
fn patterned(color: vec3<f32>, pattern: f32, at: vec2<f32>) -> vec3<f32> {
    if pattern < 0.02 { return color; }
    let rising = fract((at.x + at.y) / 10.0);
    let falling = fract((at.x - at.y) / 10.0);
    let faded = mix(color, vec3<f32>(0.45), 0.8);
    if pattern < 0.13 { return select(color, faded, fract(at.y / 6.0) < 0.5); }
    let ink = color * 0.25;
    if pattern < 0.37 { return select(color, ink, rising < 0.3); }
    if pattern < 0.76 { return select(faded, ink, falling < 0.4); }
    return select(color, ink, rising < 0.18 || falling < 0.18);
}
#endif

struct VertexIn {
#ifdef POINTS
    @builtin(vertex_index) corner: u32,
#endif
    @location(0) position: vec3<f32>,
    @location(1) normal: vec4<f32>,
    @location(2) color: vec4<f32>,
    @location(3) uv: vec2<f32>,
    @location(4) feature: u32,
}

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) light: vec3<f32>,
    @location(2) haze: vec4<f32>,
#ifdef FACADE
    // Metres along the wall and up.
    @location(3) wall: vec2<f32>,
    // Fraction of lit windows, and a number of the building's own. Never interpolated: its last bits decide which
    // windows are lit, and two screens of one wall must agree.
    @location(7) @interpolate(flat) building: vec2<f32>,
#endif
#ifdef TEXTURED
    @location(4) uv: vec2<f32>,
#endif
#ifdef STYLED
    // Of a reading, and how much light a colour that stands for a value has at least, to be read at night.
    @location(8) @interpolate(flat) pattern: vec2<f32>,
#endif
#ifdef FULL
    @location(5) rel: vec3<f32>,
    @location(6) normal: vec3<f32>,
#else
#ifdef WATER
    @location(5) rel: vec3<f32>,
#else
#ifdef CLIP
    @location(5) rel: vec3<f32>,
#endif
#endif
#endif
}

fn ambient(normal: vec3<f32>) -> vec3<f32> {
    return mix(view.ambient_ground.rgb, view.ambient_sky.rgb, normal.z * 0.5 + 0.5);
}

/// Streets (bit 1 of the flags) lie in the light of their lamps at night.
fn street_lamps() -> vec3<f32> {
    let street = f32((object.features.w >> 1u) & 1u);
    return vec3<f32>(1.0, 0.62, 0.28) * (0.9 * street * view.air.y);
}

@vertex
fn vertex(in: VertexIn) -> VertexOut {
    var out: VertexOut;
    let rel = (object.rel_from_mesh * vec4<f32>(in.position, 1.0)).xyz;
    out.clip = view.clip_from_rel * vec4<f32>(rel * (1.0 - bitcast<f32>(object.features.y)), 1.0);
#ifdef POINTS
    // As large as the gaps between points, so that a surface closes, and never too small to be seen nor a block.
    let focal_px = view.viewport.y * 0.5 / length(view.ray_up.xyz);
    var size_px = clamp(object.points.y * focal_px / max(out.clip.w, 1e-3), object.points.x, 12.0);
#ifdef STYLED
    let own_px = look_at(in.feature, true).a * 63.75;
    if own_px > 0.0 { size_px = own_px; }
#endif
    let side = vec2<f32>(f32(in.corner & 1u), f32(in.corner >> 1u)) * 2.0 - 1.0;
    out.clip = vec4<f32>(out.clip.xy + side * size_px * view.viewport.zw * out.clip.w, out.clip.zw);
#endif
    let m = object.rel_from_mesh;
    var normal = mat3x3<f32>(m[0].xyz, m[1].xyz, m[2].xyz) * in.normal.xyz;
    normal = normal * inverseSqrt(max(dot(normal, normal), 1e-8));

    // Two-sided surfaces show the side that faces the camera (bit 0 of the flags).
    // No branches here: on a CPU they cost more than both of their sides.
    normal *= select(1.0, -1.0, f32(object.features.w & 1u) * dot(normal, rel) > 0.0);

    var color = in.color.rgb * object.base_color.rgb;
#ifdef FACADE
    // There the content's alpha says what the building is used for.
    var alpha = object.base_color.a;
#else
    var alpha = in.color.a * object.base_color.a;
#endif
#ifdef STYLED
    let look = look_at(in.feature, false);
    let how = look_at(in.feature, true);
    let replaced = max(object.points.z, how.r);
    color = mix(color * look.rgb, look.rgb, replaced);
    out.pattern = vec2<f32>(how.g, 0.25 * view.air.y * replaced);
    alpha *= look.a;
    // Not shown: outside of everything.
    if look.a == 0.0 { out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0); }
#endif
    let picked = select(0.0, 1.0, object.features.x == in.feature);
    color = mix(color, vec3<f32>(0.10, 0.42, 1.0), 0.72 * picked);
    color = mix(color, object.tint.rgb, object.tint.a);

    let sun = max(dot(normal, view.sun_dir.xyz), 0.0);
    var light = mix(ambient(normal) + view.sun_color.rgb * sun, vec3<f32>(1.0), object.params.z);
    light = max(light, vec3<f32>(0.45 * picked));
    light += street_lamps();
    out.color = vec4<f32>(color, alpha);
    out.light = light;
    out.haze = haze_over(rel);
#ifdef FACADE
    let use_code = u32(round(in.color.a * 255.0));
    var lit = lit_fraction(use_code);
#ifdef STYLED
    // Few windows shine through such a colour.
    lit = min(lit, 0.001) + max(lit - 0.001, 0.0) * (1.0 - 0.85 * replaced);
#endif
    out.wall = in.uv;
    out.building = vec2<f32>(lit, f32(in.feature % 4093u) + f32(use_code) * 0.01);
#endif
#ifdef TEXTURED
    out.uv = in.uv;
#endif
#ifdef FULL
    out.rel = rel;
    out.normal = normal;
#else
#ifdef WATER
    out.rel = rel;
#else
#ifdef CLIP
    out.rel = rel;
#endif
#endif
#endif
    return out;
}

#ifdef SHADOWS
fn shadow_tap(uv: vec2<f32>, depth: f32) -> f32 {
    return textureSampleCompareLevel(shadow_map, shadow_sampler, uv, depth);
}

/// Sun that reaches a point: 0 in shadow, 1 in the open. Cascades lie in a 2x2 atlas.
fn sunlight(rel: vec3<f32>, normal: vec3<f32>) -> f32 {
    let count = u32(view.shadow_info.x);
    let distance = length(rel);
    var cascade = 0u;
    for (var i = 0u; i + 1u < count; i++) {
        if distance > view.shadow_splits[i] { cascade = i + 1u; }
    }
    if distance > view.shadow_splits[count - 1u] { return 1.0; }
    let texel_m = view.shadow_splits[cascade] * 2.2 * view.shadow_info.y;
    let p = view.shadow_from_rel[cascade] * vec4<f32>(rel + normal * texel_m * 1.6, 1.0);
    let inside = p.xyz;
    if any(inside.xy < vec2<f32>(-0.995)) || any(inside.xy > vec2<f32>(0.995)) { return 1.0; }
    var scale = 1.0;
    var offset = vec2<f32>(0.0);
    if count > 1u {
        scale = 0.5;
        offset = vec2<f32>(f32(cascade % 2u), f32(cascade / 2u)) * 0.5;
    }
    let uv = (inside.xy * vec2<f32>(0.5, -0.5) + 0.5) * scale + offset;
    let t = view.shadow_info.y * scale;
    var sum = 0.0;
    for (var x = -1; x <= 1; x++) {
        for (var y = -1; y <= 1; y++) {
            sum += shadow_tap(uv + vec2<f32>(f32(x), f32(y)) * t, inside.z);
        }
    }
    let fade = smoothstep(view.shadow_splits[count - 1u] * 0.85, view.shadow_splits[count - 1u], distance);
    return mix(mix(1.0, sum / 9.0, view.shadow_info.z), 1.0, fade);
}
#endif

#ifdef DETAIL
/// A normal of a map in the frame of the surface's coordinates, which the pixels beside tell: no mesh needs tangents.
fn bumped(normal: vec3<f32>, bump: vec3<f32>, rel_x: vec3<f32>, rel_y: vec3<f32>, uv_x: vec2<f32>, uv_y: vec2<f32>) -> vec3<f32> {
    let across_x = cross(rel_y, normal);
    let across_y = cross(normal, rel_x);
    let side = select(-1.0, 1.0, dot(across_x, rel_x) > 0.0);
    let along_u = across_x * uv_x.x + across_y * uv_y.x;
    let along_v = across_x * uv_x.y + across_y * uv_y.y;
    let size = inverseSqrt(max(max(dot(along_u, along_u), dot(along_v, along_v)), 1e-30)) * side;
    // An image's v points down, its green up.
    return normalize(along_u * (size * bump.x) - along_v * (size * bump.y) + normal * max(bump.z, 1e-3));
}

/// Light that a surface of metallic-roughness sends to the camera (glTF 2.0, appendix B). `sun` is what of the sun gets
/// there, `around` how much of the light from around. A white matt wall in full sun is 1, so there is no pi here.
fn detailed_light(base: vec3<f32>, metal: f32, rough: f32, normal: vec3<f32>, to_camera: vec3<f32>, sun: f32, around: f32) -> vec3<f32> {
    let facing = max(dot(normal, to_camera), 1e-3);
    let straight = mix(vec3<f32>(0.04), base, metal);
    let matt = base * (1.0 - metal);
    let sun_cos = max(dot(normal, view.sun_dir.xyz), 0.0);
    let middle = normalize(to_camera + view.sun_dir.xyz);
    let n_h = max(dot(normal, middle), 0.0);
    let a = rough * rough;
    let a2 = a * a;
    let spread = n_h * n_h * (a2 - 1.0) + 1.0;
    let lobe = a2 / (spread * spread);
    let seen = 0.5 / (sun_cos * sqrt(facing * facing * (1.0 - a2) + a2) + facing * sqrt(sun_cos * sun_cos * (1.0 - a2) + a2) + 1e-5);
    let grazing = pow(1.0 - max(dot(to_camera, middle), 0.0), 5.0);
    let mirrored = (straight + (1.0 - straight) * grazing) * min(lobe * seen, 32.0);
    var light = view.sun_color.rgb * (sun * sun_cos) * (matt + mirrored);
    // What is around: the sky or the ground, the more blurred the rougher (after Karis, "Physically Based Shading on Mobile").
    let bounce = reflect(-to_camera, normal);
    let sky = sky_color(vec3<f32>(bounce.xy, abs(bounce.z)));
    let sharp = mix(view.ambient_ground.rgb, sky, smoothstep(-0.1, 0.1, bounce.z));
    let r = rough * vec4<f32>(-1.0, -0.0275, -0.572, 0.022) + vec4<f32>(1.0, 0.0425, 1.04, -0.04);
    let a004 = min(r.x * r.x, exp2(-9.28 * facing)) * r.x + r.y;
    let scale = vec2<f32>(-1.04, 1.04) * a004 + r.zw;
    let blurred = mix(sharp, ambient(bounce), rough);
    light += around * (ambient(normal) * matt + blurred * (straight * scale.x + scale.y));
    return light;
}
#endif

@fragment
fn fragment(
    in: VertexOut,
#ifdef CLIP
    @builtin(front_facing) front: bool,
#endif
) -> @location(0) vec4<f32> {
#ifdef CLIP
    let cut_here = cut(in.rel, dpdx(in.rel), dpdy(in.rel));
#endif
    var base = in.color;
#ifdef TEXTURED
    base *= textureSample(base_texture, base_sampler, in.uv);
#endif
    // What shines by itself.
    var glow = vec3<f32>(0.0);
#ifdef EMISSIVE
    glow = object.emissive.rgb;
#ifdef EMISSIVE_MAP
    glow *= textureSample(emissive_texture, emissive_sampler, in.uv).rgb;
#endif
#endif
#ifdef DETAIL
    let surface = textureSample(roughness_texture, roughness_sampler, in.uv);
    let bump = textureSample(normal_texture, normal_sampler, in.uv).xyz * 2.0 - 1.0;
    let nook = textureSample(occlusion_texture, occlusion_sampler, in.uv).r;
    let rel_x = dpdx(in.rel);
    let rel_y = dpdy(in.rel);
    let uv_x = dpdx(in.uv);
    let uv_y = dpdy(in.uv);
#endif
#ifdef STYLED
    base = vec4<f32>(patterned(base.rgb, in.pattern.x, in.clip.xy), base.a);
#endif
#ifdef MASK
    if base.a < object.params.y { discard; }
#endif
#ifdef CLIP
    if cut_here.x > 0.5 { discard; }
#endif
    var light = in.light;
    var mirror = 0.0;
#ifdef FULL
    let normal = normalize(in.normal);
#ifndef DETAIL
    if object.params.z < 0.5 {
        var sun = max(dot(normal, view.sun_dir.xyz), 0.0);
#ifdef SHADOWS
        sun *= sunlight(in.rel, normal);
#endif
        light = ambient(normal) + view.sun_color.rgb * sun + street_lamps();
    }
#endif
#endif
#ifdef FACADE
    // Windows: a grid of panes in metres; far away they melt into their mean, so nothing shimmers.
    let cell_size = vec2<f32>(3.0, 3.3);
    let grid = in.wall / cell_size;
    let cell = floor(grid);
    let f = grid - cell;
    let width = max(fwidth(grid.x), fwidth(grid.y));
    let detail = clamp(1.35 - width * 1.6, 0.0, 1.0);
    let edge = clamp(width, 0.02, 0.5);
    let pane_x = smoothstep(0.16 - edge, 0.16 + edge, f.x) * (1.0 - smoothstep(0.84 - edge, 0.84 + edge, f.x));
    let pane_y = smoothstep(0.24 - edge, 0.24 + edge, f.y) * (1.0 - smoothstep(0.82 - edge, 0.82 + edge, f.y));
    // Mean glass share is 0.39 of the wall.
    let pane = mix(0.39, pane_x * pane_y, detail) * step(0.001, in.building.x) * step(1.2, in.wall.y);
    if view.air.y > 0.01 && in.building.x > 0.001 {
        // Lights of the night. Far away windows are drawn in groups that grow with the pixel, so that a
        // facade stays dark with single lights in it at every distance, instead of melting into their mean.
        let id = vec2<f32>(in.building.y * 0.731, in.building.y * 0.177);
        let level = max(log2(max(width * 1.15, 1e-3)), 0.0);
        let group = exp2(floor(level));
        let near_dice = hash2(floor(grid / group) * 1.37 + id);
        let far_dice = hash2(floor(grid / (group * 2.0)) * 1.37 + id);
        let lit = (in.building.x - 0.001) * view.air.y * mix(0.62, 0.40, clamp(level, 0.0, 1.0));
        let on = mix(step(near_dice, lit), step(far_dice, lit), fract(level));
        let warmth = hash2(vec2<f32>(in.building.y, floor(grid.y / group) * 3.1));
        let lamp = mix(vec3<f32>(1.0, 0.62, 0.30), vec3<f32>(0.86, 0.90, 1.0), step(0.72, warmth));
        glow += lamp * pane * on * (0.55 + 0.9 * fract(near_dice * 7.3));
    }
    let glass = mix(vec3<f32>(0.16, 0.20, 0.25), base.rgb * 0.5, 0.35);
    base = vec4<f32>(mix(base.rgb, glass, pane * 0.75), base.a);
#ifdef FULL
    mirror = pane * 0.35;
#endif
#endif
#ifdef STYLED
    light = max(light, vec3<f32>(in.pattern.y));
#endif
    var color = base.rgb * light + glow;
#ifdef FULL
#ifdef DETAIL
    let bumpy = bumped(normal, vec3<f32>(bump.xy * object.maps.x, bump.z), rel_x, rel_y, uv_x, uv_y);
    var reached = 1.0;
#ifdef SHADOWS
    reached = sunlight(in.rel, normal);
#endif
    let rough = clamp(object.params.w * surface.g, 0.05, 1.0);
    let metal = object.emissive.a * surface.b;
    let around = mix(1.0, nook, object.maps.y);
    color = detailed_light(base.rgb, metal, rough, bumpy, -normalize(in.rel), reached, around) + base.rgb * street_lamps() + glow;
#endif
#endif
#ifdef FULL
    let view_dir = normalize(in.rel);
#ifdef FACADE
    let reflected = reflect(view_dir, normal);
    let fresnel_glass = 0.08 + 0.5 * pow(1.0 - max(dot(-view_dir, normal), 0.0), 4.0);
    color += sky_color(reflected) * mirror * fresnel_glass;
#endif
#endif
#ifdef WATER
    let to_water = normalize(in.rel);
    let at = in.rel.xy + view.camera.xy;
    var up = vec3<f32>(0.0, 0.0, 1.0);
#ifdef FULL
    let t = view.air.w;
    let calm = 1.0 / (1.0 + length(in.rel) * 0.0009);
    up = normalize(vec3<f32>(
        (sin(at.x * 0.071 + at.y * 0.043 + t * 0.8) * 0.022 + sin(at.x * 0.23 - at.y * 0.31 + t * 1.7) * 0.014) * calm,
        (sin(at.y * 0.083 - at.x * 0.031 + t * 0.9) * 0.022 + sin(at.y * 0.27 + at.x * 0.19 - t * 1.5) * 0.014) * calm,
        1.0));
#endif
    let facing = clamp(dot(-to_water, up), 0.0, 1.0);
    let away = 1.0 - facing;
    let fresnel = 0.03 + 0.75 * away * away * away * away;
    let bounce = reflect(to_water, up);
    color = mix(base.rgb * (view.ambient_sky.rgb + view.sun_color.rgb * max(view.sun_dir.z, 0.0) * 0.35), sky_color(vec3<f32>(bounce.xy, abs(bounce.z))), fresnel);
    let glint = max(dot(bounce, view.sun_dir.xyz), 0.0);
    let g2 = glint * glint; let g4 = g2 * g2; let g16 = g4 * g4 * g4 * g4; let g64 = g16 * g16 * g16 * g16;
    color += view.sun_color.rgb * g64 * 0.6;
#endif
    color = mix(color, in.haze.rgb, in.haze.a * (1.0 - object.params.z));
#ifdef BLEND
    let alpha = base.a * object.params.x;
#else
    let alpha = 1.0;
#endif
#ifdef CLIP
    var picture = tonemap(color);
#ifndef POINTS
    // A surface with one side is seen from behind only through a cut: drawn even, it closes the body like a lid.
    if !front && (object.features.w & 1u) == 0u { picture = clipping.section_color.rgb; }
#endif
    return vec4<f32>(for_target(mix(picture, clipping.edge_color.rgb, cut_here.y)), max(alpha, cut_here.y));
#else
    return vec4<f32>(shown(color), alpha);
#endif
}
