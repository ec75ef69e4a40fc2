//! Makes the demo city without the rest of the program: quick to build when working on the generator.
//!
//! `cargo run -p city_tiler --example make -- OUT [SEED]`

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("say where to: make OUT [SEED]")?;
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let last = std::cell::Cell::new("");
    let report = city_tiler::generate(seed, Path::new(&out), &|progress| {
        if last.replace(progress.stage) != progress.stage {
            eprintln!("{}", progress.stage);
        }
    })?;
    println!("{report}");
    Ok(())
}
