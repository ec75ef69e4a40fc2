//! What came out of the steps, for people.

use std::path::Path;
use std::time::Duration;

use super::count::Count;

/// How a step ended.
pub enum State {
    /// It ran; some of its checks may have failed.
    Ran {
        /// How many checks.
        count: Count,
        /// The names of those that failed, or what went wrong.
        failures: Vec<String>,
    },
    /// It had nothing to do, or could not; why.
    Skipped(String),
}

impl State {
    /// A step that is a single check, and passed.
    pub fn passed() -> Self {
        Self::Ran {
            count: Count {
                passed: 1,
                failed: 0,
                skipped: 0,
            },
            failures: Vec::new(),
        }
    }

    /// A step that is a single check, and failed.
    pub fn broken(why: String) -> Self {
        Self::Ran {
            count: Count {
                passed: 0,
                failed: 1,
                skipped: 0,
            },
            failures: vec![why],
        }
    }
}

/// One step's line in the table.
pub struct Report {
    /// The step.
    pub key: &'static str,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub state: State,
}

impl Report {
    /// How many checks failed.
    pub fn failed(&self) -> usize {
        match &self.state {
            State::Ran { count, .. } => count.failed,
            State::Skipped(_) => 0,
        }
    }
}

/// Prints the table, what failed, and the line that sums it up.
pub fn print(reports: &[Report], logs: &Path) {
    println!(
        "\n{:<12} {:>8} {:>7} {:>7}",
        "step", "time", "passed", "failed"
    );
    let mut total = Count::default();
    let mut time = Duration::ZERO;
    for report in reports {
        time += report.duration;
        let clock = clock(report.duration);
        match &report.state {
            State::Ran { count, .. } => {
                total.add(*count);
                let skipped = match count.skipped {
                    0 => String::new(),
                    skipped => format!("   ({skipped} skipped)"),
                };
                println!(
                    "{:<12} {clock:>8} {:>7} {:>7}{skipped}",
                    report.key, count.passed, count.failed
                );
            }
            State::Skipped(why) => println!("{:<12} {clock:>8} skipped: {why}", report.key),
        }
    }
    println!("{:<12} {:>8}", "together", clock(time));
    for report in reports.iter().filter(|report| report.failed() > 0) {
        let log = logs.join(format!("{}.log", report.key));
        println!("\nfailed in {} (log: {}):", report.key, log.display());
        if let State::Ran { failures, .. } = &report.state {
            for failure in failures {
                println!("  {failure}");
            }
        }
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
}

fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(0)), "0:00");
        assert_eq!(clock(Duration::from_secs(3671)), "61:11");
    }
}
