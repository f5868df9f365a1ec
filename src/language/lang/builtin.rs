//! The schedules of the forks, each read once.

use std::sync::LazyLock;

use crate::gas::{Fork, Schedule};

use super::loader::fork_prices;

/// The prices of a fork.
pub fn schedule(fork: Fork) -> &'static Schedule {
    static PRAGUE: LazyLock<Schedule> = LazyLock::new(|| fork_prices(Fork::Prague));
    static OSAKA: LazyLock<Schedule> = LazyLock::new(|| fork_prices(Fork::Osaka));
    static AMSTERDAM: LazyLock<Schedule> = LazyLock::new(|| fork_prices(Fork::Amsterdam));
    match fork {
        Fork::Prague => &PRAGUE,
        Fork::Osaka => &OSAKA,
        Fork::Amsterdam => &AMSTERDAM,
    }
}

/// Today's mainnet prices.
pub fn osaka() -> Schedule {
    schedule(Fork::Osaka).clone()
}
