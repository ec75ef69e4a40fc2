// What is cut away of the scene: city_geo::Clip for pixels. Only pipelines of meshes that are cut somewhere know it.
// Frame: east, north, up (metres), relative to the camera.
#define_import_path belvedere::clip

struct Clip {
    // xyz: unit normal toward what stays, w: how far inside what stays the camera is.
    planes: array<vec4<f32>, 6>,
    // The plan of the outlines: coordinates are dot(xyz, rel) + w, metres from its origin.
    east: vec4<f32>,
    north: vec4<f32>,
    // Lower left and upper right corner of all outlines.
    bounds: vec4<f32>,
    // x: planes, y: edges, z: 1 where only what all planes cut off is cut away, w: 1 where outlines keep their inside.
    counts: vec4<u32>,
    // Of the edge of a cut; w: its width in pixels.
    edge_color: vec4<f32>,
    // Of what a cut opens: the inside of walls.
    section_color: vec4<f32>,
    // Edges of the outlines, anticlockwise: from xy to zw.
    edges: array<vec4<f32>, 256>,
}
@group(0) @binding(3) var<uniform> clipping: Clip;

const FAR: f32 = 1e9;

fn side_of(plane: u32, rel: vec3<f32>) -> f32 {
    return dot(clipping.planes[plane].xyz, rel) + clipping.planes[plane].w;
}

fn plan_of(rel: vec3<f32>) -> vec2<f32> {
    return vec2<f32>(dot(clipping.east.xyz, rel) + clipping.east.w, dot(clipping.north.xyz, rel) + clipping.north.w);
}

/// How an edge changes the winding around a point: each edge that passes it on the right counts once.
fn winding_of(edge: vec4<f32>, at: vec2<f32>) -> i32 {
    let along = edge.zw - edge.xy;
    let off = at - edge.xy;
    let left = along.x * off.y - along.y * off.x;
    if edge.y <= at.y && edge.w > at.y && left > 0.0 { return 1; }
    if edge.y > at.y && edge.w <= at.y && left < 0.0 { return -1; }
    return 0;
}

/// Whether a point is cut away.
fn is_gone(rel: vec3<f32>) -> bool {
    let together = clipping.counts.z != 0u;
    var side = select(FAR, -FAR, together && clipping.counts.x > 0u);
    for (var i = 0u; i < clipping.counts.x; i++) {
        let own = side_of(i, rel);
        side = select(min(side, own), max(side, own), together);
    }
    if side < 0.0 { return true; }
    if clipping.counts.y == 0u { return false; }
    let at = plan_of(rel);
    var winding = 0;
    if all(at >= clipping.bounds.xy) && all(at <= clipping.bounds.zw) {
        for (var i = 0u; i < clipping.counts.y; i++) {
            winding += winding_of(clipping.edges[i], at);
        }
    }
    return (winding != 0) != (clipping.counts.w != 0u);
}

/// x: 1 where a point is cut away; y: how much of the pixel is edge of the cut, 0 to 1. `dx` and `dy`: how the point
/// changes to the next pixel.
fn cut(rel: vec3<f32>, dx: vec3<f32>, dy: vec3<f32>) -> vec2<f32> {
    let width_px = clipping.edge_color.w;
    let together = clipping.counts.z != 0u;
    var side = select(FAR, -FAR, together && clipping.counts.x > 0u);
    var px = 1.0;
    for (var i = 0u; i < clipping.counts.x; i++) {
        let own = side_of(i, rel);
        if (own > side) == together {
            side = own;
            let normal = clipping.planes[i].xyz;
            px = abs(dot(normal, dx)) + abs(dot(normal, dy));
        }
    }
    var gone = side < 0.0;
    var edge = clamp(width_px + 0.5 - side / max(px, 1e-6), 0.0, 1.0);
    if clipping.counts.y > 0u {
        let at = plan_of(rel);
        let plan_dx = vec2<f32>(dot(clipping.east.xyz, dx), dot(clipping.north.xyz, dx));
        let plan_dy = vec2<f32>(dot(clipping.east.xyz, dy), dot(clipping.north.xyz, dy));
        let reach = vec2<f32>(width_px + 1.0) * (abs(plan_dx) + abs(plan_dy));
        var winding = 0;
        if all(at >= clipping.bounds.xy - reach) && all(at <= clipping.bounds.zw + reach) {
            for (var i = 0u; i < clipping.counts.y; i++) {
                let ends = clipping.edges[i];
                winding += winding_of(ends, at);
                let along = ends.zw - ends.xy;
                let off = at - ends.xy;
                let nearest = off - along * clamp(dot(off, along) / max(dot(along, along), 1e-9), 0.0, 1.0);
                let distance = length(nearest);
                // Across the edge, or around its end.
                let across = nearest / max(distance, 1e-6);
                let own_px = abs(dot(across, plan_dx)) + abs(dot(across, plan_dy));
                edge = max(edge, clamp(width_px + 0.5 - distance / max(own_px, 1e-6), 0.0, 1.0));
            }
        }
        gone = gone || (winding != 0) != (clipping.counts.w != 0u);
    }
    return vec2<f32>(f32(gone), edge);
}
