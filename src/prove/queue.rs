//! In which order blocks are run.
//!
//! Where time is measured, repeats of a block are spread over the campaign and shuffled, so that a machine that gets slower
//! or warmer does so for all of them. The last pass begins with what is expected to take longest, so that no server is left
//! alone with a long block at the end.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use super::{BlockId, Cost, Execution, Failure, Measurement, stop::CampaignError};
use crate::{bench::BenchBlock, store::Key};

/// One run of one block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Job {
    /// Which of the blocks.
    pub at: usize,
    /// Which of its repeats.
    pub pass: u32,
    /// Its part of all the work, 0 to 1.
    pub share: f64,
}

/// Blocks that are to be run: their names, and how long they are expected to take, in any unit.
pub(super) fn queue(blocks: &[(usize, &str, f64)], repeats: u32) -> Vec<Job> {
    let total: f64 = blocks.iter().map(|(.., expected)| expected).sum();
    let passes = f64::from(repeats.max(1));
    let job = |pass| {
        move |(at, _, expected): &(usize, &str, f64)| Job {
            at: *at,
            pass,
            share: expected / total / passes,
        }
    };
    let mut jobs = Vec::new();
    for pass in 1..repeats {
        let mut shuffled = blocks.to_vec();
        // The same order every time, and no order at all.
        shuffled.sort_by_cached_key(|(_, name, _)| {
            *Key::of(&[&pass.to_le_bytes(), name.as_bytes()]).as_bytes()
        });
        jobs.extend(shuffled.iter().map(job(pass)));
    }
    let mut longest_first = blocks.to_vec();
    longest_first.sort_by(|(.., a), (.., b)| b.total_cmp(a));
    jobs.extend(longest_first.iter().map(job(0)));
    jobs
}

/// Hands out jobs in their order, to each server one at a time. After an error the others finish what they are at.
pub(super) fn on_servers(
    servers: usize,
    jobs: Vec<Job>,
    run: &(dyn Fn(usize, Job) -> Result<(), CampaignError> + Sync),
) -> Result<(), CampaignError> {
    let jobs = Mutex::new(jobs.into_iter());
    let next = || lock(&jobs).next();
    let serve = |server: usize| {
        while let Some(job) = next() {
            run(server, job).inspect_err(|_| while next().is_some() {})?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let serve = &serve;
        let start = |server| {
            let thread = thread::Builder::new().name(format!("server {server}"));
            thread.spawn_scoped(scope, move || serve(server))
        };
        let running = (0..servers).map(start).collect::<Result<Vec<_>, _>>();
        let mut running = running.map_err(CampaignError::Threads)?.into_iter();
        running.try_for_each(|one| {
            one.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A block whose repeats are under way.
pub(super) struct Pending {
    left: u32,
    runs: Vec<Execution>,
    block: Option<BenchBlock>,
    failure: Option<Failure>,
}

impl Pending {
    pub(super) const fn new(repeats: u32) -> Self {
        Self {
            left: repeats,
            runs: Vec::new(),
            block: None,
            failure: None,
        }
    }

    /// Whether a repeat failed. What a block did to its prover it will do again.
    pub(super) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// A repeat's block, if there is one, and what came of it.
    pub(super) fn add(&mut self, block: Option<BenchBlock>, outcome: Result<Execution, Failure>) {
        self.block = block;
        match outcome {
            Ok(run) => self.runs.push(run),
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// Counts a repeat as done; the block's measurement when it was the last.
    pub(super) fn done(&mut self, id: BlockId) -> Option<Measurement> {
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        let runs = std::mem::take(&mut self.runs);
        let cost = match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(Cost::of(&Execution::all(runs))),
        };
        Some(Measurement::of(id, self.block.take(), cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: &[(usize, &str, f64)] = &[
        (0, "a", 1.0),
        (1, "b", 5.0),
        (2, "c", 2.0),
        (3, "d", 5.0),
        (4, "e", 3.0),
        (5, "f", 4.0),
    ];

    fn order(jobs: &[Job]) -> Vec<usize> {
        jobs.iter().map(|job| job.at).collect()
    }

    #[test]
    fn the_longest_come_first() {
        let jobs = queue(BLOCKS, 1);
        assert_eq!(order(&jobs), [1, 3, 5, 4, 2, 0]);
        assert!((jobs[0].share - 0.25).abs() < 1e-12);
    }

    #[test]
    fn repeats_are_spread_and_shuffled() {
        let jobs = queue(BLOCKS, 3);
        let passes: Vec<Vec<usize>> = jobs.chunks(BLOCKS.len()).map(order).collect();
        for pass in &passes {
            let mut all = pass.clone();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        }
        assert_ne!(passes[0], passes[1]);
        assert_eq!(passes[2], [1, 3, 5, 4, 2, 0]);
        assert!((jobs.iter().map(|job| job.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(jobs, queue(BLOCKS, 3), "the same every time");
        assert!(queue(&[], 3).is_empty());
    }
}
