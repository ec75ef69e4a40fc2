//! Whose a key is: the browser's, the text field's, or the panels'.

use egui::{Event, Key, Modifiers};
use web_sys::KeyboardEvent;

/// What a key means while a text field has the focus.
pub(super) enum Meaning {
    /// Text, composition, paste, or the browser's own: left alone.
    Browser,
    /// Shift, Control and the like, which the app follows.
    Modifier,
    /// For the panels.
    Panels(Event),
}

/// Letters that are ours together with Control or Command: palette, undo, redo, select all, copy,
/// cut, paste, picture, and the size of the panels.
const OURS: [&str; 12] = ["k", "z", "y", "a", "c", "x", "v", "p", "+", "-", "=", "0"];

/// Reload, tabs, find, tools, full screen, back and forward: pages that take these away are a nuisance.
pub(super) fn belongs_to_browser(event: &KeyboardEvent) -> bool {
    let key = event.key();
    if is_function_key(&key) {
        return key != "F1";
    }
    if event.alt_key() && !event.ctrl_key() {
        return matches!(key.as_str(), "ArrowLeft" | "ArrowRight" | "Home" | "F4");
    }
    let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
    command && is_character(&key) && !OURS.contains(&key.to_lowercase().as_str())
}

/// What a key that went down in the text agent means.
pub(super) fn meaning(event: &KeyboardEvent) -> Meaning {
    const COMPOSING: u32 = 229;
    let key = event.key();
    if event.is_composing() || event.key_code() == COMPOSING {
        return Meaning::Browser;
    }
    match key.as_str() {
        "Dead" | "Process" | "Unidentified" => return Meaning::Browser,
        "Shift" | "Control" | "Alt" | "AltGraph" | "Meta" => return Meaning::Modifier,
        _ => {}
    }
    let modifiers = modifiers(event);
    if is_character(&key) {
        // AltGr is Control and Alt on some systems, and makes characters.
        if !modifiers.command || modifiers.alt {
            return Meaning::Browser;
        }
        match key.to_lowercase().as_str() {
            "c" => return Meaning::Panels(Event::Copy),
            "x" => return Meaning::Panels(Event::Cut),
            // The browser hands the clipboard over in an event of its own.
            "v" => return Meaning::Browser,
            _ => {}
        }
    }
    // Other alphabets: what a key is called on a Latin keyboard.
    let code = event.code();
    let known = Key::from_name(&key).or_else(|| Key::from_name(code.trim_start_matches("Key")));
    known.map_or(Meaning::Browser, |key| {
        Meaning::Panels(Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: event.repeat(),
            modifiers,
        })
    })
}

fn modifiers(event: &KeyboardEvent) -> Modifiers {
    let mac = web_sys::window()
        .and_then(|window| window.navigator().platform().ok())
        .is_some_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"));
    Modifiers {
        alt: event.alt_key(),
        ctrl: event.ctrl_key(),
        shift: event.shift_key(),
        mac_cmd: mac && event.meta_key(),
        command: if mac {
            event.meta_key()
        } else {
            event.ctrl_key()
        },
    }
}

/// Keys that write something have one character as their name.
fn is_character(key: &str) -> bool {
    key.chars().count() == 1
}

fn is_function_key(key: &str) -> bool {
    key.strip_prefix('F')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
