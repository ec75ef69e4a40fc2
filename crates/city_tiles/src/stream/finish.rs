//! From decoded to shown: costs are counted, uploads noted, what does not fit is given back.

use super::Streamer;
use super::queue::Target;
use super::tree::{Ix, Slot, SlotState};
use super::types::TileId;

impl Streamer {
    /// A decoder's answer: the bytes that the prepared content occupies on CPU and GPU together, or what is wrong
    /// with it. A content that would break the byte budget is dropped again (the next [`super::Selection::evict`]
    /// names its tile) and asked for when there is room.
    pub fn decoded(&mut self, tile: TileId, content: u32, result: Result<u64, String>) {
        self.stir();
        let Some(ix) = self.tree.find(tile) else {
            return;
        };
        let index = content as usize;
        let decoding = self
            .tree
            .node(ix)
            .and_then(|n| n.slots.get(index))
            .map(|s| s.state);
        let Some(SlotState::Decoding { .. }) = decoding else {
            return;
        };
        match result {
            Ok(bytes) => {
                self.average.learn(bytes);
                self.totals.contents_loaded += 1;
                self.tree.change(ix, |node| {
                    if let Some(slot) = node.slots.get_mut(index) {
                        *slot = Slot {
                            uploaded: false,
                            state: SlotState::Ready,
                            attempts: 0,
                            bytes,
                            uri: slot.uri.clone(),
                        };
                    }
                });
                if let Ok(url) = self.tree.content_url(ix, index) {
                    self.settled(&url);
                }
                if self.bytes() > self.options.byte_budget {
                    self.give_back(ix, bytes);
                }
            }
            Err(cause) => {
                let url = self.tree.content_url(ix, index).unwrap_or_default();
                self.fail(ix, Target::Content(index), &url, &cause, false);
            }
        }
    }

    fn give_back(&mut self, ix: Ix, bytes: u64) {
        let before = self.selection.evict.len();
        let freed = self.make_room(0, false);
        let mut gone: Vec<TileId> = self.selection.evict.split_off(before);
        if !freed {
            self.drop_content(ix);
            gone.extend(self.selection.evict.split_off(before));
            if bytes > self.options.byte_budget {
                let url = self.tree.content_url(ix, 0).unwrap_or_default();
                let what = format!(
                    "needs {bytes} bytes, the whole budget is {}; raise the budget",
                    self.options.byte_budget
                );
                self.note(&url, &what, true);
            }
        }
        self.dropped.extend(gone);
    }

    /// Everything decoded of a tile so far is on the GPU: once nothing more of it is under way, it may be shown from
    /// the next update on.
    pub fn uploaded(&mut self, tile: TileId) {
        self.mark_uploaded(tile, None);
    }

    /// One content of a tile is on the GPU.
    pub fn content_uploaded(&mut self, tile: TileId, content: u32) {
        self.mark_uploaded(tile, Some(content as usize));
    }

    fn mark_uploaded(&mut self, tile: TileId, content: Option<usize>) {
        self.stir();
        if let Some(ix) = self.tree.find(tile) {
            self.tree.change(ix, |node| {
                for (index, slot) in node.slots.iter_mut().enumerate() {
                    if content.is_none_or(|c| c == index) {
                        slot.uploaded = slot.state == SlotState::Ready;
                    }
                }
            });
        }
    }

    /// Whether a decoded content is still counted: `false` after it was given back or evicted, when its buffers
    /// should not be uploaded any more.
    pub fn is_held(&self, tile: TileId, content: u32) -> bool {
        let node = self.tree.find(tile).and_then(|ix| self.tree.node(ix));
        node.and_then(|n| n.slots.get(content as usize))
            .is_some_and(|s| s.state == SlotState::Ready)
    }
}
