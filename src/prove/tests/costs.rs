//! Costs against SP1's own estimator, which is given each execution as a whole.

use std::sync::Arc;

use super::{block, sp1_report::sp1_report};
use crate::{
    bench::{Prepared, Size, scenarios},
    evm::Tariff,
    fit::real,
    gas::Fork,
    lang,
    prove::{CostVector, Embedded, Prover as _},
};

fn costs(input: &[u8]) -> CostVector {
    Embedded::new().unwrap().execute(input).unwrap().costs
}

#[test]
fn a_small_execution_costs_exactly_what_sp1_says() {
    let input = block(&[], &[vec![], vec![1, 2, 3]]).encode();
    let (costs, report) = (costs(&input), sp1_report(Embedded::guest(), &input));
    assert_eq!(costs.total_num_cycles, report.total_instruction_count());
    assert_eq!(costs.prover_gas, report.gas());
    assert_eq!(
        costs.system_calls.values().sum::<u64>(),
        report.total_syscall_count()
    );
    assert!(costs.system_calls["keccak_permute"] > 0);
    let counted = Embedded::new().unwrap().count(&input).unwrap().costs;
    let told = CostVector {
        total_num_system_calls: costs.total_num_system_calls,
        ..CostVector::cycles(costs.total_num_cycles)
    };
    assert_eq!(counted, told);
}

/// The clock counts calls that no chip proves, too: as many in every execution.
#[test]
fn the_clock_counts_system_calls() {
    let beyond = |input: Vec<u8>| {
        let report = sp1_report(Embedded::guest(), &input);
        costs(&input).total_num_system_calls.unwrap() - report.total_syscall_count()
    };
    let small = beyond(block(&[], &[vec![]]).encode());
    assert_eq!(
        beyond(scenario_input("sload/cold-existing", 200_000)),
        small
    );
    assert!(small < 50, "{small}");
}

fn scenario_input(id: &str, gas: u64) -> Vec<u8> {
    let scenario = scenarios().iter().find(|one| one.id == id).unwrap();
    let osaka = lang::fork_schedule(Fork::Osaka);
    let tariff = Arc::new(Tariff::stock(Fork::Osaka));
    let mut prepared = Prepared::new(scenario, osaka, tariff).unwrap();
    let block = prepared.block_with_input(Size::Gas(gas)).unwrap();
    block.input.unwrap().encode()
}

/// A block too long to be followed as a whole, of as different things as blocks hold.
#[test]
fn a_sample_of_a_long_execution_tells_its_costs() {
    for scenario in ["mulmod/128-bit", "keccak256/32-bytes", "ecadd/chain"] {
        let input = scenario_input(scenario, 600_000);
        let (costs, report) = (costs(&input), sp1_report(Embedded::guest(), &input));
        assert_eq!(costs.total_num_cycles, report.total_instruction_count());
        assert!(costs.total_num_cycles > 8_000_000, "{scenario}");
        let ratio = real(costs.prover_gas.unwrap()) / real(report.gas().unwrap());
        assert!((ratio - 1.0).abs() < 0.02, "{scenario}: {ratio}");
    }
}
