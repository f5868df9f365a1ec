//! Blocks of our own: what an ordinary client makes of them, and what a witness must hold.

use alloy_consensus::{
    Block, Header, ReceiptEnvelope, TxEip1559, TxEip4844, TxEip7702, TxEnvelope,
};
use alloy_eips::{
    eip4895::Withdrawal, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, eip7702::Authorization,
};
use alloy_primitives::{hex, keccak256};
use alloy_rlp::Decodable as _;
use std::sync::Arc;

use reprice_engine::{Expr, Ratio};

use super::{reference::Reference, *};

/// Within Osaka, before its first blob parameter fork.
const TIME: u64 = 1_764_800_000;
/// The delegating account's key (EIP-7702).
const AUTHORITY: B256 = B256::repeat_byte(0x46);

const STORE: Address = address!("0x00000000000000000000000000000000000a0001");
const HASH: Address = address!("0x00000000000000000000000000000000000a0002");
const DEPLOY: Address = address!("0x00000000000000000000000000000000000a0003");
const DESTROY: Address = address!("0x00000000000000000000000000000000000a0004");
const FRESH: Address = address!("0x00000000000000000000000000000000000a0005");
const NOBODY: Address = address!("0x00000000000000000000000000000000000a0006");

fn word(value: u64) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

fn pre() -> Vec<(Address, GenesisAccount)> {
    let slots: Vec<_> = (1..20).map(|slot| (slot, slot * 1_000)).collect();
    let mut destroy = contract(
        &hex!("73 00000000000000000000000000000000000a0005 ff"),
        &[(1, 1)],
    );
    destroy.balance = U256::from(77);
    accounts(&[
        // SSTORE(calldata[0], calldata[32])
        (STORE, contract(&hex!("602035 600035 55 00"), &slots)),
        // SSTORE(n, BLOCKHASH(n)), and LOG1
        (
            HASH,
            contract(&hex!("600035 40 600035 55 60aa 6020 6000 a1 00"), &[]),
        ),
        // CREATE with the calldata as init code
        (
            DEPLOY,
            contract(&hex!("36 6000 6000 37 36 6000 34 f0 00"), &[]),
        ),
        (DESTROY, destroy),
    ])
}

fn with_input(transaction: TxEip1559, input: &[&[u8]]) -> TxEnvelope {
    sign(TxEip1559 {
        input: input.concat().into(),
        ..transaction
    })
}

/// One transaction of every kind of change to the state, from `nonce` on.
fn transactions(nonce: u64, ancestor: u64) -> Vec<TxEnvelope> {
    let mut nonces = nonce..;
    let mut to = |to, value| call(nonces.next().unwrap(), to, value);
    let store = |tx, slot, value| with_input(tx, &[&word(slot), &word(value)]);
    // The constructor writes slot 7; what is deployed is one byte.
    let create = hex!("6005 6007 55 6000 6000 53 6001 6000 f3");
    // The constructor writes slot 2 and destroys itself in favour of nobody so far.
    let vanish = hex!("6001 6002 55 73 00000000000000000000000000000000000b0001 ff");
    // Their nonces are the last two.
    let (blobs, delegate) = (call(nonce + 11, FRESH, 0), call(nonce + 12, STORE, 0));
    let authorization = Authorization {
        chain_id: U256::from(1),
        address: STORE,
        nonce: 0,
    };
    let signature = secp256k1::sign_message(AUTHORITY, authorization.signature_hash()).unwrap();
    let authority = secp256k1::recover_signer(&signature, authorization.signature_hash()).unwrap();
    vec![
        store(to(STORE, 0), 1, 0),
        store(to(STORE, 0), 2, 0),
        store(to(STORE, 0), 3, nonce + 5),
        store(to(STORE, 0), 1_000 + nonce, 6),
        with_input(to(DEPLOY, 9), &[&create]),
        with_input(to(DEPLOY, 11), &[&vanish]),
        sign(to(DESTROY, 0)),
        sign(to(FRESH, 1)),
        sign(to(NOBODY, 0)),
        with_input(to(HASH, 0), &[&word(ancestor)]),
        // A request to withdraw from a validator: public key and amount, with the fee.
        with_input(
            to(WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, 1),
            &[&[5; 48], &[0; 8]],
        ),
        sign(TxEip4844 {
            chain_id: 1,
            nonce: blobs.nonce,
            gas_limit: 100_000,
            max_fee_per_gas: 1_000,
            to: FRESH,
            blob_versioned_hashes: vec![B256::with_last_byte(1) | B256::from(U256::from(1) << 248)],
            max_fee_per_blob_gas: 10,
            ..TxEip4844::default()
        }),
        sign(TxEip7702 {
            chain_id: 1,
            nonce: delegate.nonce,
            gas_limit: 200_000,
            max_fee_per_gas: 1_000,
            to: authority,
            input: [word(4), word(44)].concat().into(),
            authorization_list: vec![authorization.into_signed(signature)],
            ..TxEip7702::default()
        }),
    ]
}

fn withdrawals() -> Vec<Withdrawal> {
    let to = |index, address, amount| Withdrawal {
        index,
        validator_index: 3,
        address,
        amount,
    };
    vec![
        to(0, FRESH, 5),
        to(1, Address::repeat_byte(0xd0), 1),
        to(2, NOBODY, 0),
    ]
}

/// A code that a block deploys is held once: by the state after it as by the block's changes.
#[test]
fn deployed_codes_are_shared() {
    let (_, blocks) = three_blocks();
    let (mut world, _) = World::new(pre());
    let mut seen = 0;
    for (built, _) in &blocks {
        world.add_block(&built.block.header, &built.executed, []);
        for (hash, code) in &built.executed.bundle.contracts {
            let held = world.code(hash).unwrap();
            assert_eq!(held.bytes_ref().as_ptr(), code.bytes_ref().as_ptr());
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen}");
}

/// A chain of three blocks under the stock tariff, with each block's input.
fn three_blocks() -> (Vec<Sealed<Header>>, Vec<(Built, GuestInput)>) {
    let tariff = Tariff::stock(crate::gas::Fork::Osaka);
    let rules = ChainRules::of(1, &tariff);
    let factory = TariffEvmFactory::new(Arc::new(tariff.clone()));
    let (mut world, root) = World::new(pre());
    let mut headers = vec![genesis(Fork::Osaka, root, TIME)];
    world.add_header(&headers[0]);
    let mut blocks = Vec::new();
    let mut nonce = 0;
    for number in 1..=3 {
        let parent = headers.last().unwrap();
        let attributes = BlockAttributes {
            withdrawals: withdrawals(),
            ..attributes(parent)
        };
        let transactions = transactions(nonce, GENESIS + number - number.min(2));
        nonce += transactions.len() as u64;
        let recorder = Recorder::new(&world);
        let mut db = StateDb::new(&recorder, parent.state_root);
        let built = build_block(
            &factory,
            &rules,
            parent,
            &attributes,
            recovered(transactions).unwrap(),
            &mut db,
        )
        .unwrap();
        let nodes = db.built();
        let input = GuestInput {
            tariff: tariff.clone(),
            chain_id: 1,
            block: alloy_rlp::encode(built.block.inner()).into(),
            witness: recorder.witness(parent.number),
        };
        world.add_block(&built.block.header, &built.executed, nodes);
        headers.push(Sealed::new_unchecked(
            built.block.header.clone(),
            built.block.hash(),
        ));
        blocks.push((built, input));
    }
    (headers, blocks)
}

#[test]
fn stock_blocks_are_an_ordinary_clients_blocks() {
    let (headers, blocks) = three_blocks();
    let mut reference = Reference::new(&pre());
    assert_eq!(reference.root(), headers[0].state_root);
    for (i, (built, _)) in blocks.iter().enumerate() {
        let receipts = &built.executed.receipts;
        assert!(receipts.iter().all(ReceiptEnvelope::status), "block {i}");
        assert!(!built.executed.requests.is_empty());
        assert_eq!(built.executed.blob_gas_used, 131_072);
        let header = reference.execute(built, &headers[..=i]);
        assert_eq!(header, built.block.header);
        assert_eq!(header.hash_slow(), built.block.hash());
    }
}

#[test]
fn every_item_of_a_witness_is_needed() {
    let (_, blocks) = three_blocks();
    for (built, input) in blocks {
        let verdict = validate(&input);
        assert_eq!(verdict, Verdict::accepted(built.block.hash()));
        for i in 0..input.witness.state.len() {
            let mut less = input.clone();
            less.witness.state.remove(i);
            assert_eq!(validate(&less).reason, Reason::MissingNode);
        }
        for i in 0..input.witness.codes.len() {
            let mut less = input.clone();
            less.witness.codes.remove(i);
            assert_eq!(validate(&less).reason, Reason::MissingCode);
        }
        // The oldest is there because BLOCKHASH asks for it.
        let mut less = input.clone();
        less.witness.headers.remove(0);
        let reason = match input.witness.headers.len() {
            1 => Reason::WitnessHeaders,
            _ => Reason::MissingHeader,
        };
        assert_eq!(validate(&less).reason, reason);
        assert_eq!(
            input.witness.headers.len() > 1,
            built.block.number > GENESIS + 1
        );
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_witness_is_noticed() {
    let (_, blocks) = three_blocks();
    let (_, input) = &blocks[0];
    for i in 0..input.witness.state.len() {
        for at in [0, 1, input.witness.state[i].len() - 1] {
            let mut broken = input.clone();
            let mut node = broken.witness.state[i].to_vec();
            node[at] ^= 1;
            broken.witness.state[i] = node.into();
            assert_eq!(validate(&broken).reason, Reason::MissingNode);
        }
    }
}

/// A node whose hash is right but which is no node: the parent commits to rubbish.
#[test]
fn a_malformed_state_is_refused() {
    let (_, blocks) = three_blocks();
    let rubbish = Bytes::from_static(&hex!("c2 20 20"));
    let parent = genesis(Fork::Osaka, keccak256(&rubbish), TIME);
    let mut input = blocks[0].1.clone();
    let mut block = blocks[0].0.block.inner().clone();
    block.header.parent_hash = parent.hash();
    input.block = alloy_rlp::encode(&block).into();
    input.witness.headers = vec![alloy_rlp::encode(parent.inner()).into()];
    input.witness.state = vec![rubbish];
    assert_eq!(validate(&input).reason, Reason::MalformedState);
}

#[test]
fn another_schedule_is_another_block() {
    let dearer = Tariff {
        // SSTORE's neighbours stay; PUSH1 costs 9 instead of 3.
        statics: vec![(0x60, 9)],
        ..Tariff::stock(crate::gas::Fork::Osaka)
    };
    let (headers, blocks) = three_blocks();
    let (stock, input) = &blocks[0];
    let wrong = GuestInput {
        tariff: dearer.clone(),
        ..input.clone()
    };
    let verdict = validate(&wrong);
    assert_eq!((verdict.valid, verdict.reason), (false, Reason::GasUsed));

    // Built under the dearer schedule, the same transactions are a valid block of their own.
    let rules = ChainRules::of(1, &dearer);
    let (mut world, root) = World::new(pre());
    world.add_header(&headers[0]);
    let recorder = Recorder::new(&world);
    let mut db = StateDb::new(&recorder, root);
    let factory = TariffEvmFactory::new(Arc::new(dearer.clone()));
    let attributes = BlockAttributes {
        withdrawals: withdrawals(),
        ..attributes(&headers[0])
    };
    let transactions = recovered(stock.block.body.transactions.clone()).unwrap();
    let built = build_block(
        &factory,
        &rules,
        &headers[0],
        &attributes,
        transactions,
        &mut db,
    )
    .unwrap();
    assert!(built.block.gas_used > stock.block.gas_used);
    let mut own = GuestInput {
        tariff: dearer,
        chain_id: 1,
        block: alloy_rlp::encode(built.block.inner()).into(),
        witness: recorder.witness(GENESIS),
    };
    assert_eq!(validate(&own).reason, Reason::None);
    own.tariff = input.tariff.clone();
    assert_eq!(validate(&own).reason, Reason::GasUsed);
}

#[test]
fn input_survives_the_wire() {
    let (_, blocks) = three_blocks();
    let (built, input) = &blocks[1];
    let bytes = input.encode();
    assert_eq!(GuestInput::decode(&bytes).as_ref(), Ok(input));
    let statement = validate_bytes(&bytes);
    assert_eq!(statement.verdict, validate(input));
    assert_eq!(statement, input.accepted(built.block.hash()));
    let committed = statement.to_bytes();
    assert_eq!(Statement::from_bytes(&committed), Some(statement));
    assert_eq!(&committed[..32], built.block.hash().as_slice());
    assert_eq!(committed[32..34], [1, 0]);
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        let verdict = validate_bytes(&bytes[..length]).verdict;
        assert_eq!((verdict.valid, verdict.reason), (false, Reason::Input));
    }
}

/// Whatever byte of the rules is another: the block may be valid under many prices, and what is committed to tells them apart.
#[test]
fn a_statement_is_about_one_schedule_alone() {
    let (_, blocks) = three_blocks();
    let (built, input) = &blocks[0];
    let mut input = input.clone();
    input.tariff = crate::evm::compile(&crate::lang::osaka()).unwrap();
    let expected = input.accepted(built.block.hash());
    let bytes = input.encode();
    let block = bytes
        .windows(input.block.len())
        .position(|window| window == &input.block[..])
        .unwrap();
    // The block's length, two bytes, is in front of it.
    let mut still_valid = 0;
    for at in 0..block - 2 {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let statement = validate_bytes(&changed);
        still_valid += usize::from(statement.verdict == expected.verdict);
        assert_ne!(statement, expected, "byte {at}");
    }
    assert!(still_valid > 10, "{still_valid}");
}

/// A formula of a million minus signs, which would be read by as many calls.
#[test]
fn formulas_nest_as_deep_as_rules_are_long() {
    let mut tariff = Tariff::stock(crate::gas::Fork::Osaka);
    let nested = Expr::Neg(Box::new(Expr::Number(Ratio::ONE)));
    tariff.precompiles = vec![(0, Formula::Other(nested.clone()))];
    let input = GuestInput {
        tariff,
        chain_id: 1,
        block: Bytes::new(),
        witness: Witness::default(),
    };
    let bytes = input.encode();
    let formula = postcard::to_allocvec(&nested).unwrap();
    let at = bytes
        .windows(formula.len())
        .position(|window| window == formula)
        .unwrap();
    let deep = [&bytes[..at], &vec![formula[0]; 1 << 20], &bytes[at..]].concat();
    let run = move || validate_bytes(&deep);
    // As much as a program's first thread has.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(run);
    assert_eq!(
        thread.unwrap().join().unwrap().verdict.reason,
        Reason::Input
    );
}

/// alloy reads the length of the string around a typed transaction, and takes any that the bytes suffice for.
#[test]
fn a_block_has_one_encoding() {
    let (_, blocks) = three_blocks();
    let input = &blocks[0].1;
    let typed = |at: &usize| input.block[*at..].starts_with(&[0xb8]) && input.block[at + 2] < 5;
    let header = (0..input.block.len() - 2).find(typed).unwrap();
    let mut read = 0;
    for length in 0..=u8::MAX {
        let mut bytes = input.block.to_vec();
        bytes[header + 1] = length;
        read += usize::from(Block::<TxEnvelope>::decode(&mut &bytes[..]).is_ok());
        let same = length == input.block[header + 1];
        let block = GuestInput {
            block: bytes.into(),
            ..input.clone()
        };
        let expected = if same {
            Reason::None
        } else {
            Reason::BlockEncoding
        };
        assert_eq!(validate(&block).reason, expected, "length {length}");
    }
    assert!(read > 1, "{read}");
}

/// What is read decides the witness, not the order in which it is read.
#[test]
fn witnesses_are_reproducible() {
    let inputs = |blocks: Vec<(Built, GuestInput)>| -> Vec<_> {
        blocks
            .into_iter()
            .map(|(_, input)| input.encode())
            .collect()
    };
    assert_eq!(inputs(three_blocks().1), inputs(three_blocks().1));
}
