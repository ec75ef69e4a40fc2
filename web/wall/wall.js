// The operator's page of a video wall: shows what the leader says, sends commands, keeps nothing but the token.

const byId = (id) => document.getElementById(id);
const TOKEN = "belvedere-wall-token";

let token = sessionStorage.getItem(TOKEN);
let state = null;
let drawn = "";

// Words

function say(text) {
  const message = byId("message");
  message.textContent = text ?? "";
  message.hidden = !text;
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Commands

async function send(command) {
  if (!token) return;
  try {
    const answer = await fetch("api/command", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(command),
    });
    if (answer.ok) {
      say();
      return;
    }
    const problem = await answer.json().catch(() => ({}));
    if (answer.status === 401) forget();
    say(problem.message ?? `The leader answers ${answer.status}`);
  } catch {
    say("The leader does not answer. The wall goes on; try again, or open another leader's page.");
  }
}

function forget() {
  token = null;
  sessionStorage.removeItem(TOKEN);
  show();
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value.trim();
  byId("token").value = "";
  sessionStorage.setItem(TOKEN, token);
  say();
  show();
});

function show() {
  byId("login").hidden = Boolean(token);
  byId("desk").hidden = !token;
}

// Camera: what hands do is summed up and sent twenty times a second.

const pad = byId("pad");
const fingers = new Map();
const hand = { turn: 0, tilt: 0, zoom: 1, forward: 0, right: 0 };
const TURN_PER_PX = 0.005;

const heightAbove = () => Math.max(state ? state.camera.height - state.state.origin.height : 100, 10);

function pair() {
  const [a, b] = [...fingers.values()];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1) };
}

pad.addEventListener("pointerdown", (event) => {
  pad.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  pad.classList.add("held");
});

pad.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = { x: event.clientX, y: event.clientY };
  if (fingers.size === 2) {
    const old = pair();
    fingers.set(event.pointerId, now);
    const next = pair();
    const perPx = heightAbove() / 300;
    hand.zoom *= next.apart / old.apart;
    hand.right -= (next.x - old.x) * perPx;
    hand.forward += (next.y - old.y) * perPx;
  } else {
    fingers.set(event.pointerId, now);
    hand.turn += (now.x - before.x) * TURN_PER_PX;
    hand.tilt -= (now.y - before.y) * TURN_PER_PX;
  }
});

for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
  pad.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    if (fingers.size === 0) pad.classList.remove("held");
  });
}

pad.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    hand.zoom *= Math.exp(-event.deltaY * 0.002);
  },
  { passive: false },
);

const KEYS = {
  ArrowLeft: () => (hand.turn -= 0.05),
  ArrowRight: () => (hand.turn += 0.05),
  ArrowUp: () => (hand.tilt += 0.03),
  ArrowDown: () => (hand.tilt -= 0.03),
  "+": () => (hand.zoom *= 1.1),
  "-": () => (hand.zoom /= 1.1),
  w: () => (hand.forward += heightAbove() * 0.1),
  s: () => (hand.forward -= heightAbove() * 0.1),
  d: () => (hand.right += heightAbove() * 0.1),
  a: () => (hand.right -= heightAbove() * 0.1),
};

pad.addEventListener("keydown", (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

setInterval(() => {
  const { turn, tilt, zoom, forward, right } = hand;
  Object.assign(hand, { turn: 0, tilt: 0, zoom: 1, forward: 0, right: 0 });
  if (turn || tilt || zoom !== 1) {
    const held = Math.min(Math.max(zoom, 0.05), 20);
    send({ orbit_camera: { turn_rad: turn % 6, tilt_rad: tilt % 6, zoom: held } });
  }
  if (forward || right) send({ move_camera: { forward_m: forward, right_m: right } });
}, 50);

byId("moves").addEventListener("click", (event) => {
  const step = heightAbove() * 0.3;
  const moves = {
    forward: { forward_m: step },
    back: { forward_m: -step },
    left: { right_m: -step },
    right: { right_m: step },
    up: { up_m: step },
    down: { up_m: -step },
  };
  const move = moves[event.target.dataset?.move];
  if (move) send({ move_camera: move });
});

// Clock and switches

document.addEventListener("click", (event) => {
  const { clock, step } = event.target.dataset ?? {};
  if (clock) send({ clock });
  if (step) send({ clock: { Step: Number(step) * 1e9 } });
});
byId("play").addEventListener("click", () => send({ clock: "TogglePlay" }));
byId("freeze").addEventListener("click", () => send({ freeze: !state?.state.freeze }));
byId("identify").addEventListener("click", () => send({ identify: !state?.state.identify }));
byId("theme").addEventListener("click", () =>
  send({ set_theme: state?.state.theme === "light" ? "dark" : "light" }),
);

// What the leader says

function press(id, on) {
  byId(id).setAttribute("aria-pressed", String(Boolean(on)));
}

function drawSlow(slow) {
  const key = `${state.leader.id} ${state.digest}`;
  // Not while a finger is on a slider.
  if (key === drawn || document.activeElement?.type === "range") return;
  drawn = key;
  press("freeze", slow.freeze);
  press("identify", slow.identify);
  press("theme", slow.theme === "light");
  byId("next").hidden = !slow.next;
  if (slow.next) byId("next").textContent = `Waiting until all screens have "${slow.next.preset}"`;
  byId("presets").replaceChildren(
    ...slow.presets.map((preset) => {
      const button = element("button", preset.name, { type: "button" });
      button.addEventListener("click", () => {
        const how = document.querySelector("input[name=how]:checked").value;
        send({ go_preset: { id: preset.id, how } });
      });
      return button;
    }),
  );
  byId("layers").replaceChildren(...slow.layers.map(layerRow));
}

function layerRow(layer) {
  const row = element("li");
  const label = element("label");
  const box = element("input", undefined, { type: "checkbox" });
  box.checked = layer.visible;
  box.addEventListener("change", () => send({ set_layer: { id: layer.id, visible: box.checked } }));
  label.append(box, layer.name);
  const name = `Opacity of ${layer.name}`;
  const slider = element("input", undefined, { type: "range", min: 0, max: 1, step: 0.05, "aria-label": name });
  slider.value = layer.opacity;
  slider.addEventListener("change", () => {
    send({ set_layer: { id: layer.id, opacity: Number(slider.value) } });
    slider.blur();
  });
  row.append(label, slider);
  return row;
}

function drawState() {
  const { camera, clock } = state;
  document.title = `${state.wall} · Belvedere`;
  byId("wall").textContent = state.wall;
  byId("scene").textContent = state.state.name;
  const leads = state.role === "active";
  const role = byId("role");
  role.classList.toggle("active", leads);
  role.replaceChildren(
    leads ? `${state.leader.id} leads, epoch ${state.epoch}` : `${state.leader.id} stands by`,
  );
  if (!leads && state.active) {
    role.append("; ", element("a", `${state.active.id} leads: open its page`, { href: state.active.url }));
  }
  const degrees = (value) => `${value.toFixed(1)}°`;
  byId("pose").textContent =
    `${camera.lat.toFixed(5)}, ${camera.lon.toFixed(5)} · ${camera.height.toFixed(0)} m · ` +
    `heading ${degrees(camera.heading)} · pitch ${degrees(camera.pitch)}`;
  byId("mode").textContent = clock.mode.toUpperCase();
  byId("time").textContent = `${clock.now.slice(0, 19).replace("T", " ")} UTC`;
  byId("rate").textContent = clock.playing ? `${clock.rate}×` : "paused";
  byId("play").textContent = clock.playing ? "Pause" : "Play";
  drawSlow(state.state);
}

function nodeRow(node) {
  const words = { unseen: "never seen", live: "live", behind: "behind", lost: "lost" };
  const lost = node.standing === "lost" ? ` ${(node.silent_ms / 1000).toFixed(0)} s` : "";
  const without = node.standing === "live" && !node.has_state ? ", fetches the state" : "";
  const row = element("tr");
  if (node.standing !== "live") row.className = "bad";
  const seen = node.standing !== "unseen";
  const cells = [
    node.id,
    `${words[node.standing]}${lost}${without}`,
    node.standing === "live" ? node.late_ms.toFixed(1) : "–",
    seen ? `${node.frame_p50_ms.toFixed(1)} / ${node.frame_p99_ms.toFixed(1)}` : "–",
    /[^0]/.test(node.cut_digest) ? node.cut_digest.slice(0, 8) : "–",
    seen ? node.tiles_pending : "–",
    seen ? (node.rss_bytes / 1048576).toFixed(0) : "–",
  ];
  row.append(...cells.map((cell) => element("td", String(cell))));
  return row;
}

function drawNodes(view) {
  const tiles = {
    unknown: "no node reports",
    loading: "tiles are being loaded",
    same: "all draw the same tiles",
    different: "nodes draw different tiles",
  };
  byId("summary").textContent =
    `${view.live} of ${view.nodes.length} live · ${tiles[view.tiles]} · ` +
    `skew ${view.skew_frames} frames · late at most ${view.late_p99_ms.toFixed(1)} ms (99 %)`;
  byId("nodes").replaceChildren(...view.nodes.map(nodeRow));
}

async function ask(path, use) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.ok) use(await answer.json());
}

let lost = false;

async function look() {
  try {
    await ask("api/state", (seen) => {
      state = seen;
      drawState();
    });
    if (token) await ask("api/nodes", drawNodes);
    if (lost) say();
    lost = false;
  } catch {
    lost = true;
    say("This leader does not answer. The wall goes on; another leader may have taken over.");
  }
  setTimeout(look, document.hidden ? 2000 : 250);
}

show();
look();
