//! What a target's anchor comes to: the rate of its operations' blocks under the prices that all started from.
//!
//! The rate is of work alone, so neither an empty block's time nor what a second is worth has a part in what a target asks.

use std::{collections::BTreeMap, fmt};

use super::{CampaignError, MeasuredBlock, ProverId};
use crate::{
    bench::{self, Scenario},
    diag::{Diagnostic, Label},
    fit::real,
    gas::Schedule,
    lang::{Anchor, AnchorRate, Limit, Target},
};

/// Why an anchor has no rate.
#[derive(Debug)]
pub enum AnchorError {
    /// There is no block of its operations.
    Unmeasured {
        /// What the rate is of, as it is written.
        words: String,
        /// On which prover; `None`: anywhere.
        prover: Option<ProverId>,
    },
    /// None of their blocks came through.
    Crashed {
        /// What the rate is of, as it is written.
        words: String,
        /// On which prover.
        prover: ProverId,
        /// How many blocks there are.
        blocks: usize,
        /// What became of the first.
        first: String,
    },
    /// Their blocks take no time beyond the fixed one.
    Free {
        /// What the rate is of, as it is written.
        words: String,
        /// On which prover.
        prover: ProverId,
    },
    /// Measuring them failed.
    Campaign(CampaignError),
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmeasured {
                words,
                prover: None,
            } => write!(f, "no scenario measures the rate of {words}"),
            Self::Unmeasured {
                words,
                prover: Some(prover),
            } => write!(f, "no block of `{prover}` measures the rate of {words}"),
            Self::Crashed {
                words,
                prover,
                blocks,
                first,
            } => write!(
                f,
                "the rate of {words} is not known on `{prover}`: of {blocks} blocks none came through, the first for: {first}"
            ),
            Self::Free { words, prover } => write!(
                f,
                "the blocks of {words} take `{prover}` no longer than an empty one, which is no rate"
            ),
            Self::Campaign(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AnchorError {}

/// The scenarios under `root` that say what the anchors of `targets` come to.
///
/// # Errors
/// There is none for one of them.
pub fn scenarios(
    root: &Schedule,
    targets: &[Target],
) -> Result<Vec<&'static Scenario>, AnchorError> {
    let mut all = bench::scenarios_of(root);
    let anchors: Vec<&Anchor> = targets.iter().filter_map(Target::anchor).collect();
    for anchor in &anchors {
        if !all.iter().any(|one| is_of(anchor, &one.operation)) {
            return Err(AnchorError::Unmeasured {
                words: anchor.words.clone(),
                prover: None,
            });
        }
    }
    let wanted = |one: &&Scenario| anchors.iter().any(|anchor| is_of(anchor, &one.operation));
    all.retain(|one| wanted(one));
    Ok(all)
}

/// The anchors among `targets` that no scenario measures.
pub fn unmeasured(root: &Schedule, targets: &[Target]) -> Vec<Diagnostic> {
    let all = bench::scenarios_of(root);
    let without = |target: &&Target| {
        let anchor = target.anchor();
        anchor.is_some_and(|anchor| !all.iter().any(|one| is_of(anchor, &one.operation)))
    };
    let finding = |target: &Target| {
        let words = target.anchor().map_or("", |anchor| &anchor.words);
        let mut at: Label = target.label.clone();
        at.primary = true;
        at.text = "only recorded runs can say how fast that is".into();
        Diagnostic::warning(
            "anchor-unmeasured",
            format!("no scenario measures the rate of {words}"),
        )
        .label(at)
        .help("name an operation that has a scenario, such as ADD")
    };
    targets.iter().filter(without).map(finding).collect()
}

/// Fixes what the anchors of `targets` come to, on every prover that has blocks for them. `blocks` are full ones under the
/// prices that all started from, any operation's.
///
/// # Errors
/// An anchor without a rate.
pub fn fix(targets: &mut [Target], blocks: &[MeasuredBlock]) -> Result<(), AnchorError> {
    for (at, target) in targets.iter_mut().enumerate() {
        let Limit::Anchor(anchor) = &mut target.limit else {
            continue;
        };
        let mut by_prover: BTreeMap<ProverId, Vec<&MeasuredBlock>> = BTreeMap::new();
        for block in blocks.iter().filter(|block| block.target == at) {
            let own = by_prover.entry(block.id.prover.clone()).or_default();
            if is_of(anchor, &block.id.operation) {
                own.push(block);
            }
        }
        if by_prover.is_empty() {
            return Err(AnchorError::Unmeasured {
                words: anchor.words.clone(),
                prover: None,
            });
        }
        for (prover, own) in by_prover {
            let rate = rate(anchor, &prover, &own)?;
            anchor.rates.insert(prover.to_string(), rate);
        }
    }
    Ok(())
}

/// The rate of one prover's blocks: of each operation its slowest, and of these the one that so many reach.
fn rate(
    anchor: &Anchor,
    prover: &ProverId,
    blocks: &[&MeasuredBlock],
) -> Result<AnchorRate, AnchorError> {
    let words = || anchor.words.clone();
    let prover = || prover.clone();
    if blocks.is_empty() {
        return Err(AnchorError::Unmeasured {
            words: words(),
            prover: Some(prover()),
        });
    }
    let mut slowest: BTreeMap<&str, AnchorRate> = BTreeMap::new();
    let mut crash = None;
    for block in blocks {
        if let Some(failure) = &block.failure {
            crash = crash.or(Some(failure));
            continue;
        }
        let gas_per_s = real(block.gas_used) / block.cost_s;
        if !(gas_per_s.is_finite() && gas_per_s > 0.0) {
            continue;
        }
        let known = slowest.get(block.id.operation.as_str());
        if known.is_none_or(|known| gas_per_s < known.gas_per_s) {
            let rate = AnchorRate {
                gas_per_s,
                scenario: block.id.scenario.clone(),
                operation: block.id.operation.clone(),
            };
            slowest.insert(&block.id.operation, rate);
        }
    }
    let mut rates: Vec<AnchorRate> = slowest.into_values().collect();
    rates.sort_by(|a, b| b.gas_per_s.total_cmp(&a.gas_per_s));
    let reach = usize::from(anchor.percentile.unwrap_or(100));
    let at = (reach * rates.len()).div_ceil(100).max(1) - 1;
    rates.into_iter().nth(at).ok_or_else(|| match crash {
        Some(first) => AnchorError::Crashed {
            words: words(),
            prover: prover(),
            blocks: blocks.len(),
            first: first.clone(),
        },
        None => AnchorError::Free {
            words: words(),
            prover: prover(),
        },
    })
}

/// Whether a scenario of `operation`, which may be a part of one, is the anchor's.
fn is_of(anchor: &Anchor, operation: &str) -> bool {
    let whole = operation.split('.').next().unwrap_or(operation);
    anchor.operations.iter().any(|one| one == whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Verb;
    use crate::prove::BlockId;

    fn target(operations: &[&str], percentile: Option<u8>) -> Target {
        Target {
            verb: Verb::Prove,
            gas: 60_000_000,
            limit: Limit::Anchor(Anchor {
                times: 1.0,
                percentile,
                operations: operations.iter().map(|one| (*one).to_owned()).collect(),
                words: operations.join(", "),
                rates: BTreeMap::new(),
            }),
            margin: 0.0,
            on: vec!["sp1".into()],
            at_least: None,
            label: Label::default(),
        }
    }

    fn block(scenario: &str, operation: &str, cost_s: f64) -> MeasuredBlock {
        MeasuredBlock {
            id: BlockId {
                scenario: scenario.into(),
                operation: operation.into(),
                prover: ProverId::of("sp1"),
            },
            gas_used: 1_000_000,
            cost_s,
            failure: cost_s.is_infinite().then(|| "out of memory".into()),
            ..MeasuredBlock::default()
        }
    }

    fn fixed(mut target: Target, blocks: &[MeasuredBlock]) -> Result<AnchorRate, AnchorError> {
        fix(std::slice::from_mut(&mut target), blocks)?;
        Ok(target.anchor().unwrap().rates["sp1"].clone())
    }

    #[test]
    fn the_slowest_block_of_an_operation_counts() {
        let blocks = [
            block("add/chain", "ADD", 2.0),
            block("add/zero", "ADD", 1.0),
            block("mul/chain", "MUL", 4.0),
            block("div/chain", "DIV", 8.0),
        ];
        let rate = fixed(target(&["ADD"], None), &blocks).unwrap();
        assert_eq!(rate.scenario, "add/chain");
        assert!((rate.gas_per_s - 5e5).abs() < 1e-6);
        // Of three operations two reach the median's rate, and all the slowest's.
        let all = ["ADD", "MUL", "DIV"];
        let of = |percentile| fixed(target(&all, percentile), &blocks).unwrap().operation;
        assert_eq!(
            [of(Some(1)), of(Some(50)), of(Some(100)), of(None)],
            ["ADD", "MUL", "DIV", "DIV"]
        );
    }

    #[test]
    fn an_anchor_without_a_rate_is_said() {
        let crashed = block("add/chain", "ADD", f64::INFINITY);
        let free = block("mul/chain", "MUL", 0.0);
        let say = |name, blocks: &[MeasuredBlock]| {
            fixed(target(&[name], None), blocks)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            say("ADD", std::slice::from_ref(&crashed)),
            "the rate of ADD is not known on `sp1`: of 1 blocks none came through, the first for: out of memory"
        );
        assert_eq!(
            say("MUL", &[crashed.clone(), free]),
            "the blocks of MUL take `sp1` no longer than an empty one, which is no rate"
        );
        assert_eq!(
            say("DIV", &[crashed]),
            "no block of `sp1` measures the rate of DIV"
        );
    }
}
