//! The line over iterations that a scenario's costs lie on.

use super::{CHECK_TOLERANCE, Cost, CostVector, cost::Basis};
use crate::fit::real;

/// By so much of SP1's gas, and so many of its system calls, blocks may differ for what their signatures are.
const GAS_OF_SIGNATURES: f64 = 20_000.0;
pub(super) const CALLS_OF_SIGNATURES: f64 = 16.0;
/// By so much of it they differ where memory grows by a step.
const STEP_OF_MEMORY: f64 = 8_000.0;
/// Transactions beyond those of the line are counted up to this part of the block's cycles: a later transaction does not cost just
/// what the first one does.
const TRANSACTIONS_TELL: f64 = 0.04;

/// Iterations, and what their block costs.
pub(super) type Point = (u64, CostVector);

/// A line that holds for the full block.
pub(super) struct Line {
    points: [Point; 2],
    checked: u64,
    error: f64,
}

impl Line {
    /// The line through the points, if what was counted at the check lies on it: cycles, system calls, and the zkVM's own estimate.
    pub(super) fn through(points: &[Point; 2], check: &Point, full: u64) -> Option<Self> {
        let [low, high] = points;
        let line = |count| CostVector::along([(low.0, &low.1), (high.0, &high.1)], count);
        let (costs, at_check) = (line(full), line(check.0));
        let times = real(full) / real(check.0);
        let amplified = (real(check.0) - real(low.0)).abs() / (real(high.0) - real(low.0));
        let error = |of: fn(&CostVector) -> Option<u64>, noise: f64| {
            let far = (real(of(&check.1)?) - real(of(&at_check)?)).abs();
            Some((far - noise * amplified.max(1.0)).max(0.0) * times / real(of(&costs)?))
        };
        let errors = [
            Some(error(|costs| Some(costs.total_num_cycles), 0.0)?),
            error(|costs| costs.total_num_system_calls, CALLS_OF_SIGNATURES),
            error(|costs| costs.prover_gas, GAS_OF_SIGNATURES),
        ];
        let error = errors.into_iter().flatten().fold(0.0, f64::max);
        // Where all was counted at the check, the longer line has less of the signatures' part in it.
        let (end, checked) = if check.1.prover_gas.is_some() {
            (check, high.0)
        } else {
            (high, check.0)
        };
        (error <= CHECK_TOLERANCE).then(|| Self {
            points: [low.clone(), end.clone()],
            checked,
            error,
        })
    }

    /// Whether a step by which memory grows hardly counts in the full block: paths through a trie that share
    /// no node look affine, too, in few iterations.
    pub(super) fn is_long(&self, full: u64) -> bool {
        let [(low, few), (high, more)] = &self.points;
        let costs = CostVector::along([(*low, few), (*high, more)], full);
        let part = |gas: u64| STEP_OF_MEMORY * real(full) / real(high - low) / real(gas);
        costs
            .prover_gas
            .is_none_or(|gas| part(gas) <= CHECK_TOLERANCE)
    }

    /// The full block's costs along it, with so many more transactions; `None` where these are too much of it. `empty` is a block of
    /// no transactions.
    pub(super) fn cost(self, full: u64, transactions: f64, empty: &CostVector) -> Option<Cost> {
        let [(low, few), (high, more)] = &self.points;
        let more = &steady(few, more, real(high - low));
        let part = |count: u64| (real(count) - real(*low)) / (real(*high) - real(*low));
        let (full, none) = (part(full), part(0));
        let on_line = CostVector::combined([few, more], [1.0 - full, full]);
        // A block of no iterations is on the line; beyond one of no transactions it is what one transaction costs.
        let once = CostVector::combined([few, more], [1.0 - none, none]);
        let cycles = |costs: &CostVector| real(costs.total_num_cycles);
        if cycles(&once) * transactions > cycles(&on_line) * TRANSACTIONS_TELL {
            return None;
        }
        let costs = if transactions > 0.0 {
            let line = [1.0 - full, full, 0.0];
            let each = [1.0 - none, none, -1.0].map(|part| part * transactions);
            let parts = [0, 1, 2].map(|at| line[at] + each[at]);
            CostVector::combined([few, more, empty], parts)
        } else {
            on_line
        };
        let basis = Basis::Affine {
            points: self.points,
            checked: self.checked,
            error: self.error,
        };
        Some(Cost::counted(costs, basis))
    }
}

/// `more` with as many calls of a kind as `few` has, where they differ by less than one in `iterations` and by what signatures do:
/// a line would make thousands of them, or none.
pub(super) fn steady(few: &CostVector, more: &CostVector, iterations: f64) -> CostVector {
    let mut steady = more.clone();
    for (kind, calls) in &mut steady.system_calls {
        let before = few.system_calls.get(kind).copied().unwrap_or(0);
        let far = (real(*calls) - real(before)).abs();
        if far <= CALLS_OF_SIGNATURES && far < iterations {
            *calls = before;
        }
    }
    steady
}
