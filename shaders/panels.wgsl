// The panels, in a picture that keeps colours as screens show them: egui's own are of that kind, and so is its blending.
// bevy_egui's layouts and names of entry points.
#import belvedere::common::encode

struct Transform {
    scale: vec2<f32>,
    translation: vec2<f32>,
}

struct VertexIn {
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
}

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) uv: vec2<f32>,
}

@group(0) @binding(0) var<uniform> transform: Transform;
@group(1) @binding(0) var image: texture_2d<f32>;
@group(1) @binding(1) var image_sampler: sampler;

@vertex
fn vs_main(in: VertexIn) -> VertexOut {
    let position = in.position * transform.scale + transform.translation;
    return VertexOut(vec4<f32>(position, 0.0, 1.0), in.color, in.uv);
}

@fragment
fn fs_main(in: VertexOut) -> @location(0) vec4<f32> {
    // Textures come as light.
    let texel = textureSample(image, image_sampler, in.uv);
    return vec4<f32>(encode(texel.rgb), texel.a) * in.color;
}
