//! From a scenario to the fullest valid block under a schedule.

use alloy_primitives::Address;
use std::sync::Arc;

use super::{
    BenchBlock, BenchError, Scenario, Size,
    affine::Metered,
    calibrate::calibrate,
    cost::{Bounds, Cost, fill},
    looping_contract,
    planned_block::{Bench, Outcome, Plan},
    prestate,
    tx::Slot,
};
use crate::{
    evm::{GenesisAccount, GuestInput, Tariff},
    gas::{Gas, GasParam, MeterFill, Schedule, Usage},
};

/// A block filled less is reported with the reason.
const FULL: f64 = 0.995;

/// No block may have less (yellow paper).
const MIN_GAS_LIMIT: Gas = 5_000;

/// A scenario under a schedule, its cost known: ready to make blocks of any size.
pub struct Prepared<'a> {
    bench: Bench<'a>,
    cost: Cost,
    /// The most gas of a transaction (EIP-7825).
    transaction_cap: Gas,
    /// The most iterations of a transaction, where others than the schedule's prices bound them too.
    most: Option<u64>,
}

impl core::fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Prepared")
            .field("scenario", &self.bench.template.scenario.id)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// The whole parts of a block of some size.
struct Fill {
    parts: Vec<u64>,
    gas_limit: Gas,
}

impl<'a> Prepared<'a> {
    /// Makes the scenario's state and finds, from a few small blocks, what its iterations cost. `tariff` is `schedule`'s.
    ///
    /// # Errors
    /// The scenario cannot be written down, fails, does not grow evenly, or is refused by the rules of a block.
    pub fn new(
        scenario: &'a Scenario,
        schedule: &'a Schedule,
        tariff: Arc<Tariff>,
    ) -> Result<Self, BenchError> {
        Self::calibrated(Bench::new(scenario, schedule, tariff, false)?)
    }

    pub(super) fn calibrated(mut bench: Bench<'a>) -> Result<Self, BenchError> {
        let transaction_cap = bench.transaction_cap();
        let cost = calibrate(&mut bench, transaction_cap)?;
        let cost = cost.with_meters(bench.schedule)?;
        Ok(Self {
            bench,
            cost,
            transaction_cap,
            most: None,
        })
    }

    /// The accounts before the last block that was made.
    pub(super) fn state(&self) -> Result<Vec<(Address, GenesisAccount)>, BenchError> {
        Ok(self.bench.prestate()?.accounts)
    }

    /// Bounds the iterations of a transaction.
    pub(super) fn bound(&mut self, most: u64) {
        self.most = Some(most);
    }

    /// The most iterations that a transaction has gas for.
    pub(super) fn most_iterations(&self) -> Result<u64, BenchError> {
        let room = self.transaction_cap.saturating_sub(self.slack()?);
        match self.cost.largest(room.into()) {
            0 => Err(BenchError::DoesNotFit(self.limit(1)?)),
            most => Ok(most),
        }
    }

    /// The gas limit that a transaction of `count` iterations needs.
    pub(super) fn limit(&self, count: u64) -> Result<Gas, BenchError> {
        Ok(self.cost.limit(count).saturating_add(self.slack()?))
    }

    /// The gas that a transaction of `count` iterations uses.
    pub(super) fn used(&self, count: u64) -> Metered<Gas> {
        self.cost.used(count)
    }

    /// Makes the state that the block of this size is built on.
    pub(super) fn lay_out(&mut self, size: Size) -> Result<(), BenchError> {
        let plan = self.plan(&self.fill(size)?);
        self.bench.begin(&plan).map(|_| ())
    }

    /// Builds the block on the state of the other's last one.
    pub(super) fn run_on_state_of(
        &mut self,
        other: &Self,
        plan: &Plan,
    ) -> Result<(Outcome, GuestInput), BenchError> {
        self.bench.share_state(&other.bench);
        self.bench.run_with_input(plan)
    }

    /// What the block of this size would be, without executing it: its hash is not known.
    ///
    /// # Errors
    /// Not one iteration fits, or there is no state for as many as asked for.
    pub fn estimate(&self, size: Size) -> Result<BenchBlock, BenchError> {
        let filled = self.fill(size)?;
        let usage = self.cost.usage(&filled.parts);
        Ok(self.report(&filled, self.promised(&filled), usage))
    }

    /// The block of this size.
    ///
    /// # Errors
    /// Those of [`Self::estimate`] and [`Self::new`]; also if the block is not what the small ones promised.
    pub fn block(&mut self, size: Size) -> Result<BenchBlock, BenchError> {
        self.make(size, false)
    }

    /// The block of this size, with the input for a guest.
    ///
    /// # Errors
    /// Those of [`Self::block`].
    pub fn block_with_input(&mut self, size: Size) -> Result<BenchBlock, BenchError> {
        self.make(size, true)
    }

    fn make(&mut self, size: Size, with_input: bool) -> Result<BenchBlock, BenchError> {
        let filled = self.fill(size)?;
        let plan = self.plan(&filled);
        let (outcome, input) = if with_input {
            let (outcome, input) = self.bench.run_with_input(&plan)?;
            (outcome, Some(input))
        } else {
            (self.bench.run(&plan)?, None)
        };
        let mut block = self.checked(&filled, outcome)?;
        block.input = input;
        Ok(block)
    }

    /// The block of this size, with its signed transactions, and what ran, whatever the prices.
    pub(super) fn make_planned(
        &mut self,
        size: Size,
    ) -> Result<(BenchBlock, Plan, Usage), BenchError> {
        let filled = self.fill(size)?;
        let mut plan = self.plan(&filled);
        let mut outcome = self.bench.run(&plan)?;
        let work = std::mem::take(&mut outcome.units.work);
        let transactions = std::mem::take(&mut outcome.decoded.body.transactions);
        plan.signed = transactions.into_iter().map(Some).collect();
        Ok((self.checked(&filled, outcome)?, plan, work))
    }

    fn checked(&self, filled: &Fill, outcome: Outcome) -> Result<BenchBlock, BenchError> {
        let promised = self.cost.usage(&filled.parts);
        let state =
            self.bench.gas(&outcome.units.state)? > self.bench.gas(&outcome.units.execution)?;
        let usage = if state {
            outcome.units.state
        } else {
            outcome.units.execution
        };
        if usage != promised {
            return Err(BenchError::NotAffine {
                predicted: self.promised(filled),
                used: outcome.used,
            });
        }
        let mut block = self.report(filled, outcome.used, usage);
        block.block_hash = Some(outcome.hash);
        Ok(block)
    }

    /// Gas that the block counts if its parts cost what the small ones did.
    fn promised(&self, filled: &Fill) -> Gas {
        let used = filled.parts.iter().map(|count| self.cost.used(*count));
        Metered::sum(used).counted()
    }

    /// The transactions of the block of this size.
    fn fill(&self, size: Size) -> Result<Fill, BenchError> {
        let (scenario, cost) = (self.bench.template.scenario, &self.cost);
        let capacity = capacity(scenario);
        let bounds = Bounds {
            block: match size {
                Size::Gas(limit) => Some(limit),
                Size::Iterations(_) => None,
            },
            transaction: self.transaction_cap,
            slack: self.slack()?,
            iterations: match size {
                Size::Gas(_) => capacity,
                Size::Iterations(count) if capacity.is_some_and(|most| count > most) => {
                    return Err(BenchError::NoState(count));
                }
                Size::Iterations(count) => Some(count),
            },
            per_transaction: self.most.unwrap_or(u64::MAX).min(
                if scenario.loops() && cost.needed.intercept > 0 {
                    looping_contract::MAX_NUMBER / scenario.repeat.max(1) - 1
                } else {
                    1
                },
            ),
        };
        let parts = fill(cost, &bounds);
        let needed = |count: u64| cost.limit(count).saturating_add(bounds.slack);
        if parts.is_empty() && size != Size::Iterations(0) {
            return Err(self.too_large(needed(1), &bounds));
        }
        let gas_limit = match size {
            Size::Gas(limit) => limit,
            Size::Iterations(_) => {
                let gas = parts.iter().map(|count| needed(*count));
                gas.sum::<Gas>().max(MIN_GAS_LIMIT)
            }
        };
        Ok(Fill { parts, gas_limit })
    }

    /// Why not one iteration fits, which needs so much gas.
    fn too_large(&self, needed: Gas, bounds: &Bounds) -> BenchError {
        let gas = bounds.block.unwrap_or(Gas::MAX).min(bounds.transaction);
        let over = self.cost.over_meter().filter(|_| needed <= gas);
        over.unwrap_or(BenchError::DoesNotFit(needed))
    }

    /// Gas that a transaction leaves: the last call gets one part in 64 less than there is (EIP-150), an SSTORE fails
    /// with no more left than the sentry (EIP-2200).
    fn slack(&self) -> Result<Gas, BenchError> {
        if !self.bench.template.scenario.loops() {
            return Ok(0);
        }
        let sentry = GasParam::whole("SSTORE_SENTRY");
        let sentry = self.bench.schedule.price(&sentry)?;
        Ok(self.cost.needed.at(1) / 60 + sentry + 100 + self.cost.returned())
    }

    fn plan(&self, filled: &Fill) -> Plan {
        let scenario = self.bench.template.scenario;
        let (mut used, mut bodies) = (Metered::default(), 0);
        let slots = (0..).zip(&filled.parts).map(|(nonce, &count)| {
            let left = filled.gas_limit.saturating_sub(used.counted());
            let slot = Slot {
                nonce,
                gas_limit: if scenario.loops() {
                    left.min(self.transaction_cap)
                } else {
                    self.cost.limit(count)
                },
                count,
                first: bodies,
            };
            used = used.plus(self.cost.used(count));
            bodies += count * scenario.repeat;
            slot
        });
        Plan {
            slots: slots.collect(),
            gas_limit: filled.gas_limit,
            signed: Vec::new(),
        }
    }

    fn report(&self, filled: &Fill, gas_used: Gas, usage: Usage) -> BenchBlock {
        let scenario = self.bench.template.scenario;
        let iterations = filled.parts.iter().sum();
        let fill = fraction(gas_used, filled.gas_limit);
        let meter = self.cost.fullest_meter(&filled.parts);
        let underfilled = (fill < FULL)
            .then(|| self.why_underfilled(iterations, filled.gas_limit, fill, meter.as_ref()));
        BenchBlock {
            scenario: scenario.id.clone(),
            operation: scenario.operation.clone(),
            iterations,
            gas_limit: filled.gas_limit,
            gas_used,
            fill,
            underfilled,
            meter,
            transactions: filled.parts.len(),
            usage,
            block_hash: None,
            input: None,
        }
    }

    fn why_underfilled(
        &self,
        iterations: u64,
        gas_limit: Gas,
        fill: f64,
        meter: Option<&MeterFill>,
    ) -> String {
        if capacity(self.bench.template.scenario) == Some(iterations) {
            return format!("the state has accounts or slots for {iterations} iterations only");
        }
        if let Some(meter) = meter.filter(|meter| meter.fill > fill) {
            return format!("the meter `{}` ends the block first", meter.meter);
        }
        let one = self.cost.needed.slope;
        if one * 200 > i128::from(gas_limit) {
            return format!("one iteration takes {one} gas");
        }
        "a further transaction would cost more than is left".to_owned()
    }
}

/// How many iterations the state has something for.
fn capacity(scenario: &Scenario) -> Option<u64> {
    prestate::capacity(scenario).map(|bodies| bodies / scenario.repeat.max(1))
}

fn fraction(part: Gas, whole: Gas) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "gas of a block is far below 2^53"
    )]
    let ratio = part as f64 / whole as f64;
    ratio
}
