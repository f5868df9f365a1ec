//! What SP1's own estimator says of an execution that it is given as a whole. Benchmarks use this file, too.

use std::sync::Arc;

use sp1_core_executor::{
    ExecutionReport, GasEstimatingVMEnum, MinimalExecutorEnum, Program, SP1CoreOpts,
};

/// Memory accesses in a piece of trace when SP1's own tools estimate.
const PIECE: u64 = 1 << 27;

/// Its report on a guest program's run on `input`.
pub fn sp1_report(guest: &[u8], input: &[u8]) -> ExecutionReport {
    let program = Arc::new(Program::from(guest).unwrap());
    let mut executor = MinimalExecutorEnum::new(Arc::clone(&program), false, Some(PIECE));
    executor.with_input(input);
    let mut report = ExecutionReport::default();
    while let Some(piece) = executor.execute_chunk() {
        let options = SP1CoreOpts::default();
        let mut vm = GasEstimatingVMEnum::new(&piece, Arc::clone(&program), [0; 4], options);
        report += vm.execute().unwrap();
    }
    report
}
