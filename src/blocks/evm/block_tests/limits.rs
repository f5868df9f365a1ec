//! Rules that revm and alloy leave to others: the size of the block access list, the layout of deposits, storage in the way of a
//! new contract.

use std::sync::Arc;

use alloy_consensus::TxReceipt;
use alloy_eips::eip6110::MAINNET_DEPOSIT_CONTRACT_ADDRESS;
use alloy_primitives::{hex, keccak256};
use alloy_rlp::Decodable;
use revm::state::AccountInfo;

use super::*;
use crate::eest::StockEvmFactory;

const MAKER: Address = address!("0x00000000000000000000000000000000000a0002");

/// A block of `transactions` on a genesis with `gas_limit` and `more` accounts.
fn block<F: BlockEvmFactory>(
    factory: &F,
    fork: crate::gas::Fork,
    gas_limit: u64,
    more: &[(Address, GenesisAccount)],
    transactions: Vec<TxEnvelope>,
) -> Result<Built, BlockError> {
    let rules = ChainRules::new(1, fork);
    let mut pre = accounts(more);
    pre.retain(|(address, _)| !system_contracts(fork).iter().any(|(a, _)| a == address));
    pre.extend(system_contracts(fork));
    let (mut world, root) = World::new(pre);
    let mut parent = genesis(Fork::Osaka, root, 1_000).into_inner();
    parent.gas_limit = gas_limit;
    let parent = parent.seal_slow();
    world.add_header(&parent);
    let mut db = world.state(parent.state_root);
    let transactions = recovered(transactions).unwrap();
    build_block(
        factory,
        &rules,
        &parent,
        &attributes(&parent),
        transactions,
        &mut db,
    )
}

fn stock(fork: crate::gas::Fork) -> TariffEvmFactory {
    TariffEvmFactory::new(Arc::new(Tariff::stock(fork)))
}

/// EIP-7928: accounts and slots, at 2,000 gas each, fit the gas limit.
#[test]
fn an_access_list_has_as_many_items_as_the_gas_limit_allows() {
    let fork = crate::gas::Fork::Amsterdam;
    let build = |gas_limit| {
        let one = TxEip1559 {
            gas_limit: 40_000,
            ..call(0, sender(), 0)
        };
        block(&stock(fork), fork, gas_limit, &[], vec![sign(one)])
    };
    let built = build(1_000_000).unwrap();
    let list = built.executed.block_access_list.unwrap();
    let list = Vec::<alloy_eips::eip7928::AccountChanges>::decode(&mut &list[..]).unwrap();
    let slots = |one: &alloy_eips::eip7928::AccountChanges| {
        one.storage_changes().len() + one.storage_reads().len()
    };
    let items: usize = list.iter().map(|one| 1 + slots(one)).sum();
    let enough = 2_000 * items as u64;
    assert!(enough > 40_000, "{items}");
    assert!(build(enough).is_ok());
    let refusal = build(enough - 1).unwrap_err();
    assert_eq!(refusal.reason, Reason::AccessListItems);
    assert_eq!(refusal.detail, format!("{items} of {}", items - 1));
}

/// The data of a deposit's event.
fn deposit() -> Vec<u8> {
    let mut data = vec![0; 576];
    let fields = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];
    for (index, (offset, length)) in fields.into_iter().enumerate() {
        let word = |value: u64| U256::from(value).to_be_bytes::<32>();
        data[32 * index..][..32].copy_from_slice(&word(offset));
        let at = usize::try_from(offset).unwrap();
        data[at..at + 32].copy_from_slice(&word(length));
        data[at + 32..][..usize::try_from(length).unwrap()].fill(0xdd);
    }
    data
}

/// EIP-6110: whatever else a decoder would make of them, deposits have one layout.
#[test]
fn deposits_have_one_layout() {
    // LOG1 of the calldata
    let topic = keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)");
    let code = [
        &hex!("36 6000 6000 37 7f")[..],
        topic.as_slice(),
        &hex!("36 6000 a1 00"),
    ]
    .concat();
    let contract = [(MAINNET_DEPOSIT_CONTRACT_ADDRESS, contract(&code, &[]))];
    let fork = crate::gas::Fork::Osaka;
    let build = |data: Vec<u8>| {
        let log = TxEip1559 {
            input: data.into(),
            ..call(0, MAINNET_DEPOSIT_CONTRACT_ADDRESS, 0)
        };
        let built = block(&stock(fork), fork, 60_000_000, &contract, vec![sign(log)]);
        built.map(|built| built.executed.requests)
    };
    let request = &build(deposit()).unwrap()[0];
    assert_eq!((request.len(), request[0]), (193, 0));
    let refused = |data| build(data).unwrap_err().reason;
    // Each offset and each length, one more and one less; every byte of them.
    for at in [0, 32, 64, 96, 128, 160, 256, 320, 384, 512] {
        for byte in [0, 23, 24, 30, 31] {
            let mut data = deposit();
            data[at + byte] ^= 1;
            assert_eq!(refused(data), Reason::Deposits, "{at} {byte}");
        }
    }
    for length in [0, 32, 575, 577, 608] {
        let mut data = deposit();
        data.resize(length, 0);
        assert_eq!(refused(data), Reason::Deposits, "{length}");
    }
    // An event of another kind is none.
    let other = [(
        MAINNET_DEPOSIT_CONTRACT_ADDRESS,
        super::contract(&hex!("6000 6000 a0 00"), &[]),
    )];
    let log = vec![sign(call(0, MAINNET_DEPOSIT_CONTRACT_ADDRESS, 0))];
    assert!(block(&stock(fork), fork, 60_000_000, &other, log).is_ok());
}

/// Where the transaction of [`creations`] makes a contract, and where its call does.
fn made() -> [Address; 2] {
    [sender().create(0), MAKER.create(1)]
}

/// A block with a creation and a call that creates, with storage where the contracts would be or without.
fn creations<F: BlockEvmFactory>(factory: &F, occupied: bool) -> Built {
    let stored = GenesisAccount {
        balance: U256::from(7),
        storage: vec![(U256::from(1), U256::from(2))],
        ..GenesisAccount::default()
    };
    // SSTORE(0, 1 + CREATE(0, 0, 0))
    let maker = contract(&hex!("6000 6000 6000 f0 6001 01 6000 55 00"), &[]);
    let mut more = vec![(MAKER, maker)];
    if occupied {
        more.extend(made().map(|address| (address, stored.clone())));
    }
    let creation = TxEip1559 {
        to: TxKind::Create,
        ..call(0, MAKER, 0)
    };
    // A creation that fails so takes all but one part in 64 of the gas that there is.
    let calling = TxEip1559 {
        gas_limit: 5_000_000,
        ..call(1, MAKER, 0)
    };
    let fork = crate::gas::Fork::Osaka;
    let transactions = vec![sign(creation), sign(calling)];
    block(factory, fork, 60_000_000, &more, transactions).unwrap()
}

/// EIP-7610: by a transaction and by CREATE, and not beside the account with storage.
fn is_not_made_where_storage_is<F: BlockEvmFactory>(factory: &F) -> B256 {
    let [_, by_create] = made();
    let free = creations(factory, false).executed;
    assert!(free.receipts.iter().all(TxReceipt::status));
    let there = free.bundle.state[&by_create].info.as_ref();
    assert_eq!(there.unwrap().nonce, 1);

    let taken = creations(factory, true);
    let Executed {
        receipts, bundle, ..
    } = &taken.executed;
    assert!(!receipts[0].status() && receipts[1].status());
    // The whole gas limit of the transaction is burnt.
    assert_eq!(receipts[0].cumulative_gas_used(), 500_000);
    // CREATE gives 0, and leaves what is there as it is.
    let slot = &bundle.state[&MAKER].storage[&U256::ZERO];
    assert_eq!(slot.present_value, U256::from(1));
    for address in made() {
        let info = bundle.state.get(&address).map(|account| &account.info);
        let kept = |info: &AccountInfo| info.nonce == 0 && info.balance == U256::from(7);
        assert!(info.is_none_or(|info| info.as_ref().is_some_and(kept)));
    }
    taken.block.hash()
}

#[test]
fn no_contract_is_made_where_storage_is() {
    let tariff = || Arc::new(Tariff::stock(crate::gas::Fork::Osaka));
    let hashes = [
        is_not_made_where_storage_is(&TariffEvmFactory::new(tariff())),
        is_not_made_where_storage_is(&CountingEvmFactory::new(tariff())),
        is_not_made_where_storage_is(&StockEvmFactory),
    ];
    assert_eq!(hashes, [hashes[0]; 3]);
}
