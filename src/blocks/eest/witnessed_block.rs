//! Single blocks with the witness that another program made.

use alloy_primitives::{B256, keccak256, map::B256Map};
use revm::state::Bytecode;

use super::{
    checked::{Checked, Mismatch},
    fixture::WitnessedBlock,
    network::fork_tariff,
    stock::StockEvmFactory,
};
use crate::evm::{
    BlockError, BlockEvmFactory, Executed, StateDb, Store, TariffEvmFactory, bytecode,
    execute_body, execute_stateless, trie::NodeStore,
};

/// Executes the block on its witness, and compares.
pub(super) fn check(fixture: &WitnessedBlock) -> Checked {
    let outcome = match fork_tariff(&fixture.rules, &fixture.block) {
        Some(tariff) => execute(&TariffEvmFactory::new(tariff), fixture),
        None => execute(&StockEvmFactory, fixture),
    };
    let hash = fixture.block.header.hash_slow();
    let what = match outcome {
        Ok(_) if !fixture.valid => Some("is valid, which it should not be".into()),
        Err(refusal) if fixture.valid => Some(format!("is refused: {refusal}")),
        _ if hash != fixture.hash => {
            Some(format!("the block is {hash} instead of {}", fixture.hash))
        }
        _ => None,
    };
    let headless = fixture.headless.is_some();
    Checked {
        reproduced: usize::from(what.is_none()),
        invalid: usize::from(!fixture.valid),
        mismatches: what
            .into_iter()
            .map(|what| Mismatch { block: Some(0), what })
            .collect(),
        unchecked: headless.then(|| {
            "the parent's header is not in the file: base fee, gas limit and blob gas were not checked against it".into()
        }),
        ..Checked::of(1)
    }
}

/// Executes the block on its witness.
pub(super) fn execute<F: BlockEvmFactory>(
    factory: &F,
    fixture: &WitnessedBlock,
) -> Result<Executed, BlockError> {
    let witness = fixture.witness.as_ref();
    let Some((root, ancestors)) = &fixture.headless else {
        let rlp = alloy_rlp::encode(&fixture.block);
        return execute_stateless(factory, &fixture.rules, &rlp, &witness);
    };
    let hashed = |list: &[&'_ [u8]]| {
        list.iter()
            .map(|bytes| (keccak256(bytes), bytes.to_vec()))
            .collect()
    };
    let store = Headless {
        nodes: hashed(&witness.state),
        codes: hashed(&witness.codes),
        number: fixture.block.header.number,
        ancestors,
    };
    let mut db = StateDb::new(&store, *root);
    execute_body(factory, &fixture.rules, &fixture.block, &mut db)
}

/// A witness with the ancestors' hashes in place of their headers.
struct Headless<'a> {
    nodes: B256Map<Vec<u8>>,
    codes: B256Map<Vec<u8>>,
    /// Of the block.
    number: u64,
    /// The parent's hash first.
    ancestors: &'a [B256],
}

impl NodeStore for Headless<'_> {
    fn node(&self, hash: &B256) -> Option<&[u8]> {
        self.nodes.get(hash).map(Vec::as_slice)
    }
}

impl Store for Headless<'_> {
    fn code(&self, hash: &B256) -> Option<Bytecode> {
        let code = self.codes.get(hash)?;
        Some(bytecode(code.clone().into()))
    }

    fn block_hash(&self, number: u64) -> Option<B256> {
        let back = self.number.checked_sub(number + 1)?;
        self.ancestors.get(usize::try_from(back).ok()?).copied()
    }
}
