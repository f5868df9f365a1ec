//! What a full block costs, from smaller blocks of the same scenario.

use super::{
    CHECK_TOLERANCE, Cost, CostVector,
    cost::Basis,
    line::{CALLS_OF_SIGNATURES, Line, Point},
};
use crate::{fit::real, gas::Gas};

/// Gas of the smaller block of a line, of which the other one has twice the iterations, and of the block that it is checked at.
pub(super) const FIRST_LINE: (Gas, Gas) = (10_000, 60_000);
/// Where that does not tell.
const LONGER_LINE: (Gas, Gas) = (160_000, 1_280_000);

/// What of an execution has to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Cycles suffice.
    Cycles,
    /// All costs.
    All,
}

/// A full block of a scenario.
#[derive(Clone, Copy)]
pub(super) struct Full {
    pub iterations: u64,
    pub gas: Gas,
    pub transactions: u64,
    /// Whether a precompile does its work.
    pub is_precompile: bool,
}

/// What the guest took for a block.
pub(super) struct Ran {
    pub costs: CostVector,
    pub transactions: u64,
}

/// Runs the guest on a block of so many iterations.
pub(super) type Run<'a, E> = &'a dyn Fn(u64, Detail) -> Result<Ran, E>;

/// The costs of a full block from the smallest blocks that tell. `empty` is what one of no transactions costs.
///
/// Sizes follow from gas alone. Neither cycles nor time may choose them: an operation of few cycles can still take the
/// executor long, and another machine would get another result.
pub(super) fn estimate<E>(full: Full, empty: &CostVector, run: Run<'_, E>) -> Result<Cost, E> {
    let mut known: Option<[Point; 3]> = None;
    for sizes in [FIRST_LINE, LONGER_LINE] {
        let [low, high, checked] = full.counts(sizes);
        let again = known
            .as_ref()
            .is_some_and(|[.., (last, _)]| *last == checked);
        if again || checked * 2 >= full.iterations {
            break;
        }
        // So few iterations tell only what a precompile costs.
        if low == 1 && sizes == FIRST_LINE && !full.is_precompile {
            continue;
        }
        let runs = [run(low, Detail::All)?, run(high, Detail::All)?];
        let transactions = runs.each_ref().map(|ran| ran.transactions);
        let [few, more] = runs.map(|ran| ran.costs);
        let points = [(low, few), (high, more)];
        // Cycles do not show what hashing costs, or the memory that it takes. A precompile does the same in each iteration.
        let calls = |at: usize| real(points[at].1.total_num_system_calls.unwrap_or(0));
        let added = calls(1) - calls(0) + CALLS_OF_SIGNATURES;
        let hashes = !full.is_precompile && added >= real(high - low);
        let detail = if hashes { Detail::All } else { Detail::Cycles };
        let check = (checked, run(checked, detail)?.costs);
        let line = Line::through(&points, &check, full.iterations);
        if let Some(line) = line.filter(|line| !hashes || line.is_long(full.iterations)) {
            let beyond = full.beyond([(low, transactions[0]), (high, transactions[1])]);
            if let Some(cost) = line.cost(full.iterations, beyond, empty) {
                return Ok(cost);
            }
        }
        let [low, high] = points;
        known = Some([low, high, check]);
    }
    let [.., first] = full.counts(FIRST_LINE);
    let [.., largest] = full.counts(LONGER_LINE);
    if let Some([check, second, _]) = known
        && check.0 > first
        && !full.is_precompile
    {
        let point = |count| Ok((count, run(count, Detail::All)?.costs));
        let (first, last) = (point(first)?, point(largest)?);
        if let Some(cost) = counted(&[first, second, last], &check, full.iterations, run)? {
            return Ok(cost);
        }
    }
    let costs = run(full.iterations, Detail::All)?.costs;
    Ok(Cost::counted(costs, Basis::Whole))
}

impl Full {
    /// The iterations of a line's points and of its check.
    pub(super) fn counts(self, (first, check): (Gas, Gas)) -> [u64; 3] {
        let part_of = |part: Gas| {
            let count =
                u128::from(self.iterations) * u128::from(part) / u128::from(self.gas.max(1));
            u64::try_from(count)
                .unwrap_or(u64::MAX)
                .min(self.iterations)
        };
        let low = part_of(first).max(1);
        let high = 2 * low;
        [low, high, part_of(check).max(high + 1)]
    }

    /// Transactions beyond those of a line through blocks of so many iterations in so many transactions: a full block may need
    /// several for what a small one has in one.
    pub(super) fn beyond(self, [(few, least), (more, most)]: [(u64, u64); 2]) -> f64 {
        let slope = (real(most) - real(least)) / (real(more) - real(few));
        let iterate = least != most && slope > 0.5 / real(more);
        let on_line = if iterate && most > 1 {
            real(least) + slope * (real(self.iterations) - real(few))
        } else {
            real(most)
        };
        (real(self.transactions) - on_line).max(0.0)
    }
}

/// The full block's cycles and system calls as they are, and the other costs on the plane over these, if the check lies on it.
fn counted<E>(
    points: &[Point; 3],
    check: &Point,
    full: u64,
    run: Run<'_, E>,
) -> Result<Option<Cost>, E> {
    let on_plane = CostVector::over(points.each_ref().map(|(_, costs)| costs), &check.1);
    let gas = on_plane.and_then(|plane| plane.prover_gas.zip(check.1.prover_gas));
    let error = gas.map(|(plane, checked)| (real(plane) / real(checked) - 1.0).abs());
    match error.filter(|error| *error <= CHECK_TOLERANCE) {
        Some(error) => over(points, check.0, error, full, run),
        None => Ok(None),
    }
}

/// The full block on a plane that holds.
pub(super) fn over<E>(
    points: &[Point; 3],
    checked: u64,
    error: f64,
    full: u64,
    run: Run<'_, E>,
) -> Result<Option<Cost>, E> {
    let own = run(full, Detail::Cycles)?.costs;
    let costs = CostVector::over(points.each_ref().map(|(_, costs)| costs), &own);
    let points = points.clone();
    let basis = Basis::Counted {
        points,
        checked,
        error,
    };
    Ok(costs.map(|costs| Cost::counted(costs, basis)))
}
