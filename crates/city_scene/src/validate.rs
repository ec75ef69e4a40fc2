//! What cannot be said by types.

mod ground;

use city_sensors::protocols::mqtt_json::MqttJson;
use city_time::{SimInstant, Zone};
use url::Url;

use crate::error::nearest;
use crate::limits::{MAX_ENTRIES, MAX_ID_BYTES, MAX_TEXT_BYTES};
use crate::locate::Step::{self, Index, Key};
use crate::read::shorten;
use crate::schema::{AccessSource, Pose, Scene};

/// A fault and the path to it.
pub(crate) struct Found<'a> {
    pub(crate) path: Vec<Step<'a>>,
    pub(crate) cause: String,
    pub(crate) advice: String,
}

type Checked<'a> = Result<(), Found<'a>>;

fn found<'a>(path: &[Step<'a>], cause: impl Into<String>, advice: impl Into<String>) -> Found<'a> {
    Found {
        path: path.to_vec(),
        cause: cause.into(),
        advice: advice.into(),
    }
}

/// The first thing that is wrong with a scene that reads.
pub(crate) fn check(scene: &Scene) -> Checked<'_> {
    text(&[Key("name")], &scene.name, true)?;
    text(&[Key("description")], &scene.description, false)?;
    Zone::parse(&scene.time_zone).map_err(|e| found(&[Key("time_zone")], e.to_string(), ""))?;
    number(
        &[Key("origin"), Key("lon")],
        scene.origin.lon,
        -180.0,
        180.0,
    )?;
    number(&[Key("origin"), Key("lat")], scene.origin.lat, -90.0, 90.0)?;
    number(
        &[Key("origin"), Key("height")],
        scene.origin.height,
        -12_000.0,
        10_000.0,
    )?;
    count("tileset", scene.tilesets.len())?;
    for (i, tileset) in scene.tilesets.iter().enumerate() {
        let at = |key| [Key("tileset"), Index(i), Key(key)];
        text(&at("name"), &tileset.name, true)?;
        text(&at("url"), &tileset.url, true)?;
        text(&at("attribution"), &tileset.attribution, false)?;
        number(
            &at("height_offset_m"),
            tileset.height_offset_m,
            -12_000.0,
            12_000.0,
        )?;
        if let Some(px) = tileset.max_screen_space_error_px {
            number(&at("max_screen_space_error_px"), px, 0.5, 1000.0)?;
        }
        number(&at("style_strength"), tileset.style_strength, 0.0, 1.0)?;
        check_access(&at("access"), &tileset.access)?;
    }
    check_geojson(scene)?;
    count("table", scene.tables.len())?;
    for (i, table) in scene.tables.iter().enumerate() {
        let at = |key| [Key("table"), Index(i), Key(key)];
        text(&at("url"), &table.url, true)?;
        for (key, value) in [("key", &table.key), ("feature_key", &table.feature_key)] {
            if let Some(value) = value {
                text(&at(key), value, true)?;
            }
        }
    }
    check_joins(scene)?;
    ground::check(scene)?;
    check_camera(scene)?;
    check_layers(scene)?;
    check_feeds(scene)
}

fn check_joins(scene: &Scene) -> Checked<'_> {
    count("join", scene.joins.len())?;
    let property = |join: &'_ crate::JoinSource| -> String {
        join.property.as_ref().unwrap_or(&join.layer).clone()
    };
    for (i, join) in scene.joins.iter().enumerate() {
        let at = |key| [Key("join"), Index(i), Key(key)];
        text(&at("layer"), &join.layer, true)?;
        for (key, value) in [
            ("feature_key", &join.feature_key),
            ("property", &join.property),
        ] {
            if let Some(value) = value {
                text(&at(key), value, true)?;
            }
        }
        let name = property(join);
        let earlier = scene.joins.iter().take(i);
        if earlier.into_iter().any(|other| property(other) == name) {
            let key = if join.property.is_some() {
                "property"
            } else {
                "layer"
            };
            let cause = format!("the property \"{}\" comes from two joins", shorten(&name));
            return Err(found(
                &at(key),
                cause,
                "give each join a property of its own",
            ));
        }
    }
    Ok(())
}

fn check_access<'a>(path: &[Step<'a>], access: &'a AccessSource) -> Checked<'a> {
    for (part, list) in [("headers", &access.headers), ("query", &access.query)] {
        for (name, value) in list {
            let path = [path, &[Key(part), Key(name)]].concat();
            let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(is_token) {
                let cause = format!("\"{}\" is no name of a header or parameter", shorten(name));
                return Err(found(&path, cause, "use letters, digits, - and _"));
            }
            text(&path, value, true)?;
        }
    }
    Ok(())
}

fn check_geojson(scene: &Scene) -> Checked<'_> {
    count("geojson", scene.geojson.len())?;
    for (i, source) in scene.geojson.iter().enumerate() {
        let at = |key| [Key("geojson"), Index(i), Key(key)];
        identifier(
            &at("id"),
            &source.id,
            scene.geojson[..i].iter().any(|other| other.id == source.id),
        )?;
        text(&at("name"), &source.name, true)?;
        text(&at("url"), &source.url, true)?;
        let digits = source.color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            let cause = format!("\"{}\" is not a colour", shorten(&source.color));
            return Err(found(&at("color"), cause, "Write it as #4FA3FF"));
        }
        number(&at("opacity"), source.opacity, 0.0, 1.0)?;
        number(&at("fill_opacity"), source.fill_opacity, 0.0, 1.0)?;
        if let Some(range) = source.range {
            check_range(&at("range"), range)?;
        }
        number(&at("line_width_px"), source.line_width_px, 0.1, 100.0)?;
        number(&at("point_size_px"), source.point_size_px, 0.1, 100.0)?;
        number(&at("extrude_scale"), source.extrude_scale, 1e-6, 1e6)?;
    }
    Ok(())
}

fn check_camera(scene: &Scene) -> Checked<'_> {
    if let Some(home) = &scene.camera.home {
        pose(&[Key("camera"), Key("home")], home)?;
    }
    let presets = &scene.camera.presets;
    count("camera.preset", presets.len())?;
    for (i, preset) in presets.iter().enumerate() {
        let at = |key| [Key("camera"), Key("preset"), Index(i), Key(key)];
        identifier(
            &at("id"),
            &preset.id,
            presets[..i].iter().any(|other| other.id == preset.id),
        )?;
        text(&at("name"), &preset.name, true)?;
        pose(&at("pose"), &preset.pose)?;
        if let Some(time) = &preset.time {
            SimInstant::parse_rfc3339(time).map_err(|e| found(&at("time"), e.to_string(), ""))?;
        }
    }
    Ok(())
}

fn check_layers(scene: &Scene) -> Checked<'_> {
    count("layer", scene.layers.len())?;
    for (i, layer) in scene.layers.iter().enumerate() {
        let at = |key| [Key("layer"), Index(i), Key(key)];
        identifier(
            &at("id"),
            &layer.id,
            scene.layers[..i].iter().any(|other| other.id == layer.id),
        )?;
        text(&at("name"), &layer.name, true)?;
        text(&at("description"), &layer.description, false)?;
        text(&at("unit"), &layer.unit, false)?;
        check_range(&at("range"), layer.range)?;
        number(&at("opacity"), layer.opacity, 0.0, 1.0)?;
        number(&at("cadence_s"), layer.cadence_s, 0.1, 366.0 * 86_400.0)?;
        number(&at("decimals"), f64::from(layer.decimals), 0.0, 9.0)?;
    }
    Ok(())
}

fn check_range<'a>(path: &[Step<'a>], [low, high]: [f64; 2]) -> Checked<'a> {
    number(path, low, -1e12, 1e12)?;
    number(path, high, -1e12, 1e12)?;
    if low >= high {
        let cause = format!("the range runs from {low} to {high}");
        return Err(found(
            path,
            cause,
            "Write the lower value first; reverse = true turns the colours of a layer of readings round",
        ));
    }
    Ok(())
}

fn check_feeds(scene: &Scene) -> Checked<'_> {
    count("feeds.mqtt", scene.feeds.mqtt.len())?;
    for (i, feed) in scene.feeds.mqtt.iter().enumerate() {
        let at = |key| [Key("feeds"), Key("mqtt"), Index(i), Key(key)];
        text(&at("name"), &feed.name, true)?;
        let broker = Url::parse(&feed.broker).ok();
        let good = broker.as_ref().is_some_and(|url| {
            matches!(url.scheme(), "mqtt" | "mqtts")
                && url.host_str().is_some_and(|host| !host.is_empty())
        });
        if !good {
            let cause = format!(
                "\"{}\" is not the address of a broker",
                shorten(&feed.broker)
            );
            return Err(found(&at("broker"), cause, "Write it as mqtt://host:1883"));
        }
        if broker.is_some_and(|url| url.password().is_some() || !url.username().is_empty()) {
            let advice = "Put them into the environment and name the variables with username_env and password_env";
            return Err(found(
                &at("broker"),
                "a scene file is no place for a user's name or password",
                advice,
            ));
        }
        if feed.mappings.is_empty() {
            let advice = "Add [[feeds.mqtt.mapping]] with a topic";
            return Err(found(
                &at("mapping"),
                "the feed has no mapping, so nothing would be read",
                advice,
            ));
        }
        count("feeds.mqtt.mapping", feed.mappings.len())?;
        for (j, mapping) in feed.mappings.iter().enumerate() {
            let at = [
                Key("feeds"),
                Key("mqtt"),
                Index(i),
                Key("mapping"),
                Index(j),
                Key("topic"),
            ];
            MqttJson::new(mapping).map_err(|e| found(&at, e.to_string(), ""))?;
            // A layer that is fixed in the mapping must be one of the scene's.
            if !mapping.layer.contains('{') && scene.layer(&mapping.layer).is_none() {
                let at = [
                    Key("feeds"),
                    Key("mqtt"),
                    Index(i),
                    Key("mapping"),
                    Index(j),
                    Key("layer"),
                ];
                let cause = format!("the scene has no layer \"{}\"", shorten(&mapping.layer));
                let advice = match nearest(
                    &mapping.layer,
                    scene.layers.iter().map(|layer| layer.id.as_str()),
                ) {
                    Some(name) => format!("Did you mean \"{name}\"?"),
                    None => "Add it as a [[layer]]".to_owned(),
                };
                return Err(found(&at, cause, advice));
            }
        }
    }
    Ok(())
}

fn pose<'a>(path: &[Step<'a>], pose: &Pose) -> Checked<'a> {
    let numbers = [
        ("lon", pose.lon, -180.0, 180.0),
        ("lat", pose.lat, -90.0, 90.0),
        ("height", pose.height, -12_000.0, 1e8),
        ("heading", pose.heading, -360.0, 360.0),
        ("pitch", pose.pitch, -90.0, 90.0),
        ("fov", pose.fov.unwrap_or(45.0), 1.0, 150.0),
    ];
    for (key, value, min, max) in numbers {
        let mut path = path.to_vec();
        path.push(Key(key));
        number(&path, value, min, max)?;
    }
    Ok(())
}

fn last_key<'a>(path: &[Step<'a>]) -> &'a str {
    path.iter()
        .rev()
        .find_map(|step| {
            if let Key(key) = step {
                Some(*key)
            } else {
                None
            }
        })
        .unwrap_or("value")
}

fn number<'a>(path: &[Step<'a>], value: f64, min: f64, max: f64) -> Checked<'a> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let cause = format!("{} is {value}", last_key(path));
    Err(found(
        path,
        cause,
        format!("It must be between {min} and {max}"),
    ))
}

fn text<'a>(path: &[Step<'a>], value: &str, required: bool) -> Checked<'a> {
    if value.len() > MAX_TEXT_BYTES {
        let cause = format!("{} has {} bytes", last_key(path), value.len());
        return Err(found(
            path,
            cause,
            format!("At most {MAX_TEXT_BYTES} are taken"),
        ));
    }
    if required && value.trim().is_empty() {
        return Err(found(
            path,
            format!("{} is empty", last_key(path)),
            "Give it a text",
        ));
    }
    Ok(())
}

fn identifier<'a>(path: &[Step<'a>], id: &str, taken: bool) -> Checked<'a> {
    let good = !id.is_empty()
        && id.len() <= MAX_ID_BYTES
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    if !good {
        let cause = format!("\"{}\" cannot be an id", shorten(id));
        return Err(found(
            path,
            cause,
            format!("Use a-z, 0-9, _ and -, at most {MAX_ID_BYTES} of them"),
        ));
    }
    if taken {
        return Err(found(
            path,
            format!("the id \"{id}\" is there twice"),
            "Give each its own",
        ));
    }
    Ok(())
}

fn count(name: &'static str, entries: usize) -> Checked<'static> {
    if entries <= MAX_ENTRIES {
        return Ok(());
    }
    let first = name.split('.').next().unwrap_or(name);
    Err(found(
        &[Key(first)],
        format!("there are {entries} of [[{name}]]"),
        format!("At most {MAX_ENTRIES} are taken"),
    ))
}
