//! Benchmarks of execution-spec-tests, and what does their work here.

use serde::Deserialize;
use std::sync::LazyLock;

use super::{Scenario, ScenarioError, scenarios};

/// One benchmark of execution-spec-tests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// Below `tests/benchmark`.
    pub file: String,
    /// The test's function.
    pub function: String,
    /// Patterns of the scenarios that do its work; `*` stands for anything.
    #[serde(default)]
    pub scenarios: Vec<String>,
    /// Why none does.
    pub why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    benchmark: Vec<Covered>,
}

const COVERAGE: &str = include_str!("../../../fixtures/scenarios/coverage.toml");

static BENCHMARKS: LazyLock<Vec<Covered>> =
    LazyLock::new(|| read(COVERAGE).expect("the embedded table is read by a test"));

fn read(text: &str) -> Result<Vec<Covered>, ScenarioError> {
    let file: File = toml::from_str(text).map_err(|error| ScenarioError::Shape {
        file: "coverage".to_owned(),
        message: error.to_string(),
    })?;
    Ok(file.benchmark)
}

/// Every benchmark of execution-spec-tests that is known.
pub fn coverage() -> &'static [Covered] {
    &BENCHMARKS
}

impl Covered {
    /// The scenarios that do its work.
    pub fn matching(&self) -> impl Iterator<Item = &'static Scenario> + '_ {
        let wanted = |scenario: &&Scenario| self.scenarios.iter().any(|p| matches(p, &scenario.id));
        scenarios().iter().filter(wanted)
    }
}

/// Whether `text` is what `pattern` says, `*` standing for any run of characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| matches(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_benchmark_has_scenarios_or_a_reason() {
        let all = read(COVERAGE).unwrap();
        assert!(all.len() >= 130);
        for one in &all {
            let name = format!("{}::{}", one.file, one.function);
            assert_ne!(one.scenarios.is_empty(), one.why.is_none(), "{name}");
            for pattern in &one.scenarios {
                let any = scenarios().iter().any(|s| matches(pattern, &s.id));
                assert!(any, "{name}: no scenario matches {pattern}");
            }
        }
    }

    #[test]
    fn the_published_list_is_covered() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .join("../shared/data/eest_benchmarks.csv");
        let Ok(list) = fs::read_to_string(&path) else {
            eprintln!("skipped: no {}", path.display());
            return;
        };
        let known: BTreeSet<(String, &str)> = coverage()
            .iter()
            .map(|one| (format!("tests/benchmark/{}", one.file), &*one.function))
            .collect();
        let mut rows = 0;
        for row in list.lines().skip(1) {
            let mut columns = row.splitn(3, ',');
            let (Some(file), Some(function)) = (columns.next(), columns.next()) else {
                continue;
            };
            rows += 1;
            let row = (file.to_owned(), function);
            assert!(known.contains(&row), "{row:?} is not in coverage.toml");
        }
        assert!(rows >= 130, "{rows}");
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, yes) in [
            ("mulmod/*", "mulmod/255-bit", true),
            ("mulmod/*", "addmod/255-bit", false),
            ("*bit*", "mulmod/255-bit", true),
            ("*", "", true),
            ("mulmod", "mulmod/255-bit", false),
            ("m*d/*5-bit", "mulmod/255-bit", true),
        ] {
            assert_eq!(matches(pattern, text), yes, "{pattern} {text}");
        }
    }
}
