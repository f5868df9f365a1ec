//! How often each opcode was executed: from the record itself, from a table of traces beside it, or by executing the tests
//! again.

use std::{collections::BTreeMap, path::PathBuf};

use rayon::prelude::*;

use super::{CsvError, Recorded, Run, Test, csv_table::CsvTable};
use crate::{eest, input_file};

/// Opcode counts of one test at one gas level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The operation that the test stresses.
    pub operation: Option<String>,
    /// How often it was executed; for a precompile the only place that says so.
    pub executions: Option<u64>,
    /// By opcode, as EELS names them.
    pub opcodes: BTreeMap<String, u64>,
}

/// Opcode counts by test.
#[derive(Clone, Debug, Default)]
pub struct OpcodeCounts(BTreeMap<Test, Counted>);

/// Columns of a table of traces that are no opcodes.
const LABELS: [&str; 7] = [
    "test_title",
    "test_file",
    "test_name",
    "test_opcode",
    "test_params",
    "block_limit_million",
    "opcount",
];

impl OpcodeCounts {
    /// Reads a table with the column `test_title` and one column per opcode; `test_opcode` and `opcount` where there
    /// are such.
    ///
    /// # Errors
    /// A missing column, or a cell that is not a whole number.
    pub fn parse(text: &str) -> Result<Self, CsvError> {
        let table = CsvTable::parse(text)?;
        table.require(&["test_title"])?;
        let opcodes: Vec<&String> = table
            .columns
            .keys()
            .filter(|name| !LABELS.contains(&name.as_str()))
            .collect();
        let mut counts = BTreeMap::new();
        for row in &table.rows {
            let mut test = Test::parse(table.text(row, "test_title"));
            let mgas = table.whole(row, "block_limit_million")?;
            test.level_mgas = test.level_mgas.or(mgas);
            let operation = table.text(row, "test_opcode");
            let mut counted = Counted {
                operation: (!operation.is_empty()).then(|| operation.to_owned()),
                executions: table.whole(row, "opcount")?,
                opcodes: BTreeMap::new(),
            };
            for opcode in &opcodes {
                if let Some(count) = table.whole(row, opcode)? {
                    counted.opcodes.insert((*opcode).clone(), count);
                }
            }
            counts.insert(test, counted);
        }
        Ok(Self(counts))
    }

    /// The counts of the last block of every fixture in `files`, executed under the prices of its fork. What cannot be read or
    /// executed is left out.
    pub fn executed(files: &[PathBuf]) -> Self {
        let counted = |fixture: &eest::Fixture| {
            let opcodes = eest::work(fixture).ok()?.opcodes;
            let counted = Counted {
                opcodes,
                ..Counted::default()
            };
            Some((Test::parse(&fixture.name), counted))
        };
        let tests = |file: &PathBuf| {
            let text = input_file::text(file, input_file::RESULTS).ok();
            let fixtures = text.and_then(|text| eest::read(&text).ok());
            let fixtures = fixtures.unwrap_or_default();
            fixtures.iter().filter_map(counted).collect::<Vec<_>>()
        };
        Self(files.par_iter().flat_map_iter(tests).collect())
    }

    /// The counts of a recorded result: its own, or those of the same test elsewhere.
    pub fn of(&self, run: &Run) -> Option<Counted> {
        if let Some(opcodes) = &run.opcode_count {
            return Some(Counted {
                operation: run.target_opcode.clone(),
                executions: run.executions,
                opcodes: opcodes.clone(),
            });
        }
        let counted = self.0.get(&run.test)?;
        Some(Counted {
            operation: counted
                .operation
                .clone()
                .or_else(|| run.target_opcode.clone()),
            executions: counted.executions.or(run.executions),
            opcodes: counted.opcodes.clone(),
        })
    }

    /// The results with what the table says of their operations, where they do not say it themselves.
    #[must_use]
    pub fn filled(&self, recorded: &Recorded) -> Recorded {
        let mut filled = recorded.clone();
        for run in &mut filled.runs {
            let Some(counted) = self.of(run) else {
                continue;
            };
            let own = counted
                .operation
                .as_ref()
                .and_then(|name| counted.opcodes.get(name));
            run.executions = run.executions.or(counted.executions).or(own.copied());
            run.target_opcode = run.target_opcode.take().or(counted.operation);
        }
        filled
    }

    /// How many tests there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn fixtures_are_executed_for_their_counts() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eest");
        let counts = OpcodeCounts::executed(&[root.join("chain.json")]);
        // As a result folder names it, and of no counts of its own.
        let run = Run {
            file: PathBuf::new(),
            test: Test::parse(
                "reprice/mulmod/192-bit[fork_Osaka-blockchain_test_engine-benchmark-gas-value_0M]",
            ),
            source: std::sync::Arc::default(),
            gas_used: None,
            opcode_count: None,
            costs: None,
            target_opcode: None,
            executions: None,
            execution: None,
            proving: None,
        };
        let counted = counts.of(&run).unwrap();
        assert_eq!(counted.opcodes["MULMOD"], 2_000);
        let broken = tempfile::tempdir().unwrap().path().join("chain.json");
        assert!(OpcodeCounts::executed(&[broken]).is_empty());
    }
}
