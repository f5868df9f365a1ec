//! Schedules: reading any text ends with diagnostics that point into it, and formatting changes nothing of what it means.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reprice_fuzz::{files, sow};
use reprice_language::{
    diag::Severity,
    lang::{Files, Loaded, Options, format, load},
};

/// One file, which every path leads to.
struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, _path: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

fn read(text: &str) -> Loaded {
    let loaded = load("a.gas", &One(text), &Options::default());
    let failed = loaded
        .diagnostics
        .iter()
        .any(|d| d.severity == Severity::Error);
    assert_eq!(loaded.plan.is_none(), failed);
    for label in loaded.diagnostics.iter().filter_map(|d| d.place()) {
        let source = loaded
            .sources
            .get(label.file)
            .expect("a place is in a file");
        assert!(source.text.get(label.span.clone()).is_some());
    }
    for fix in loaded.diagnostics.iter().filter_map(|d| d.fix.as_ref()) {
        let source = loaded.sources.get(fix.file).expect("a fix is for a file");
        assert!(source.text.get(fix.span.clone()).is_some());
    }
    loaded
}

/// The plan without its places, and what was found.
fn meaning(text: &str) -> (String, Vec<(&'static str, String)>) {
    let loaded = read(text);
    let plan = loaded
        .plan
        .map_or_else(String::new, |plan| format!("{plan:#?}"));
    let place = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("line: ") && !line.starts_with("span: ")
    };
    let plan = plan.lines().filter(place).collect();
    let found = loaded.diagnostics.into_iter();
    (plan, found.map(|d| (d.code, d.message)).collect())
}

fuzz_target!(
    init: sow("language", files(&["schedules", "fixtures"], "gas")),
    |text: &str| {
        match format("a.gas", text) {
            Ok(once) if once != text => {
                assert_eq!(format("a.gas", &once).ok().as_ref(), Some(&once));
                assert_eq!(meaning(text), meaning(&once));
            }
            _ => {
                read(text);
            }
        }
    }
);
