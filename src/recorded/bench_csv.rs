//! Measurements as one table: a row per test and prover, as gas-fitting scripts exchange them.

use std::{path::PathBuf, sync::Arc};

use super::{CsvError, Proven, Recorded, Run, Test, csv_table::CsvTable};
use crate::prove::Source;

/// Reads a table with the columns `test_title`, `client_name` (`guest-version__zkvm-version`) and `run_duration_ms`;
/// `test_opcode`, `opcount` and `block_limit_million` where there are such.
///
/// # Errors
/// A missing column, or a cell that is not a number.
pub fn bench_csv(text: &str) -> Result<Recorded, CsvError> {
    let table = CsvTable::parse(text)?;
    table.require(&["test_title", "client_name", "run_duration_ms"])?;
    let mut recorded = Recorded::default();
    let mut sources: Vec<Arc<Source>> = Vec::new();
    for row in &table.rows {
        let mut test = Test::parse(table.text(row, "test_title"));
        let mgas = table.whole(row, "block_limit_million")?;
        test.level_mgas = test.level_mgas.or(mgas);
        let proving_ms = table.number(row, "run_duration_ms")?;
        let operation = table.text(row, "test_opcode");
        recorded.runs.push(Run {
            file: PathBuf::from(format!("line {}", row.line)),
            gas_used: test.level(),
            test,
            source: source(&mut sources, table.text(row, "client_name")),
            opcode_count: None,
            costs: None,
            target_opcode: (!operation.is_empty()).then(|| operation.to_owned()),
            executions: table.whole(row, "opcount")?,
            execution: None,
            proving: proving_ms.map(|ms| {
                Ok(Proven {
                    proving_s: ms / 1e3,
                    output_matched: None,
                })
            }),
        });
    }
    Ok(recorded)
}

fn source(known: &mut Vec<Arc<Source>>, client: &str) -> Arc<Source> {
    let (guest, zkvm) = match client.split_once("__") {
        Some((guest, zkvm)) => (Some(guest.to_owned()), zkvm),
        None => (None, client),
    };
    let source = Source {
        guest,
        zkvm: zkvm.into(),
        hardware: None,
    };
    if let Some(found) = known.iter().find(|one| ***one == source) {
        return Arc::clone(found);
    }
    let source = Arc::new(source);
    known.push(Arc::clone(&source));
    source
}
