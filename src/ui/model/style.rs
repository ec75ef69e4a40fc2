//! Styles of tilesets, as the layer panel shows them.

/// How a tileset's features look.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StyleModel {
    /// The style's text, JSON of the 3D Tiles styling language; empty for none.
    pub text: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What is likely not meant.
    pub warnings: Vec<String>,
    /// 0: colours multiply the content's own, 1: they replace them.
    pub strength: f32,
    /// Names of the properties that the features have.
    pub properties: Vec<String>,
    /// Layers of readings whose sensors say which feature they belong to.
    pub readings: Vec<ReadingChoice>,
    /// The layer that the colours show, where it is one of readings.
    pub by_reading: Option<String>,
}

/// A layer of readings that features can be coloured by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadingChoice {
    /// The layer's identifier.
    pub layer: String,
    /// What it is called. Where the message files have `layer-<id>`, they win.
    pub name: String,
    /// The property that it is, once it is joined.
    pub property: String,
}
