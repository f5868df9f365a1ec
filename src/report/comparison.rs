//! Schedules side by side.

use serde::Serialize;

use super::blocks::{self, ComparedBlock};
use super::counted::{self, ComparedCount};
use super::export;
use super::grid::{Align, Grid};
use super::number::{count, mgas_per_s, multiplier};
use super::proposal::Amount;
use super::table::Layout;
use super::text::line;
use super::weighted::{self, Weighted};
use crate::gas::{CostFormula, Expr, FormulaError, GasParam, Schedule, Variable};

/// Two schedules or more, and where they differ.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// As the user named them: built-in names or paths. The first is what the others are compared with.
    pub schedules: Vec<Compared>,
    /// One row per gas parameter, in the order of the first schedule that has it.
    pub rows: Vec<ComparedRow>,
    /// One row per entry of a meter that two of them have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<ComparedCount>,
    /// Gas of the given weights under each schedule, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Weighted>,
    /// One row per scenario: its full block under each, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ComparedBlock>,
    /// One row per scenario that has been measured under at least one of them.
    pub throughput: Vec<ComparedThroughput>,
}

/// One schedule of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// As the user named it.
    pub file: String,
    /// Its title.
    pub name: String,
    /// What ends its blocks beside their gas, such as `zk within 100 Mgas`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<String>,
}

/// One gas parameter across schedules.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedRow {
    /// Its name in schedules.
    pub param: String,
    /// Its price in each; absent where a schedule does not have it.
    pub prices: Vec<Option<ComparedPrice>>,
}

/// What a parameter costs in one schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ComparedPrice {
    /// A number.
    Amount(Amount),
    /// A formula that is no multiple of the first schedule's.
    Formula(String),
}

/// One scenario's full block across schedules, gas per second.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedThroughput {
    /// Scenario.
    pub scenario: String,
    /// Prover.
    pub prover: String,
    /// Under each schedule; absent where it has not been measured.
    pub throughput: Vec<Option<f64>>,
}

impl ComparedRow {
    /// Whether any schedule's price is another than the first's, by more than `tolerance` of that (0.05: 5 %).
    pub fn differs(&self, tolerance: f64) -> bool {
        let Some(first) = self.prices.first() else {
            return false;
        };
        let apart = |price: &Option<ComparedPrice>| match (first, price) {
            (Some(ComparedPrice::Amount(old)), Some(ComparedPrice::Amount(new))) => {
                (new.value() - old.value()).abs() > tolerance * old.value()
            }
            (old, new) => old != new,
        };
        self.prices.iter().any(apart)
    }

    /// The largest of the other schedules' prices over the first's; infinite where the first is free of charge, and
    /// where two formulas have no common factor. `None`: no other schedule has it, or the first has not.
    pub fn increase(&self) -> Option<f64> {
        let first = self.prices.first()?.as_ref()?;
        let over = |new: &ComparedPrice| match (first, new) {
            (ComparedPrice::Amount(old), ComparedPrice::Amount(new)) => {
                if old.value() > 0.0 {
                    new.value() / old.value()
                } else if new.value() > 0.0 {
                    f64::INFINITY
                } else {
                    1.0
                }
            }
            (old, new) if old == new => 1.0,
            _ => f64::INFINITY,
        };
        self.prices[1..]
            .iter()
            .flatten()
            .map(over)
            .max_by(f64::total_cmp)
    }
}

/// Every parameter of `schedules` with its price in each.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn rows(schedules: &[&Schedule]) -> Result<Vec<ComparedRow>, FormulaError> {
    let mut params: Vec<GasParam> = Vec::new();
    for schedule in schedules {
        for param in schedule.params()? {
            if !params.contains(&param) {
                params.push(param);
            }
        }
    }
    Ok(params
        .into_iter()
        .map(|param| row(&param, schedules))
        .collect())
}

fn row(param: &GasParam, schedules: &[&Schedule]) -> ComparedRow {
    let first = schedules.iter().find_map(|schedule| curve(schedule, param));
    let price = |schedule: &&Schedule| {
        let Some(own) = curve(schedule, param) else {
            return schedule
                .price(param)
                .ok()
                .map(|gas| ComparedPrice::Amount(Amount::Gas(gas)));
        };
        Some(match factor(&own, first.as_ref().unwrap_or(&own)) {
            Some(factor) => ComparedPrice::Amount(Amount::Factor(factor)),
            None => ComparedPrice::Formula(own.to_string()),
        })
    };
    ComparedRow {
        param: param.to_string(),
        prices: schedules.iter().map(price).collect(),
    }
}

/// The formula of `param`'s operation, where it is not linear.
fn curve(schedule: &Schedule, param: &GasParam) -> Option<Expr> {
    match schedule.formula(&param.operation) {
        Ok(CostFormula::Other(expr)) => Some(expr),
        _ => None,
    }
}

/// `expr / reference` where it is the same hundredth at every point looked at.
#[expect(clippy::cast_precision_loss, reason = "a factor is read to hundredths")]
fn factor(expr: &Expr, reference: &Expr) -> Option<f64> {
    let at = |expr: &Expr, point: u64| {
        let value = |variable: Variable| point * (1 + variable as u64);
        let no_param = |param: &GasParam| Err(FormulaError::UnknownParam(param.clone()));
        let ratio = expr.evaluate(&value, &no_param).ok()?;
        Some(ratio.numerator() as f64 / ratio.denominator() as f64)
    };
    let mut common = None;
    for point in [1, 40, 1_000, 30_000] {
        let factor = (at(expr, point)? / at(reference, point)? * 100.0).round() / 100.0;
        // Rounding to whole gas hides the factor of small amounts.
        if at(reference, point)? < 100.0 {
            continue;
        }
        if common.is_some_and(|common: f64| (common - factor).abs() > 0.005) {
            return None;
        }
        common = Some(factor);
    }
    common
}

/// The rows that differ (or all), and the measured throughput, as tables.
pub fn table(comparison: &Comparison, tolerance: f64, layout: Layout) -> String {
    let mut out = String::new();
    for (at, schedule) in comparison.schedules.iter().enumerate() {
        line(
            &mut out,
            format!("{}  {} ({})", letter(at), schedule.name, schedule.file),
        );
        for meter in &schedule.meters {
            line(&mut out, format!("   meter {meter}"));
        }
    }
    out.push('\n');
    let shown: Vec<&ComparedRow> = comparison
        .rows
        .iter()
        .filter(|row| layout.all || row.differs(tolerance))
        .collect();
    if shown.is_empty() {
        out.push_str(if tolerance > 0.0 {
            "every price is the same within the tolerance\n"
        } else {
            "every price is the same\n"
        });
    } else {
        out.push_str(&prices(comparison, &shown, layout.width));
    }
    let same = comparison.rows.len() - shown.len();
    if same > 0 && !shown.is_empty() {
        line(
            &mut out,
            format!("{} the same (--all shows them)", count(same, "price")),
        );
    }
    let letters: Vec<String> = (0..comparison.schedules.len()).map(letter).collect();
    let counts = comparison.counts.iter();
    let counts: Vec<_> = counts.filter(|row| layout.all || row.differs()).collect();
    if !counts.is_empty() {
        out.push_str("\nWhat meters count of each, `current` being its price:\n");
        out.push_str(&counted::table(&counts, &letters, layout.width));
    }
    if let Some(weighted) = &comparison.weighted {
        out.push('\n');
        weighted::text(&mut out, weighted);
    }
    if !comparison.blocks.is_empty() {
        out.push_str("\nIterations in a full block, its gas, and how full it is:\n");
        let blocks = &comparison.blocks;
        out.push_str(&blocks::table(blocks, &letters, layout.all, layout.width));
    }
    if !comparison.throughput.is_empty() {
        out.push_str("\nMgas/s of a full block, as measured:\n");
        out.push_str(&throughput(comparison, layout.width));
    }
    out
}

/// EIP tables, one for each schedule after the first, against the first.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn markdown(
    comparison: &Comparison,
    schedules: &[&Schedule],
    tolerance: f64,
) -> Result<String, FormulaError> {
    let apart = |name: &str| {
        let row = comparison.rows.iter().find(|row| row.param == name);
        row.is_none_or(|row| row.differs(tolerance))
    };
    let mut out = String::new();
    let Some((first, others)) = schedules.split_first() else {
        return Ok(out);
    };
    for (at, schedule) in others.iter().enumerate() {
        if others.len() > 1 {
            if at > 0 {
                out.push('\n');
            }
            line(&mut out, format!("### {}\n", schedule.name));
        }
        let mut changes = export::changes(schedule, first)?;
        changes.retain(|change| apart(&change.param.to_string()));
        out.push_str(&export::table(&changes));
    }
    Ok(out)
}

fn prices(comparison: &Comparison, rows: &[&ComparedRow], width: usize) -> String {
    let mut heads = vec![(Align::Left, "gas parameter".to_owned())];
    for at in 0..comparison.schedules.len() {
        heads.push((Align::Right, letter(at)));
        if at > 0 {
            heads.push((Align::Right, "change".to_owned()));
        }
    }
    let mut grid = Grid::new(heads);
    for row in rows {
        let mut cells = vec![row.param.clone()];
        for (at, price) in row.prices.iter().enumerate() {
            cells.push(price_text(price.as_ref()));
            if at > 0 {
                cells.push(change(row.prices[0].as_ref(), price.as_ref()));
            }
        }
        grid.row(cells);
    }
    grid.render(width)
}

fn price_text(price: Option<&ComparedPrice>) -> String {
    match price {
        None => "-".into(),
        Some(ComparedPrice::Amount(amount)) => amount.to_string(),
        Some(ComparedPrice::Formula(formula)) => formula.clone(),
    }
}

fn change(from: Option<&ComparedPrice>, to: Option<&ComparedPrice>) -> String {
    match (from, to) {
        (Some(ComparedPrice::Amount(from)), Some(ComparedPrice::Amount(to))) => {
            multiplier(from.value(), to.value())
        }
        (None, Some(_)) => "new".into(),
        (Some(_), None) => "gone".into(),
        _ => String::new(),
    }
}

fn throughput(comparison: &Comparison, width: usize) -> String {
    let mut heads = vec![
        (Align::Left, "scenario".to_owned()),
        (Align::Left, "prover".to_owned()),
    ];
    heads.extend((0..comparison.schedules.len()).map(|at| (Align::Right, letter(at))));
    let mut grid = Grid::new(heads);
    for row in &comparison.throughput {
        let mut cells = vec![row.scenario.clone(), row.prover.clone()];
        cells.extend(
            row.throughput
                .iter()
                .map(|rate| rate.map_or_else(|| "-".into(), mgas_per_s)),
        );
        grid.row(cells);
    }
    grid.render(width)
}

/// `A`, `B`, ... `Z`, `27`, ...
pub(super) fn letter(at: usize) -> String {
    u8::try_from(at).ok().filter(|at| *at < 26).map_or_else(
        || (at + 1).to_string(),
        |at| char::from(b'A' + at).to_string(),
    )
}
