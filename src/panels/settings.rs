//! Settings of the panels, kept between starts.

use bevy::app::AppExit;
use bevy::ecs::prelude::*;

use super::State;
use crate::notices::Notices;
use crate::platform::{keep, languages, monotonic_ms, read_kept};
use crate::ui::{Language, Settings, UiState};

/// The name that they are kept under.
const NAME: &str = "settings.json";
/// A panel that is dragged changes the settings in every frame: they are written when it rests.
const REST_MS: f64 = 500.0;

/// When the settings last changed, while that is not kept yet.
#[derive(Resource, Default)]
pub(super) struct Unkept(pub Option<f64>);

/// What the panels start with: what was kept, or the defaults in the user's language.
pub(super) fn first_state() -> UiState {
    let kept = read_kept(NAME).and_then(|text| {
        let settings = Settings::from_json(&text);
        if settings.is_none() {
            tracing::warn!("the kept settings cannot be read; starting with the defaults");
        }
        settings
    });
    UiState::new(kept.unwrap_or_else(|| Settings {
        language: preferred(&languages()),
        ..Settings::default()
    }))
}

/// The first of the user's languages; the panels have three, and English for all others.
fn preferred(tags: &[String]) -> Language {
    tags.first()
        .map_or(Language::En, |tag| Language::from_tag(tag))
}

pub(super) fn write(
    mut unkept: ResMut<Unkept>,
    state: Res<State>,
    mut exits: MessageReader<AppExit>,
    mut notices: ResMut<Notices>,
) {
    let Some(changed_ms) = unkept.0 else {
        return;
    };
    let leaving = exits.read().last().is_some();
    if !leaving && monotonic_ms() - changed_ms < REST_MS {
        return;
    }
    unkept.0 = None;
    if let Err(error) = keep(NAME, &state.0.settings.to_json()) {
        notices.warn(
            format!("the settings could not be kept: {error}"),
            "they hold until the program ends",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_users_languages_is_taken() {
        let tags = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(preferred(&tags(&["zh-HK", "en"])), Language::ZhHant);
        assert_eq!(preferred(&tags(&["de-DE", "zh-CN"])), Language::En);
        assert_eq!(preferred(&[]), Language::En);
    }
}
