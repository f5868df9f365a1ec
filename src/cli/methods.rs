//! `reprice propose --method`: the two simpler methods beside the program.

use std::collections::BTreeMap;

use clap::ValueEnum;

use super::exit::Failure;
use crate::{
    gas::{GasParam, Schedule},
    lang::Plan,
    recorded::{
        OpcodeCounts, Panel, Recorded, Run,
        blocks::{Block, Blocks},
        fits,
        judgement::{self, JudgedBlock},
    },
    report::methods::{Method, Methods},
    solve::{self, Price, Prices, apply},
};

/// How prices are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Today's price times the worst ratio of the operation's blocks
    Ratio,
    /// The worst regression of time by executions
    Regression,
    /// The least change with which every block holds
    Program,
}

/// What the methods have in common.
pub struct Common<'a> {
    /// What was asked.
    pub plan: &'a Plan,
    /// Where it was read from.
    pub file: &'a str,
    /// The folder or file.
    pub runs: &'a str,
    /// The blocks as they were measured.
    pub measured: &'a Blocks,
    /// The program's answer.
    pub found: &'a solve::Report,
}

/// Every method asked for, judged on the same blocks.
///
/// # Errors
/// A formula without a value.
pub fn side_by_side(
    common: &Common,
    names: &[Name],
    recorded: &Recorded,
    counts: &OpcodeCounts,
    panel: &Panel,
) -> Result<Methods, Failure> {
    let start = common.found.problem.start_prices();
    let mut methods = Vec::new();
    for name in names {
        let (text, meaning, prices) = match name {
            Name::Ratio => (
                "ratio",
                "today's price times the worst ratio of the operation's own blocks",
                ratio(common, &start)?,
            ),
            Name::Regression => (
                "regression",
                "a regression per operation, the worst of all tests and provers",
                regression(common, &start, recorded, counts, panel),
            ),
            Name::Program => (
                "program",
                "the least change with which every block holds",
                common
                    .found
                    .proposal
                    .as_ref()
                    .map(|p| p.prices.clone())
                    .unwrap_or_default(),
            ),
        };
        methods.push(Method {
            name: text,
            meaning,
            prices: start
                .keys()
                .map(|param| prices.get(param).map(|p| amount(*p)))
                .collect(),
            judged: if prices.is_empty() {
                None
            } else {
                Some(judged(common, text, &prices)?)
            },
        });
    }
    Ok(Methods {
        schedule: common.plan.name.clone(),
        file: common.file.into(),
        runs: common.runs.into(),
        methods,
        parameters: start.keys().map(ToString::to_string).collect(),
        current: start.values().map(|price| amount(*price)).collect(),
    })
}

fn judged(
    common: &Common,
    name: &str,
    prices: &Prices,
) -> Result<judgement::JudgedSchedule, Failure> {
    let schedule =
        apply(&common.plan.schedule, prices).map_err(|error| Failure::start(error.to_string()))?;
    let target = &common.plan.targets[0];
    let judge = |block: &Block| block.judgement(&schedule, target);
    let blocks: Vec<JudgedBlock> = common
        .measured
        .all
        .iter()
        .map(judge)
        .collect::<Result<_, _>>()?;
    Ok(judgement::judge(name, name, &blocks))
}

/// Today's prices times the worst ratio of the operation's blocks; never less than today.
fn ratio(common: &Common, start: &Prices) -> Result<Prices, Failure> {
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    let target = &common.plan.targets[0];
    for block in &common.measured.all {
        let judged = block.judgement(&common.plan.schedule, target)?;
        if let Some(overshoot) = judged.overshoot().filter(|x| *x > 0.0) {
            let worst = worst.entry(&block.operation).or_insert(1.0);
            *worst = worst.max(1.0 / overshoot);
        }
    }
    let times = |(param, price): (&GasParam, &Price)| {
        let ratio = worst.get(param.operation.as_str())?;
        Some((param.clone(), scaled(*price, *ratio)))
    };
    Ok(start.iter().filter_map(times).collect())
}

fn regression(
    common: &Common,
    start: &Prices,
    recorded: &Recorded,
    counts: &OpcodeCounts,
    panel: &Panel,
) -> Prices {
    let recorded = counts.filled(recorded);
    let target = &common.plan.targets[0];
    let measured = &common.measured.all;
    let of_run = |run: &Run| {
        let own = measured.iter().find(|block| block.source == run.source);
        let fixed_s = own.map_or(0.0, |block| block.fixed_s);
        let begin = panel.fixed_s.get(&run.source).copied().unwrap_or(0.0);
        (fits::rate(target.gas, target.within_s, fixed_s), begin)
    };
    let schedule: &Schedule = &common.plan.root;
    let rows = fits::regressions(&recorded, schedule, &of_run);
    let worst = fits::worst(&rows);
    let price = |(param, price): (&GasParam, &Price)| {
        let name = param.to_string();
        let found = worst.iter().find(|worst| worst.parameter == name)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a price of at least 0, and saturating"
        )]
        let gas = found.price.ceil().clamp(0.0, 1e12) as u64;
        matches!(price, Price::Gas(_)).then(|| (param.clone(), Price::Gas(gas)))
    };
    start.iter().filter_map(price).collect()
}

/// A price times a factor, rounded up.
fn scaled(price: Price, factor: f64) -> Price {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices are below 2^40, and so is what is kept of their multiples"
    )]
    let ticks = (price.ticks() as f64 * factor).ceil().clamp(0.0, 1e12) as u64;
    price.with_ticks(ticks)
}

/// Gas per unit, or a factor.
pub fn amount(price: Price) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "prices are below 2^40")]
    let (ticks, unit) = (price.ticks() as f64, price.ticks_per_unit() as f64);
    ticks / unit
}
