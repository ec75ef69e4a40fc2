//! Features that are not drawn, by whoever hides them: a plan in one of its variants, a style or a person in all.

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::render::{HiddenFeatures, VARIANTS};
use crate::schedule::FrameSet;

/// Puts together what is hidden.
pub struct HidingPlugin;

impl Plugin for HidingPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            Update,
            gather.after(FrameSet::Overlays).before(FrameSet::Picking),
        );
    }
}

/// Features that the plans hide, by variant: feature indices in ascending order.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenByPlan(pub [Arc<[u32]>; VARIANTS]);

/// Features that a style hides: feature indices in ascending order.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenByStyle(pub Arc<[u32]>);

/// Features that a person hides: feature indices in ascending order.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenByHand(pub Arc<[u32]>);

type Changes = Or<(
    Changed<HiddenByPlan>,
    Changed<HiddenByStyle>,
    Changed<HiddenByHand>,
)>;

type Sources<'a> = (
    Entity,
    Option<&'a HiddenByPlan>,
    Option<&'a HiddenByStyle>,
    Option<&'a HiddenByHand>,
    Option<&'a HiddenFeatures>,
);

fn gather(
    mut commands: Commands,
    changed: Query<Entity, Changes>,
    mut no_plan: RemovedComponents<HiddenByPlan>,
    mut no_style: RemovedComponents<HiddenByStyle>,
    meshes: Query<Sources>,
) {
    let touched = changed.iter().chain(no_plan.read()).chain(no_style.read());
    for (entity, plan, style, hand, before) in touched.filter_map(|entity| meshes.get(entity).ok())
    {
        let none = HiddenByPlan::default();
        let plan = plan.unwrap_or(&none);
        let everywhere = [style.map(|style| &style.0), hand.map(|hand| &hand.0)];
        let everywhere = everywhere.into_iter().flatten();
        let everywhere = everywhere.fold(Arc::from([]), |a, b| union(&a, b));
        let now = HiddenFeatures(plan.0.clone().map(|plan| union(&plan, &everywhere)));
        if before.is_none_or(|before| *before != now) {
            commands.entity(entity).insert(now);
        }
    }
}

/// Both lists as one; all are in ascending order, without doubles.
fn union(a: &Arc<[u32]>, b: &Arc<[u32]>) -> Arc<[u32]> {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b.clone() } else { a.clone() };
    }
    let mut all: Vec<u32> = a.iter().chain(b.iter()).copied().collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[u32]) -> Arc<[u32]> {
        Arc::from(items)
    }

    #[test]
    fn plans_and_styles_hide_together_and_let_go_one_by_one() {
        let mut app = App::new();
        app.add_plugins(HidingPlugin);
        let plan = HiddenByPlan([list(&[1, 5]), list(&[])]);
        let style = HiddenByStyle(list(&[2, 5]));
        let mesh = app.world_mut().spawn((plan, style)).id();
        let hidden = |app: &App| {
            let hidden = app.world().get::<HiddenFeatures>(mesh).unwrap();
            hidden.0.clone().map(|list| list.to_vec())
        };
        app.update();
        assert_eq!(hidden(&app), [vec![1, 2, 5], vec![2, 5]]);
        app.world_mut()
            .entity_mut(mesh)
            .insert(HiddenByHand(list(&[0, 2])));
        app.update();
        assert_eq!(hidden(&app), [vec![0, 1, 2, 5], vec![0, 2, 5]]);
        app.world_mut()
            .entity_mut(mesh)
            .insert(HiddenByHand::default());
        app.update();
        app.world_mut().entity_mut(mesh).remove::<HiddenByStyle>();
        app.update();
        assert_eq!(hidden(&app), [vec![1, 5], vec![]]);
        app.world_mut()
            .entity_mut(mesh)
            .insert(HiddenByPlan::default());
        app.update();
        assert_eq!(hidden(&app), [Vec::<u32>::new(), Vec::new()]);
    }
}
