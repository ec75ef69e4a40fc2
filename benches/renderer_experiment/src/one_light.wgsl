#import bevy_pbr::mesh_functions::get_world_from_local
#import bevy_pbr::mesh_view_bindings::view

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
}
struct Varying {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec3<f32>,
}

@vertex
fn vertex(in: Vertex) -> Varying {
    let world = get_world_from_local(in.instance_index) * vec4(in.position, 1.0);
    let sun = max(dot(in.normal, normalize(vec3(-0.4, -0.5, 0.77))), 0.0);
    let fog = exp(-distance(world.xyz, view.world_position) / 12000.0);
    var out: Varying;
    out.clip = view.clip_from_world * world;
    out.color = mix(vec3(0.62, 0.72, 0.83), vec3(0.8) * (0.35 + 0.15 * in.normal.z + 0.6 * sun), fog);
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    return vec4(in.color, 1.0);
}
