// Depth from the sun. One draw per cascade into its quarter of the atlas.
#ifdef CLIP
#import belvedere::clip::is_gone
#endif

struct Caster {
    shadow_from_mesh: mat4x4<f32>,
    rel_from_mesh: mat4x4<f32>,
}
@group(0) @binding(0) var<uniform> caster: Caster;

#ifdef CLIP
struct Out {
    @builtin(position) clip: vec4<f32>,
    @location(0) rel: vec3<f32>,
}

@vertex
fn vertex(@location(0) position: vec3<f32>) -> Out {
    var out: Out;
    out.clip = caster.shadow_from_mesh * vec4<f32>(position, 1.0);
    out.rel = (caster.rel_from_mesh * vec4<f32>(position, 1.0)).xyz;
    return out;
}

/// What is cut away casts no shadow.
@fragment
fn fragment(in: Out) {
    if is_gone(in.rel) { discard; }
}
#else
@vertex
fn vertex(@location(0) position: vec3<f32>) -> @builtin(position) vec4<f32> {
    return caster.shadow_from_mesh * vec4<f32>(position, 1.0);
}
#endif
