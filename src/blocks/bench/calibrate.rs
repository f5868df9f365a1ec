//! What a scenario's transactions cost, from a few small ones.

use super::{
    BenchError,
    affine::{Metered, Rules, Sample},
    cost::Cost,
    looping_contract,
    planned_block::{Bench, Plan},
    tx::Slot,
};
use crate::{
    evm::{Used, rest},
    gas::{Gas, GasParam},
};

/// Gas spent on finding what an iteration costs.
const CALIBRATION_GAS: Gas = 200_000;

/// What a transaction costs, from transactions of few iterations.
pub(super) fn calibrate(bench: &mut Bench<'_>, cap: Gas) -> Result<Cost, BenchError> {
    let (one, units) = sample(bench, 1, cap)?;
    let restore = GasParam::whole("REFUND_STORAGE_RESTORE_SET");
    let restores = units.work.counts.contains_key(&restore);
    let set = GasParam::whole("STATE_STORAGE_SET");
    let rules = Rules {
        returned: match bench.schedule.entry(&set.operation) {
            Some(_) if restores => bench.schedule.price(&set)?,
            _ => 0,
        },
        refund_divisor: bench.schedule.price(&GasParam::whole("REFUND_DIVISOR"))?,
        floor: gas(bench.gas(&units.floor)?),
        floor_units: units.floor,
    };
    if !bench.template.scenario.loops() {
        return Ok(Cost::alone(one, rules));
    }
    // The more iterations, the surer the line.
    let needed = |sample: &Sample| sample.gas.execution + sample.gas.state;
    let enough = needed(&one).saturating_add(CALIBRATION_GAS);
    let mut few = one.clone();
    loop {
        let more = match sample(bench, 2 * few.count, cap) {
            Ok((more, _)) => more,
            // A transaction holds no more than one.
            Err(BenchError::Failed { .. } | BenchError::Burnt(_)) if few.count == 1 => {
                return Ok(Cost::alone(one, rules));
            }
            Err(error) => return Err(error),
        };
        let room = cap.saturating_sub(needed(&more));
        if needed(&more) >= enough || room < needed(&more) {
            return Cost::through(&few, &more, rules).ok_or(BenchError::Uneven);
        }
        if more.count >= looping_contract::MAX_NUMBER / 4 {
            return Err(BenchError::Uneven);
        }
        few = more;
    }
}

/// One transaction of `count` iterations, and the units of all that it is made of.
fn sample(bench: &mut Bench<'_>, count: u64, cap: Gas) -> Result<(Sample, Used), BenchError> {
    let slot = Slot {
        nonce: 0,
        gas_limit: cap,
        count,
        first: 0,
    };
    let outcome = bench.run(&Plan {
        gas_limit: cap,
        slots: vec![slot],
        ..Plan::default()
    })?;
    let Used {
        unfloored, state, ..
    } = &outcome.units;
    let mut refund = 0;
    for (param, units) in &unfloored.counts {
        if param.operation.starts_with("REFUND_") {
            refund -= i128::from(*units) * i128::from(bench.schedule.price(param)?);
        }
    }
    let kept_back = unfloored.rest.get(rest::REFUND_CAP);
    let refunded = refund - i128::from(kept_back.copied().unwrap_or(0));
    let sample = Sample {
        count,
        refund: gas(refund),
        gas: Metered {
            execution: gas(bench.gas(unfloored)? + refunded),
            state: gas(bench.gas(state)?),
        },
        usage: Metered {
            execution: unfloored.clone(),
            state: state.clone(),
        },
    };
    Ok((sample, outcome.units))
}

fn gas(amount: i128) -> Gas {
    Gas::try_from(amount.max(0)).unwrap_or(Gas::MAX)
}
