//! The envelope of everything that goes over UDP.
//!
//! ```text
//! "BWAL"  version  kind  body ...  16 bytes of keyed hash over all before
//! ```
//!
//! The key comes from the wall's token and name, so that packets of strangers and of other walls are dropped before
//! anything in them is looked at. A replayed packet is older than what it would replace and is dropped too.

use std::fmt;

use crate::frame::FrameState;
use crate::report::{Pong, Report};
use crate::wire::{Fault, Reader, Writer};

const MAGIC: &[u8; 4] = b"BWAL";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 6;
const TAG_BYTES: usize = 16;
/// No packet is longer, bytes: far below what any network takes in one piece.
pub const MAX_PACKET_BYTES: usize = 256;

/// The key of a wall's packets.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// From the token that all machines know, and the wall's name.
    #[must_use]
    pub fn new(token: &str, wall: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("belvedere 2026 video wall packets v1");
        hasher.update(&(token.len() as u64).to_le_bytes());
        hasher.update(token.as_bytes());
        hasher.update(wall.as_bytes());
        Self(hasher.finalize().into())
    }

    fn tag(&self, bytes: &[u8]) -> [u8; TAG_BYTES] {
        let hash = blake3::keyed_hash(&self.0, bytes);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&hash.as_bytes()[..TAG_BYTES]);
        tag
    }
}

/// Why a packet is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Shorter than any packet, or longer.
    #[error("a packet of {0} bytes is none of ours")]
    Length(usize),
    /// Another program's.
    #[error("the packet does not start as ours do")]
    Magic,
    /// From another version of the program.
    #[error(
        "the packet has version {0}, and this program knows {VERSION}: run one version on all machines"
    )]
    Version(u8),
    /// Not signed with this wall's token.
    #[error(
        "the packet is not signed with this wall's token: do all machines have the same token and wall name?"
    )]
    Key,
    /// A kind that is not known.
    #[error("the packet is of kind {0}, which is not known")]
    Kind(u8),
    /// Ends too early.
    #[error("the packet ends too early")]
    Short,
    /// A text that is not UTF-8.
    #[error("a text in the packet is not UTF-8")]
    Text,
    /// A value that cannot be.
    #[error("the packet's {0} cannot be")]
    Value(&'static str),
}

impl From<Fault> for PacketError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Short => Self::Short,
            Fault::Text => Self::Text,
            Fault::Value(what) => Self::Value(what),
        }
    }
}

/// What goes over UDP.
#[derive(Debug, Clone, PartialEq)]
pub enum Packet {
    /// Leader to nodes and standbys.
    Frame(FrameState),
    /// Node to leaders.
    Report(Report),
    /// Leader's answer to a report.
    Pong(Pong),
}

impl Packet {
    /// The packet's bytes, signed.
    #[must_use]
    pub fn encode(&self, key: &Key) -> Vec<u8> {
        let mut bytes = self.unsigned();
        let tag = key.tag(&bytes);
        bytes.extend_from_slice(&tag);
        bytes
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer(Vec::with_capacity(MAX_PACKET_BYTES));
        writer.0.extend_from_slice(MAGIC);
        writer.u8(VERSION);
        match self {
            Self::Frame(frame) => {
                writer.u8(1);
                frame.write(&mut writer);
            }
            Self::Report(report) => {
                writer.u8(2);
                report.write(&mut writer);
            }
            Self::Pong(pong) => {
                writer.u8(3);
                pong.write(&mut writer);
            }
        }
        writer.0
    }

    /// Reads a packet.
    ///
    /// # Errors
    /// When it is not one of this wall's, or a value in it cannot be.
    pub fn decode(bytes: &[u8], key: &Key) -> Result<Self, PacketError> {
        let length = bytes.len();
        if !(HEAD_BYTES + TAG_BYTES..=MAX_PACKET_BYTES).contains(&length) {
            return Err(PacketError::Length(length));
        }
        let (signed, tag) = bytes.split_at(length - TAG_BYTES);
        if signed[..4] != MAGIC[..] {
            return Err(PacketError::Magic);
        }
        if signed[4] != VERSION {
            return Err(PacketError::Version(signed[4]));
        }
        if !same(&key.tag(signed), tag) {
            return Err(PacketError::Key);
        }
        Self::read(signed[5], &signed[HEAD_BYTES..])
    }

    fn read(kind: u8, body: &[u8]) -> Result<Self, PacketError> {
        let mut reader = Reader::new(body);
        let packet = match kind {
            1 => Self::Frame(FrameState::read(&mut reader)?),
            2 => Self::Report(Report::read(&mut reader)?),
            3 => Self::Pong(Pong::read(&mut reader)?),
            other => return Err(PacketError::Kind(other)),
        };
        reader.end()?;
        Ok(packet)
    }
}

/// Compares without telling by its time where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

/// For fuzzing: any bytes as a packet of the right key. What reads is written and reads again as the same.
///
/// # Panics
/// When it does not, which is what a fuzzer looks for.
#[allow(clippy::panic)]
pub fn fuzz(bytes: &[u8]) {
    let key = Key::new("fuzz", "fuzz");
    let _ = Packet::decode(bytes, &key);
    let Some((kind, body)) = bytes.split_first() else {
        return;
    };
    if let Ok(packet) = Packet::read(*kind, body) {
        let written = packet.encode(&key);
        assert!(written.len() <= MAX_PACKET_BYTES, "{packet:?}");
        match Packet::decode(&written, &key) {
            Ok(again) => assert_eq!(again, packet),
            Err(error) => panic!("{error}: {packet:?}"),
        }
    }
}
