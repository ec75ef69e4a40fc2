//! Work on all processors, with results in the order of the input.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads to use: the machine's, at most 8.
#[must_use]
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().min(8))
}

/// Applies `f` to every item; the result does not depend on the thread count.
pub fn map<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads().min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = f(item);
                    // Poisoning means that another worker panicked; the scope
                    // passes that panic on.
                    if let Ok(mut done) = done.lock() {
                        done.push((index, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Like [`map`], and tells the calling thread after every finished item how many
/// are done.
pub fn map_told<T: Sync, R: Send>(
    items: &[T],
    f: impl Fn(&T) -> R + Sync,
    told: &mut dyn FnMut(usize),
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut done = Vec::with_capacity(items.len());
    std::thread::scope(|scope| {
        for _ in 0..threads().min(items.len()) {
            let sender = sender.clone();
            let (next, f) = (&next, &f);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    if sender.send((index, f(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for finished in receiver {
            done.push(finished);
            told(done.len());
        }
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_the_order_of_the_input() {
        let items: Vec<u32> = (0..1000).collect();
        let squares = super::map(&items, |i| i * i);
        assert!(
            squares
                .iter()
                .enumerate()
                .all(|(i, s)| (i * i) as u32 == *s)
        );
        assert!(super::map(&[], |i: &u32| *i).is_empty());
        let mut last = 0;
        let told = super::map_told(&items, |i| i * i, &mut |n| last = n);
        assert_eq!((told, last), (squares, 1000));
    }
}
