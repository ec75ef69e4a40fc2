//! Files dropped on the page. A page is given the bytes of what was dropped and nothing beside it;
//! of a folder it is given everything. Dropped files get addresses under [`BASE`], so that what a
//! tileset names beside itself resolves to what lies beside it in the folder.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DragEvent, File, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

use super::{Dropped, DroppedFile, FetchFailure, MAX_RESPONSE_BYTES};

/// Where dropped files seem to lie. No name under `.invalid` is ever on a network (RFC 2606).
const BASE: &str = "https://dropped.invalid/";

/// Files of one drop at most: the folder of a large city.
const MAX_FILES: usize = 200_000;
/// Folders inside folders.
const MAX_DEPTH: usize = 32;

thread_local! {
    /// Handles of dropped files by their address; their bytes stay where they are until read.
    static FILES: RefCell<HashMap<String, File>> = RefCell::default();
}

/// The bytes of a dropped file; `None` for an address elsewhere.
pub(super) async fn dropped(url: &str) -> Option<Result<Vec<u8>, FetchFailure>> {
    if !url.starts_with(BASE) {
        return None;
    }
    let bare = url.split(['?', '#']).next().unwrap_or(url);
    let file = FILES.with_borrow(|files| files.get(bare).cloned());
    let Some(file) = file else {
        return Some(Err(FetchFailure::Status(404)));
    };
    if file.size() > MAX_RESPONSE_BYTES as f64 {
        return Some(Err(FetchFailure::TooLarge(MAX_RESPONSE_BYTES)));
    }
    let read = JsFuture::from(file.array_buffer()).await;
    Some(
        read.map(|buffer| Uint8Array::new(&buffer).to_vec())
            .map_err(|_| {
                FetchFailure::Network(
                    "the dropped file cannot be read any more; drop it again".into(),
                )
            }),
    )
}

/// Listens for files dropped anywhere on the page.
pub struct DropZone {
    inbox: Rc<RefCell<Vec<Dropped>>>,
    _handlers: Vec<Closure<dyn FnMut(DragEvent)>>,
}

impl Default for DropZone {
    fn default() -> Self {
        Self::new()
    }
}

impl DropZone {
    /// Starts to listen.
    #[must_use]
    pub fn new() -> Self {
        let inbox: Rc<RefCell<Vec<Dropped>>> = Rc::default();
        // Without this the browser opens the file in place of the page.
        let over = Closure::<dyn FnMut(DragEvent)>::new(|event: DragEvent| {
            event.prevent_default();
        });
        let (outbox, mut drops) = (inbox.clone(), 0u32);
        let drop = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
            event.prevent_default();
            drops += 1;
            let entries = entries_of(&event);
            let outbox = outbox.clone();
            let base = format!("{BASE}{drops}/");
            spawn_local(async move {
                let dropped = read(entries, &base).await;
                outbox.borrow_mut().push(dropped);
            });
        });
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            for (name, handler) in [("dragover", &over), ("drop", &drop)] {
                let function = handler.as_ref().unchecked_ref();
                if let Err(error) = document.add_event_listener_with_callback(name, function) {
                    tracing::error!("files cannot be dropped on this page: {error:?}");
                }
            }
        }
        Self {
            inbox,
            _handlers: vec![over, drop],
        }
    }

    /// What was dropped since the last call.
    pub fn poll(&mut self) -> Vec<Dropped> {
        std::mem::take(&mut *self.inbox.borrow_mut())
    }
}

/// What was dropped. Must be asked for while the event is handled; afterwards it is gone.
fn entries_of(event: &DragEvent) -> Vec<Entry> {
    let Some(transfer) = event.data_transfer() else {
        return Vec::new();
    };
    let items = transfer.items();
    (0..items.length())
        .filter_map(|index| items.get(index))
        .filter_map(|item| match item.webkit_get_as_entry() {
            Ok(Some(entry)) => Some(Entry::Tree(entry)),
            _ => item.get_as_file().ok().flatten().map(Entry::File),
        })
        .collect()
}

enum Entry {
    Tree(FileSystemEntry),
    File(File),
}

async fn read(entries: Vec<Entry>, base: &str) -> Dropped {
    let mut out = Dropped {
        lone: entries.iter().all(|entry| match entry {
            Entry::Tree(entry) => !entry.is_directory(),
            Entry::File(_) => true,
        }),
        ..Dropped::default()
    };
    let mut open: Vec<(String, usize, Entry)> = entries
        .into_iter()
        .map(|entry| (String::new(), 0, entry))
        .collect();
    while let Some((folder, depth, entry)) = open.pop() {
        if out.files.len() >= MAX_FILES || depth > MAX_DEPTH {
            out.problem = Some(format!(
                "the dropped folder has more than {MAX_FILES} files or {MAX_DEPTH} levels; the rest is left out"
            ));
            break;
        }
        let entry = match entry {
            Entry::File(file) => {
                keep(&mut out, base, &folder, &file);
                continue;
            }
            Entry::Tree(entry) => entry,
        };
        let path = format!("{folder}{}", entry.name());
        let result = if entry.is_directory() {
            children(entry.unchecked_ref()).await.map(|children| {
                open.extend(
                    children
                        .into_iter()
                        .map(|child| (format!("{path}/"), depth + 1, Entry::Tree(child))),
                );
            })
        } else {
            file_of(entry.unchecked_ref())
                .await
                .map(|file| keep(&mut out, base, &folder, &file))
        };
        if result.is_err() {
            out.problem = Some(format!("{path} cannot be read"));
        }
    }
    out.files.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

fn keep(out: &mut Dropped, base: &str, folder: &str, file: &File) {
    let path = format!("{folder}{}", file.name());
    // As a tileset's reader will write it when it joins addresses.
    let mut url = match url::Url::parse(base) {
        Ok(url) => url,
        Err(_) => return,
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    let url = String::from(url);
    FILES.with_borrow_mut(|files| files.insert(url.clone(), file.clone()));
    out.files.push(DroppedFile { path, url });
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let promise = Promise::new(&mut |done, failed| {
        entry.file_with_callback_and_callback(&done, &failed);
    });
    JsFuture::from(promise).await?.dyn_into()
}

/// A folder's entries. The browser gives them in batches, an empty one at the end.
async fn children(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut out = Vec::new();
    while out.len() < MAX_FILES {
        let mut refused = None;
        let promise = Promise::new(&mut |done, failed| {
            refused = reader
                .read_entries_with_callback_and_callback(&done, &failed)
                .err();
        });
        if let Some(error) = refused {
            return Err(error);
        }
        let batch: Array = JsFuture::from(promise).await?.dyn_into()?;
        if batch.length() == 0 {
            break;
        }
        out.extend(
            batch
                .iter()
                .filter_map(|entry| entry.dyn_into::<FileSystemEntry>().ok()),
        );
    }
    Ok(out)
}
