//! What a mouse and fingers do to the picture.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::KeyCode;
use bevy::input::mouse::{MouseButton, MouseButtonInput};
use bevy::input::touch::{TouchInput, TouchPhase};
use bevy::input::{ButtonInput, ButtonState};
use bevy::window::{PrimaryWindow, Window};
use glam::DVec2;

use crate::panels::PanelFocus;

/// What a handle is held by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Mouse,
    Finger(u64),
}

/// Something that happened to a pointer, in the window's logical pixels.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    Down(Tool, DVec2),
    Move(Tool, DVec2),
    Up(Tool),
}

/// What hands do.
#[derive(SystemParam)]
pub(crate) struct Hands<'w, 's> {
    pub windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
    buttons: Res<'w, ButtonInput<MouseButton>>,
    pub keys: Res<'w, ButtonInput<KeyCode>>,
    clicks: MessageReader<'w, 's, MouseButtonInput>,
    touches: MessageReader<'w, 's, TouchInput>,
    pub focus: Res<'w, PanelFocus>,
}

impl Hands<'_, '_> {
    /// What happened since the last frame; presses on panels are theirs.
    pub fn events(&mut self) -> Vec<Event> {
        let cursor = self.windows.iter().next().and_then(Window::cursor_position);
        let cursor = cursor.map(|at| at.as_dvec2());
        let taken = |at: DVec2| self.focus.takes(at.x, at.y);
        let mut events = Vec::new();
        let left = self.clicks.read().filter(|e| e.button == MouseButton::Left);
        for click in left {
            match (click.state, cursor) {
                (ButtonState::Pressed, Some(at)) if !taken(at) => {
                    events.push(Event::Down(Tool::Mouse, at));
                }
                (ButtonState::Pressed, _) => {}
                (ButtonState::Released, at) => {
                    events.extend(at.map(|at| Event::Move(Tool::Mouse, at)));
                    events.push(Event::Up(Tool::Mouse));
                }
            }
        }
        if let Some(at) = cursor {
            events.push(Event::Move(Tool::Mouse, at));
        }
        if !self.buttons.pressed(MouseButton::Left) {
            // The window may have lost the pointer meanwhile.
            events.push(Event::Up(Tool::Mouse));
        }
        for touch in self.touches.read() {
            let (finger, at) = (Tool::Finger(touch.id), touch.position.as_dvec2());
            match touch.phase {
                TouchPhase::Started if taken(at) => {}
                TouchPhase::Started => events.push(Event::Down(finger, at)),
                TouchPhase::Moved => events.push(Event::Move(finger, at)),
                TouchPhase::Ended | TouchPhase::Canceled => events.push(Event::Up(finger)),
            }
        }
        events
    }
}
