// Depth from the sun. One draw per cascade into its quarter of the atlas.
struct Caster {
    shadow_from_mesh: mat4x4<f32>,
}
@group(0) @binding(0) var<uniform> caster: Caster;

@vertex
fn vertex(@location(0) position: vec3<f32>) -> @builtin(position) vec4<f32> {
    return caster.shadow_from_mesh * vec4<f32>(position, 1.0);
}
