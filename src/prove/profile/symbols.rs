//! Which function of the guest program an instruction belongs to.

use std::sync::OnceLock;

/// Written by `guest/build.sh` beside the program, which has no symbols itself. Two lines of comment, the second of which is
/// the program's hash; then a function a line: first address, bytes, name, in the order of the addresses.
const TABLE: &str = include_str!("../../../guest/elf/symbols.txt");
/// Bytes of an instruction.
const WORD: u64 = 4;

/// A function of the guest, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Function(u16);

/// The functions of the built-in guest.
#[derive(Debug)]
pub(super) struct Symbols {
    names: Vec<&'static str>,
    /// Address of the first function.
    first: u64,
    /// The function of each instruction from there on.
    places: Vec<Function>,
}

impl Symbols {
    /// Those of the built-in guest.
    pub(super) fn guest() -> &'static Self {
        static SYMBOLS: OnceLock<Symbols> = OnceLock::new();
        SYMBOLS.get_or_init(|| Self::new(TABLE))
    }

    fn new(table: &'static str) -> Self {
        let line = |line: &'static str| {
            let (start, rest) = line.split_once(' ')?;
            let (bytes, name) = rest.split_once(' ')?;
            let hex = |digits| u64::from_str_radix(digits, 16).ok();
            Some((hex(start)?, hex(bytes)?, name))
        };
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let all: Vec<_> = lines.filter_map(line).collect();
        let first = all.first().map_or(0, |(start, ..)| *start);
        let ends = all.iter().skip(1).map(|(start, ..)| *start);
        // Code that has no bytes of its own, written in assembly, lasts until the next function.
        let end = all.last().map_or(0, |(start, bytes, _)| start + bytes);
        let mut places = Vec::new();
        for (number, ((start, ..), end)) in (0..).zip(all.iter().zip(ends.chain([end]))) {
            let words = end.saturating_sub(*start) / WORD;
            places.extend((0..words).map(|_| Function(number)));
        }
        Self {
            names: all.iter().map(|(.., name)| *name).collect(),
            first,
            places,
        }
    }

    /// The function that the instruction at `address` belongs to; the first one for what is no code.
    pub(super) fn at(&self, address: u64) -> Function {
        let word = address.wrapping_sub(self.first) / WORD;
        let place = usize::try_from(word)
            .ok()
            .and_then(|at| self.places.get(at));
        place.copied().unwrap_or(Function(0))
    }

    /// The function's path, without type parameters. Several functions can have the same.
    pub(super) fn name(&self, function: Function) -> &'static str {
        self.names[usize::from(function.0)]
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    /// What `of` says of each function, by its name.
    pub(super) fn each<T>(&self, of: impl Fn(&str) -> T) -> ByFunction<T> {
        ByFunction(self.names.iter().map(|name| of(name)).collect())
    }
}

/// Something about every function.
#[derive(Debug)]
pub(super) struct ByFunction<T>(Vec<T>);

impl<T: Copy> ByFunction<T> {
    pub(super) fn of(&self, function: Function) -> T {
        self.0[usize::from(function.0)]
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::hex;
    use revm::precompile::{Crypto as _, DefaultCrypto};

    use super::*;
    use crate::prove::Embedded;

    #[test]
    fn the_table_is_the_programs() {
        let hash = hex::encode(DefaultCrypto.sha256(Embedded::guest()));
        assert_eq!(TABLE.lines().nth(1), Some(format!("# {hash}").as_str()));
    }

    #[test]
    fn every_instruction_has_a_function() {
        let symbols = Symbols::guest();
        assert!(symbols.names.len() > 1000 && symbols.places.len() > 500_000);
        assert_eq!(symbols.name(symbols.at(symbols.first)), "_start");
        let lines: Vec<&str> = TABLE.lines().skip(2).collect();
        assert!(lines.is_sorted());
        assert_eq!(lines.len(), symbols.names.len());
        for line in lines {
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let start = u64::from_str_radix(words[0], 16).unwrap();
            assert_eq!(symbols.name(symbols.at(start)), words[2]);
        }
    }
}
