//! Addresses inside the program: `terrain:///<key>/…`. They are URLs with a path, so that relative ones resolve.

use super::tiling::Cell;

const PREFIX: &str = "terrain:///";

/// What a source is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The first document.
    Root,
    /// The document that begins at a tile.
    Document(Cell),
    /// A tile's descriptor.
    Descriptor(Cell),
}

/// Whether an address is answered by a [`super::TerrainSource`], and by no file or server.
#[must_use]
pub fn is_address(location: &str) -> bool {
    location
        .get(.."terrain:".len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("terrain:"))
}

/// The address of something of the source with this key.
pub(super) fn write(key: &str, asked: Asked) -> String {
    match asked {
        Asked::Root => format!("{PREFIX}{key}/root.json"),
        Asked::Document(Cell { z, x, y }) => format!("{PREFIX}{key}/{z}/{x}/{y}.json"),
        Asked::Descriptor(Cell { z, x, y }) => format!("{PREFIX}{key}/{z}/{x}/{y}.terrain"),
    }
}

/// What an address asks of the source with this key.
pub(super) fn read(key: &str, address: &str) -> Option<Asked> {
    let path = address.split(['?', '#']).next()?;
    let rest = path
        .strip_prefix(PREFIX)?
        .strip_prefix(key)?
        .strip_prefix('/')?;
    if rest == "root.json" {
        return Some(Asked::Root);
    }
    let mut parts = rest.split('/');
    let (z, x, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (y, kind) = last.split_once('.')?;
    let cell = Cell::new(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?);
    match kind {
        "json" => Some(Asked::Document(cell)),
        "terrain" => Some(Asked::Descriptor(cell)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uri;

    #[test]
    fn addresses_resolve_and_read_back() {
        let cell = Cell::new(12, 3346, 1787);
        for asked in [Asked::Root, Asked::Document(cell), Asked::Descriptor(cell)] {
            let address = write("hk-1", asked);
            assert!(is_address(&address) && uri::is_url(&address));
            assert_eq!(read("hk-1", &address), Some(asked));
            assert_eq!(read("hk", &address), None);
            let root = write("hk-1", Asked::Root);
            assert_eq!(uri::resolve(&root, &address).unwrap(), address);
        }
        let base = write("hk", Asked::Document(cell));
        assert_eq!(
            uri::resolve(&base, "../../3/4/5.terrain").unwrap(),
            "terrain:///hk/3/4/5.terrain"
        );
        for wrong in [
            "terrain:///hk/1/2",
            "terrain:///hk/a/2/3.json",
            "terrain:///hk/1/2/3.png",
            "terrain:///hk/1/2/3/4.json",
        ] {
            assert_eq!(read("hk", wrong), None, "{wrong}");
        }
    }
}
