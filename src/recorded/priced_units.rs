//! From opcode counts to usage in the units that prices are charged per.
//!
//! A trace says how often an opcode ran, not on how many words or points. The test's parameters often do; where they do
//! not, the block's gas does, as everything else in it is known.

use std::fmt;

use super::{Counted, Test, test_name::schedule_name};
use crate::gas::{CostFormula, FormulaError, Gas, GasParam, Part, Schedule, Usage, Variable};

/// The least share of a block's gas that its counts have to explain: below it, most of its calls failed, or it consists of
/// what counts do not tell (accesses, memory), and its prices cannot be told apart.
pub const EXPLAINED: f64 = 0.9;

/// Why a block's usage is not known.
#[derive(Clone, Debug, PartialEq)]
pub enum Unpriced {
    /// There are no opcode counts.
    NoCounts,
    /// The counts explain only this share of the gas, or more than all of it.
    Unexplained(f64),
    /// A formula of the schedule has no value.
    Formula(FormulaError),
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCounts => f.write_str("no opcode counts"),
            Self::Unexplained(share) if *share > 1.0 => {
                f.write_str("its counts explain more gas than it used: calls failed")
            }
            Self::Unexplained(_) => f.write_str("its counts explain too little of its gas"),
            Self::Formula(error) => error.fmt(f),
        }
    }
}

/// A parameter that says how large each execution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its name in tests, such as `msg_size`.
    pub name: &'static str,
    /// What a schedule prices it by.
    pub variable: Variable,
    /// How many of the parameter's own units one unit of the variable is: 32 bytes a word.
    pub per_unit: u64,
}

/// Parameters that say how large each execution is.
pub const SIZES: [Size; 3] = [
    Size {
        name: "msg_size",
        variable: Variable::Words,
        per_unit: 32,
    },
    Size {
        name: "num_rounds",
        variable: Variable::Rounds,
        per_unit: 1,
    },
    Size {
        name: "num_pairs",
        variable: Variable::Points,
        per_unit: 1,
    },
];

impl Size {
    /// What a test's parameters state, in the parameter's own units.
    pub fn stated(&self, test: &Test) -> Option<u64> {
        let number = |part: &str| {
            let rest = part.strip_prefix(self.name)?;
            rest.strip_prefix('_')?.parse().ok()
        };
        test.params.split('-').find_map(number)
    }
}

/// Numbers that parameters spell out.
const SPELLED: [(&str, Variable, u64); 2] = [
    ("one_pairing", Variable::Points, 1),
    ("two_pairings", Variable::Points, 2),
];

/// Usage of a block of `gas` gas under `schedule`, whose prices it was run under.
///
/// # Errors
/// See [`Unpriced`].
pub fn usage(
    test: &Test,
    counted: &Counted,
    gas: Gas,
    schedule: &Schedule,
) -> Result<Usage, Unpriced> {
    let mut usage = Usage::default();
    let target = counted.operation.as_deref().map(schedule_name);
    for (opcode, count) in &counted.opcodes {
        add(&mut usage, opcode, signed(*count), schedule).map_err(Unpriced::Formula)?;
    }
    if let (Some(target), Some(executions)) = (&target, counted.executions) {
        // A precompile is no opcode, so that nothing has counted it yet.
        let known = usage.counts.keys().any(|param| param.operation == *target);
        if !known {
            add(&mut usage, target, signed(executions), schedule).map_err(Unpriced::Formula)?;
        }
        let own = Own {
            target,
            executions: signed(executions),
            gas: signed(gas),
            schedule,
        };
        own.variable_part(test, &mut usage)
            .map_err(Unpriced::Formula)?;
    }
    let explained = schedule.gas(&usage).map_err(Unpriced::Formula)?;
    #[expect(clippy::cast_precision_loss, reason = "a share is read to two digits")]
    let share = explained as f64 / gas.max(1) as f64;
    // What sets up and ends a block is charged too, and not all of it is counted.
    if !(EXPLAINED..=1.01).contains(&share) {
        return Err(Unpriced::Unexplained(share));
    }
    Ok(usage)
}

/// Adds `count` executions of `opcode`, as far as they have a price of their own.
fn add(
    usage: &mut Usage,
    opcode: &str,
    count: i64,
    schedule: &Schedule,
) -> Result<(), FormulaError> {
    let digits = opcode.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = if schedule.entry(opcode).is_some() {
        opcode
    } else if schedule.entry(digits).is_some() {
        digits
    } else {
        return Ok(());
    };
    let CostFormula::Linear { base, per } = schedule.formula(name)? else {
        return Ok(());
    };
    let has = |variable| per.iter().any(|(v, _)| *v == variable);
    if per.is_empty() {
        usage.add(GasParam::whole(name), count);
    } else if base > 0 || per.iter().any(|(_, rate)| rate.from.is_none()) {
        usage.add(GasParam::new(name, Part::Base), count);
    }
    if has(Variable::Topics)
        && let Ok(topics) = opcode[digits.len()..].parse::<i64>()
    {
        let param = GasParam::new(name, Part::Per(Variable::Topics));
        usage.add(param, count * topics);
    }
    // A call in a loop is to the same account every time, but for the first.
    if has(Variable::Warm) && !has(Variable::Set) {
        usage.add(GasParam::new(name, Part::Per(Variable::Warm)), count);
    }
    Ok(())
}

/// The operation a test stresses.
struct Own<'a> {
    target: &'a str,
    executions: i64,
    gas: i64,
    schedule: &'a Schedule,
}

impl Own<'_> {
    /// Adds the units of the operation's one variable.
    fn variable_part(&self, test: &Test, usage: &mut Usage) -> Result<(), FormulaError> {
        let Ok(CostFormula::Linear { per, .. }) = self.schedule.formula(self.target) else {
            return Ok(());
        };
        let [(variable, rate)] = per.as_slice() else {
            return Ok(());
        };
        let own = GasParam::new(self.target, Part::Base);
        usage.counts.entry(own).or_insert(self.executions);
        let per_execution = match stated(test, *variable) {
            Some(units) => units,
            // Everything else is known: what is left of the gas is this.
            None if self.executions > 0 && rate.price > 0 => {
                let rest = self.gas - i64::try_from(self.schedule.gas(usage)?).unwrap_or(self.gas);
                (rest / self.executions / signed(rate.price)).max(0)
            }
            None => return Ok(()),
        };
        let param = GasParam::new(self.target, Part::Per(*variable));
        usage.add(param, self.executions * per_execution);
        Ok(())
    }
}

/// Units per execution as the test's parameters state them.
fn stated(test: &Test, variable: Variable) -> Option<i64> {
    let mut sizes = SIZES.iter().filter(|size| size.variable == variable);
    let stated = sizes.find_map(|size| Some(size.stated(test)?.div_ceil(size.per_unit)));
    let spelled = SPELLED.iter().filter(|(_, of, _)| *of == variable);
    stated
        .or_else(|| {
            let is = |key: &str| test.params.split('-').any(|part| part.ends_with(key));
            spelled.clone().find(|(key, ..)| is(key)).map(|one| one.2)
        })
        .map(signed)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
