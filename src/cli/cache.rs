//! What is kept of servers' answers between starts.

use std::path::PathBuf;

use belvedere::platform::{CacheChoice, use_cache};
use clap::Args;

/// Options of every command that fetches tiles.
#[derive(Args, Debug)]
pub struct CacheArgs {
    /// Keep servers' answers in this directory instead of the user's cache (at most 2 GiB, BELVEDERE_CACHE_MB for more or less).
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Keep nothing, and use nothing that was kept.
    #[arg(long)]
    no_cache: bool,
    /// Use only what was kept: no request goes to the network. This machine's own files are read as ever.
    #[arg(long, conflicts_with = "no_cache")]
    offline: bool,
}

impl CacheArgs {
    /// Decides it for the whole program.
    pub fn apply(&self) {
        let choice = match &self.cache {
            _ if self.no_cache => CacheChoice::Off,
            Some(folder) => CacheChoice::Directory(folder.clone()),
            None => CacheChoice::User,
        };
        use_cache(&choice, self.offline);
    }
}
