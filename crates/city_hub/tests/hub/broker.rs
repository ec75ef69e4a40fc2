//! A real mosquitto for tests, on a port of its own.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const MISSING: &str = "is missing; install it with: apt-get install mosquitto mosquitto-clients";

/// A broker that is stopped with the test.
pub struct Broker {
    child: Child,
    /// The port it listens to, on the loopback interface.
    pub port: u16,
}

impl Broker {
    /// Starts it with its files in a directory, and waits until it listens.
    pub fn start(dir: &Path, port: u16) -> Self {
        // Started by root it would become a user who may not write there; "user root" is ignored for others.
        let settings = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n\
             persistence_location {}/\nmessage_size_limit 0\nmax_queued_messages 100000\n\
             user root\n",
            dir.display()
        );
        let file = dir.join("mosquitto.conf");
        std::fs::write(&file, settings).unwrap();
        // Debian puts it where the PATH of ordinary users does not lead.
        let program = ["/usr/sbin/mosquitto", "mosquitto"]
            .into_iter()
            .find(|program| Command::new(program).arg("-h").output().is_ok())
            .unwrap_or_else(|| panic!("mosquitto {MISSING}"));
        let mut child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "mosquitto ended: {ended:?}");
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "it never listened"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }

    /// Publishes one message, and waits until the broker has it.
    pub fn publish(&self, topic: &str, payload: &[u8]) {
        self.pub_from_stdin(topic, "-s", payload);
    }

    /// Publishes one message per line.
    pub fn publish_lines(&self, topic: &str, lines: &[u8]) {
        self.pub_from_stdin(topic, "-l", lines);
    }

    fn pub_from_stdin(&self, topic: &str, how: &str, bytes: &[u8]) {
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-q", "1", "-t", topic, how, "-p"])
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("mosquitto_pub {MISSING} ({error})"));
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Ends it as an operator would, so that it writes down what it holds.
    #[allow(dead_code, reason = "not every test that has a broker stops it")]
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nothing listens to.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
