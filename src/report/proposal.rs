//! What a proposal says, as plain data. The field names are those of the JSON form, and so a promise.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{margin::MarginLine, number::count};

use crate::{
    gas::Gas,
    prove::{BlockId, CostVector, Measured, ProverId},
    solve::Price,
};

/// The whole answer to `propose`.
#[derive(Clone, Debug, Serialize)]
pub struct ProposalReport {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from: a path, or a built-in's name.
    pub file: String,
    /// The title of the schedule whose prices are `current`.
    pub baseline: String,
    /// What every full block has to hold.
    pub targets: Vec<TargetLine>,
    /// Who proves, and what its time means.
    pub provers: Vec<ProverLine>,
    /// One row per gas parameter that a scenario measures, in the schedule's order.
    pub rows: Vec<PriceRow>,
    /// The other parameters, in the schedule's order.
    pub unmeasured: Vec<Unmeasured>,
    /// What ends blocks beside their gas; absent where the schedule has no meters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<MeterLine>,
    /// Every block that was run under the proposed prices, the slowest first.
    pub blocks: Vec<BlockLine>,
    /// Blocks that are not judged, under the current prices, the slowest first: they miss already, and none of the prices that vary or
    /// were changed is theirs. Absent where every block is judged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untouched: Vec<BlockLine>,
    /// Operations of several parts whose blocks tell only what these come to together: blocks of another size may not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_sums: Vec<String>,
    /// Scenarios that nobody asked for: the verdict says nothing about their blocks.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// Sum over all parameters of |proposed - current| / current; 1 is one price doubled.
    pub total_change: f64,
    /// What the mix that changes were weighed by takes, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<MixLine>,
    /// How often the blocks were regenerated and measured.
    pub rounds: usize,
    /// The recorded runs that the blocks are from, if they are: their work was measured once, and `after` is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// How closely blocks hold.
    pub margin: MarginLine,
    /// The blocks of others that are held, too; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixtures: Option<FixturesLine>,
    /// Who tried to break it; absent where nobody was asked to, and where there was nothing to break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adversary: Option<AdversaryLine>,
    /// Yes, or no with the reason.
    pub verdict: Verdict,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde calls it with"
)]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Blocks of others among those that are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixturesLine {
    /// Fixtures that have a block under the proposed prices.
    pub held: usize,
    /// Why others have none, by name: their transactions cannot be sent at these prices.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub without_block: BTreeMap<String, String>,
    /// Fixtures that were named and have no block to be held.
    pub left_out: usize,
}

/// What an adversary of proposals did.
#[derive(Clone, Debug, Serialize)]
pub struct AdversaryLine {
    /// One for each proposal that it attacked.
    pub rounds: Vec<AdversaryRound>,
}

/// One attack.
#[derive(Clone, Debug, Serialize)]
pub struct AdversaryRound {
    /// Programs tried.
    pub tries: u64,
    /// What it found that missed the target, by name: the next proposal holds it.
    pub missed: Vec<String>,
}

impl AdversaryLine {
    /// What it says about the last proposal.
    pub fn text(&self) -> String {
        let tries: u64 = self.rounds.iter().map(|round| round.tries).sum();
        let tries = count(usize::try_from(tries).unwrap_or(usize::MAX), "program");
        let found: Vec<&str> = self
            .rounds
            .iter()
            .flat_map(|round| round.missed.iter().map(String::as_str))
            .collect();
        let last = self
            .rounds
            .last()
            .is_some_and(|round| round.missed.is_empty());
        let attacks = count(self.rounds.len(), "proposal");
        let held = match found.len() {
            0 => "found nothing that misses the target".to_owned(),
            blocks => {
                let blocks = count(blocks, "block");
                format!(
                    "found {blocks} that missed it and are held now: {}",
                    found.join(", ")
                )
            }
        };
        let end = match (last, found.is_empty()) {
            (true, true) => "",
            (true, false) => "; nothing against the last",
            (false, _) => "; this one is not attacked any more",
        };
        format!("the adversary attacked {attacks} with {tries} and {held}{end}")
    }
}

/// One target of the schedule.
#[derive(Clone, Debug, Serialize)]
pub struct TargetLine {
    /// `execute`, `prove` or `verify`.
    pub verb: &'static str,
    /// Gas of a full block.
    pub gas: Gas,
    /// Time limit, seconds; absent where an anchor takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_s: Option<f64>,
    /// What it is relative to; absent where it is a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<AnchorLine>,
    /// By what part of its work every block has to hold more than that.
    pub margin: f64,
    /// The provers it names.
    pub on: Vec<String>,
    /// How many of them have to hold it; all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// `gas / within_s`, gas per second; absent where an anchor takes the place of a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor_rate: Option<f64>,
}

/// What a target is relative to.
#[derive(Clone, Debug, Serialize)]
pub struct AnchorLine {
    /// What the rate is of, as it is written.
    pub of: String,
    /// How many times that rate.
    pub times: f64,
    /// What it comes to, by prover, under the prices that all started from.
    pub rates: Vec<AnchorRateLine>,
}

/// An anchor on one prover.
#[derive(Clone, Debug, Serialize)]
pub struct AnchorRateLine {
    /// The prover.
    pub prover: String,
    /// Gas per second of work, before the factor.
    pub gas_per_s: f64,
    /// The operation that it is the rate of.
    pub operation: String,
    /// Its worst block.
    pub scenario: String,
}

/// One prover, and how its seconds come about.
#[derive(Clone, Debug, Serialize)]
pub struct ProverLine {
    /// Its name in the schedule.
    pub name: String,
    /// Executor and guest: what the cycles were counted with.
    pub version: String,
    /// Whether seconds are modelled from a deterministic count, or were measured.
    pub modelled: bool,
    /// Seconds to prove an empty block.
    pub fixed_s: f64,
    /// Seconds per million of each cost beyond that.
    pub s_per_million: BTreeMap<String, f64>,
    /// Families of operations whose seconds miss by more than half.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<String>,
    /// What else makes the seconds doubtful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// What the two numbers were fitted on: prover version and hardware.
    pub calibration: String,
    /// Where the numbers come from.
    pub source: String,
    /// The mean relative error of the model; absent where it is not known or seconds are measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Whether the target on it is relative to an anchor, so that its fixed cost plays no part.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anchored: bool,
    /// Gas per second that the work itself needs once the fixed cost is gone: `gas / (within_s - fixed_s)`;
    /// absent where the fixed cost alone takes the time limit or more.
    pub effective_rate: Option<f64>,
}

/// One gas parameter that a scenario measures.
#[derive(Clone, Debug, Serialize)]
pub struct PriceRow {
    /// Its name in schedules, such as `KECCAK256.per_word`.
    pub param: String,
    /// What a unit is; empty for one execution.
    pub unit: String,
    /// Price in the baseline.
    pub current: Price,
    /// Price proposed.
    pub proposed: Price,
    /// The slowest scenario that uses it.
    pub worst: Throughput,
    /// Why the price is what it is; absent where it did not change and nothing held it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

impl PriceRow {
    /// Whether the price moved.
    pub fn changed(&self) -> bool {
        self.current != self.proposed
    }

    /// Where its price lies with 95 %, as far as what holds it goes.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.why.as_ref()?.interval
    }
}

/// One scenario's full block, under the current and under the proposed prices.
#[derive(Clone, Debug, Serialize)]
pub struct Throughput {
    /// Scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// Prover.
    pub prover: ProverId,
    /// Gas per second of a full block under the current prices.
    pub before: f64,
    /// The same under the proposed prices, measured again.
    pub after: f64,
    /// Before and after, in times the rate that a target relative to an anchor asks of the work; absent for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_asked: Option<(f64, f64)>,
    /// What becomes of it under the proposed prices, where it crashed; absent where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash: Option<Crash>,
    /// How `after` came about.
    pub measured: Measured,
}

/// A block that crashed, under the proposed prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Crash {
    /// It still fits into a block.
    Fits,
    /// It takes more gas than a block has.
    RuledOut,
}

/// The block that holds a price up.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// Its scenario, or the requirement that binds instead.
    pub scenario: String,
    /// The prover it is slowest on; empty for a requirement.
    pub prover: String,
    /// How much smaller the total change would be if that block were one percent faster.
    pub dual: f64,
    /// Gas per unit (or the factor) that the price would be lower by if that block were one percent faster.
    pub gas_per_percent: f64,
    /// Where the price would lie, all others being as they are, for that block's cost at the ends of its 95 % interval; absent
    /// where its cost is computed and not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// The scenario that would hold the price next, its prover, and the price it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<Next>,
    /// The largest part of any block's gas that this price makes up: small where no block is about it.
    pub own_share: f64,
}

/// Who would hold a price next.
#[derive(Clone, Debug, Serialize)]
pub struct Next {
    /// Its scenario.
    pub scenario: String,
    /// Its prover.
    pub prover: String,
    /// Gas per unit, or the factor, that it asks for.
    pub asks: f64,
}

/// A parameter that no scenario measures.
#[derive(Clone, Debug, Serialize)]
pub struct Unmeasured {
    /// Its name in schedules.
    pub param: String,
    /// Its price, which stays.
    pub current: Price,
    /// Why there is no scenario.
    pub reason: String,
}

/// What ends blocks beside their gas.
#[derive(Clone, Debug, Serialize)]
pub struct MeterLine {
    /// Its name and limit, such as `zk within 100 Mgas`.
    pub text: String,
    /// How many of the blocks it ends.
    pub ends: usize,
}

/// One block under the proposed prices.
#[derive(Clone, Debug, Serialize)]
pub struct BlockLine {
    /// Which block.
    #[serde(flatten)]
    pub id: BlockId,
    /// Gas the block used.
    pub gas_used: Gas,
    /// The meter that ended it; absent where its gas did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// Seconds to prove it, or to execute it where that is the target; fixed cost included; absent where it crashed.
    pub proving_s: Option<f64>,
    /// Gas per second of a full block.
    pub throughput: f64,
    /// Whether it meets the target; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meets: Option<bool>,
    /// By what part of its work it holds the target, below 0 a miss; the margin asked for is not taken off. Absent without a
    /// target, and where it crashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// How far off its cost may be, as a part of it; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// In times the rate that a target relative to an anchor asks of the work; absent for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_asked: Option<f64>,
    /// What it cost, counted; absent where it was not counted here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<CostVector>,
    /// How the seconds came about.
    pub measured: Measured,
    /// How far the repeats lie apart, as a part of their median; absent without repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
    /// Why the block is not full, or what failed; and whether repeats differ much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whether the target holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Verdict {
    /// Every block meets every target.
    Holds,
    /// Some do not, under the proposed prices: see `blocks`.
    Misses {
        /// How many.
        blocks: usize,
    },
    /// No prices within the bounds can.
    Infeasible {
        /// Which block, prover and bound stand in the way.
        reason: String,
        /// What would have to give.
        relaxations: Vec<String>,
    },
}

/// The gas of a mix of operations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MixLine {
    /// Where its counts are from.
    pub file: String,
    /// Its gas under the schedule.
    pub before: f64,
    /// Its gas under the proposal.
    pub after: f64,
    /// Whether it was to take no more than before.
    pub neutral: bool,
}
