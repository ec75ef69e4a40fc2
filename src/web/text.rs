//! Text fields in the browser: typed and composed text, the clipboard, and the keys that stay the browser's.
//!
//! A canvas gets no composed text (Chinese, Japanese, accents), no paste and no on-screen keyboard.
//! So while a text field of the panels has the focus, a nearly invisible `<input>` at the text
//! cursor has the browser's, and what happens in it goes to egui. bevy_egui brings an agent of this
//! kind that listens on phones only; ours listens everywhere and takes its place and name.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bevy::app::{App, Plugin, PostUpdate, PreUpdate};
use bevy::ecs::prelude::*;
use bevy::window::{PrimaryWindow, Window};
use bevy_egui::input::{EguiInputEvent, write_keyboard_input_messages_system};
use bevy_egui::{
    EguiInputSet, EguiOutput, EguiPostUpdateSet, EguiPreUpdateSet, PrimaryEguiContext,
};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    AddEventListenerOptions, ClipboardEvent, CompositionEvent, Document, EventTarget, FocusEvent,
    HtmlElement, HtmlInputElement, InputEvent, KeyboardEvent, KeyboardEventInit,
};

use super::keys;

/// The name under which bevy_egui looks for the agent after a touch, to show the on-screen keyboard.
const AGENT_ID: &str = "egui_text_agent";

/// Lets text fields take what a canvas cannot.
pub struct WebTextPlugin;

impl Plugin for WebTextPlugin {
    fn build(&self, app: &mut App) {
        // bevy_egui puts its own agent in pages whose canvas keeps events to itself when its plugin
        // is built. The window is made later, and then it is to keep them: the page must not scroll
        // or zoom under the city.
        let world = app.world_mut();
        let mut windows = world.query_filtered::<&mut Window, With<PrimaryWindow>>();
        for mut window in windows.iter_mut(world) {
            window.prevent_default_event_handling = true;
        }
        let Some(agent) = TextAgent::install() else {
            tracing::error!("the page has no canvas: composed text cannot be typed");
            return;
        };
        app.insert_non_send(agent)
            .add_systems(
                PreUpdate,
                to_panels
                    .in_set(EguiPreUpdateSet::ProcessInput)
                    .in_set(EguiInputSet::ReadBevyMessages)
                    .before(write_keyboard_input_messages_system),
            )
            .add_systems(
                PostUpdate,
                follow_panels.in_set(EguiPostUpdateSet::PostProcessOutput),
            );
    }
}

type Events = Rc<RefCell<Vec<egui::Event>>>;
type Listener = Closure<dyn FnMut(JsValue)>;

struct TextAgent {
    input: HtmlInputElement,
    canvas: HtmlElement,
    events: Events,
    /// A text field has the focus.
    wanted: Rc<Cell<bool>>,
    /// Left, top and height in CSS pixels.
    place: [i32; 3],
    _listeners: Vec<Listener>,
}

fn to_panels(
    agent: NonSend<TextAgent>,
    contexts: Query<Entity, With<PrimaryEguiContext>>,
    mut out: MessageWriter<EguiInputEvent>,
) {
    let Some(context) = contexts.iter().next() else {
        return;
    };
    for event in agent.events.borrow_mut().drain(..) {
        out.write(EguiInputEvent { context, event });
    }
}

fn follow_panels(mut agent: NonSendMut<TextAgent>, outputs: Query<&EguiOutput>) {
    let Some(output) = outputs.iter().next() else {
        return;
    };
    for command in &output.platform_output.commands {
        match command {
            egui::OutputCommand::CopyText(text) => crate::platform::copy_text(text),
            egui::OutputCommand::OpenUrl(link) => {
                crate::platform::open_url(&link.url, link.new_tab);
            }
            egui::OutputCommand::CopyImage(_) => {}
        }
    }
    match output.platform_output.ime {
        Some(ime) => agent.take_focus(ime.cursor_rect, output.pixels_per_point),
        None => agent.give_focus_back(),
    }
}

impl TextAgent {
    fn install() -> Option<Self> {
        let window = web_sys::window()?;
        let document = window.document()?;
        let canvas: HtmlElement = document.get_element_by_id("belvedere")?.dyn_into().ok()?;
        let input = make_input(&document)?;
        document.body()?.append_child(&input).ok()?;
        let mut agent = Self {
            input,
            canvas,
            events: Rc::default(),
            wanted: Rc::default(),
            place: [0; 3],
            _listeners: Vec::new(),
        };
        agent.listen_to_text();
        agent.listen_to_keys();
        agent.listen_to_clipboard();
        agent.keep_focus(&window);
        Some(agent)
    }

    fn listen<T: JsCast + 'static>(
        &mut self,
        target: &EventTarget,
        name: &str,
        capture: bool,
        mut handler: impl FnMut(T) + 'static,
    ) {
        let closure = Listener::new(move |event: JsValue| handler(event.unchecked_into()));
        let options = AddEventListenerOptions::new();
        options.set_capture(capture);
        let added = target.add_event_listener_with_callback_and_add_event_listener_options(
            name,
            closure.as_ref().unchecked_ref(),
            &options,
        );
        if added.is_err() {
            tracing::error!("the page refuses to tell of `{name}`");
        }
        self._listeners.push(closure);
    }

    fn listen_to_text(&mut self) {
        let target: EventTarget = self.input.clone().into();
        let (events, input) = (self.events.clone(), self.input.clone());
        self.listen(&target, "input", false, move |event: InputEvent| {
            if event.is_composing() {
                return;
            }
            let text = input.value();
            input.set_value("");
            if !text.is_empty() {
                events.borrow_mut().push(egui::Event::Text(text));
            }
        });
        let events = self.events.clone();
        self.listen(
            &target,
            "compositionupdate",
            false,
            move |event: CompositionEvent| {
                let text = event.data().unwrap_or_default();
                events
                    .borrow_mut()
                    .push(egui::Event::Ime(egui::ImeEvent::Preedit {
                        text,
                        active_range_chars: None,
                    }));
            },
        );
        let (events, input) = (self.events.clone(), self.input.clone());
        self.listen(
            &target,
            "compositionend",
            false,
            move |event: CompositionEvent| {
                // Emptied before the browsers that send one more `input` do so.
                input.set_value("");
                // An empty commit takes the composition back.
                let text = event.data().unwrap_or_default();
                events
                    .borrow_mut()
                    .push(egui::Event::Ime(egui::ImeEvent::Commit(text)));
            },
        );
    }

    fn listen_to_keys(&mut self) {
        let target: EventTarget = self.input.clone().into();
        let (events, canvas) = (self.events.clone(), self.canvas.clone());
        self.listen(
            &target,
            "keydown",
            false,
            move |event: KeyboardEvent| match keys::meaning(&event) {
                keys::Meaning::Browser => {}
                keys::Meaning::Modifier => pass_on(&canvas, &event),
                keys::Meaning::Panels(translated) => {
                    event.prevent_default();
                    events.borrow_mut().push(translated);
                }
            },
        );
        // Whatever was pressed on the canvas must not stay pressed because it is released here.
        let canvas = self.canvas.clone();
        self.listen(&target, "keyup", false, move |event: KeyboardEvent| {
            pass_on(&canvas, &event);
        });
    }

    fn listen_to_clipboard(&mut self) {
        let target: EventTarget = self.input.clone().into();
        let events = self.events.clone();
        self.listen(&target, "paste", false, move |event: ClipboardEvent| {
            event.prevent_default();
            let text = event
                .clipboard_data()
                .and_then(|data| data.get_data("text/plain").ok())
                .unwrap_or_default();
            if !text.is_empty() {
                events.borrow_mut().push(egui::Event::Paste(text));
            }
        });
    }

    /// To the app, canvas and agent are one: the window loses its focus when both have lost it.
    fn keep_focus(&mut self, window: &web_sys::Window) {
        let window: EventTarget = window.clone().into();
        let input: EventTarget = self.input.clone().into();
        let agent = input.clone();
        self.listen(&window, "blur", true, move |event: FocusEvent| {
            if event.related_target().as_ref() == Some(&agent) {
                event.stop_immediate_propagation();
            }
        });
        let canvas = self.canvas.clone();
        self.listen(&input, "blur", false, move |event: FocusEvent| {
            let to_canvas = event
                .related_target()
                .is_some_and(|target| target == *AsRef::<EventTarget>::as_ref(&canvas));
            if !to_canvas {
                tell(&canvas, "blur");
            }
        });
        let canvas = self.canvas.clone();
        self.listen(&input, "focus", false, move |_: FocusEvent| {
            tell(&canvas, "focus");
        });
        // Some browsers open the on-screen keyboard only from within an event of the user's.
        let (wanted, agent) = (self.wanted.clone(), self.input.clone());
        self.listen(&window, "pointerup", true, move |_: JsValue| {
            if wanted.get() {
                agent.set_hidden(false);
                let _ = agent.focus();
            }
        });
        self.listen(&window, "keydown", true, |event: KeyboardEvent| {
            if keys::belongs_to_browser(&event) {
                // winit takes every key that it sees away from the browser.
                event.stop_immediate_propagation();
            }
        });
    }

    fn has_focus(&self) -> bool {
        web_sys::window()
            .and_then(|window| window.document()?.active_element())
            .is_some_and(|active| active == **self.input)
    }

    fn take_focus(&mut self, cursor: egui::Rect, pixels_per_point: f32) {
        self.wanted.set(true);
        let device = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()) as f32;
        let scale = pixels_per_point / device.max(0.1);
        let place = [cursor.left(), cursor.top(), cursor.height()]
            .map(|points| (points * scale).round() as i32);
        if place != self.place {
            self.place = place;
            let style = self.input.style();
            for (name, value) in ["left", "top", "height"].into_iter().zip(place) {
                let _ = style.set_property(name, &format!("{value}px"));
            }
        }
        // Only from the canvas or from nowhere: other parts of the page keep what they have.
        if !self.has_focus() && !focus_is_elsewhere(&self.canvas) {
            self.input.set_hidden(false);
            let _ = self.input.focus();
        }
    }

    fn give_focus_back(&mut self) {
        self.wanted.set(false);
        if self.has_focus() {
            let _ = self.canvas.focus();
        }
        if !self.input.hidden() {
            self.input.set_value("");
            self.input.set_hidden(true);
        }
    }
}

fn focus_is_elsewhere(canvas: &HtmlElement) -> bool {
    let Some(document) = canvas.owner_document() else {
        return false;
    };
    let body = document.body();
    document
        .active_element()
        .is_some_and(|active| active != **canvas && body.is_none_or(|body| active != *body))
}

fn make_input(document: &Document) -> Option<HtmlInputElement> {
    let input: HtmlInputElement = document.create_element("input").ok()?.dyn_into().ok()?;
    input.set_type("text");
    input.set_id(AGENT_ID);
    for (name, value) in [
        ("autocapitalize", "off"),
        ("autocomplete", "off"),
        ("autocorrect", "off"),
        ("spellcheck", "false"),
        ("tabindex", "-1"),
        ("aria-label", "Belvedere"),
    ] {
        input.set_attribute(name, value).ok()?;
    }
    let style = input.style();
    for (name, value) in [
        ("position", "fixed"),
        ("width", "1px"),
        ("padding", "0"),
        ("border", "none"),
        ("outline", "none"),
        ("opacity", "0"),
        ("pointer-events", "none"),
        // Phones zoom into fields with smaller letters.
        ("font-size", "16px"),
    ] {
        style.set_property(name, value).ok()?;
    }
    input.set_hidden(true);
    Some(input)
}

/// Repeats a key for the canvas, where winit listens.
fn pass_on(canvas: &HtmlElement, event: &KeyboardEvent) {
    let init = KeyboardEventInit::new();
    init.set_key(&event.key());
    init.set_code(&event.code());
    init.set_location(event.location());
    init.set_repeat(event.repeat());
    init.set_ctrl_key(event.ctrl_key());
    init.set_shift_key(event.shift_key());
    init.set_alt_key(event.alt_key());
    init.set_meta_key(event.meta_key());
    if let Ok(copy) = KeyboardEvent::new_with_keyboard_event_init_dict(&event.type_(), &init) {
        let _ = canvas.dispatch_event(&copy);
    }
}

fn tell(canvas: &HtmlElement, what: &str) {
    if let Ok(event) = FocusEvent::new(what) {
        let _ = canvas.dispatch_event(&event);
    }
}
