//! Prices that may move, how far, and which of them together.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::Label,
    fit::{count, real},
    gas::{GasParam, MAX_PRICE, Schedule},
    lang::SolveSpec,
};

use super::{Price, SolveError};

/// A change of price from 0 is counted in steps of this much gas: what a warm access costs, below which no
/// call of anything goes.
pub const ZERO_SCALE: u64 = 100;

/// A price that no bound limits rises at most this many times: beyond, a block does not consist of what it is to be
/// priced by, and whoever means it can write a bound.
pub const FURTHEST_RISE: u64 = 10_000;

/// A parameter that may move.
#[derive(Clone, Debug)]
pub(super) struct Movable {
    pub param: GasParam,
    pub start: Price,
    /// Bounds, in ticks.
    pub low: u64,
    pub high: u64,
    /// The clause that `high` comes from; `None`: [`FURTHEST_RISE`].
    pub limit: Option<Label>,
    /// Its index in the movers.
    pub mover: usize,
}

/// Parameters that move by one factor; mostly one.
#[derive(Clone, Debug)]
pub(super) struct Mover {
    /// Indices of its parameters; the leader, whose price is the largest, first.
    pub members: Vec<usize>,
    /// The leader's ticks that count as a change of 1.
    pub scale: f64,
    /// Bounds of the relative change.
    pub low: f64,
    pub high: f64,
    /// What a change of 1 counts.
    pub weight: f64,
    /// The change from which it counts.
    pub center: f64,
}

/// What `spec` lets move, and by which common factors.
pub(super) fn movables(
    start: &Schedule,
    spec: &SolveSpec,
    kept: &BTreeSet<&GasParam>,
) -> Result<(Vec<Movable>, Vec<Mover>), SolveError> {
    let mut params: Vec<Movable> = Vec::new();
    let mut index: BTreeMap<GasParam, usize> = BTreeMap::new();
    // Equal numbers move together.
    let mut group: Vec<usize> = Vec::new();
    // Groups first: a price chosen alone and in a group moves with the group.
    for together in [true, false] {
        for selection in spec.vary.iter().filter(|s| s.together == together) {
            let mut group_of_selection: Option<usize> = None;
            for param in &selection.params {
                let price = Price::of(start, param)?;
                if kept.contains(param) || (together && price.ticks() == 0) {
                    continue;
                }
                let i = *index.entry(param.clone()).or_insert_with(|| {
                    params.push(movable(spec, param, price));
                    group.push(params.len() - 1);
                    params.len() - 1
                });
                if together {
                    // Two groups that share a member are one.
                    let (from, to) = (group[i], *group_of_selection.get_or_insert(group[i]));
                    group
                        .iter_mut()
                        .filter(|g| **g == from)
                        .for_each(|g| *g = to);
                }
            }
        }
    }
    let mut movers: Vec<Mover> = Vec::new();
    let names: BTreeSet<usize> = group.iter().copied().collect();
    for name in names {
        let members: Vec<usize> = (0..params.len()).filter(|i| group[*i] == name).collect();
        for &i in &members {
            params[i].mover = movers.len();
        }
        movers.push(mover(&params, members));
    }
    Ok((params, movers))
}

fn mover(params: &[Movable], mut members: Vec<usize>) -> Mover {
    // The largest price first: its whole numbers are the finest common factors. The sort is stable.
    members.sort_by_key(|i| std::cmp::Reverse(params[*i].start.ticks()));
    let scale = match params[members[0]].start.ticks() {
        0 => real(ZERO_SCALE),
        ticks => real(ticks),
    };
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for &i in &members {
        let p = &params[i];
        let start = real(p.start.ticks());
        let unit = if p.start.ticks() == 0 { scale } else { start };
        low = low.max((real(p.low) - start) / unit);
        high = high.min((real(p.high) - start) / unit);
    }
    Mover {
        members,
        scale,
        low,
        high,
        weight: 1.0,
        center: 0.0,
    }
}

/// A parameter within the highest of the lower and the lowest of the upper bounds.
fn movable(spec: &SolveSpec, param: &GasParam, start: Price) -> Movable {
    let unit = real(start.ticks_per_unit());
    let ticks = start.ticks();
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let mut limit = None;
    for bound in spec.bounds.iter().filter(|b| b.param == *param) {
        if let Some(least) = bound.low {
            low = Some(low.map_or(least * unit, |l| l.max(least * unit)));
        }
        if let Some(most) = bound.high.map(|most| most * unit)
            && high.is_none_or(|h| most < h)
        {
            high = Some(most);
            limit = Some(bound.label.clone());
        }
    }
    let furthest = FURTHEST_RISE * if ticks == 0 { ZERO_SCALE } else { ticks };
    let high = high.unwrap_or(real(furthest)).min(real(MAX_PRICE));
    let low = low.unwrap_or(real(ticks).min(high));
    Movable {
        param: param.clone(),
        start,
        low: whole(low.ceil()),
        high: whole(high.floor()),
        limit,
        mover: 0,
    }
}

/// A price within the representable, from a number that is already whole.
pub(super) fn whole(value: f64) -> u64 {
    count(value.clamp(0.0, real(MAX_PRICE)))
}
