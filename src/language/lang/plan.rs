//! What a schedule file means: prices, and what the solver is asked for.

use std::collections::BTreeMap;

use crate::{
    diag::Label,
    gas::{Gas, GasParam, Schedule},
};

/// A checked schedule file with everything it inherits.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file's title.
    pub name: String,
    /// What it extends, as written: a built-in's bare name or a path in quotes. `None` for a root.
    pub parent: Option<String>,
    /// The prices of what it extends: changes are counted against these. A root's own prices.
    pub baseline: Schedule,
    /// The prices of what all its ancestors start from, such as a fork's; a root's own.
    pub root: Schedule,
    /// The prices of every schedule on the way to it, the root's first and the one extended last; its own are not
    /// among them.
    pub ancestors: Vec<Schedule>,
    /// Its prices.
    pub schedule: Schedule,
    /// What blocks must achieve, in order. Inherited when the file states none.
    pub targets: Vec<Target>,
    /// Who is measured.
    pub provers: Vec<ProverSpec>,
    /// What the solver may do; `None`: the file is just a price list.
    pub solve: Option<SolveSpec>,
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Running a block natively.
    Execute,
    /// Proving a block.
    Prove,
}

impl Verb {
    /// Every verb.
    pub const ALL: &[Self] = &[Self::Execute, Self::Prove];

    /// The word in schedules.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Prove => "prove",
        }
    }
}

/// `target prove 60 Mgas within 10 s on zisk, sp1`: a full block of any one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What is timed.
    pub verb: Verb,
    /// The block's gas; above zero.
    pub gas: Gas,
    /// How fast it has to be.
    pub limit: Limit,
    /// By what part of its cost beyond the fixed one a block has to hold more than that: 0.12 where it may cost 12 % more. No
    /// file says it: who asks does. At least 0.
    pub margin: f64,
    /// Who must make it. Empty only for `execute`, where no prover takes part.
    pub on: Vec<String>,
    /// `on 2 of a, b, c`: how many of them must; `None`: all.
    pub at_least: Option<usize>,
    /// The statement.
    pub label: Label,
}

impl Target {
    /// The time limit, seconds; `None` where an anchor takes its place.
    pub const fn within_s(&self) -> Option<f64> {
        match &self.limit {
            Limit::Within(seconds) => Some(*seconds),
            Limit::Anchor(_) => None,
        }
    }

    /// The operations that it is relative to; `None` where it is a time.
    pub const fn anchor(&self) -> Option<&Anchor> {
        match &self.limit {
            Limit::Within(_) => None,
            Limit::Anchor(anchor) => Some(anchor),
        }
    }

    /// Gas per second a full block must reach within its time: the anchor rate; `None` where that is measured.
    #[expect(
        clippy::cast_precision_loss,
        reason = "block gas is far below 2^53, and a rate is a rounded figure"
    )]
    pub fn anchor_rate(&self) -> Option<f64> {
        self.within_s().map(|seconds| self.gas as f64 / seconds)
    }
}

/// How fast a full block has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// `within 10 s`: fixed cost included, seconds above zero.
    Within(f64),
    /// `at the rate of ADD`: its work alone, against other work.
    Anchor(Anchor),
}

/// `at 2x the rate of median of opcode *`: gas per work of operations under the prices that all started from.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// How many times that rate; above zero.
    pub times: f64,
    /// How many of a hundred operations reach the rate; `None`: all, it is the slowest one's. The median is 50.
    pub percentile: Option<u8>,
    /// The operations, each once.
    pub operations: Vec<String>,
    /// What the rate is of, as it is written.
    pub words: String,
    /// What was measured, by the name of the prover. No file says it; empty until it is known.
    pub rates: BTreeMap<String, AnchorRate>,
}

/// What an anchor comes to on one prover.
#[derive(Clone, Debug, PartialEq)]
pub struct AnchorRate {
    /// Gas per second of work, before the anchor's factor; above zero and finite.
    pub gas_per_s: f64,
    /// The scenario that it is the rate of.
    pub scenario: String,
    /// The scenario's operation.
    pub operation: String,
}

/// `prover zisk { guest = reth, ethrex }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProverSpec {
    /// Its name.
    pub name: String,
    /// The guest programs that count; empty: whichever is configured.
    pub guests: Vec<String>,
    /// What it has to run on to be timed; `None`: whatever is configured.
    pub resource: Option<Resource>,
}

/// What a prover runs on, by the names of ere-server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Processor cores.
    Cpu,
    /// Graphics cards.
    Gpu,
    /// Machines that work together.
    Cluster,
    /// Somebody else's machines, paid by the proof.
    Network,
}

impl Resource {
    /// Every resource.
    pub const ALL: &[Self] = &[Self::Cpu, Self::Gpu, Self::Cluster, Self::Network];

    /// The word in schedules and in `reprice.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Cluster => "cluster",
            Self::Network => "network",
        }
    }
}

/// What the solver may move, must respect and aims for.
#[derive(Clone, Debug, PartialEq)]
pub struct SolveSpec {
    /// What may move. A parameter outside every selection keeps its price.
    pub vary: Vec<Selection>,
    /// What may not, whatever `vary` says.
    pub keep: Vec<Selection>,
    /// Limits of single prices. A parameter may have several: all hold.
    pub bounds: Vec<Bound>,
    /// Linear relations between prices.
    pub relations: Vec<Relation>,
    /// What to make small.
    pub minimize: Objective,
    /// How proposed prices are rounded.
    pub round: Rounding,
    /// Fixtures whose blocks are held beside the scenarios': files or folders, from where the outermost file's path starts.
    pub include: Vec<String>,
    /// What changes are weighed by. No file says it: measurements do.
    pub mix: Option<Mix>,
}

/// What blocks of everyday use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    /// Units of prices. Below zero where more is given back than charged: refunds, stipends.
    pub units: Vec<(GasParam, i64)>,
    /// Gas beside, whatever the prices: the quadratic part of memory, what halts burn, refunds that the cap kept back.
    pub rest: i64,
    /// Whether all of it together may take no more gas than before.
    pub neutral: bool,
}

/// Parameters chosen by one `vary` or `keep`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The parameters, each once, in the schedule's order. Never a parameter that a chosen operation merely refers to.
    pub params: Vec<GasParam>,
    /// Whether one factor moves them all.
    pub together: bool,
    /// The clause.
    pub label: Label,
}

/// `low <= price <= high`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The parameter.
    pub param: GasParam,
    /// In gas, or times the formula for a formula that is not linear; at least 0. `1x` is already resolved.
    pub low: Option<f64>,
    /// As `low`.
    pub high: Option<f64>,
    /// The clause.
    pub label: Label,
}

/// `sum(factor * price) + constant  compare  0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// Parameters, each once, with their factors; none is 0. A parameter that does not vary counts at its price.
    pub terms: Vec<(GasParam, f64)>,
    /// Gas.
    pub constant: f64,
    /// How the sum compares with 0.
    pub compare: Compare,
    /// The clause.
    pub label: Label,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `<=`
    Le,
    /// `>=`
    Ge,
    /// `==`
    Eq,
}

/// What the solver makes small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The sum of relative changes.
    #[default]
    TotalChange,
    /// The largest relative change.
    LargestChange,
    /// How many prices change.
    NumberOfChanges,
}

impl Objective {
    /// Every objective.
    pub const ALL: &[Self] = &[
        Self::TotalChange,
        Self::LargestChange,
        Self::NumberOfChanges,
    ];

    /// The words after `minimize`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TotalChange => "total change",
            Self::LargestChange => "largest change",
            Self::NumberOfChanges => "number of changes",
        }
    }
}

/// How proposed prices become round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// `round up`: never below what was solved. Otherwise to the nearest.
    pub up: bool,
    /// What prices are multiples of.
    pub to: Step,
}

/// What a round price is a multiple of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So much gas; at least 1.
    Gas(Gas),
    /// The place of its so-manieth digit; at least the first. Of two, 7 and 58 stay, and 1,234 becomes 1,300.
    Digits(u32),
}

impl Step {
    /// Whole gas.
    pub const WHOLE: Self = Self::Gas(1);

    /// What a price of about this much is a multiple of.
    pub fn at(self, price: Gas) -> Gas {
        match self {
            Self::Gas(gas) => gas.max(1),
            Self::Digits(digits) => {
                let all = price.max(1).ilog10() + 1;
                10_u64.pow(all.saturating_sub(digits.max(1)))
            }
        }
    }
}

impl Default for Rounding {
    fn default() -> Self {
        Self {
            up: true,
            to: Step::WHOLE,
        }
    }
}
