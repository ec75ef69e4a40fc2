//! Several selected things, and the tools that select many.

/// A tool that selects what is seen in a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ShapeTool {
    /// None: clicks select.
    #[default]
    None,
    /// From corner to corner.
    Box,
    /// Around by hand.
    Lasso,
}

/// The tool in hand, as far as the panels show it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShapeModel {
    /// The tool.
    pub tool: ShapeTool,
    /// What it has drawn: corners in order, from the window's left and top, logical pixels.
    pub outline: Vec<[f32; 2]>,
    /// A shape is being looked through.
    pub is_busy: bool,
}

/// What a column of numbers comes to over everything that is selected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TotalModel {
    /// The identifier in the schema. Where the message files have `property-<id>`, they name it; otherwise `name` does.
    pub id: String,
    /// The name in the schema.
    pub name: String,
    /// The unit as shown, empty where there is none.
    pub unit: String,
    /// How many have a number.
    pub count: usize,
    /// The sum, where it means something.
    pub sum: Option<f64>,
    /// The mean.
    pub mean: f64,
    /// The smallest and the largest.
    pub range: [f64; 2],
    /// They are years of the calendar.
    pub is_year: bool,
}

/// Everything that is selected together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeveralModel {
    /// How many things; 0 where it is one or none.
    pub count: usize,
    /// What their numbers come to.
    pub totals: Vec<TotalModel>,
    /// Not all of them are counted yet.
    pub is_counting: bool,
    /// How many things are hidden by hand.
    pub hidden: usize,
    /// How many things are coloured by hand.
    pub colored: usize,
}
