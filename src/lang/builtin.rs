//! The schedules that every copy of the tool knows by name.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::gas::{Fork, Schedule};

use super::{Files, Options, load};

/// Names and texts, oldest fork first.
const BUILT_IN: &[(&str, &str)] = &[("osaka", include_str!("../../schedules/osaka.gas"))];

/// The text of a built-in schedule.
pub fn builtin(name: &str) -> Option<&'static str> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(text)
}

/// The names of the built-in schedules, oldest fork first.
pub fn builtins() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The prices of a fork.
pub fn schedule(fork: Fork) -> &'static Schedule {
    static ALL: LazyLock<BTreeMap<Fork, Schedule>> = LazyLock::new(|| {
        let read = |fork: &Fork| {
            let plan = load(fork.name(), &NoFiles, &Options::default()).plan;
            let plan = plan.expect("a built-in schedule has no findings");
            (*fork, plan.schedule)
        };
        Fork::ALL.iter().map(read).collect()
    });
    &ALL[&fork]
}

/// Today's mainnet prices.
pub fn osaka() -> Schedule {
    schedule(Fork::Osaka).clone()
}

/// A reader with nothing to read: what built-ins need.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}` here"))
    }
}
