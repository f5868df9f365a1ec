//! The schedules that every copy of the tool knows by name.

use std::sync::LazyLock;

use crate::gas::{Fork, Schedule};

use super::{Files, Options, load};

/// Names and texts, oldest fork first.
const BUILT_IN: &[(&str, &str)] = &[
    ("prague", include_str!("../../schedules/prague.gas")),
    ("osaka", include_str!("../../schedules/osaka.gas")),
    ("amsterdam", include_str!("../../schedules/amsterdam.gas")),
];

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
    static PRAGUE: LazyLock<Schedule> = LazyLock::new(|| read(Fork::Prague));
    static OSAKA: LazyLock<Schedule> = LazyLock::new(|| read(Fork::Osaka));
    static AMSTERDAM: LazyLock<Schedule> = LazyLock::new(|| read(Fork::Amsterdam));
    match fork {
        Fork::Prague => &PRAGUE,
        Fork::Osaka => &OSAKA,
        Fork::Amsterdam => &AMSTERDAM,
    }
}

fn read(fork: Fork) -> Schedule {
    let plan = load(fork.name(), &NoFiles, &Options::default()).plan;
    plan.expect("a built-in schedule has no findings").schedule
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
