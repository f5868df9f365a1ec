//! Which prices a block depends on, so that a block whose prices did not change is known to be the same block.
//!
//! A run charges the same as long as every price it meets is the same, and goes the same way as long as it charges the
//! same. So it depends on the prices of what it used, and on those of everything that is not an operation of its own:
//! transactions, refunds, memory.

use std::collections::BTreeSet;

use crate::gas::{Kind, Schedule, Usage};

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
        let formula = schedule
            .formula(&entry.name)
            .map(|f| f.to_string())
            .unwrap_or_default();
        let own = matches!(entry.kind, Kind::Opcode | Kind::Precompile);
        // What is free leaves no trace in the usage.
        let counts = used.is_none_or(|used| used.contains(&entry.name)) || !own || formula == "0";
        if counts {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gas::GasParam, lang::osaka};

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
