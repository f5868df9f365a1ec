//! Recorded results side by side: one series per scenario and prover, over its gas levels.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Crash, Recorded, Run, test_name::schedule_name};
use crate::{
    fit::{Linearity, RobustLine, STALL, STALL_S, median, real},
    gas::{Gas, Schedule},
    prove::Source,
};

/// Lines that explain at least this part of their variance say what an empty block costs.
const GOOD: f64 = 0.9;

/// The relative scatter of single runs where nothing says better.
const NOISE: f64 = 0.05;

/// Everything measured, by prover and scenario.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// In the order of source, module and scenario.
    pub series: Vec<Series>,
    /// Seconds of an empty block, by source.
    pub fixed_s: BTreeMap<Arc<Source>, f64>,
    /// How far a single measurement is off, relative, by source: the median over its scenarios.
    pub noise: BTreeMap<Arc<Source>, f64>,
}

/// One scenario on one prover.
#[derive(Clone, Debug)]
pub struct Series {
    /// Who proved it, on what.
    pub source: Arc<Source>,
    /// Its name, such as `mod_arithmetic[opcode_MULMOD-mod_bits_255]`.
    pub scenario: String,
    /// The operation it stresses; `None` where neither record nor name tells.
    pub operation: Option<String>,
    /// By gas level, the smallest first; repeats are one point, their median.
    pub points: Vec<Point>,
    /// Levels that did not come back. A crash is a lower bound of the cost, and nothing missing.
    pub crashes: Vec<(Option<Gas>, Crash)>,
    /// Time over gas, without stalls; `None` with fewer than two levels.
    pub line: Option<RobustLine>,
}

/// One gas level.
#[derive(Clone, Debug)]
pub struct Point {
    /// The level, as the test's name has it.
    pub level: Gas,
    /// Gas the block used.
    pub gas: Gas,
    /// Seconds to prove it.
    pub seconds: f64,
    /// Results it is the median of.
    pub repeats: usize,
    /// Index of one of them among the runs.
    pub run: usize,
    /// Whether it is far above the line of the other levels.
    pub stall: bool,
}

impl Panel {
    /// Groups what was proven. Operations are those of `schedule`.
    pub fn of(recorded: &Recorded, schedule: &Schedule) -> Self {
        let known = |name: &str| schedule.entry(name).is_some();
        let mut groups: BTreeMap<(Arc<Source>, &str, String), Vec<usize>> = BTreeMap::new();
        for (i, run) in recorded.runs.iter().enumerate() {
            if run.proving.is_some() {
                let key = (
                    Arc::clone(&run.source),
                    run.test.module.as_str(),
                    run.test.scenario(),
                );
                groups.entry(key).or_default().push(i);
            }
        }
        let mut panel = Self::default();
        for ((source, _, scenario), runs) in groups {
            panel
                .series
                .push(series(recorded, source, scenario, &runs, &known));
        }
        let sources: BTreeSet<Arc<Source>> =
            panel.series.iter().map(|s| Arc::clone(&s.source)).collect();
        for source in sources {
            // Where lines begin says more of each of them: stalls are looked for again.
            let begins = panel.fixed_cost(&source);
            let own = panel.series.iter_mut().filter(|s| s.source == source);
            own.for_each(|series| series.draw(Some(begins)));
            let fixed = panel.fixed_cost(&source);
            let noise = panel.scatter(&source);
            panel.noise.insert(Arc::clone(&source), noise);
            panel.fixed_s.insert(source, fixed);
        }
        panel
    }

    /// The median of where the scenarios' lines begin; without lines, the shortest time of all.
    fn fixed_cost(&self, source: &Arc<Source>) -> f64 {
        let own = || self.series.iter().filter(|s| s.source == *source);
        let mut begins: Vec<f64> = own()
            .filter_map(|series| series.line.as_ref())
            .filter(|line| line.points > 2 && line.r_squared >= GOOD)
            .map(|line| line.intercept.max(0.0))
            .collect();
        if begins.is_empty() {
            let shortest = own().flat_map(|s| &s.points).map(|p| p.seconds);
            let shortest = shortest.fold(f64::INFINITY, f64::min);
            return if shortest.is_finite() { shortest } else { 0.0 };
        }
        median(&mut begins)
    }

    /// The median scatter of the scenarios' lines; without any, what single runs are known to have.
    fn scatter(&self, source: &Arc<Source>) -> f64 {
        let scatter = |series: &Series| {
            let points: Vec<_> = series
                .points
                .iter()
                .map(|p| (real(p.gas), p.seconds))
                .collect();
            series.line.as_ref()?.noise(&points)
        };
        let own = self.series.iter().filter(|s| s.source == *source);
        let mut all: Vec<f64> = own.filter_map(scatter).collect();
        if all.is_empty() {
            NOISE
        } else {
            median(&mut all)
        }
    }

    /// Seconds of an empty block; 0 of a source that is not here.
    pub fn empty_block_s(&self, source: &Source) -> f64 {
        self.fixed_s.get(source).copied().unwrap_or(0.0)
    }

    /// The series of one source.
    pub fn of_source<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |s| *s.source == *source)
    }

    /// Results that crashed, with their series.
    pub fn crashes(&self) -> impl Iterator<Item = (&Series, Option<Gas>, &Crash)> {
        self.series.iter().flat_map(|s| {
            s.crashes
                .iter()
                .map(move |(level, crash)| (s, *level, crash))
        })
    }

    /// Points dropped as stalls, with their series.
    pub fn stalls(&self) -> impl Iterator<Item = (&Series, &Point)> {
        self.series
            .iter()
            .flat_map(|s| s.points.iter().filter(|p| p.stall).map(move |p| (s, p)))
    }
}

impl Series {
    /// The points that are no stalls.
    pub fn sound(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|point| !point.stall)
    }

    /// Draws the line, and marks what is far above it.
    fn draw(&mut self, fixed_s: Option<f64>) {
        let measured = self.points.iter().map(|p| (real(p.gas), p.seconds));
        let line = RobustLine::fit(&measured.collect::<Vec<_>>(), fixed_s);
        for (at, point) in self.points.iter_mut().enumerate() {
            point.stall = line.as_ref().is_some_and(|line| line.stalls.contains(&at));
        }
        self.line = line;
    }

    /// How its time beyond `fixed_s` grows with gas.
    pub fn linearity(&self, fixed_s: f64) -> Option<(Linearity, f64)> {
        let points: Vec<_> = self.sound().map(|p| (real(p.gas), p.seconds)).collect();
        RobustLine::linearity(&points, fixed_s)
    }
}

fn series(
    recorded: &Recorded,
    source: Arc<Source>,
    scenario: String,
    runs: &[usize],
    known: &dyn Fn(&str) -> bool,
) -> Series {
    let run = |i: &usize| &recorded.runs[*i];
    let mut levels: BTreeMap<Gas, Vec<usize>> = BTreeMap::new();
    let mut crashes = Vec::new();
    for i in runs {
        match &run(i).proving {
            Some(Ok(_)) => levels
                .entry(run(i).level().unwrap_or(0))
                .or_default()
                .push(*i),
            Some(Err(crash)) => crashes.push((run(i).level(), crash.clone())),
            None => {}
        }
    }
    let points: Vec<Point> = levels
        .into_iter()
        .map(|(level, repeats)| point(recorded, level, &repeats))
        .collect();
    let stated = runs.iter().find_map(|i| run(i).target_opcode.as_deref());
    let mut series = Series {
        source,
        operation: stated
            .map(|name| operation(name, known))
            .or_else(|| runs.first().and_then(|i| run(i).test.operation(known))),
        scenario,
        points,
        crashes,
        line: None,
    };
    series.draw(None);
    series
}

/// A trace's operation, or its family, as schedules have it.
fn operation(name: &str, known: &dyn Fn(&str) -> bool) -> String {
    let name = schedule_name(name);
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if !known(&name) && known(family) {
        family.to_owned()
    } else {
        name
    }
}

fn point(recorded: &Recorded, level: Gas, repeats: &[usize]) -> Point {
    let runs = || repeats.iter().map(|i| &recorded.runs[*i]);
    let mut times: Vec<f64> = runs()
        .filter_map(|run: &Run| Some(run.proving.as_ref()?.as_ref().ok()?.proving_s))
        .collect();
    // A repeat far above another is a stall.
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    times.retain(|time| *time <= least + STALL_S.max(STALL * least));
    Point {
        level,
        gas: runs().find_map(|run| run.gas_used).unwrap_or(level),
        seconds: median(&mut times),
        repeats: repeats.len(),
        run: repeats[0],
        stall: false,
    }
}
