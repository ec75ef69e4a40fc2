//! What leaders' and nodes' threads have in common.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::clock::SteadyClock;
use super::error::WallError;
use crate::packet::{Key, MAX_PACKET_BYTES, Packet};

/// How long a thread waits for a packet before it looks whether to stop.
const LISTEN: Duration = Duration::from_millis(100);
/// IPv4 and UDP headers of a packet, bytes.
const HEADERS: u64 = 28;
/// Time between two equal complaints, nanoseconds.
const COMPLAIN_NS: i64 = 30_000_000_000;

/// A lock whose owner may have panicked: what is in it is complete at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that went over the network, IP and UDP headers included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Received.
    pub received_bytes: u64,
    /// Sent.
    pub sent_bytes: u64,
    /// Since when this is counted, nanoseconds.
    pub over_ns: i64,
}

impl Traffic {
    /// Bytes received per second.
    #[must_use]
    pub fn received_per_s(&self) -> f64 {
        per_s(self.received_bytes, self.over_ns)
    }

    /// Bytes sent per second.
    #[must_use]
    pub fn sent_per_s(&self) -> f64 {
        per_s(self.sent_bytes, self.over_ns)
    }
}

fn per_s(bytes: u64, over_ns: i64) -> f64 {
    bytes as f64 * 1e9 / over_ns.max(1) as f64
}

/// A socket with the wall's key, a clock and counters.
#[derive(Debug)]
pub(super) struct Wire {
    socket: UdpSocket,
    key: Key,
    pub(super) clock: SteadyClock,
    pub(super) stop: AtomicBool,
    since_ns: i64,
    received: AtomicU64,
    sent: AtomicU64,
    complaints: Mutex<BTreeMap<String, i64>>,
}

impl Wire {
    pub(super) fn open(
        address: SocketAddr,
        what: &'static str,
        key: Key,
        clock: SteadyClock,
    ) -> Result<Self, WallError> {
        let socket = UdpSocket::bind(address).map_err(|cause| WallError::Listen {
            address,
            what,
            cause,
        })?;
        socket.set_read_timeout(Some(LISTEN))?;
        Ok(Self {
            socket,
            key,
            since_ns: clock.now_ns(),
            clock,
            stop: AtomicBool::new(false),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            complaints: Mutex::new(BTreeMap::new()),
        })
    }

    pub(super) fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The next packet of this wall and where it came from; `None` when none came for a while.
    pub(super) fn hear(&self) -> Option<(Packet, SocketAddr)> {
        let mut bytes = [0; MAX_PACKET_BYTES + 1];
        match self.socket.recv_from(&mut bytes) {
            Ok((length, from)) => {
                self.received
                    .fetch_add(length as u64 + HEADERS, Ordering::Relaxed);
                match Packet::decode(&bytes[..length], &self.key) {
                    Ok(packet) => Some((packet, from)),
                    Err(error) => {
                        self.complain(&format!("a packet from {} is dropped: {error}", from.ip()));
                        None
                    }
                }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                None
            }
            Err(error) => {
                self.complain(&format!("nothing can be heard: {error}"));
                // Not in a circle as fast as the machine can.
                std::thread::sleep(Duration::from_millis(20));
                None
            }
        }
    }

    pub(super) fn send(&self, packet: &Packet, to: &[SocketAddr]) {
        let bytes = packet.encode(&self.key);
        for address in to {
            match self.socket.send_to(&bytes, address) {
                Ok(length) => {
                    self.sent
                        .fetch_add(length as u64 + HEADERS, Ordering::Relaxed);
                }
                Err(error) => self.complain(&format!("{address} cannot be reached: {error}")),
            }
        }
    }

    /// Warns, but of the same thing only now and then.
    pub(super) fn complain(&self, message: &str) {
        let now_ns = self.clock.now_ns();
        let mut complaints = lock(&self.complaints);
        if complaints.len() > 100 {
            complaints.clear();
        }
        let last = complaints.get(message).copied();
        if last.is_none_or(|last| now_ns.saturating_sub(last) > COMPLAIN_NS) {
            complaints.insert(message.to_owned(), now_ns);
            tracing::warn!("{message}");
        }
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            received_bytes: self.received.load(Ordering::Relaxed),
            sent_bytes: self.sent.load(Ordering::Relaxed),
            over_ns: self.clock.now_ns().saturating_sub(self.since_ns),
        }
    }
}

/// Starts a thread with a name.
pub(super) fn thread(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Waits for threads that have been told to stop.
pub(super) fn join(threads: &mut Vec<JoinHandle<()>>) {
    for thread in threads.drain(..) {
        if thread.join().is_err() {
            tracing::error!("a thread of the wall ended badly");
        }
    }
}
