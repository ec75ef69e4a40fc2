//! A small HTTP server whose answers a test writes itself, also those that no real server would give.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// A request as the server sees it.
pub struct Seen {
    /// Path and query, as they were sent.
    pub target: String,
    pub path: String,
    pub query: HashMap<String, String>,
    /// By name in lower case.
    pub headers: HashMap<String, String>,
}

/// Serves on a free port until the test's process ends, each connection in a thread, and gives the address.
pub fn serve(
    answer: impl Fn(&Seen, &mut TcpStream) -> std::io::Result<()> + Clone + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A viewer that hangs up is no failure of the server.
            std::thread::spawn(move || answer(&read(&stream)?, &mut stream));
        }
    });
    base
}

fn read(stream: &TcpStream) -> std::io::Result<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split_whitespace().nth(1).unwrap_or_default();
    let url = url::Url::parse(&format!("http://x{target}")).unwrap();
    let mut headers = HashMap::new();
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        if let Some((name, value)) = header.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        header.clear();
    }
    Ok(Seen {
        target: target.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
    })
}

/// The head of an answer; `more` are whole lines of headers.
pub fn head(status: u16, length: u64, more: &str) -> String {
    format!("HTTP/1.1 {status} -\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n")
}

/// A whole answer.
pub fn send(stream: &mut TcpStream, status: u16, more: &str, body: &[u8]) -> std::io::Result<()> {
    stream.write_all(head(status, body.len() as u64, more).as_bytes())?;
    stream.write_all(body)
}
