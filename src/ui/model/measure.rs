//! What is being measured.

/// A tool that measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum MeasureTool {
    /// None: clicks select.
    #[default]
    None,
    /// The way along points.
    Distance,
    /// How much higher one point is than another.
    Height,
    /// The area of an outline.
    Area,
    /// The angle between two directions.
    Angle,
    /// Whether one point sees another.
    Sight,
}

/// One result. Metres, square metres, radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// Straight through the air, from point to point.
    Distance(f64),
    /// The same on the map, heights left out.
    OnMap(f64),
    /// Of the second point from the first, clockwise from north.
    Bearing(f64),
    /// How much higher the second point is.
    Rise(f64),
    /// Rise over the way on the map.
    Slope(f64),
    /// On the map.
    Area(f64),
    /// Of the outline as it lies in space.
    AreaInSpace(f64),
    /// Around the outline.
    Perimeter(f64),
    /// The outline crosses itself.
    Crossed,
    /// At the second point.
    Angle(f64),
    /// Nothing stands in the way.
    Sees,
    /// Something does, after so many metres.
    Blocked(f64),
}

/// A text at a place of the city.
#[derive(Debug, Clone, PartialEq)]
pub struct MapLabel {
    /// From the window's left and top, logical pixels.
    pub at_px: [f32; 2],
    /// A length, metres.
    pub length_m: f64,
}

/// Measuring, as far as the panels show it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MeasureModel {
    /// The tool in hand.
    pub tool: MeasureTool,
    /// How many points there are.
    pub points: usize,
    /// Nothing is added any more.
    pub is_done: bool,
    /// What they say.
    pub results: Vec<Measured>,
    /// Lengths of the parts, where they are.
    pub labels: Vec<MapLabel>,
}
