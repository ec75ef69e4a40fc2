//! Reading from a test runner's output how many tests passed, and which failed.

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Not run.
    pub skipped: usize,
}

impl Count {
    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The counts and the names of the failed tests, from cargo test, cargo nextest or node --test.
pub fn read(output: &str) -> (Count, Vec<String>) {
    let mut count = Count::default();
    let mut failures = Vec::new();
    for line in output.lines().map(str::trim) {
        if let Some(result) = line.strip_prefix("test result:") {
            count.add(Count {
                passed: number_before(result, "passed"),
                failed: number_before(result, "failed"),
                skipped: number_before(result, "ignored"),
            });
        } else if line.starts_with("Summary [") {
            count.add(Count {
                passed: number_before(line, "passed"),
                failed: number_before(line, "failed") + number_before(line, "timed out"),
                skipped: number_before(line, "skipped"),
            });
        } else if let Some(number) = line.strip_prefix("# pass ") {
            count.passed += number.parse().unwrap_or(0);
        } else if let Some(number) = line.strip_prefix("# fail ") {
            count.failed += number.parse().unwrap_or(0);
        } else if let Some(number) = line.strip_prefix("# skipped ") {
            count.skipped += number.parse().unwrap_or(0);
        } else if let Some(name) = failed_name(line)
            && !failures.contains(&name)
        {
            failures.push(name);
        }
    }
    (count, failures)
}

fn failed_name(line: &str) -> Option<String> {
    // cargo test: `test a::b ... FAILED`
    if let Some(test) = line.strip_prefix("test ") {
        return test.strip_suffix(" ... FAILED").map(str::to_owned);
    }
    // cargo nextest: `FAIL [   0.005s] (1/3) city_geo tests::name`, and TIMEOUT, SIGABRT ...
    for word in ["FAIL", "TIMEOUT", "SIGABRT", "SIGSEGV", "SIGKILL"] {
        if let Some(rest) = line.strip_prefix(word) {
            let (_, test) = rest.trim_start().strip_prefix('[')?.split_once(']')?;
            return Some(test.trim().to_owned());
        }
    }
    // node --test, in TAP: `not ok 3 - name`
    let (_, name) = line.strip_prefix("not ok ")?.split_once(" - ")?;
    Some(name.to_owned())
}

/// `12 passed (1 slow), 3 failed` and "failed" -> 3; 0 when the word is not there.
fn number_before(text: &str, word: &str) -> usize {
    let Some(position) = text.find(word) else {
        return 0;
    };
    let before = text.get(..position).unwrap_or_default();
    let number = before.trim_end().rsplit([' ', ',', ':']).next();
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_test() {
        let output = "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\n\
            test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: ok. 10 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (count, failures) = read(output);
        assert_eq!(
            count,
            Count {
                passed: 11,
                failed: 1,
                skipped: 1
            }
        );
        assert_eq!(failures, ["a::c"]);
    }

    #[test]
    fn cargo_nextest() {
        let output = "        PASS [   0.005s] (1/3) xtask tests::a\n        \
            FAIL [   0.006s] (2/3) xtask tests::b\n     \
            Summary [   0.010s] 3 tests run: 1 passed (1 slow), 1 failed, 1 timed out, 2 skipped\n        \
            FAIL [   0.006s] (2/3) xtask tests::b\n";
        let (count, failures) = read(output);
        assert_eq!(
            count,
            Count {
                passed: 1,
                failed: 2,
                skipped: 2
            }
        );
        assert_eq!(failures, ["(2/3) xtask tests::b"]);
    }

    #[test]
    fn node_test() {
        let output = "TAP version 13\nok 1 - a\nnot ok 2 - canvas draws\n# tests 2\n# pass 1\n# fail 1\n# skipped 0\n";
        let (count, failures) = read(output);
        assert_eq!(
            count,
            Count {
                passed: 1,
                failed: 1,
                skipped: 0
            }
        );
        assert_eq!(failures, ["canvas draws"]);
    }
}
