//! Readings from an MQTT broker.
//!
//! A message is acknowledged to the broker only when its readings are on disk, and the session outlives the
//! connection, so that a message published with QoS 1 is never lost between broker and store. What is delivered
//! twice is stored once.

use crate::{
    config::MqttFeed, error::HubError, health::State, hub::Hub, ingest::Batch, registry::Source,
    store::HOUR_NS,
};
use city_sensors::{
    Observation,
    protocols::{
        Message, Reading, Reason, Reject,
        mqtt_json::{MAX_PAYLOAD_BYTES, MqttJson},
    },
};
use rumqttc::v5::{
    AsyncClient, ConnectionError, Event, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{Packet, Publish},
    },
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Largest message that the broker may send; larger payloads than the parser takes are received to be counted.
const MAX_PACKET_BYTES: u32 = 16 << 20;
/// Messages that may be under way without being acknowledged.
const IN_FLIGHT: u16 = 1000;
/// Messages handled in one step.
const STEP: usize = 512;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const RETRY: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long the broker keeps messages for a hub that is away, in seconds.
const SESSION_S: u32 = 24 * 3600;

/// A checked feed, ready to run.
pub struct Mqtt {
    name: Arc<str>,
    parser: MqttJson,
    options: MqttOptions,
    simulated: bool,
}

impl Mqtt {
    /// Checks a feed's description.
    ///
    /// # Errors
    /// Names the feed and the setting that cannot be used.
    pub fn new(feed: &MqttFeed, data_dir: &std::path::Path) -> Result<Self, HubError> {
        let error = |cause: String| HubError::Feed {
            feed: feed.name.clone(),
            cause,
        };
        let url = url::Url::parse(&feed.broker)
            .map_err(|e| error(format!("broker = \"{}\": {e}", feed.broker)))?;
        if !matches!(url.scheme(), "mqtt" | "tcp") {
            let scheme = url.scheme();
            let cause = format!("broker has scheme {scheme}://, but only mqtt:// is known");
            return Err(error(cause));
        }
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| error(format!("broker = \"{}\" names no host", feed.broker)))?;
        let parser = MqttJson::new(&feed.mapping).map_err(|e| error(e.to_string()))?;
        // The same hub takes up its session again; another one beside it gets its own.
        let mut hasher = DefaultHasher::new();
        (data_dir, &feed.name, parser.filter()).hash(&mut hasher);
        let client_id = format!("belvedere-{:016x}", hasher.finish());
        let mut options = MqttOptions::new(client_id, host, url.port().unwrap_or(1883));
        options
            .set_keep_alive(Duration::from_secs(15))
            .set_clean_start(false)
            .set_manual_acks(true)
            .set_session_expiry_interval(Some(SESSION_S))
            .set_receive_maximum(Some(IN_FLIGHT))
            .set_max_packet_size(Some(MAX_PACKET_BYTES));
        if !url.username().is_empty() {
            let decode = |text: &str| {
                percent_encoding::percent_decode_str(text)
                    .decode_utf8_lossy()
                    .into_owned()
            };
            options.set_credentials(
                decode(url.username()),
                decode(url.password().unwrap_or_default()),
            );
        }
        Ok(Self {
            name: feed.name.as_str().into(),
            parser,
            options,
            simulated: feed.simulated,
        })
    }

    /// The feed's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Receives messages until the hub stops. A broker that is away is tried again, ever more rarely.
    pub async fn run(self, hub: Arc<Hub>) {
        // Room for every acknowledgement, so that the handler never waits for the connection.
        let (client, mut connection) = AsyncClient::new(self.options, 2 * usize::from(IN_FLIGHT));
        let (forward, messages) = mpsc::channel(STEP);
        let handler = Handler {
            hub: Arc::clone(&hub),
            name: Arc::clone(&self.name),
            simulated: self.simulated,
            parser: self.parser.clone(),
            client: client.clone(),
        };
        let handler = tokio::spawn(handler.run(messages));
        let filter = self.parser.filter();
        let mut stop = hub.stop.subscribe();
        let mut wait = FIRST_WAIT;
        loop {
            let event = tokio::select! {
                event = connection.poll() => event,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    wait = FIRST_WAIT;
                    // A session that the broker remembers has its subscription; asking again does no harm.
                    if let Err(error) = client.try_subscribe(filter.clone(), QoS::AtLeastOnce) {
                        hub.health
                            .set_state(&self.name, State::Waiting(error.to_string()));
                    }
                }
                Ok(Event::Incoming(Packet::SubAck(_))) => {
                    hub.health.set_state(&self.name, State::Connected);
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    hub.health.message(&self.name, hub.now_ns());
                    if forward.send(publish).await.is_err() {
                        break;
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let why = why(&error);
                    tracing::warn!("feed {}: {why}", self.name);
                    hub.health.set_state(&self.name, State::Waiting(why));
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        _ = stop.wait_for(|stop| *stop) => break,
                    }
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
        drop(forward);
        handler.abort();
    }
}

fn why(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(cause) => format!("the broker cannot be reached: {cause}"),
        ConnectionError::Timeout(_) => "the broker does not answer".to_owned(),
        ConnectionError::ConnectionRefused(code) => format!("the broker refuses: {code:?}"),
        other => other.to_string(),
    }
}

struct Handler {
    hub: Arc<Hub>,
    name: Arc<str>,
    simulated: bool,
    parser: MqttJson,
    client: AsyncClient,
}

impl Handler {
    async fn run(self, mut messages: mpsc::Receiver<Publish>) {
        while let Some(first) = messages.recv().await {
            let mut group = vec![first];
            while group.len() < STEP
                && let Ok(publish) = messages.try_recv()
            {
                group.push(publish);
            }
            if !self.store(&group).await {
                return;
            }
            for publish in &group {
                if publish.qos != QoS::AtMostOnce && self.client.ack(publish).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Stores what a group of messages says; `false` when the hub stops.
    async fn store(&self, group: &[Publish]) -> bool {
        let mut readings = Vec::new();
        let mut added = false;
        for publish in group {
            for reading in self.read(publish) {
                let Some(number) = self.number(&reading).await else {
                    return false;
                };
                match number {
                    Err(refused) => self.hub.health.reject(&self.name, &refused),
                    Ok((id, new)) => {
                        added |= new;
                        let (time_ns, now_ns) = (reading.phenomenon_time_ns, self.hub.now_ns());
                        let mut row = Observation::new(id, time_ns, now_ns, reading.value);
                        row.seq = reading.seq;
                        readings.push(row);
                    }
                }
            }
        }
        if added {
            self.hub.send_catalog_changed();
        }
        if readings.is_empty() {
            return true;
        }
        let (stored, done) = oneshot::channel();
        let batch = Batch {
            feed: Arc::clone(&self.name),
            readings,
            stored: Some(stored),
        };
        self.hub.ingest.send(batch).await.is_ok() && done.await.is_ok()
    }

    /// The readings of one message that are new enough.
    fn read(&self, publish: &Publish) -> Vec<Reading> {
        let now_ns = self.hub.now_ns();
        let reject = |reject: &Reject| self.hub.health.reject(&self.name, reject);
        let Ok(topic) = std::str::from_utf8(&publish.topic) else {
            reject(&Reject::new(Reason::Topic, "the topic is not UTF-8"));
            return Vec::new();
        };
        let message = Message {
            topic,
            payload: &publish.payload,
            received_ns: now_ns,
        };
        let mut parsed = self.parser.parse(&message);
        parsed.rejects.iter().for_each(reject);
        let keeps_from_ns = self.hub.store.keeps_from_ns(now_ns);
        parsed.readings.retain(|reading| {
            let kept = reading.phenomenon_time_ns >= keeps_from_ns;
            if !kept {
                let days = (now_ns - reading.phenomenon_time_ns) / (24 * HOUR_NS);
                let detail = format!("{} measured {days} days ago", reading.sensor);
                reject(&Reject::new(Reason::TooOld, detail));
            }
            kept
        });
        parsed.readings
    }

    /// The number of the datastream that a reading belongs to. Waits while the store fails, since a new number
    /// has to be kept first; `None` when the hub stops.
    async fn number(&self, reading: &Reading) -> Option<Result<(u32, bool), Reject>> {
        loop {
            let number = self.hub.registry.resolve(
                &self.hub.store,
                Source {
                    name: &self.name,
                    simulated: self.simulated,
                },
                reading,
            );
            match number {
                Ok(number) => return Some(number),
                Err(error) => {
                    tracing::error!("{error}");
                    self.hub.health.set_store_error(Some(error.to_string()));
                }
            }
            tokio::time::sleep(RETRY).await;
            if self.hub.stopping() {
                return None;
            }
        }
    }
}

const _: () = assert!(MAX_PAYLOAD_BYTES < MAX_PACKET_BYTES as usize);
