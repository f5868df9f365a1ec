//! The schedules that every copy of the tool knows by name.

use std::sync::LazyLock;

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

/// Today's mainnet prices.
pub fn osaka() -> Schedule {
    static OSAKA: LazyLock<Schedule> = LazyLock::new(|| {
        load("osaka", &NoFiles, &Options::default())
            .plan
            .map_or_else(|| Schedule::new("osaka", Fork::Osaka), |plan| plan.schedule)
    });
    OSAKA.clone()
}

/// A reader with nothing to read: what built-ins need.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}` here"))
    }
}
