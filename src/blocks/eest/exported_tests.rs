//! What is written is read again and holds: as a chain, and from the guest's bytes alone.

use std::sync::Arc;

use super::*;
use crate::{
    bench::{
        Size, TwinBlocks, Twins,
        tests::{one, priced},
    },
    evm::canonical::StatelessInput,
    gas::Fork,
    lang::fork_schedule,
};

/// A scenario's block under the fork's prices with a dearer MULMOD, its twin, and the file that they make.
fn written(fork: Fork, id: &str, export: Export, with_state: bool) -> (TwinBlocks, String) {
    let stock = fork_schedule(fork);
    let schedule = priced(stock.clone(), "MULMOD", 16);
    let tariff = |schedule| Arc::new(crate::evm::compile(schedule).unwrap());
    let tariffs = (tariff(&schedule), tariff(stock));
    let mut twins = Twins::new(one(id), (&schedule, tariffs.0), (stock, tariffs.1)).unwrap();
    let blocks = twins.blocks(Size::Gas(300_000)).unwrap();
    let state = with_state.then(|| twins.state().unwrap());
    let label = Label {
        schedule: "dearer",
        state: state.as_deref(),
    };
    let (_, text) = write(export, &blocks, label).unwrap();
    (blocks, text)
}

#[test]
fn what_is_written_is_reproduced() {
    for fork in [Fork::Prague, Fork::Osaka, Fork::Amsterdam] {
        for export in [Export::Current, Export::Later] {
            for id in [
                "mulmod/255-bit",
                "sload/cold-existing",
                "tx-base/transfers-to-absent",
            ] {
                for state in [true, false] {
                    let (_, text) = written(fork, id, export, state);
                    let fixtures = read(&text).unwrap();
                    let checked = check(&fixtures[0], Options { witness: state });
                    let what = format!("{fork:?} {export:?} {id} {state}");
                    assert_eq!(checked.mismatches, [], "{what}");
                    assert_eq!((checked.reproduced, checked.not_run), (1, None), "{what}");
                    assert_eq!(checked.guest_inputs, 1, "{what}");
                }
            }
        }
    }
}

/// Which accounts and slots a block touches is part of it (EIP-7928).
#[test]
fn another_access_list_is_another_block() {
    let (blocks, _) = written(
        Fork::Amsterdam,
        "sload/cold-existing",
        Export::Current,
        false,
    );
    let accesses = blocks.stock.block_access_list.as_ref().unwrap();
    let header = &blocks.stock.block.header;
    assert_eq!(
        header.block_access_list_hash,
        Some(alloy_primitives::keccak256(accesses))
    );
    let input = stateless(Export::Current, &blocks.stock).unwrap();
    assert_eq!(input.encode()[..2], [0x15, 0x01]);
    assert!(crate::evm::canonical::execute(&input).is_ok());
    let mut payload = input.payload();
    payload.block_access_list = Some(accesses.slice(..accesses.len() - 1));
    assert!(payload.block().is_err());
    let again = StatelessInput::decode(&input.encode()).unwrap();
    assert_eq!(again, input);
}

#[test]
fn the_earlier_form_has_no_amsterdam() {
    let stock = fork_schedule(Fork::Amsterdam);
    let tariff = Arc::new(crate::evm::compile(stock).unwrap());
    let prices = || (stock, Arc::clone(&tariff));
    let mut twins = Twins::new(one("mulmod/255-bit"), prices(), prices()).unwrap();
    let blocks = twins.blocks(Size::Iterations(1)).unwrap();
    let label = Label {
        schedule: "amsterdam",
        state: None,
    };
    let error = write(Export::Earlier, &blocks, label).unwrap_err();
    assert!(error.to_string().contains("before Amsterdam"), "{error}");
}
