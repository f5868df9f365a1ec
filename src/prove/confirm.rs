//! What a full block costs, from what is known of it under other prices.

use super::{
    CHECK_TOLERANCE, Cost, CostVector,
    cost::Basis,
    estimate::{Detail, FIRST_LINE, Full, Run, over},
    line::{CALLS_OF_SIGNATURES, Line, Point},
};
use crate::fit::{real, real_signed};

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

/// The costs of a full block from what blocks under other prices cost, where blocks under these agree with them.
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
    let [.., checked] = full.counts(FIRST_LINE);
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
