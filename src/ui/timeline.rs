//! The timeline: where the clock stands, what there is before and after it, and how to move it.
//!
//! A glance tells live from replay from forecast: by word, colour and pattern. Scroll zooms around the
//! pointer from seconds to years; a drag or click on the track seeks; shift and scroll, a drag on the axis
//! under the track or one with the right button pans; a double click on the axis shows the last day again.

use egui::{Panel, Sense, Ui, Vec2};

use super::Cx;
use super::command::{ClockCommand, UiCommand};
use super::format;
use super::model::{ClockMode, ClockModel, Forecast, NS_PER_S, TimeNs};
use super::theme;
use super::timeline_paint::{hover, paint};
use super::timeline_scale::Scale;
use super::transport::{clock_face, controls};
use super::widgets;

/// Height of the axis with its labels, under the track.
pub(crate) const AXIS_PX: f32 = 17.0;

/// How near to the live edge, in pixels, a drag ends live.
const LIVE_SNAP_PX: f32 = 6.0;

/// Where the timeline is zoomed to.
#[derive(Debug, Default)]
pub(crate) struct TimelineState {
    /// The view, nanoseconds; `None` shows the last day and the forecast.
    view: Option<(f64, f64)>,
    /// The clock in the last frame, to slide the view with it.
    last_now: Option<TimeNs>,
}

impl TimelineState {
    /// Shows the last day again.
    pub(crate) fn reset(&mut self) {
        self.view = None;
    }
}

/// Shows the panel at the lower edge.
pub(crate) fn show(root: &mut Ui, cx: &mut Cx) {
    let height = if cx.narrow {
        104.0
    } else {
        theme::TIMELINE_HEIGHT
    };
    let frame = cx
        .theme
        .panel_frame()
        .inner_margin(egui::Margin::symmetric(12, 4));
    let panel = Panel::bottom("timeline")
        .exact_size(height)
        .resizable(false)
        .show_separator_line(false)
        .frame(frame);
    let response = panel.show(root, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if cx.narrow {
            ui.horizontal(|ui| {
                ui.set_height(40.0);
                clock_face(ui, cx);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    controls(ui, cx, true)
                });
            });
            track(ui, cx);
        } else {
            ui.horizontal_centered(|ui| {
                clock_face(ui, cx);
                ui.add_space(8.0);
                controls(ui, cx, false);
                ui.add_space(8.0);
                track(ui, cx);
            });
        }
    });
    cx.covered.push(response.response.rect);
}

/// The view in nanoseconds: the user's, or the last day with the forecast.
fn view(wanted: Option<(f64, f64)>, clock: &ClockModel) -> (f64, f64) {
    if let Some(view) = wanted {
        return view;
    }
    const HOUR: f64 = 3600.0 * NS_PER_S as f64;
    let live = clock.live_edge_ns as f64;
    let ahead = match &clock.forecast {
        Forecast::Until { end_ns, .. } => {
            (*end_ns as f64 - live).clamp(HOUR, 24.0 * HOUR) + 0.5 * HOUR
        }
        Forecast::None { .. } => 4.5 * HOUR,
    };
    let now = clock.now_ns as f64;
    (
        live.min(now + HOUR) - 24.0 * HOUR,
        (live + ahead).max(now + HOUR),
    )
}

/// The view now, nanoseconds.
pub(crate) fn view_ns(cx: &Cx) -> (f64, f64) {
    view(cx.state.timeline.view, &cx.model.clock)
}

/// Slides the user's view with the clock: in step with it when live, by a page when it runs out of view.
fn follow(state: &mut TimelineState, clock: &ClockModel) {
    let last = state.last_now.replace(clock.now_ns);
    let (Some((start, end)), Some(last)) = (state.view, last) else {
        return;
    };
    let (now, span) = (clock.now_ns as f64, end - start);
    let was_in_view = (start..=end).contains(&(last as f64));
    if clock.mode == ClockMode::Live && was_in_view {
        let delta = now - last as f64;
        state.view = Some((start + delta, end + delta));
    } else if clock.playing && was_in_view && !(start..=end).contains(&now) {
        let start = now - span * 0.15;
        state.view = Some((start, start + span));
    }
}

/// The track itself.
fn track(ui: &mut Ui, cx: &mut Cx) {
    let clock = &cx.model.clock;
    follow(&mut cx.state.timeline, clock);
    let size = Vec2::new(
        ui.available_width().max(80.0),
        if cx.narrow {
            52.0
        } else {
            ui.available_height() - 6.0
        },
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let (start_ns, end_ns) = view(cx.state.timeline.view, clock);
    let scale = Scale {
        start_ns,
        end_ns,
        left_px: rect.left(),
        right_px: rect.right(),
    };
    let when = format::date_time(&clock.zone, clock.now_ns);
    let name = cx.t.fmt("timeline-name", &[("time", &when)]);
    response.widget_info(|| {
        egui::WidgetInfo::slider(true, clock.now_ns as f64 / NS_PER_S as f64, &name)
    });

    hands(ui, cx, &response, &scale);
    if ui.is_rect_visible(rect) {
        paint(ui, cx, rect, &scale);
        widgets::focus_ring(ui, &response, &cx.theme);
    }
    hover(ui, cx, &response, rect, &scale);
}

/// Scroll, drag, click.
fn hands(ui: &Ui, cx: &mut Cx, response: &egui::Response, scale: &Scale) {
    if response.hovered() {
        let (scroll, zoom, shift) = ui
            .ctx()
            .input(|i| (i.smooth_scroll_delta, i.zoom_delta(), i.modifiers.shift));
        let pan = if shift { scroll.x + scroll.y } else { scroll.x };
        let factor = f64::from(zoom)
            * if shift {
                1.0
            } else {
                (f64::from(scroll.y) * 0.006).exp()
            };
        if (factor - 1.0).abs() > 1e-6 {
            let x = response.hover_pos().map_or(scale.right_px, |p| p.x);
            cx.state.timeline.view = Some(scale.zoomed(factor, x));
        } else if pan.abs() > 0.01 {
            pan_by(cx, scale, pan);
        }
    }
    // The axis under the track pans, the track seeks: where the press began decides.
    let pressed = ui
        .input(|i| i.pointer.press_origin())
        .or(response.interact_pointer_pos());
    let on_axis = pressed.is_some_and(|at| at.y > response.rect.bottom() - AXIS_PX);
    let panning = response.dragged_by(egui::PointerButton::Secondary)
        || response.dragged_by(egui::PointerButton::Middle)
        || (on_axis && response.dragged());
    if panning {
        pan_by(cx, scale, response.drag_delta().x);
    }
    if on_axis {
        if response.double_clicked() {
            cx.state.timeline.reset();
        }
        return;
    }
    let seeking = response.dragged_by(egui::PointerButton::Primary) || response.clicked();
    let released = response.drag_stopped_by(egui::PointerButton::Primary) || response.clicked();
    if let (true, Some(at)) = (seeking || released, response.interact_pointer_pos()) {
        let clock = &cx.model.clock;
        let near_live = (scale.x(clock.live_edge_ns) - at.x).abs() <= LIVE_SNAP_PX;
        let moved = response.drag_delta().x.abs() > 0.0 || released;
        if released && near_live {
            cx.emit(UiCommand::Clock(ClockCommand::GoLive));
        } else if moved {
            let time_ns = clamp_to_known(clock, scale.time(at.x));
            cx.emit(UiCommand::Clock(ClockCommand::Seek(time_ns)));
        }
    }
}

fn pan_by(cx: &mut Cx, scale: &Scale, px: f32) {
    let ns = f64::from(px) * scale.span_ns() / f64::from((scale.right_px - scale.left_px).max(1.0));
    cx.state.timeline.view = Some((scale.start_ns - ns, scale.end_ns - ns));
}

/// No further back than the history, no further ahead than the forecast.
pub(crate) fn clamp_to_known(clock: &ClockModel, time_ns: TimeNs) -> TimeNs {
    let end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => (*end_ns).max(clock.live_edge_ns),
        Forecast::None { .. } => clock.live_edge_ns,
    };
    let start = clock
        .history_start_ns
        .unwrap_or(clock.live_edge_ns)
        .min(end);
    time_ns.clamp(start, end)
}
