//! Four screens are one picture, whoever dies.

use serde_json::json;

use crate::pictures::{picture, psnr, stand_still, stitched};
use crate::rig::{
    Addresses, Running, SCREEN, alone, command, leader, node, nodes, ready, scene, until, wall,
};
use crate::support::Folder;
use crate::timing::{assert_together, now_ns, trace};

#[test]
fn four_screens_are_one_picture_and_outlive_a_node_and_the_leader() {
    let _alone = alone();
    let folder = Folder::new();
    scene(&folder);
    let at = Addresses::new(2, 4);
    let config = wall(&folder, "wall", SCREEN, 2, &at);
    let one = Addresses::new(1, 1);
    let whole = wall(&folder, "whole", SCREEN, 1, &one);
    let mut running = Running::none();
    let (first, second) = (at.leaders[0].1, at.leaders[1].1);
    leader(&mut running, &folder, &config, "wall", "a");
    leader(&mut running, &folder, &config, "wall", "b");
    leader(&mut running, &folder, &whole, "whole", "a");
    for index in 0..4 {
        node(&mut running, &folder, &config, "wall", index);
    }
    node(&mut running, &folder, &whole, "whole", 0);
    ready(first, 4);
    ready(one.leaders[0].1, 1);

    stand_still(&[(first, 4), (one.leaders[0].1, 1)], "noon");
    let stitched = stitched(&folder, "wall", SCREEN);
    let reference = picture(&folder, "whole", 0);
    running.kill("whole-n0");
    running.kill("whole-a");
    let colours: std::collections::HashSet<_> = reference.pixels().map(|pixel| pixel.0).collect();
    assert!(
        colours.len() > 20,
        "the gables are in the picture: {}",
        colours.len()
    );
    let equal_db = psnr(&stitched, &reference);
    println!("stitched against the whole: {equal_db:.1} dB");
    assert!(equal_db >= 40.0, "{equal_db} dB");

    // All run for a while.
    command(first, &json!({"freeze": false}));
    command(first, &json!({"move_camera": {"turn_rad": 0.2}}));
    assert_together(&folder, "nothing lost");

    // A node dies and comes back by itself.
    running.kill("wall-n1");
    ready(first, 3);
    node(&mut running, &folder, &config, "wall", 1);
    ready(first, 4);

    // The leader dies: the standby leads with a higher epoch, and no screen stands still for long.
    let killed_ns = now_ns();
    running.kill("wall-a");
    until("the standby leads", || {
        let state = nodes(second)?;
        (state["epoch"].as_u64()? >= 2 && state["live"] == 4).then_some(())
    });
    until("all nodes show the new epoch", || {
        let newest = |index| Some(trace(&folder, index).last()?.1);
        (0..4).all(|index| newest(index) >= Some(2)).then_some(())
    });
    for index in 0..4 {
        let shown = trace(&folder, index);
        let times: Vec<i64> = shown
            .iter()
            .map(|(at, ..)| *at)
            .filter(|at| *at > killed_ns - 2_000_000_000)
            .collect();
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
        let longest_ms = longest.unwrap_or(i64::MAX) / 1_000_000;
        println!("node {index}: {longest_ms} ms between two pictures at most");
        assert!(longest_ms < 2_000, "node {index} stood for {longest_ms} ms");
    }

    // The old leader comes back, and stands by.
    leader(&mut running, &folder, &config, "wall", "a");
    command(second, &json!({"identify": true}));
    until("one leader leads", || {
        let (old, new) = (nodes(first)?, nodes(second)?);
        (old["epoch"] == new["epoch"] && new["live"] == 4).then_some(())
    });
}
