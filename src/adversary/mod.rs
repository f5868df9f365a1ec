//! The adversary of a proposal: looks for blocks that cost more by their gas than any scenario does.
//!
//! A `Genome` is the work of a block as data: steps on a stack, calls with their inputs, a series of
//! accounts or slots, the shape of transactions. Genomes are bred from the obvious ones of every operation, tried in small
//! blocks under the prices given, and the dearest of each operation are changed further. What is found is a scenario, in the
//! text that files of scenarios have.
//!
//! Invariants: a genome that is sound (`breeding::is_sound`) never underflows or overflows its stack; the seed and the number
//! of tries decide what is found, whatever the machine.

mod attack;
mod breeding;
mod envelope;
mod genes;
mod genome;
mod hunt;
mod keyed;
mod precompiles;
mod program;
#[cfg(test)]
mod tests;

pub use attack::{Attack, AttackError, Spoils, Worse, s_per_gas};
pub use hunt::Hunt;
