//! A part of the work, for one of several machines.

/// A part of a list: every `of`-th, beginning with the `part`-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    part: usize,
    of: usize,
}

/// `1/4`.
///
/// # Errors
/// Another form, or a part that is not there.
pub fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(part, of)| {
        let (part, of) = (part.parse().ok()?, of.parse().ok()?);
        (1..=of).contains(&part).then_some(Shard { part, of })
    });
    numbers.ok_or_else(|| "expected a part of so many, such as 1/4".into())
}

impl Shard {
    /// Its part of `all`.
    pub fn of<T: Copy>(self, all: &[T]) -> Vec<T> {
        let mine = |(index, _): &(usize, &T)| self.has(*index);
        let mine = all.iter().enumerate().filter(mine);
        mine.map(|(_, one)| *one).collect()
    }

    /// Whether what is at `index` belongs to it.
    pub const fn has(self, index: usize) -> bool {
        index % self.of == self.part - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_the_whole() {
        let all: Vec<u32> = (0..10).collect();
        let mut together: Vec<u32> = (1..=3)
            .flat_map(|part| Shard { part, of: 3 }.of(&all))
            .collect();
        together.sort_unstable();
        assert_eq!(together, all);
        assert_eq!(shard("2/3"), Ok(Shard { part: 2, of: 3 }));
        for wrong in ["0/3", "4/3", "3", "a/b", "1/0", "-1/3"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
