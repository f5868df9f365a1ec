//! Which prices a block depends on, so that a block whose prices did not change is known to be the same block.
//!
//! A run charges the same as long as every price it meets is the same, and goes the same way as long as it charges the
//! same. So it depends on the prices of what it used, and on those of everything that is not an operation of its own:
//! transactions, memory. What only formulas refer to, such as `COLD_STORAGE_ACCESS`, is in the prices of the operations that do, and
//! a refund is an operation's, too.

use std::collections::BTreeSet;

use crate::gas::{
    CostFormula, Entry, Fork, Kind, Schedule, Usage,
    catalogue::{self, Role, name},
};

/// The names of the operations that a run used.
pub(super) type Used = BTreeSet<String>;

/// What a run with this usage used. `operation` is what its scenario is about.
pub(super) fn used(usage: &Usage, operation: &str) -> Used {
    let names = usage.counts.keys().map(|param| param.operation.as_str());
    names.chain([operation]).map(str::to_owned).collect()
}

/// The prices that a block depends on, as text; every price where it is not known what the block uses.
pub(super) fn prices(schedule: &Schedule, used: Option<&Used>) -> String {
    let mut text = String::new();
    for entry in schedule.entries() {
        // A formula without a value is refused when the schedule is compiled.
        let formula = schedule.formula(&entry.name).map(numbers);
        let formula = formula.map_or_else(|_| String::new(), |formula| formula.to_string());
        // What is free leaves no trace in the usage.
        if formula == "0" || used.is_none_or(|used| depends(schedule.fork, entry, used)) {
            text.extend([entry.name.as_str(), " = ", &formula, "\n"]);
        }
    }
    // What a block holds depends on its meters, and what these count on every price.
    for meter in &schedule.meters {
        let head = format!("meter {} within {}\n", meter.name, meter.limit);
        text.push_str(&head);
        for entry in &meter.entries {
            let line = format!("{} = {:?}\n", entry.param, entry.weight(schedule));
            text.push_str(&line);
        }
    }
    text
}

/// The formula with the numbers that it takes from other parameters in it, and not their names.
fn numbers(mut formula: CostFormula) -> CostFormula {
    if let CostFormula::Linear { per, .. } = &mut formula {
        for (_, rate) in per {
            rate.from = None;
        }
    }
    formula
}

/// Whether a block that used this depends on an entry's price.
fn depends(fork: Fork, entry: &Entry, used: &Used) -> bool {
    if entry.kind != Kind::Param {
        return used.contains(&entry.name);
    }
    match entry.name.as_str() {
        name::REFUND_STORAGE_CLEAR
        | name::REFUND_STORAGE_RESTORE_SET
        | name::REFUND_STORAGE_RESTORE_RESET => used.contains("SSTORE"),
        name::REFUND_SELFDESTRUCT => used.contains("SELFDESTRUCT"),
        // Amsterdam's blocks depend on prices of access as such: their access lists are bounded by gas (EIP-7928).
        _ if fork >= Fork::Amsterdam => true,
        other => {
            let role = catalogue::price(other).map(|price| price.role);
            !matches!(role, Some(Role::Reference | Role::Name))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        bench::{self, BenchBlock, Prepared, Scenario, Size},
        evm,
        gas::{Expr, GasParam, Part, Ratio},
        lang::osaka,
    };

    /// Prices that are left out of a block's key change nothing in it, each of those that formulas refer to or that are given back.
    #[test]
    fn what_a_block_does_not_depend_on_does_not_change_it() {
        let stock = osaka();
        let scenarios = bench::scenarios_of(&stock);
        let block = |scenario: &Scenario, schedule: &Schedule| -> Option<BenchBlock> {
            let tariff = Arc::new(evm::compile(schedule).unwrap());
            let prepared = Prepared::new(scenario, schedule, tariff).unwrap();
            prepared.estimate(Size::Gas(400_000)).ok()
        };
        let known: Vec<_> = scenarios.iter().step_by(5).collect();
        let known: Vec<_> = known
            .into_iter()
            .filter_map(|one| Some((one, block(one, &stock)?)))
            .collect();
        let mut compared = 0;
        for entry in stock.entries() {
            let role = catalogue::price(&entry.name).map(|price| price.role);
            let is_refund = entry.name.starts_with("REFUND_STORAGE");
            if role != Some(Role::Reference) && !is_refund {
                continue;
            }
            let param = GasParam::new(&entry.name, Part::Whole);
            let mut dearer = stock.clone();
            let price = stock.price(&param).unwrap();
            let mut other = entry.clone();
            other.expr = Expr::Number(Ratio::from(price + 100));
            dearer.insert(other);
            for (scenario, block_before) in &known {
                let used = used(&block_before.usage, &scenario.operation);
                if prices(&stock, Some(&used)) != prices(&dearer, Some(&used)) {
                    continue;
                }
                compared += 1;
                assert_eq!(
                    Some(block_before),
                    block(scenario, &dearer).as_ref(),
                    "{} under another {}",
                    scenario.id,
                    entry.name
                );
            }
        }
        assert!(compared > 300, "{compared}");
    }

    #[test]
    fn only_what_a_block_used_counts() {
        let mut usage = Usage::default();
        usage.add(GasParam::whole("ADD"), 1_000);
        let used = used(&usage, "ADD");
        let osaka = osaka();
        let text = prices(&osaka, Some(&used));
        assert!(
            text.contains("\nADD = 3\n") && !text.contains("MULMOD"),
            "{text}"
        );
        // Neither transactions nor what is free today are ever left out.
        assert!(
            text.contains("\nTX_BASE = ") && text.contains("\nSTOP = 0\n"),
            "{text}"
        );
        assert!(prices(&osaka, None).contains("\nMULMOD = 8\n"));
    }
}
