//! Every genome is a block, or is refused for what it does.

use proptest::prelude::*;

use super::{
    breeding::{changed, is_sound, operations, starts},
    genome::Genome,
    program::{Item, Program, Word},
};
use crate::{
    bench::{self, Size},
    gas::Kind,
    lang::osaka,
    prove::Random,
};

/// A genome of some operation, so many changes from its start.
fn bred(operation: &str, seed: u64, changes: u64) -> Option<Genome> {
    let mut random = Random::new(seed, operation, 0);
    let all = starts(operation, &mut random);
    if all.is_empty() {
        return None;
    }
    let mut genome = random.pick(&all).clone();
    let others: Vec<&Genome> = all.iter().collect();
    for _ in 0..changes {
        genome = changed(&genome, &others, &mut random);
    }
    Some(genome)
}

/// What a block of the genome says: that its stack went wrong is the one thing that it may not.
fn stack_holds(genome: &Genome) -> Result<(), String> {
    let scenario = genome.scenario("a/b", genome.operation());
    let scenario = scenario.map_err(|error| error.to_string())?;
    let Some(scenario) = scenario else {
        return Err("sound, and not written down".into());
    };
    match bench::build(&scenario, &osaka(), Size::Iterations(2)) {
        Err(bench::BenchError::Notation(error)) => Err(error.to_string()),
        // What an operation does with its operands is its own affair: too much memory, a jump to nowhere.
        Err(bench::BenchError::Failed { .. }) if may_fail(genome) => Ok(()),
        Err(bench::BenchError::Failed { .. }) => Err("a transaction failed".into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whether it has an operation that fails on some operands, or that takes more gas than there is.
fn may_fail(genome: &Genome) -> bool {
    let Genome::Program(program) = genome else {
        return false;
    };
    let own = |item: &Item| match item {
        Item::Gene(gene, numbers) => {
            gene.text == "MLOAD" || gene.operation == "RETURNDATACOPY" || !numbers.is_empty()
        }
        Item::Call(..) => true,
        Item::Push(_) => false,
    };
    program.items.iter().any(own)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_sound_genome_is_written_down_and_keeps_to_its_stack(
        which in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        changes in 0..6_u64,
    ) {
        let all = operations();
        let operation = which.get(&all);
        if let Some(genome) = bred(operation, seed, changes) {
            prop_assert!(is_sound(&genome));
            if let Err(error) = stack_holds(&genome) {
                let entry = genome.entry("a/b", "A", "");
                prop_assert!(false, "{error}: {}", entry.unwrap_or_default());
            }
        }
    }

    #[test]
    fn the_same_numbers_breed_the_same(seed in any::<u64>(), changes in 0..4_u64) {
        let entry = || bred("MULMOD", seed, changes).and_then(|one| one.entry("a/b", "A", ""));
        prop_assert_eq!(entry(), entry());
    }
}

#[test]
fn every_start_is_a_block() {
    let mut without = Vec::new();
    for operation in operations() {
        let all = starts(&operation, &mut Random::new(1, &operation, 0));
        let schedule = osaka();
        let makes_one = |genome: &Genome| {
            let scenario = genome.scenario("a/b", &operation).unwrap().unwrap();
            bench::build(&scenario, &schedule, Size::Iterations(2)).is_ok()
        };
        // The deepest states take longest; one of them is enough.
        if !all.iter().take(8).any(makes_one) {
            without.push(operation);
        }
    }
    assert_eq!(without, [""; 0]);
}

/// Operations that no genome is about: they end a frame, or each needs an address of its own.
const WITHOUT: [&str; 5] = ["STOP", "RETURN", "REVERT", "CREATE2", "SELFDESTRUCT"];

#[test]
fn every_operation_is_attacked() {
    let known = operations();
    let schedule = osaka();
    let entries = schedule.entries().iter();
    let run = entries.filter(|entry| matches!(entry.kind, Kind::Opcode | Kind::Precompile));
    let without = run.filter(|entry| !known.contains(&entry.name));
    let without: Vec<&str> = without.map(|entry| entry.name.as_str()).collect();
    assert_eq!(without, WITHOUT);
}

#[test]
fn a_stack_is_only_as_deep_as_it_has_to_be() {
    let gene = |text| Item::Gene(super::genes::gene(text), Vec::new());
    let word = || Word::Bytes(vec![7]);
    let program = |items, work: usize, supply: usize, called| Program {
        items,
        work: vec![word(); work],
        supply: vec![word(); supply],
        repeat: 100,
        called,
    };
    let stack = |program: &Program| {
        program
            .stack()
            .map(|one| (one.repeat, one.supply, one.left))
    };
    // One word less with each: as many below as are taken.
    let consuming = program(vec![gene("DIV")], 2, 1, false);
    assert_eq!(stack(&consuming), Some((100, 99, 1)));
    assert_eq!(stack(&program(vec![gene("DIV")], 2, 0, false)), None);
    let even = program(vec![gene("NOT")], 1, 0, false);
    assert_eq!(stack(&even), Some((100, 0, 1)));
    assert_eq!(stack(&program(vec![gene("NOT")], 0, 0, false)), None);
    let growing = program(vec![gene("PC")], 0, 0, true);
    // A called one fills the stack.
    assert_eq!(stack(&growing), Some((999, 0, 999)));
    let here = Program {
        called: false,
        ..growing
    };
    assert_eq!(stack(&here), Some((100, 0, 100)));
}

#[test]
fn an_entry_is_read_back_as_it_was_tried() {
    let genome = bred("MODEXP", 3, 2).unwrap();
    let why = "a sentence with \"quotes\"";
    let text = genome.entry("found/modexp", "MODEXP", why).unwrap();
    let read = bench::scenarios_in("found.toml", &text).unwrap();
    assert_eq!((read.len(), read[0].why.as_str()), (1, why));
    let tried = genome.scenario("found/modexp", "MODEXP").unwrap().unwrap();
    assert_eq!(read[0].operands(), tried.operands());
}
