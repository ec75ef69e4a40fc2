//! The node tree, flattened in f64: which mesh stands where in the tile's frame.

use super::Context;
use super::document::Node;
use crate::formats::error::{Fault, limit};
use glam::{DMat4, DQuat, DVec3};

/// A mesh and its place.
pub(super) struct Placed {
    /// Index of the node.
    pub node: usize,
    /// Index of the mesh.
    pub mesh: usize,
    /// From the mesh's frame to the tile's (z up).
    pub tile_from_mesh: DMat4,
}

/// Walks the scene: its nodes, or all roots where the file has no scene.
pub(super) fn flatten(
    context: &mut Context<'_>,
    tile_from_root: DMat4,
) -> Result<Vec<Placed>, Fault> {
    let document = context.document;
    let options = context.input.options;
    let roots = match (document.scene, document.scenes.first()) {
        (Some(scene), _) => document
            .get(&document.scenes, "scenes", scene)?
            .nodes
            .clone(),
        (None, Some(scene)) => scene.nodes.clone(),
        (None, None) => {
            let mut is_child = vec![false; document.nodes.len()];
            for child in document.nodes.iter().flat_map(|node| &node.children) {
                if let Some(flag) = is_child.get_mut(*child) {
                    *flag = true;
                }
            }
            (0..document.nodes.len())
                .filter(|index| !is_child[*index])
                .collect()
        }
    };
    let mut placed = Vec::new();
    let mut visited = 0;
    // Depth first, in the file's order; a cycle ends at the depth limit.
    let mut stack: Vec<(usize, usize, DMat4)> = roots
        .iter()
        .rev()
        .map(|node| (*node, 1, tile_from_root))
        .collect();
    while let Some((index, depth, tile_from_parent)) = stack.pop() {
        visited += 1;
        limit("nodes", "nodes", visited, options.max_nodes)?;
        let place = format!("nodes[{index}]");
        limit(&place, "levels of nodes", depth, options.max_depth)?;
        let node = document.get(&document.nodes, "nodes", index)?;
        let tile_from_node = tile_from_parent * matrix(node);
        if !tile_from_node.is_finite() {
            return Err(Fault::invalid(place, "its transform is not finite"));
        }
        let visibility = node
            .extensions
            .get("KHR_node_visibility")
            .and_then(|json| json.get("visible"));
        if visibility.and_then(serde_json::Value::as_bool) == Some(false) {
            continue;
        }
        if let Some(mesh) = node.mesh {
            if node.skin.is_some() {
                context
                    .warnings
                    .insert("skinned meshes are drawn unbent".to_owned());
            }
            placed.push(Placed {
                node: index,
                mesh,
                tile_from_mesh: tile_from_node,
            });
        }
        limit(
            &place,
            "waiting nodes",
            stack.len() + node.children.len(),
            options.max_nodes,
        )?;
        stack.extend(
            node.children
                .iter()
                .rev()
                .map(|child| (*child, depth + 1, tile_from_node)),
        );
    }
    Ok(placed)
}

fn matrix(node: &Node) -> DMat4 {
    if let Some(matrix) = &node.matrix {
        return DMat4::from_cols_array(matrix);
    }
    let scale = node.scale.map_or(DVec3::ONE, DVec3::from_array);
    let translation = node.translation.map_or(DVec3::ZERO, DVec3::from_array);
    // A quaternion of no length turns nothing.
    let rotation = node
        .rotation
        .map(DQuat::from_array)
        .filter(|q| q.length_squared() > 0.0);
    let rotation = rotation.map_or(DQuat::IDENTITY, DQuat::normalize);
    DMat4::from_scale_rotation_translation(scale, rotation, translation)
}
