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
}
