//! go-ethereum: constants of `params/protocol_params.go`, and constant gas of jump table entries.

use super::{
    changes::{Change, Value, implied, value},
    exported::Exported,
};
use crate::{
    gas::{
        FormulaError, Gas, GasParam, Schedule,
        catalogue::{self, Constant, Geth, Price, Role},
        grouped,
    },
    report::text::line,
};

/// Lines of constants and of jump table entries, and what has no name.
#[derive(Default)]
struct Written {
    constants: Vec<String>,
    entries: Vec<String>,
    nameless: Vec<String>,
}

pub(super) fn text(
    schedule: &Schedule,
    stock: &Schedule,
    changes: &[Change],
) -> Result<Exported, FormulaError> {
    let mut written = Written::default();
    for change in changes {
        let row = catalogue::price_of(&change.param);
        if row.is_some_and(|row| row.role == Role::Name) {
            continue;
        }
        let place = row.and_then(|row| row.geth_place(schedule.fork));
        let (Some(place), Some(gas)) = (place, change.new.gas()) else {
            written.nameless.push(change.param.to_string());
            continue;
        };
        let old = change.old.as_ref().map(Value::text);
        written.price(schedule, &change.param, place, gas, old)?;
    }
    // Prices that stay, in constants or code of which another part does not.
    for row in catalogue::prices() {
        let Ok(param) = row.name.parse::<GasParam>() else {
            continue;
        };
        if changes.iter().any(|change| change.param == param)
            || schedule.entry(row.operation()).is_none()
        {
            continue;
        }
        if let Some(place) = row.geth_place(schedule.fork)
            && touched(row, &place, changes)
            && let Value::Gas(gas) = value(schedule, &param)?
        {
            let old = value(stock, &param)?.text();
            written.price(schedule, &param, place, gas, Some(old))?;
        }
    }
    Ok(written.exported(schedule))
}

/// Whether another price that a place depends on has changed.
fn touched(row: &Price, place: &Geth, changes: &[Change]) -> bool {
    let other = |name: &str| {
        let param = name.parse::<GasParam>();
        param.is_ok_and(|param| changes.iter().any(|change| change.param == param))
    };
    match place {
        Geth::Constant(Constant { including, .. }) => including.is_some_and(other),
        Geth::Calculated(_, prices) => prices.split(' ').any(other),
        Geth::Sum(sum) => sum.split(' ').any(other),
        // Where it follows and has not changed, what it follows may have.
        Geth::Follows => row.role != Role::Name,
        Geth::Each(_) | Geth::JumpTable(_) => false,
    }
}

impl Written {
    fn price(
        &mut self,
        schedule: &Schedule,
        param: &GasParam,
        place: Geth,
        gas: Gas,
        old: Option<String>,
    ) -> Result<(), FormulaError> {
        let before = old.map_or_else(|| "new".to_owned(), |old| format!("was {old}"));
        let amount = grouped(i128::from(gas));
        match place {
            Geth::Constant(Constant {
                name,
                including: Some(other),
            }) => {
                let other: Gas = schedule.price(&GasParam::whole(other))?;
                let both = grouped(i128::from(gas) + i128::from(other));
                self.constants.push(format!(
                    "\t{name} uint64 = {both} // with {param} = {amount}"
                ));
            }
            Geth::Constant(Constant { name, .. }) | Geth::Calculated(name, _) => {
                self.constants
                    .push(format!("\t{name} uint64 = {amount} // {before}"));
            }
            Geth::Each(names) => {
                let lines = names
                    .split(' ')
                    .map(|name| format!("\t{name} uint64 = {amount} // {before}"));
                self.constants.extend(lines);
            }
            Geth::JumpTable(opcode) => {
                let opcodes = opcodes(opcode.unwrap_or(&param.operation));
                let lines = opcodes
                    .iter()
                    .map(|opcode| format!("\tjt[{opcode}].constantGas = {amount} // {before}"));
                self.entries.extend(lines);
            }
            Geth::Follows => {
                if implied(schedule, param)? != Some(gas) {
                    self.nameless.push(param.to_string());
                }
            }
            Geth::Sum(sum) => {
                if total(schedule, sum)? != i128::from(gas) {
                    self.nameless.push(param.to_string());
                }
            }
        }
        Ok(())
    }

    fn exported(self, schedule: &Schedule) -> Exported {
        let mut out = String::new();
        line(
            &mut out,
            format!(
                "// {}: what differs from {}.",
                schedule.name,
                schedule.fork.name()
            ),
        );
        if !self.constants.is_empty() {
            out.push_str("\n// params/protocol_params.go\nconst (\n");
            for constant in self.constants {
                line(&mut out, constant);
            }
            line(&mut out, ")");
        }
        if !self.entries.is_empty() {
            out.push_str("\n// core/vm/eips.go\nfunc enableRepricing(jt *JumpTable) {\n");
            for entry in self.entries {
                line(&mut out, entry);
            }
            line(&mut out, "}");
        }
        Exported {
            text: out,
            nameless: self.nameless,
        }
    }
}

/// `A - B + C` of prices.
fn total(schedule: &Schedule, sum: &str) -> Result<i128, FormulaError> {
    let (mut total, mut sign) = (0, 1);
    for word in sum.split(' ') {
        match word {
            "+" => sign = 1,
            "-" => sign = -1,
            name => total += sign * i128::from(schedule.price(&GasParam::whole(name))?),
        }
    }
    Ok(total)
}

/// The opcodes behind an operation, as go-ethereum calls them.
fn opcodes(operation: &str) -> Vec<String> {
    match catalogue::members(operation) {
        Some((first, last)) => (first..=last).map(|n| format!("{operation}{n}")).collect(),
        None => vec![operation.to_owned()],
    }
}
