//! The program as a hub.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `belvedere serve`, stopped with the test.
pub struct Served {
    child: Child,
    /// Its address, without a slash at the end.
    pub url: String,
}

impl Served {
    pub fn start(scene: &Path, data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_belvedere"))
            .args(["serve", "--listen", "127.0.0.1:0", "--scene"])
            .arg(scene)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once(" is served at ")?.1.trim().to_owned()))
            .expect("the program ended; its message is above");
        Self { child, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
