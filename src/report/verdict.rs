//! Why no prices meet a target, in words.

use super::number::{count, mgas_per_s, percent, three_digits};
use super::proposal::Verdict;
use super::table::anchor_words;
use crate::{
    fit::real,
    lang::{Anchor, Limit, Plan, Target},
    printable::printable,
    solve::{Infeasible, Relaxation, RelaxedLimit},
};

/// Blocks named one by one.
const SHOWN: usize = 5;

/// The answer "none", with what stands in the way and what would have to give.
pub fn verdict(none: &Infeasible, plan: &Plan) -> Verdict {
    match none {
        Infeasible::FixedCost {
            target,
            prover,
            fixed_s,
            within_s,
        } => Verdict::Infeasible {
            reason: format!(
                "an empty block already takes `{prover}` {} s, and the target allows {} s: no price helps",
                three_digits(*fixed_s),
                three_digits(*within_s),
            ),
            relaxations: vec![format!(
                "more than {} s for `{}`, or a prover with a smaller fixed cost",
                three_digits(*fixed_s),
                plan.targets
                    .get(*target)
                    .map_or_else(String::new, target_words),
            )],
        },
        Infeasible::Blocks { blocks, relaxation } => {
            let number = match blocks.len() {
                1 => "1 block stands".into(),
                n => format!("{} stand", count(n, "block")),
            };
            let mut lines = vec![format!(
                "no prices within the bounds meet the target: {number} in the way"
            )];
            let shown = blocks.iter().take(SHOWN).map(ToString::to_string);
            lines.extend(shown.map(|block| format!("  {}", printable(&block))));
            if blocks.len() > SHOWN {
                lines.push(format!("  and {} more", blocks.len() - SHOWN));
            }
            Verdict::Infeasible {
                reason: lines.join("\n"),
                relaxations: relaxation
                    .iter()
                    .flat_map(|one| relaxed(one, plan))
                    .collect(),
            }
        }
        Infeasible::Requirements { params, relations } => {
            let names: Vec<String> = params.iter().map(|param| format!("`{param}`")).collect();
            let bounds = if names.is_empty() {
                String::new()
            } else {
                format!(": the bounds of {}", names.join(", "))
            };
            let relations = match relations.len() {
                0 => String::new(),
                n => format!(
                    ": {} of `require` contradict each other",
                    count(n, "relation")
                ),
            };
            Verdict::Infeasible {
                reason: format!(
                    "no prices meet the requirements, whatever the blocks cost{bounds}{relations}"
                ),
                relaxations: Vec::new(),
            }
        }
        Infeasible::WholePrices { block, .. } => Verdict::Infeasible {
            reason: match block {
                Some(block) => {
                    let block = block.to_string();
                    let block = printable(&block);
                    format!("prices that meet the target exist, but none in whole gas: see {block}")
                }
                None => "prices that meet the requirements exist, but none in whole gas".into(),
            },
            relaxations: vec!["a finer `round`, or wider bounds".into()],
        },
    }
}

/// What would be enough, each by itself.
fn relaxed(one: &Relaxation, plan: &Plan) -> Vec<String> {
    let Some(target) = plan.targets.get(one.target) else {
        return Vec::new();
    };
    let mut ways = match &one.limit {
        RelaxedLimit::Within {
            gas,
            within_s,
            fixed_s,
        } => {
            let gas = format!(
                "blocks of {} Mgas instead of {}",
                mgas_per_s(real(*gas)),
                mgas_per_s(real(target.gas))
            );
            let limit = target.within_s().filter(|_| within_s.is_finite());
            let within = limit.map(|limit| {
                let (enough, limit) = (three_digits(*within_s), three_digits(limit));
                format!("{enough} s instead of {limit}")
            });
            let fixed = fixed_s.map(|s| format!("a fixed cost of {} s", three_digits(s)));
            [Some(gas), within, fixed].into_iter().flatten().collect()
        }
        RelaxedLimit::Anchor { times } => {
            let anchor = target.anchor().filter(|_| *times > 0.0);
            let way = |anchor: &Anchor| {
                let (enough, asked) = (three_digits(*times), three_digits(anchor.times));
                format!("{enough}x the rate of {} instead of {asked}x", anchor.words)
            };
            anchor.map(way).into_iter().collect::<Vec<_>>()
        }
    };
    if let Some(margin) = one.margin {
        let (enough, asked) = (percent(margin), percent(target.margin));
        ways.push(format!("a margin of {enough} instead of {asked}"));
    }
    ways
}

fn target_words(target: &Target) -> String {
    let limit = match &target.limit {
        Limit::Within(seconds) => format!("within {} s", three_digits(*seconds)),
        Limit::Anchor(anchor) => format!("at {}", anchor_words(&anchor.words, anchor.times)),
    };
    let gas = mgas_per_s(real(target.gas));
    format!("target {} {gas} Mgas {limit}", target.verb.name())
}
