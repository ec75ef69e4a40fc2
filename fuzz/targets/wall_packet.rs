//! What comes over the network of a wall: packets, commands, snapshots.
#![no_main]

use city_wall::{Command, Snapshot, fuzz};

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("wall_packet"), |bytes: &[u8]| {
    fuzz(bytes);
    let _ = serde_json::from_slice::<Command>(bytes);
    if let Ok(snapshot) = Snapshot::parse(bytes) {
        assert!(snapshot.state.is_within_limits());
    }
});
