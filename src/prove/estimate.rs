//! What a full block costs, from smaller blocks of the same scenario.

use serde::{Deserialize, Serialize};

use super::{CostVector, Execution};
use crate::{
    fit::{real, real_signed},
    gas::Gas,
};

/// Gas of the smaller block of a line, of which the other one has twice the iterations, and of the block that it is checked at.
/// Where one does not tell, the next is longer.
const LINES: [(Gas, Gas); 2] = [(10_000, 60_000), (160_000, 1_280_000)];
/// By so much of SP1's gas, and so many of its system calls, blocks may differ for what their signatures are.
const GAS_OF_SIGNATURES: f64 = 20_000.0;
const CALLS_OF_SIGNATURES: f64 = 16.0;
/// By so much of it they differ where memory grows by a step.
const STEP_OF_MEMORY: f64 = 8_000.0;
/// Transactions beyond those of the line are counted up to this part of the block's cycles: a later transaction does not cost just
/// what the first one does.
const TRANSACTIONS_TELL: f64 = 0.04;
/// The largest relative error of a full block that is extrapolated, if each iteration adds what it adds at the check.
pub const CHECK_TOLERANCE: f64 = 0.01;

/// How a block's costs are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The block itself was run, or one that uses the same under the prices that the schedule starts from.
    Whole,
    /// The block itself was run for its cycles and system calls, which take a zkVM's executor little to count. The other costs are
    /// on a plane over these.
    Counted {
        /// Iterations and costs of the blocks that the plane goes through.
        points: [(u64, CostVector); 3],
        /// The iterations of a block that is no point of it.
        checked: u64,
        /// Relative error of the zkVM's own estimate there; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
    /// Extrapolated along a line.
    Affine {
        /// Iterations and costs of the blocks that the lines go through, under the prices that the schedule starts
        /// from or its own.
        points: [(u64, CostVector); 2],
        /// The iterations of a block, no point of the line, that was checked.
        checked: u64,
        /// Relative error that its distance from the line comes to in the full block; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
    /// The block itself was run for its cycles and system calls. The other costs grow with the cycles as between two blocks under
    /// the prices that the schedule starts from.
    Proportional {
        /// Iterations and costs of these.
        points: [(u64, CostVector); 2],
        /// Relative error of its system calls, if they grow so; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
}

/// What a block costs a prover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// What executing the full block costs, counted.
    #[serde(flatten)]
    pub costs: CostVector,
    /// Milliseconds that it took, where time is measured: the median of the repeats.
    pub time_ms: Option<f64>,
    /// How far the repeats lie apart, as a part of that.
    pub spread: Option<f64>,
    /// Bytes of the proof, where there is one.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used, bytes, where that is known.
    pub peak_memory_bytes: Option<u64>,
    /// How they are known.
    pub basis: Basis,
}

impl Cost {
    /// Of a block that was run itself.
    pub(super) fn of(run: &Execution) -> Self {
        Self {
            costs: run.costs.clone(),
            time_ms: run.time_ms(),
            spread: run.spread(),
            proof_size: run.proof_size,
            peak_memory_bytes: run.peak_memory_bytes,
            basis: Basis::Whole,
        }
    }

    const fn counted(costs: CostVector, basis: Basis) -> Self {
        Self {
            costs,
            time_ms: None,
            spread: None,
            proof_size: None,
            peak_memory_bytes: None,
            basis,
        }
    }
}

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
/// Iterations, and what their block costs.
type Point = (u64, CostVector);

/// A full block under the prices that the schedule starts from.
pub(super) struct Known<'a, E> {
    pub cost: &'a Cost,
    /// Its iterations.
    pub iterations: u64,
    /// Whether it uses the same as the one that is asked for.
    pub is_same: bool,
    /// What a block of no transactions costs under these prices, and under those.
    pub empty: [&'a CostVector; 2],
    /// Runs blocks under those.
    pub run: Run<'a, E>,
}

/// The costs of a full block from the smallest blocks that tell. `empty` is what one of no transactions costs.
///
/// Sizes follow from gas alone. Neither cycles nor time may choose them: an operation of few cycles can still take the
/// executor long, and another machine would get another result.
pub(super) fn estimate<E>(full: Full, empty: &CostVector, run: Run<'_, E>) -> Result<Cost, E> {
    let mut known: Option<[Point; 3]> = None;
    for sizes in LINES {
        let [low, high, checked] = full.counts(sizes);
        let again = known
            .as_ref()
            .is_some_and(|[.., (last, _)]| *last == checked);
        if again || checked * 2 >= full.iterations {
            break;
        }
        // So few iterations tell only what a precompile costs.
        if low == 1 && sizes == LINES[0] && !full.is_precompile {
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
    let [.., first] = full.counts(LINES[0]);
    let [.., largest] = full.counts(LINES[1]);
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

/// The same from what blocks under other prices cost, where blocks under these agree with them.
pub(super) fn confirm<E>(
    known: &Known<'_, E>,
    full: Full,
    run: Run<'_, E>,
) -> Result<Option<Cost>, E> {
    let on_line = matches!(known.cost.basis, Basis::Affine { .. });
    if known.is_same
        && !on_line
        && let Some(cost) = the_same(known, full, run)?
    {
        return Ok(Some(cost));
    }
    let [own, empty] = known.empty;
    // Reading these prices takes so many more cycles, once in a block.
    let reading = own
        .total_num_cycles
        .checked_signed_diff(empty.total_num_cycles);
    let reading = reading.unwrap_or(0);
    let whole;
    let points = match &known.cost.basis {
        Basis::Counted {
            points,
            checked,
            error,
        } => return over(points, *checked, *error, full.iterations, run),
        Basis::Affine {
            points, checked, ..
        } => {
            // One iteration that is large by itself tells as much as several, and takes an executor less.
            let checked = if points[0].0 == 1 { 1 } else { *checked };
            if checked * 2 < full.iterations {
                let ran = run(checked, Detail::Cycles)?;
                let cycles = ran.costs.total_num_cycles;
                let check = CostVector::cycles(cycles.saturating_add_signed(-reading));
                let beyond = full.beyond([(0, 0), (checked, ran.transactions)]);
                let line = Line::through(points, &(checked, check), full.iterations);
                let cost = line.and_then(|line| line.cost(full.iterations, beyond, empty));
                if cost.is_some() {
                    return Ok(cost);
                }
            }
            // Of few cycles, and yet a full block of some takes an executor minutes.
            if full.is_precompile {
                return Ok(None);
            }
            points
        }
        Basis::Whole => {
            whole = [
                (0, empty.clone()),
                (known.iterations, known.cost.costs.clone()),
            ];
            &whole
        }
        Basis::Proportional { points, .. } => points,
    };
    proportional(points, reading, full.iterations, run)
}

/// The costs of the known block, if small blocks under both prices differ by no more than reading the prices takes.
fn the_same<E>(known: &Known<'_, E>, full: Full, run: Run<'_, E>) -> Result<Option<Cost>, E> {
    let [.., checked] = full.counts(LINES[0]);
    if checked * 2 >= full.iterations {
        return Ok(None);
    }
    let cycles = |costs: &CostVector| real(costs.total_num_cycles);
    let own = run(checked, Detail::Cycles)?.costs;
    let other = (known.run)(checked, Detail::Cycles)?.costs;
    let [own_empty, empty] = known.empty;
    let far = (cycles(&own) - cycles(own_empty) - cycles(&other) + cycles(empty)).abs();
    let times = real(full.iterations) / real(checked);
    let costs = CostVector::combined([&known.cost.costs, own_empty, empty], [1.0, 1.0, -1.0]);
    Ok(
        (far * times <= CHECK_TOLERANCE * cycles(&costs)).then(|| Cost {
            costs,
            ..known.cost.clone()
        }),
    )
}

/// The full block's cycles and system calls as they are, and the other costs on the line over its cycles, if its calls lie on it.
fn proportional<E>(
    points: &[Point; 2],
    reading: i64,
    full: u64,
    run: Run<'_, E>,
) -> Result<Option<Cost>, E> {
    let [low, high] = points.each_ref().map(|(_, costs)| costs);
    if low.total_num_system_calls.is_none() {
        return Ok(None);
    }
    let own = run(full, Detail::Cycles)?.costs;
    let cycles = |costs: &CostVector| real(costs.total_num_cycles);
    let [from, to] = [cycles(low), cycles(high)];
    let part = (cycles(&own) - real_signed(reading) - from) / (to - from);
    let costs = CostVector::combined([low, high], [1.0 - part, part]);
    let calls = costs.total_num_system_calls.zip(own.total_num_system_calls);
    let error = calls.map(|(line, own)| {
        let far = (real(own) - real(line)).abs() - CALLS_OF_SIGNATURES;
        far.max(0.0) / real(own.max(1))
    });
    let holds = error.filter(|error| *error <= CHECK_TOLERANCE);
    Ok(holds.map(|error| {
        let costs = CostVector {
            total_num_cycles: own.total_num_cycles,
            total_num_system_calls: own.total_num_system_calls,
            ..costs
        };
        let points = points.clone();
        Cost::counted(costs, Basis::Proportional { points, error })
    }))
}

impl Full {
    /// The iterations of a line's points and of its check.
    fn counts(self, (first, check): (Gas, Gas)) -> [u64; 3] {
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
    fn beyond(self, [(few, least), (more, most)]: [(u64, u64); 2]) -> f64 {
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

/// A line that holds for the full block.
struct Line {
    points: [Point; 2],
    checked: u64,
    error: f64,
}

impl Line {
    /// The line through the points, if what was counted at the check lies on it: cycles, system calls, and the zkVM's own estimate.
    fn through(points: &[Point; 2], check: &Point, full: u64) -> Option<Self> {
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
    fn is_long(&self, full: u64) -> bool {
        let [(low, few), (high, more)] = &self.points;
        let costs = CostVector::along([(*low, few), (*high, more)], full);
        let part = |gas: u64| STEP_OF_MEMORY * real(full) / real(high - low) / real(gas);
        costs
            .prover_gas
            .is_none_or(|gas| part(gas) <= CHECK_TOLERANCE)
    }

    /// The full block's costs along it, with so many more transactions; `None` where these are too much of it. `empty` is a block of
    /// no transactions.
    fn cost(self, full: u64, transactions: f64, empty: &CostVector) -> Option<Cost> {
        let [(low, few), (high, more)] = &self.points;
        let more = &steady(few, more, real(high - low));
        let part = |count: u64| (real(count) - real(*low)) / (real(*high) - real(*low));
        let (full, none) = (part(full), part(0));
        let sum = |parts| CostVector::combined([few, more, empty], parts);
        // A block of no iterations is on the line; beyond one of no transactions it is what one transaction costs.
        let [line, once] = [[1.0 - full, full, 0.0], [1.0 - none, none, 0.0]];
        let cycles = |parts| real(sum(parts).total_num_cycles);
        if cycles(once) * transactions > cycles(line) * TRANSACTIONS_TELL {
            return None;
        }
        let costs = sum([0, 1, 2].map(|at| {
            let empty = [0.0, 0.0, 1.0][at];
            line[at] + (once[at] - empty) * transactions
        }));
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
fn steady(few: &CostVector, more: &CostVector, iterations: f64) -> CostVector {
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
fn over<E>(
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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use super::*;

    fn full(iterations: u64) -> Full {
        Full {
            iterations,
            gas: 30_000_000,
            transactions: 1,
            is_precompile: true,
        }
    }

    fn opcode(iterations: u64) -> Full {
        Full {
            is_precompile: false,
            ..full(iterations)
        }
    }

    fn ran(cycles: u64) -> Ran {
        Ran {
            costs: CostVector::cycles(cycles),
            transactions: 1,
        }
    }

    const NOTHING: CostVector = CostVector {
        total_num_cycles: 0,
        total_num_system_calls: None,
        prover_gas: None,
        system_calls: BTreeMap::new(),
        areas: BTreeMap::new(),
    };

    fn estimated(iterations: u64, cycles: impl Fn(u64) -> u64) -> (Cost, Vec<u64>) {
        let runs = RefCell::new(Vec::new());
        let run = |n: u64, _| {
            runs.borrow_mut().push(n);
            Ok::<_, ()>(ran(cycles(n)))
        };
        let cost = estimate(full(iterations), &NOTHING, &run).unwrap();
        (cost, runs.into_inner())
    }

    /// A cost under prices that are read in so many cycles less, of a block of so many iterations that uses something else.
    fn confirmed(
        (cost, iterations, reading): (&Cost, u64, u64),
        full: Full,
        run: Run<'_, ()>,
    ) -> Result<Option<Cost>, ()> {
        let empty = CostVector::cycles(reading);
        let known = Known {
            cost,
            iterations,
            is_same: false,
            empty: [&empty, &NOTHING],
            run: &|_, _| Err(()),
        };
        confirm(&known, full, run)
    }

    /// What a block costs that reads state: each path through a trie shares nodes with the others.
    fn state(n: u64, detail: Detail) -> Ran {
        let levels = real(n.max(1)).log2();
        let nodes = crate::fit::count(real(n) * (20.0 - levels));
        let cycles = 600_000 + 5_000 * n + 3_000 * nodes;
        let all = CostVector {
            total_num_system_calls: Some(200 + 2 * n + 4 * nodes),
            ..CostVector::cycles(cycles)
        };
        let costs = match detail {
            Detail::Cycles => all,
            Detail::All => CostVector {
                prover_gas: Some(cycles + 1_500 * (200 + 2 * n + 4 * nodes)),
                ..all
            },
        };
        Ran {
            costs,
            transactions: 1,
        }
    }

    #[test]
    fn what_reads_state_is_counted_in_the_whole_block() {
        let told = estimate(opcode(12_000), &NOTHING, &|n, detail| {
            Ok::<_, ()>(state(n, detail))
        })
        .unwrap();
        assert!(
            matches!(told.basis, Basis::Counted { error, .. } if error < 1e-6),
            "expected a plane, got {told:?}"
        );
        let exact = state(12_000, Detail::All).costs;
        assert_eq!(told.costs, exact);
        // Under other prices fewer fit; one run tells.
        let runs = RefCell::new(Vec::new());
        let run = |n, detail| {
            runs.borrow_mut().push((n, detail));
            Ok::<_, ()>(state(n, detail))
        };
        let other = confirmed((&told, 12_000, 0), opcode(3_000), &run);
        let other = other.unwrap().unwrap();
        assert_eq!(other.costs, state(3_000, Detail::All).costs);
        assert_eq!(*runs.borrow(), [(3_000, Detail::Cycles)]);
    }

    #[test]
    fn of_large_iterations_one_confirms() {
        let run = |n: u64, _| Ok::<_, ()>(ran(600_000 + 90_000_000 * n));
        let known = estimate(full(20), &NOTHING, &run).unwrap();
        assert!(
            matches!(known.basis, Basis::Affine { checked: 3, .. }),
            "expected a line, got {known:?}"
        );
        let only = |n, detail| if n == 1 { run(n, detail) } else { Err(()) };
        let cost = confirmed((&known, 20, 0), full(5), &only);
        let cost = cost.unwrap().unwrap();
        assert_eq!(cost.costs.total_num_cycles, 600_000 + 90_000_000 * 5);
    }

    #[test]
    fn a_distance_from_the_line_that_grows_with_iterations_is_carried_to_the_full_block() {
        // What a block takes once hides at the first check that iterations after the 700th take 3 % more.
        let cycles = |n: u64| 10_000_000 + 1_000 * n + 30 * n.saturating_sub(700);
        let (cost, runs) = estimated(1_000_000, cycles);
        assert!(runs.contains(&2_000), "{runs:?}");
        assert_eq!(cost.costs.total_num_cycles, cycles(1_000_000));
    }

    #[test]
    fn a_block_of_few_iterations_is_run_whole() {
        let (cost, runs) = estimated(5, |n| 100_000 + 50 * n);
        assert_eq!(
            (cost.costs.total_num_cycles, cost.basis),
            (100_250, Basis::Whole)
        );
        assert_eq!(runs, [5]);
    }

    #[test]
    fn a_slow_block_is_extrapolated_and_checked_outside_the_fit() {
        let (cost, runs) = estimated(1_000_000, |n| 100_000 + 5_000 * n);
        assert_eq!(cost.costs.total_num_cycles, 100_000 + 5_000 * 1_000_000);
        let Basis::Affine {
            points,
            checked,
            error,
        } = cost.basis
        else {
            panic!("expected a line")
        };
        assert!(checked > points[1].0 && error < 1e-9);
        assert!(
            runs.iter().sum::<u64>() < 50_000,
            "most of the block was run: {runs:?}"
        );
    }

    #[test]
    fn a_line_of_other_prices_serves_if_one_block_confirms_it() {
        let run = |n: u64, _| Ok::<_, ()>(ran(107_000 + 5_000 * n));
        let line = |low, high| {
            let basis = Basis::Affine {
                points: [
                    (10, CostVector::cycles(low)),
                    (20, CostVector::cycles(high)),
                ],
                checked: 60,
                error: 0.0,
            };
            Cost::counted(CostVector::default(), basis)
        };
        let known = line(150_000, 200_000);
        let cost = confirmed((&known, 3_000, 7_000), full(1_000), &run).unwrap();
        assert_eq!(
            cost.unwrap().costs,
            CostVector::cycles(100_000 + 5_000 * 1_000)
        );
        let dearer = line(150_000, 250_000);
        let cost = confirmed((&dearer, 3_000, 7_000), full(1_000), &run);
        assert_eq!(cost, Ok(None));
        // A block hardly larger than the check is run itself.
        let cost = confirmed((&known, 3_000, 7_000), full(120), &run);
        assert_eq!(cost, Ok(None));
    }

    #[test]
    fn a_block_whose_calls_grow_with_its_cycles_is_counted() {
        // Cycles are on no line over iterations.
        let costs = |n: u64, extra: u64| {
            let cycles = 100_000 + 10 * n * n;
            CostVector {
                total_num_system_calls: Some(cycles / 100 + extra),
                prover_gas: Some(2 * cycles),
                ..CostVector::cycles(cycles)
            }
        };
        let known = Cost::counted(costs(1_000, 0), Basis::Whole);
        let empty = [costs(0, 0), costs(0, 0)];
        let ask = |extra| {
            let known = Known {
                cost: &known,
                iterations: 1_000,
                is_same: false,
                empty: empty.each_ref(),
                run: &|_, _| Err(()),
            };
            let run = |n, detail| {
                assert_eq!((n, detail), (500, Detail::Cycles));
                Ok::<_, ()>(Ran {
                    costs: costs(n, extra),
                    transactions: 1,
                })
            };
            confirm(&known, opcode(500), &run).unwrap()
        };
        assert_eq!(ask(0).map(|cost| cost.costs), Some(costs(500, 0)));
        // A twentieth more calls: of these nobody knows what they cost.
        assert_eq!(ask(1_300), None);
    }

    #[test]
    fn what_signatures_differ_by_makes_no_calls() {
        let of = |adds, keccaks| CostVector {
            system_calls: [("secp256k1_add", adds), ("keccak_permute", keccaks)]
                .map(|(kind, calls)| (kind.to_owned(), calls))
                .into(),
            ..CostVector::default()
        };
        let told = steady(&of(134, 10), &of(126, 36), 26.0);
        assert_eq!(told, of(134, 36));
        // One an iteration is no accident.
        assert_eq!(steady(&of(134, 10), &of(136, 12), 2.0), of(136, 12));
    }

    #[test]
    fn a_block_that_uses_the_same_costs_the_same() {
        let cost = |n: u64, reading: u64| CostVector::cycles(50_000 + reading + n * n);
        let known = Cost::counted(cost(10_000, 0), Basis::Whole);
        let (own_empty, empty) = (cost(0, 3_000), cost(0, 0));
        let ask = |dearer: u64| {
            let known = Known {
                cost: &known,
                iterations: 10_000,
                is_same: true,
                empty: [&own_empty, &empty],
                run: &|n, _| Ok(ran(cost(n, 0).total_num_cycles)),
            };
            let run = |n, _| {
                assert!(n < 1_000, "{n}");
                Ok::<_, ()>(ran(cost(n, 3_000).total_num_cycles + dearer * n))
            };
            confirm(&known, opcode(10_000), &run).unwrap()
        };
        let expected = Cost::counted(cost(10_000, 3_000), Basis::Whole);
        assert_eq!(ask(0), Some(expected));
        // More than a hundredth of the block.
        assert_eq!(ask(200), None);
    }

    #[test]
    fn transactions_beyond_those_of_the_line_cost_what_one_does() {
        // 30,000 a block, 20,000 a transaction, which 1,000 iterations fill, and 2,000 an iteration.
        let run = |n: u64, _| {
            let transactions = n.div_ceil(1_000);
            let costs = CostVector::cycles(30_000 + 20_000 * transactions + 2_000 * n);
            Ok::<_, ()>(Ran {
                costs,
                transactions,
            })
        };
        let of_many = Full {
            transactions: 50,
            ..opcode(50_000)
        };
        let empty = CostVector::cycles(30_000);
        let cost = estimate(of_many, &empty, &run).unwrap();
        assert_eq!(cost.costs, run(50_000, Detail::All).unwrap().costs);
        assert!(matches!(cost.basis, Basis::Affine { .. }), "{cost:?}");
        let known = Known {
            cost: &cost,
            iterations: 50_000,
            is_same: false,
            empty: [&empty; 2],
            run: &|_, _| Err(()),
        };
        let other = confirm(&known, of_many, &run).unwrap().unwrap();
        assert_eq!(other.costs, cost.costs);
    }

    #[test]
    fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
        let (cost, _) = estimated(100_000, |n| n * n);
        let whole = CostVector::cycles(100_000 * 100_000);
        assert_eq!(cost, Cost::counted(whole, Basis::Whole));
    }

    #[test]
    fn a_bend_below_the_check_is_left_behind() {
        // Twice as dear per iteration up to 10,000 of them.
        let bent = |n: u64| 4_000 * n + 4_000 * n.min(10_000);
        let (cost, _) = estimated(10_000_000, bent);
        let exact = real(bent(10_000_000));
        assert!(
            (real(cost.costs.total_num_cycles) / exact - 1.0).abs() < CHECK_TOLERANCE,
            "{cost:?}"
        );
    }
}
