//! Blocks under a schedule: [`evm`] executes and counts, [`bench`](mod@bench) regenerates scenarios' blocks, and [`eest`] reads
//! those of others.

pub mod bench;
pub mod eest;
pub mod evm;

use reprice_language::{gas, lang};
