// Thick lines: one instance per segment, expanded to a quad of constant pixel width with round ends,
// so that bends close. A segment of no length is a point: a disc with a dark rim.
#import belvedere::common::{view, for_target}
#ifdef CLIP
#import belvedere::clip::is_gone
#endif

struct LineSet {
    // xyz: the set's origin relative to the camera; w: pull toward the camera (share of the distance).
    rel_origin: vec4<f32>,
    // x: opacity, y: width factor
    params: vec4<f32>,
}
@group(1) @binding(0) var<uniform> line_set: LineSet;

struct In {
    @builtin(vertex_index) vertex: u32,
    @location(0) a: vec3<f32>,
    @location(1) width_px: f32,
    @location(2) b: vec3<f32>,
    @location(3) color: vec4<f32>,
}
struct Out {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
    // Pixels across and along the segment, and 1, all times w: divided by the last they are even on
    // the screen, as pixels must be, and not in depth.
    @location(1) place: vec3<f32>,
    // x: length, y: half width, pixels; z: 1 for a point.
    @location(2) @interpolate(flat) shape: vec3<f32>,
#ifdef CLIP
    @location(3) rel: vec3<f32>,
#endif
}

@vertex
fn vertex(in: In) -> Out {
    let pull = 1.0 - line_set.rel_origin.w;
    var a = view.clip_from_rel * vec4<f32>((in.a + line_set.rel_origin.xyz) * pull, 1.0);
    var b = view.clip_from_rel * vec4<f32>((in.b + line_set.rel_origin.xyz) * pull, 1.0);
    // Clip to a plane just before the eye, so that a segment passing beside the camera stays straight.
    let near = 0.05;
#ifdef CLIP
    // Where the end is that this corner belongs to, also when it moved to the plane before the eye.
    var begin = in.a;
    var finish = in.b;
    if a.w < near && b.w > near { begin = mix(in.a, in.b, (near - a.w) / (b.w - a.w)); }
    if b.w < near && a.w > near { finish = mix(in.b, in.a, (near - b.w) / (a.w - b.w)); }
#endif
    if a.w < near && b.w > near { a = mix(a, b, (near - a.w) / (b.w - a.w)); }
    if b.w < near && a.w > near { b = mix(b, a, (near - b.w) / (a.w - b.w)); }
    let half_view = view.viewport.xy * 0.5;
    let pa = a.xy / max(a.w, near) * half_view;
    let pb = b.xy / max(b.w, near) * half_view;
    var along = pb - pa;
    let len = length(along);
    along = select(vec2<f32>(1.0, 0.0), along / len, len > 1e-4);
    let normal = vec2<f32>(-along.y, along.x);
    let end = f32(in.vertex & 1u);
    let side = f32((in.vertex >> 1u) & 1u) * 2.0 - 1.0;
    var clip = select(a, b, end > 0.5);
    let half_width = in.width_px * line_set.params.y * 0.5;
    // Half a pixel more, over which the edge fades.
    let reach = half_width + 0.5;
    let offset = (normal * side + along * (end * 2.0 - 1.0)) * reach;
    clip = vec4<f32>(clip.xy + offset / half_view * clip.w, clip.zw);
    if a.w < near && b.w < near { clip = vec4<f32>(2.0, 2.0, 2.0, 1.0); }
    var out: Out;
    out.clip = clip;
    out.color = in.color;
    out.place = vec3<f32>(side * reach, end * len + (end * 2.0 - 1.0) * reach, 1.0) * clip.w;
    out.shape = vec3<f32>(len, half_width, f32(all(in.a == in.b)));
#ifdef CLIP
    out.rel = select(begin, finish, end > 0.5) + line_set.rel_origin.xyz;
#endif
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
#ifdef CLIP
    if is_gone(in.rel) { discard; }
#endif
    let across = in.place.x / in.place.z;
    let along = in.place.y / in.place.z;
    let beyond = max(max(-along, along - in.shape.x), 0.0);
    let off = length(vec2<f32>(across, beyond));
    var alpha = in.color.a * line_set.params.x;
    // Ends of translucent neighbours would add up to a dot at every bend, so these end straight.
    let straight = alpha < 0.99 && in.shape.z < 0.5;
    alpha *= select(1.0, 1.0 - step(0.5, beyond), straight);
    alpha *= clamp(in.shape.y + 0.5 - off, 0.0, 1.0);
    if alpha < 0.004 { discard; }
    let rim = in.shape.z * 0.85 * smoothstep(in.shape.y * 0.72 - 0.7, in.shape.y * 0.72 + 0.3, off);
    return vec4<f32>(for_target(mix(in.color.rgb, vec3<f32>(0.010, 0.013, 0.018), rim)), alpha);
}
