//! EXT_mesh_gpu_instancing and EXT_instance_features: many places of one node's mesh, and the
//! feature of each.

use super::Context;
use super::accessor::Numbers;
use super::document::whole;
use super::features::{BATCH_ATTRIBUTES, Features, Owner, read_ids};
use crate::formats::error::{Fault, limit};
use crate::prepared::NO_FEATURE;
use glam::{DMat4, DQuat, DVec3};
use serde_json::Value;

/// One place of a node's mesh, or of a whole model.
#[derive(Debug, Clone, Copy)]
pub(in crate::formats) struct Instance {
    /// Into the frame that the node, or the model, would stand in alone.
    pub parent_from_instance: DMat4,
    /// Its feature, or [`NO_FEATURE`].
    pub feature: u32,
}

impl Instance {
    /// Where there are no instances: once, as it stands.
    pub(super) const ONCE: Self = Self {
        parent_from_instance: DMat4::IDENTITY,
        feature: NO_FEATURE,
    };
}

/// The instances of a node; one for a node without any.
pub(super) fn read(
    context: &mut Context<'_>,
    features: &mut Features,
    node: usize,
) -> Result<Vec<Instance>, Fault> {
    let document = context.document;
    let extensions = &document.get(&document.nodes, "nodes", node)?.extensions;
    let Some(extension) = extensions.get("EXT_mesh_gpu_instancing") else {
        return Ok(vec![Instance::ONCE]);
    };
    let place = format!("nodes[{node}].EXT_mesh_gpu_instancing");
    let attributes = &extension["attributes"];
    let Some(count) = count(context, attributes)? else {
        context
            .warnings
            .insert(format!("{place} has no attributes: its mesh is drawn once"));
        return Ok(vec![Instance::ONCE]);
    };
    let most = context.input.options.max_vertices;
    limit(&place, "instances", count, most)?;
    let list = |name: &str, width: usize| -> Result<Option<Numbers>, Fault> {
        let Some(accessor) = whole(attributes, name) else {
            return Ok(None);
        };
        let place = format!("{place}.{name}");
        let numbers = Numbers::read(context, accessor).map_err(|fault| fault.inside(&place))?;
        if numbers.count != count || numbers.width != width {
            let what = format!(
                "has {} rows of {} numbers, and not {count} of {width}",
                numbers.count, numbers.width
            );
            return Err(Fault::invalid(place, what));
        }
        Ok(Some(numbers))
    };
    let translation = list("TRANSLATION", 3)?.map(|numbers| numbers.floats());
    // Bytes and shorts of a rotation are normalised, whether they say so or not.
    let rotation = list("ROTATION", 4)?.map(|numbers| numbers.unit_floats());
    let scale = list("SCALE", 3)?.map(|numbers| numbers.floats());
    let vector = |list: &Option<Vec<f32>>, index: usize, otherwise: DVec3| {
        let own = list
            .as_ref()
            .and_then(|list| list.as_chunks::<3>().0.get(index));
        own.map_or(otherwise, |own| glam::Vec3::from_array(*own).as_dvec3())
    };
    let quaternion = |index: usize| {
        let own = rotation
            .as_ref()
            .and_then(|list| list.as_chunks::<4>().0.get(index));
        // A quaternion of no length turns nothing.
        own.map(|own| DQuat::from_array(own.map(f64::from)))
            .filter(|own| own.length_squared() > 0.0)
            .map_or(DQuat::IDENTITY, DQuat::normalize)
    };
    let mut instances = Vec::with_capacity(count);
    for index in 0..count {
        let node_from_instance = DMat4::from_scale_rotation_translation(
            vector(&scale, index, DVec3::ONE),
            quaternion(index),
            vector(&translation, index, DVec3::ZERO),
        );
        if !node_from_instance.is_finite() {
            let what = format!("the transform of instance {index} is not finite");
            return Err(Fault::invalid(place, what));
        }
        instances.push(Instance {
            parent_from_instance: node_from_instance,
            feature: NO_FEATURE,
        });
    }
    // Without its labels the forest is still a forest.
    match ids(context, features, node, extensions, attributes, count) {
        Ok(ids) => {
            for (instance, feature) in instances.iter_mut().zip(ids.into_iter().flatten()) {
                instance.feature = feature;
            }
        }
        Err(fault) => {
            context.warnings.insert(fault.text());
        }
    }
    Ok(instances)
}

/// The number of instances: the length of any attribute, where there is one.
fn count(context: &Context<'_>, attributes: &Value) -> Result<Option<usize>, Fault> {
    let named = ["TRANSLATION", "ROTATION", "SCALE"].map(|name| whole(attributes, name));
    let others = attributes
        .as_object()
        .into_iter()
        .flat_map(|all| all.keys().map(|name| whole(attributes, name)));
    let Some(accessor) = named.into_iter().chain(others).flatten().next() else {
        return Ok(None);
    };
    let document = context.document;
    let accessor = document.get(&document.accessors, "accessors", accessor)?;
    Ok(Some(accessor.count))
}

/// The feature of each instance, where they have any.
fn ids(
    context: &mut Context<'_>,
    features: &mut Features,
    node: usize,
    extensions: &Value,
    attributes: &Value,
    count: usize,
) -> Result<Option<Vec<u32>>, Fault> {
    let place = format!("nodes[{node}].EXT_instance_features");
    let sets = extensions
        .get("EXT_instance_features")
        .or_else(|| {
            extensions["EXT_mesh_gpu_instancing"]["extensions"].get("EXT_instance_features")
        })
        .and_then(|extension| extension.get("featureIds")?.as_array());
    let sets = sets.map(Vec::as_slice).unwrap_or_default();
    // One feature per instance: the first set with properties, otherwise the first.
    let with_table = sets.iter().find(|set| set.get("propertyTable").is_some());
    let Some(set) = with_table.or(sets.first()) else {
        let named = BATCH_ATTRIBUTES
            .iter()
            .find_map(|name| whole(attributes, name));
        let Some(accessor) = named else {
            return Ok(None);
        };
        let ids = read_ids(context, accessor, count)?;
        return features.of_batch_ids(context, &place, node, &ids).map(Some);
    };
    let ids = match set.get("attribute") {
        None => (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
        Some(number) => {
            let name = format!("_FEATURE_ID_{number}");
            let accessor = whole(attributes, &name)
                .ok_or_else(|| Fault::invalid(&place, format!("{name} does not exist")))?;
            read_ids(context, accessor, count)?
        }
    };
    features
        .of_set(context, &place, Owner::Node(node), set, &ids)
        .map(Some)
}
