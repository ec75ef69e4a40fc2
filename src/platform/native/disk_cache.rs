//! Answers of servers, kept on disk between starts: the second visit fetches what has changed, and a start without a
//! network shows what was seen before.
//!
//! What may be kept, for how long, and how to ask whether it still holds is RFC 9111, by `http_cache_semantics`. Every
//! answer is a file of its own, written aside and then renamed, so that several programs share a folder; a checksum finds
//! files that the disk has damaged. When the folder is too large, what was not used for longest goes.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use http_cache_semantics::{AfterResponse, BeforeRequest, CacheOptions, CachePolicy};
use serde::{Deserialize, Serialize};
use ureq::http::{Request, Response};

/// Whether answers are kept, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheChoice {
    /// In the user's cache directory; what this machine serves itself is not kept.
    #[default]
    User,
    /// In this directory, whatever its origin.
    Directory(PathBuf),
    /// Nothing is kept or read.
    Off,
}

/// Most bytes of all answers together, unless `BELVEDERE_CACHE_MB` says otherwise.
const MAX_BYTES: u64 = 2 << 30;

/// The folder of kept answers.
pub(super) struct DiskCache {
    folder: PathBuf,
    keeps_loopback: bool,
    max_bytes: u64,
    /// Bytes on disk; counted at the first write.
    bytes: Mutex<Option<u64>>,
}

/// A kept answer.
pub(super) struct Entry {
    policy: CachePolicy,
    pub body: Vec<u8>,
}

/// What the folder has for a request.
pub(super) enum Found {
    /// It holds without asking.
    Fresh(Entry),
    /// Ask with these headers whether it still holds.
    Stale(Box<Request<()>>, Entry),
    /// Nothing.
    Absent,
}

#[derive(Serialize, Deserialize)]
struct Head {
    url: String,
    policy: CachePolicy,
    length: u64,
    crc32: u32,
}

impl DiskCache {
    /// The folder of a choice; none where nothing is kept.
    pub fn open(choice: &CacheChoice) -> Option<Self> {
        let megabytes = std::env::var("BELVEDERE_CACHE_MB").ok();
        let max_bytes = megabytes
            .and_then(|text| text.parse::<u64>().ok())
            .map_or(MAX_BYTES, |megabytes| megabytes << 20);
        let (folder, keeps_loopback) = match choice {
            CacheChoice::Off => return None,
            CacheChoice::Directory(folder) => (folder.clone(), true),
            CacheChoice::User => (user_folder()?, false),
        };
        (max_bytes > 0).then_some(Self {
            folder,
            keeps_loopback,
            max_bytes,
            bytes: Mutex::new(None),
        })
    }

    /// Whether answers from there are kept.
    pub fn covers(&self, url: &str) -> bool {
        let Ok(url) = url::Url::parse(url) else {
            return false;
        };
        let is_loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return false,
        };
        self.keeps_loopback || !is_loopback
    }

    /// What is kept for a request. A damaged file counts as nothing and is removed.
    pub fn look(&self, request: &Request<()>) -> Found {
        let url = request.uri().to_string();
        let Some(entry) = self.read(&url) else {
            return Found::Absent;
        };
        match entry.policy.before_request(request, SystemTime::now()) {
            BeforeRequest::Fresh(_) => Found::Fresh(entry),
            BeforeRequest::Stale { request, matches } => {
                let mut asking = Request::new(());
                *asking.uri_mut() = request.uri;
                *asking.headers_mut() = request.headers;
                if matches {
                    Found::Stale(Box::new(asking), entry)
                } else {
                    Found::Absent
                }
            }
        }
    }

    /// Keeps an answer, if its server allows it.
    pub fn keep(&self, request: &Request<()>, answer: &Response<()>, body: &[u8]) {
        let policy = CachePolicy::new_options(request, answer, SystemTime::now(), options());
        // What is neither fresh for a while nor can be asked about is of no use later.
        let is_useful = policy.is_storable()
            && (!policy.time_to_live(SystemTime::now()).is_zero()
                || answer.headers().contains_key("etag")
                || answer.headers().contains_key("last-modified"));
        if is_useful {
            self.write(&request.uri().to_string(), policy, body);
        }
    }

    /// The server said that an entry still holds (304): its headers are renewed.
    pub fn renew(&self, asked: &Request<()>, answer: &Response<()>, entry: &Entry) {
        let after = entry
            .policy
            .after_response(asked, answer, SystemTime::now());
        if let AfterResponse::NotModified(policy, _) = after {
            self.write(&asked.uri().to_string(), policy, &entry.body);
        }
    }

    fn path(&self, url: &str) -> PathBuf {
        // FNV-1a, 64 bits: names only; the address inside the file decides.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in url.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let name = format!("{hash:016x}");
        let (folder, rest) = name.split_at(2);
        self.folder.join(folder).join(rest)
    }

    fn read(&self, url: &str) -> Option<Entry> {
        let path = self.path(url);
        let bytes = std::fs::read(&path).ok()?;
        let entry = parse(&bytes, url);
        if entry.is_none() {
            tracing::warn!(
                "{}: a kept answer is damaged; it is fetched anew",
                path.display()
            );
            // Another program may have removed it already.
            let _ = std::fs::remove_file(&path);
            return None;
        }
        // The time of the file says when it was last of use.
        if let Ok(file) = std::fs::File::options().append(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        entry
    }

    fn write(&self, url: &str, policy: CachePolicy, body: &[u8]) {
        let path = self.path(url);
        let head = Head {
            url: url.to_owned(),
            policy,
            length: body.len() as u64,
            crc32: crc32fast::hash(body),
        };
        let written = serde_json::to_vec(&head)
            .map_err(std::io::Error::other)
            .and_then(|mut bytes| {
                bytes.push(b'\n');
                bytes.extend_from_slice(body);
                let before = std::fs::metadata(&path).map_or(0, |old| old.len());
                write_whole(&path, &bytes)?;
                Ok((before, bytes.len() as u64))
            });
        match written {
            Ok((before, after)) => self.count(before, after),
            // A full disk must not stop the city.
            Err(error) => tracing::debug!("{}: {error}", path.display()),
        }
    }

    fn count(&self, before: u64, after: u64) {
        let Ok(mut bytes) = self.bytes.lock() else {
            return;
        };
        let total = match *bytes {
            Some(total) => (total + after).saturating_sub(before),
            None => files(&self.folder).iter().map(|file| file.bytes).sum(),
        };
        *bytes = Some(if total > self.max_bytes {
            self.shrink()
        } else {
            total
        });
    }

    /// Removes what was not used for longest, down to nine tenths of the limit; returns what is left, in bytes.
    fn shrink(&self) -> u64 {
        let mut all = files(&self.folder);
        all.sort_by_key(|file| file.used);
        let mut total: u64 = all.iter().map(|file| file.bytes).sum();
        for file in all {
            if total <= self.max_bytes / 10 * 9 {
                break;
            }
            if std::fs::remove_file(&file.path).is_ok() {
                total -= file.bytes;
            }
        }
        total
    }
}

/// A viewer is a cache of one person.
fn options() -> CacheOptions {
    CacheOptions {
        shared: false,
        ..CacheOptions::default()
    }
}

fn parse(bytes: &[u8], url: &str) -> Option<Entry> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(bytes.get(..end)?).ok()?;
    let body = bytes.get(end + 1..)?;
    let is_whole = head.length == body.len() as u64 && head.crc32 == crc32fast::hash(body);
    (is_whole && head.url == url).then(|| Entry {
        policy: head.policy,
        body: body.to_vec(),
    })
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // By process and thread: several write the same answer at times.
    let name = format!(
        "{}-{:?}.part",
        std::process::id(),
        std::thread::current().id()
    );
    let unfinished = path.with_extension(name);
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, path)
}

struct Kept {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

fn files(folder: &Path) -> Vec<Kept> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder)
        .flat_map(|folder| entries(&folder.path()))
        .filter_map(|file| {
            let about = file.metadata().ok()?;
            Some(Kept {
                path: file.path(),
                bytes: about.len(),
                used: about.modified().ok()?,
            })
        })
        .collect()
}

fn user_folder() -> Option<PathBuf> {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from)
    };
    let folder = if cfg!(windows) {
        named("LOCALAPPDATA")?
    } else if let Some(folder) = named("XDG_CACHE_HOME") {
        folder
    } else if cfg!(target_os = "macos") {
        named("HOME")?.join("Library/Caches")
    } else {
        named("HOME")?.join(".cache")
    };
    Some(folder.join("belvedere").join("answers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, max_bytes: u64) -> DiskCache {
        DiskCache {
            folder: folder.to_owned(),
            keeps_loopback: true,
            max_bytes,
            bytes: Mutex::new(None),
        }
    }

    fn request(url: &str) -> Request<()> {
        Request::get(url).body(()).unwrap()
    }

    fn answer(headers: &[(&str, &str)]) -> Response<()> {
        let mut answer = Response::builder().status(200);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        answer.body(()).unwrap()
    }

    #[test]
    fn what_a_server_allows_is_kept_and_what_it_forbids_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1 << 20);
        let keep = |name: &str, headers: &[(&str, &str)]| {
            let request = request(&format!("http://tiles.example/{name}"));
            cache.keep(&request, &answer(headers), name.as_bytes());
            cache.look(&request)
        };
        let found = keep("fresh", &[("cache-control", "max-age=60")]);
        assert!(matches!(found, Found::Fresh(entry) if entry.body == b"fresh"));
        let found = keep("asked", &[("cache-control", "no-cache"), ("etag", "\"7\"")]);
        let Found::Stale(asking, entry) = found else {
            panic!()
        };
        assert_eq!(asking.headers()["if-none-match"], "\"7\"");
        assert_eq!(entry.body, b"asked");
        assert!(matches!(
            keep("secret", &[("cache-control", "no-store")]),
            Found::Absent
        ));
        assert!(matches!(keep("useless", &[]), Found::Absent));

        // Still the same, says the server, for the next minute.
        let still = Response::builder()
            .status(304)
            .header("etag", "\"7\"")
            .header("cache-control", "max-age=60")
            .body(())
            .unwrap();
        cache.renew(&asking, &still, &entry);
        let again = cache.look(&request("http://tiles.example/asked"));
        assert!(matches!(again, Found::Fresh(entry) if entry.body == b"asked"));
    }

    #[test]
    fn a_damaged_file_is_noticed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1 << 20);
        let request = request("http://tiles.example/a.glb");
        cache.keep(
            &request,
            &answer(&[("cache-control", "max-age=60")]),
            &[7; 100],
        );
        let path = cache.path("http://tiles.example/a.glb");
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(cache.look(&request), Found::Absent));
        assert!(!path.exists());
    }

    #[test]
    fn the_folder_stays_below_its_limit_and_what_is_used_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 100_000);
        let url = |index: u32| format!("http://tiles.example/{index}.glb");
        for index in 0..40 {
            let request = request(&url(index));
            cache.keep(
                &request,
                &answer(&[("cache-control", "max-age=60")]),
                &[0; 8_000],
            );
            // The first one is looked at all the time.
            assert!(matches!(
                cache.look(&self::request(&url(0))),
                Found::Fresh(_)
            ));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let total: u64 = files(folder.path()).iter().map(|file| file.bytes).sum();
        assert!(total <= 100_000 && total > 60_000, "{total}");
        assert!(matches!(cache.look(&request(&url(39))), Found::Fresh(_)));
        assert!(matches!(cache.look(&request(&url(1))), Found::Absent));
    }

    #[test]
    fn what_this_machine_serves_is_not_kept_twice() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = cache(folder.path(), 1);
        assert!(cache.covers("http://127.0.0.1:80/a"));
        cache.keeps_loopback = false;
        for url in [
            "http://127.0.0.1:80/a",
            "http://localhost/a",
            "http://[::1]/a",
            "a/b",
            "file:///a",
        ] {
            assert!(!cache.covers(url), "{url}");
        }
        assert!(cache.covers("https://tiles.example/a"));
    }
}
