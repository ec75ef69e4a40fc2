//! How the pixels of an image lie in memory: plain, or in the blocks that GPUs read directly.

/// How pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TexelFormat {
    /// Red, green, blue, alpha: a byte each.
    #[default]
    Rgba8,
    /// BC1 (S3TC DXT1), every block with four opaque colours.
    Bc1,
    /// BC3 (S3TC DXT5).
    Bc3,
    /// BC7 (BPTC).
    Bc7,
    /// ETC2 RGB8.
    Etc2Rgb8,
    /// ETC2 RGBA8, its alpha as EAC.
    Etc2Rgba8,
    /// ASTC of 4 x 4 pixels, low dynamic range.
    Astc4x4,
}

impl TexelFormat {
    /// All of them; their places are their numbers in a tile's flat buffer.
    pub const ALL: [Self; 7] = [
        Self::Rgba8,
        Self::Bc1,
        Self::Bc3,
        Self::Bc7,
        Self::Etc2Rgb8,
        Self::Etc2Rgba8,
        Self::Astc4x4,
    ];

    /// Pixels along each side of a block: 1 where there are none.
    #[must_use]
    pub fn side(self) -> u32 {
        match self {
            Self::Rgba8 => 1,
            _ => 4,
        }
    }

    /// Bytes of a block, or of a pixel where there are none.
    #[must_use]
    pub fn block_bytes(self) -> usize {
        match self {
            Self::Rgba8 => 4,
            Self::Bc1 | Self::Etc2Rgb8 => 8,
            _ => 16,
        }
    }

    /// Bytes of so many pixels across and down; blocks that reach over the edge count whole.
    #[must_use]
    pub fn bytes(self, width: u32, height: u32) -> usize {
        (width.div_ceil(self.side()) as usize)
            .saturating_mul(height.div_ceil(self.side()) as usize)
            .saturating_mul(self.block_bytes())
    }
}

/// What images are of use to who draws. The least is the default: plain pixels of base colours and of what glows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ImageUse {
    /// BC1 to BC7.
    pub bc: bool,
    /// ETC2 and EAC.
    pub etc2: bool,
    /// ASTC, low dynamic range.
    pub astc: bool,
    /// Maps of roughness, metal, normals and occlusion, which only light per pixel shows.
    pub maps: bool,
}

impl ImageUse {
    /// As four bits of a number, for messages between threads.
    #[must_use]
    pub fn to_bits(self) -> u8 {
        u8::from(self.bc)
            | u8::from(self.etc2) << 1
            | u8::from(self.astc) << 2
            | u8::from(self.maps) << 3
    }

    /// What [`Self::to_bits`] made; other bits say nothing.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self {
            bc: bits & 1 != 0,
            etc2: bits & 2 != 0,
            astc: bits & 4 != 0,
            maps: bits & 8 != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_at_the_edge_count_whole() {
        assert_eq!(TexelFormat::Rgba8.bytes(5, 3), 60);
        assert_eq!(TexelFormat::Bc1.bytes(5, 3), 16);
        assert_eq!(TexelFormat::Astc4x4.bytes(1, 1), 16);
        assert_eq!(TexelFormat::Bc7.bytes(8, 8), 64);
    }

    #[test]
    fn uses_come_back_from_their_bits() {
        for bits in 0..16 {
            assert_eq!(ImageUse::from_bits(bits).to_bits(), bits);
        }
        assert_eq!(ImageUse::default().to_bits(), 0);
    }
}
