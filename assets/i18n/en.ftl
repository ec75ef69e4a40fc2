# Belvedere's words: English.
# One message a line: key = text, with { $placeables }. The three files have the same keys; a test compares them.

# Areas and groups of the layer tree
area-mobility = Mobility
area-living = Living
area-environment = Environment
area-people = People
area-government = Government
area-economy = Economy
group-city = City

# Side panels
panel-layers = Layers
panel-inspector = Inspector
panel-health = Health
panel-tiles = Tiles
panel-fold = Fold this panel
panel-close = Close

# Layers
layers-filter = Filter layers
layers-empty = This scene has no layers. Add a [[layer]] or a [[tileset]] to its file, or open a tileset from the menu.
layers-no-feeds = No feeds in this scene: add one to [feeds] in its file, or open the demo city.
layers-none-found = No layer is called “{ $text }”.
layer-show = Show { $layer }
layer-hide = Hide { $layer }
layer-opacity = Opacity of { $layer }
layer-newest = Newest reading: { $age }
layer-quality = { $quality }: { $n }
layer-count-sensors = Sensors: { $n }
layer-count-tiles = Tile contents: { $n }
layer-count-features = Features: { $n }
legend-more = and { $n } more
no-unit = no unit

# States of a reading
quality-good = good
quality-not-evaluated = not evaluated
quality-stale = stale
quality-suspect = suspect
quality-failed = failed
quality-missing = missing
simulated = simulated
simulated-hint = These values are made by a simulation, not measured.
simulated-scene = Simulated city and readings
mark-range = out of range
mark-spike = spike
mark-rate = changes too fast
mark-flat_line = does not move
mark-gap = after a gap
mark-late = arrived late
mark-sensor = the sensor reports a fault

# The clock
mode-live = LIVE
mode-replay = REPLAY
mode-forecast = FORECAST
clock-play = Play (Space)
clock-pause = Pause (Space)
clock-paused = paused
clock-step-back = Step back { $span }
clock-step-forward = Step forward { $span }
clock-rate = Speed of the clock
clock-go-live = LIVE
clock-go-live-hint = Go to the live edge
clock-waiting = loading
timeline-name = Timeline, { $time }
timeline-history = history
timeline-no-history = no history
timeline-forecast = forecast
timeline-no-forecast = no forecast in this scene
timeline-readings = { $n } readings in { $span }
timeline-bad = of which { $n } suspect, failed or missing

# Ages and spans
age-now = now
age-ago = { $span } ago
age-ahead = in { $span }
age-unknown = unknown
span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n } d
span-years = { $n } y

# The inspector
inspector-empty = Click a building or a sensor to see what it is, where its values come from and how good they are.
inspector-several = Selected: { $n }
inspector-take-out = Take { $name } out of the selection
inspector-properties = Properties
inspector-no-properties = The data gives no properties for this feature.
inspector-source = Source
inspector-position = Position
sensor-title = { $layer }, { $place }
sensor-forecast = forecast
sensor-forecast-hint = A value of the forecast, not measured.
sensor-property = Observed
sensor-measured = Measured
sensor-quality = Quality
sensor-cadence = Every
sensor-linear = linear
sensor-step = step
sensor-interpolation-hint = How the map shows it between two readings. The value above is always the measured one.
sensor-no-value = no reading
chart-title = Last 24 hours, { $unit }
chart-loading = Loading the last 24 hours…
chart-empty = No readings in these 24 hours.
chart-summary = Chart of { $n } readings between { $low } and { $high }

# Health
health-frame = Frame time, ms
health-frame-none = No frames measured yet.
health-frame-line = ms · { $fps } per second · 95 % under { $p95 } ms
health-adapter = Graphics
health-path = Drawing
health-path-lean = lean
health-path-full = full
health-path-hint = Lean is chosen by itself where there is no graphics hardware.
health-tiles = Tiles
health-shown = shown
health-loaded = loaded
health-in-flight = in flight
health-queued = queued
health-failed = failed
health-memory = Memory
health-memory-of = { $used } of { $budget }
health-memory-hint = Processor, graphics and tile tree together, against the budget.
health-feeds = Feeds
health-hub-up = Hub connected
health-hub-down = Hub not connected, trying again
health-feed-silent = no reading yet
health-feed-line = { $age } · { $rate } readings/s · { $accepted } accepted
health-feed-rejects = Rejected: { $n }
reject-too_large = message too large
reject-not_utf8 = not UTF-8 text
reject-not_json = not JSON
reject-too_many = too many readings in one message
reject-topic = topic does not fit the pattern
reject-no_value = no value
reject-not_a_number = value is not a number
reject-sensor = no sensor named
reject-time = time cannot be read
reject-too_old = too old
reject-future = from the future
reject-place = place cannot be read
reject-unknown_layer = unknown layer
reject-unknown_sensor = unknown sensor
reject-full = no room for more sensors
health-messages = Messages
health-messages-none = Nothing to report.
messages-forget = Clear all messages
message-close = Close this message

# Tile debugging
tiles-intro = What the tile selection does. Nothing here changes the data.
tiles-counts = Counts
tiles-triangles = Triangles
tiles-features = Features
tiles-levels = Drawn tiles by level
tiles-level = Level { $n }

# The top bar
scene-none = No scene
scene-menu = Views and scenes
scene-others = Other scenes
search-hint = Search place, building, sensor
search-none = Nothing found.
search-searching = Searching…
language = Language
theme-light = Light theme
theme-dark = Dark theme
menu-more = More
menu-scale = Size of text and panels
menu-open = Open a tileset or GeoJSON
menu-open-hint = Path or URL
menu-open-button = Open
alarms = Alarms: { $n }, not acknowledged: { $open }
alarm-since = since { $time }
alarm-acknowledge = Acknowledge
alarm-hub-gone = The hub at { $hub } does not answer
alarm-store = Readings cannot be stored: { $error }
alarm-feed-down = Feed { $feed } is not connected
alarm-feed-silent = Feed { $feed } is silent
progress-left = { $stage }, { $left } left

# Actions
action-play-pause = Play or pause
action-step-back = Step back
action-step-forward = Step forward
action-slower = Slower clock
action-faster = Faster clock
action-go-live = Go live
action-hour-back = One hour back
action-home = Home view
action-face-north = Face north
action-fly-to-selection = Fly to the selection
action-zoom-in = Zoom in
action-zoom-out = Zoom out
action-fullscreen = Full screen
action-screenshot = Save a picture
action-search = Search
action-palette = All commands
action-help = Keys
action-hide-panels = Hide or show all panels
action-layers = Layer panel
action-inspector = Inspector panel
action-health = Health panel
action-tiles = Tile debugging
action-theme = Dark or light theme
action-scale-up = Larger text
action-scale-down = Smaller text
action-scale-reset = Normal text size
action-clear-selection = Clear the selection
action-hide-selected = Hide the selected feature
action-copy-link = Copy a link to this view
action-copy-values = Copy the values
action-undo = Undo
action-redo = Redo
action-freeze = Freeze the tile selection
action-volumes = Show bounding volumes
action-color-by-level = Colour tiles by level
action-english = Language: English
action-zh-hant = Language: 繁體中文
action-zh-hans = Language: 简体中文
palette-hint = Command, layer, place…
palette-none = No command matches.

# The sheet of keys
keys-time = Time
keys-view = View
keys-camera = Camera
keys-panels = Panels
keys-edit = Selection and changes
camera-move = Move
camera-turn = Turn
camera-up-down = Up and down
camera-orbit = Orbit
camera-pan = Pan
camera-zoom = Zoom to the pointer
camera-tilt = Tilt
camera-faster = Faster, with the keys above
camera-look = Look around
camera-select = Select
camera-add = Add to the selection, or take out
camera-fly-here = Fly there
camera-two-fingers = Pan, pinch to zoom, turn, tilt
mouse-left = Left drag
mouse-right = Right drag
mouse-wheel = Wheel
mouse-click = Click
mouse-shift-click = Shift+click
mouse-double = Double click
mouse-ctrl-left = Ctrl+left drag
touch-one = One finger
touch-two = Two fingers

# The map's furniture
compass = Heading { $heading }, click to face north
scale-bar = Scale bar: { $length }
credit-simulated = Simulated readings by Belvedere

# Welcome
welcome-title = Open a city
welcome-text = Drop a tileset.json or a GeoJSON file here, or give its path or address.
welcome-open-scene = Open { $scene }
welcome-left = { $left } left
progress-hub = Starting the hub
progress-city = Making the demo city
progress-history = Filling in the last 24 hours

# Names of layers, by their identifiers in scene files
layer-traffic_speed = Traffic speed
layer-parking_occupancy = Parking
layer-ev_charging_power = EV charging
layer-energy_power = Energy meters
layer-noise_level = Noise
layer-air_pm25 = Air: PM2.5
layer-air_no2 = Air: NO₂
layer-weather_temperature = Air temperature
layer-weather_humidity = Humidity
layer-weather_wind = Wind
layer-water_level = Water level
layer-crowd_count = Crowds
layer-lamp_power = Lamp posts
layer-desk_waiting = Service desks
layer-footfall = Footfall
layer-cargo_cranes = Cargo cranes
layer-buildings = Buildings
layer-terrain = Terrain

# Names of properties, by their identifiers in tilesets
property-id = Identifier
property-name = Name
property-name_zh = Name (Chinese)
property-district = District
property-use = Use
property-storeys = Storeys
property-height_m = Height
property-floor_area_m2 = Floor area
property-floor_area = Floor area
property-year_built = Built in
property-energy_class = Energy class

# Uses of buildings
use-residential = residential
use-office = office
use-retail = retail
use-industrial = industrial
use-school = school
use-hospital = hospital
use-hotel = hotel
use-government = government
use-transport = transport
use-village = village house
use-leisure = leisure
class-building = Building

# What happened and what to do: the app says these in English, and the panels find them here by their English words
notice-hub-catalogue = the hub's catalogue cannot be read
notice-hub-silent = the hub does not answer
notice-hub-ended = the live connection to the hub ended
notice-hub-message = a live message of the hub cannot be read
notice-picture-saved = a picture of the view is saved
notice-picture-failed = the picture could not be saved
notice-settings-failed = the settings could not be kept
notice-link-copied = the link to this view is copied
notice-no-forecast = this scene has no forecast, so the clock cannot go past now
notice-forecast-end = this is the end of the forecast
notice-history-start = this is the start of the history
notice-empty-loop = there is nothing to repeat in that interval
notice-no-demo-city = the demo city is not on this machine and no hub is named
notice-no-forecast-feed = no feed of this scene gives a forecast
notice-update = update the hub or the viewer
notice-again-soon = trying again in 5 s
notice-without-readings = trying again; the city is shown without readings
notice-again = connecting again by itself
notice-left-out = it is left out
notice-scene-stays = the scene that was open stays open
notice-utc = times are shown in UTC
notice-part-left-out = this part of the scene is left out
notice-import-demo = run `belvedere import demo`, or give --hub
notice-make-room = make room, or start where files may be written
notice-until-end = they hold until the program ends
notice-tile-rest = the rest of the tile is drawn
notice-parent-stays = the parent tile stays on screen

wall-waiting = Waiting for the wall's leader
wall-lost = No leader: the clock runs on
