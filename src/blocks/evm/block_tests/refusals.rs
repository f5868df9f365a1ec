//! One broken rule at a time, and the reason it is refused for.

use alloy_consensus::{Block, TxLegacy};
use alloy_eips::{eip4895::Withdrawals, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS};
use alloy_primitives::{B64, Bloom, hex};

use super::*;

const LOOP: Address = address!("0x00000000000000000000000000000000000a0001");

/// A valid block on a genesis, with its input.
struct Valid {
    parent: Sealed<Header>,
    input: GuestInput,
    block: Block<TxEnvelope>,
}

fn valid() -> Valid {
    let rules = ChainRules::from_genesis(1, Fork::Osaka);
    // LOG1 and SSTORE(1, 1)
    let code = hex!("60aa 6020 6000 a1 6001 6001 55 00");
    let (mut world, root) = World::new(accounts(&[(LOOP, contract(&code, &[]))]));
    let parent = genesis(Fork::Osaka, root, 1_000);
    world.add_header(&parent);
    let transactions = vec![sign(call(0, LOOP, 0)), sign(call(1, LOOP, 5))];
    let (built, input) =
        build(&rules, &world, &parent, &attributes(&parent), transactions).unwrap();
    Valid {
        parent,
        input,
        block: built.block.into_inner(),
    }
}

impl Valid {
    fn reason(&self, block: &Block<TxEnvelope>) -> Reason {
        let mut input = self.input.clone();
        input.block = alloy_rlp::encode(block).into();
        let verdict = validate(&input);
        assert_eq!(verdict.block_hash, block.header.hash_slow());
        assert_eq!(verdict.valid, verdict.reason == Reason::None);
        verdict.reason
    }
}

type Change = fn(&mut Header);

#[test]
fn each_header_field_is_checked() {
    let valid = valid();
    assert_eq!(valid.reason(&valid.block), Reason::None);
    let limit = valid.block.header.gas_limit;
    let cases: Vec<(Reason, Change)> = vec![
        (Reason::WitnessHeaders, |h| h.parent_hash.0[0] ^= 1),
        (Reason::Number, |h| h.number += 1),
        (Reason::Number, |h| h.number = 0),
        (Reason::Timestamp, |h| h.timestamp = 1_000),
        (Reason::GasLimit, |h| h.gas_limit += h.gas_limit / 1_024),
        (Reason::GasLimit, |h| h.gas_limit -= h.gas_limit / 1_024),
        (Reason::GasLimit, |h| h.gas_limit = 4_999),
        (Reason::GasAboveLimit, |h| h.gas_used = h.gas_limit + 1),
        (Reason::BaseFee, |h| h.base_fee_per_gas = Some(8)),
        (Reason::ExtraData, |h| h.extra_data = vec![0; 33].into()),
        (Reason::ProofOfWork, |h| h.difficulty = U256::from(1)),
        (Reason::ProofOfWork, |h| h.nonce = B64::with_last_byte(1)),
        (Reason::ProofOfWork, |h| h.ommers_hash = B256::ZERO),
        (Reason::ForkFields, |h| h.requests_hash = None),
        (Reason::BlobGasLimit, |h| {
            h.blob_gas_used = Some(10 * 131_072);
        }),
        (Reason::ExcessBlobGas, |h| h.excess_blob_gas = Some(131_072)),
        (Reason::TransactionsRoot, |h| {
            h.transactions_root = B256::ZERO;
        }),
        (Reason::WithdrawalsRoot, |h| {
            h.withdrawals_root = Some(B256::ZERO);
        }),
        (Reason::GasUsed, |h| h.gas_used -= 1),
        (Reason::GasUsed, |h| h.gas_used += 1),
        (Reason::BlobGasUsed, |h| h.blob_gas_used = Some(131_072)),
        (Reason::ReceiptsRoot, |h| h.receipts_root = B256::ZERO),
        (Reason::LogsBloom, |h| h.logs_bloom = Bloom::ZERO),
        (Reason::RequestsHash, |h| h.requests_hash = Some(B256::ZERO)),
        (Reason::StateRoot, |h| h.state_root = B256::ZERO),
        // These reach the root through what system calls and transactions see.
        (Reason::StateRoot, |h| h.timestamp += 1),
        (Reason::StateRoot, |h| {
            h.parent_beacon_block_root = Some(B256::ZERO);
        }),
    ];
    for (i, (reason, change)) in cases.iter().enumerate() {
        let mut block = valid.block.clone();
        change(&mut block.header);
        assert_eq!(valid.reason(&block), *reason, "case {i}");
    }
    // Just within the bounds of the gas limit.
    for gas_limit in [limit + limit / 1_024 - 1, limit - limit / 1_024 + 1] {
        let mut block = valid.block.clone();
        block.header.gas_limit = gas_limit;
        assert_eq!(valid.reason(&block), Reason::None);
    }
}

#[test]
fn each_part_of_the_body_is_checked() {
    let valid = valid();
    let change = |change: &dyn Fn(&mut Block<TxEnvelope>)| {
        let mut block = valid.block.clone();
        change(&mut block);
        valid.reason(&block)
    };
    assert_eq!(
        change(&|b| drop(b.body.transactions.pop())),
        Reason::TransactionsRoot
    );
    assert_eq!(
        change(&|b| b.body.transactions.swap(0, 1)),
        Reason::TransactionsRoot
    );
    assert_eq!(
        change(&|b| b.body.withdrawals = None),
        Reason::WithdrawalsRoot
    );
    let one = Withdrawals::new(vec![alloy_eips::eip4895::Withdrawal::default()]);
    assert_eq!(
        change(&|b| b.body.withdrawals = Some(one.clone())),
        Reason::WithdrawalsRoot
    );
    assert_eq!(
        change(&|b| b.body.ommers.push(Header::default())),
        Reason::ProofOfWork
    );
    let huge = sign(TxEip1559 {
        input: vec![0; 8 << 20].into(),
        ..call(2, LOOP, 0)
    });
    assert_eq!(
        change(&|b| b.body.transactions.push(huge.clone())),
        Reason::BlockSize
    );
}

#[test]
fn bytes_that_are_no_block_are_refused() {
    let valid = valid();
    let whole = valid.input.block.to_vec();
    let mut input = valid.input.clone();
    for length in (0..whole.len()).step_by(7) {
        input.block = whole[..length].to_vec().into();
        assert_eq!(validate(&input).reason, Reason::BlockEncoding);
    }
    input.block = [&whole[..], &[0x80]].concat().into();
    assert_eq!(validate(&input).reason, Reason::BlockEncoding);
}

#[test]
fn headers_must_lead_to_the_parent() {
    let valid = valid();
    let reason = |headers: Vec<Bytes>| {
        let mut input = valid.input.clone();
        input.witness.headers = headers;
        validate(&input).reason
    };
    let own: Bytes = alloy_rlp::encode(valid.parent.inner()).into();
    let other: Bytes = alloy_rlp::encode(Header::default()).into();
    assert_eq!(reason(vec![]), Reason::WitnessHeaders);
    assert_eq!(reason(vec![other.clone()]), Reason::WitnessHeaders);
    assert_eq!(reason(vec![other, own.clone()]), Reason::WitnessHeaders);
    assert_eq!(reason(vec![own.clone(), own]), Reason::WitnessHeaders);
}

/// Executes a block of one transaction; the refusal.
fn refuse(gas_limit: u64, transaction: TxEnvelope) -> BlockError {
    let rules = ChainRules::from_genesis(1, Fork::Osaka);
    let (mut world, root) = World::new(accounts(&[]));
    let parent = Header {
        gas_limit,
        ..genesis(Fork::Osaka, root, 1_000).into_inner()
    }
    .seal_slow();
    world.add_header(&parent);
    let attributes = attributes(&parent);
    build(&rules, &world, &parent, &attributes, vec![transaction])
        .map(drop)
        .unwrap_err()
}

#[test]
fn transactions_that_may_not_be_included() {
    let to = Address::repeat_byte(1);
    let good = || call(0, to, 0);
    let cases = [
        ("nonce", Reason::Transaction, sign(call(1, to, 0))),
        (
            "balance",
            Reason::Transaction,
            sign(TxEip1559 {
                value: U256::MAX,
                ..good()
            }),
        ),
        (
            "fee",
            Reason::Transaction,
            sign(TxEip1559 {
                max_fee_per_gas: 6,
                ..good()
            }),
        ),
        (
            "intrinsic gas",
            Reason::Transaction,
            sign(TxEip1559 {
                gas_limit: 20_999,
                ..good()
            }),
        ),
        (
            "chain",
            Reason::Transaction,
            sign(TxEip1559 {
                chain_id: 2,
                ..good()
            }),
        ),
        (
            "cap",
            Reason::Transaction,
            sign(TxEip1559 {
                gas_limit: 16_777_217,
                ..good()
            }),
        ),
        (
            "block",
            Reason::BlockGas,
            sign(TxEip1559 {
                gas_limit: 10_000_001,
                ..good()
            }),
        ),
    ];
    for (name, reason, transaction) in cases {
        let limit = if name == "block" {
            10_000_000
        } else {
            60_000_000
        };
        let error = refuse(limit, transaction);
        assert_eq!(error.reason, reason, "{name}: {error}");
        assert!(error.to_string().contains("transaction 0"), "{error}");
    }
}

#[test]
fn a_signature_with_a_large_s_is_invalid() {
    let unsigned = TxLegacy {
        gas_price: 100,
        gas_limit: 21_000,
        to: TxKind::Call(Address::ZERO),
        ..TxLegacy::default()
    };
    let signature = secp256k1::sign_message(KEY, unsigned.signature_hash()).unwrap();
    let order = U256::from_be_bytes(hex!(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    ));
    let mirrored =
        alloy_primitives::Signature::new(signature.r(), order - signature.s(), !signature.v());
    let transaction = unsigned.into_signed(mirrored).into();
    assert_eq!(refuse(60_000_000, transaction).reason, Reason::Signature);
}

#[test]
fn a_block_without_system_contracts_is_invalid() {
    let rules = ChainRules::from_genesis(1, Fork::Osaka);
    let mut accounts = accounts(&[]);
    accounts.retain(|(address, _)| *address != WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS);
    let (mut world, root) = World::new(accounts);
    let parent = genesis(Fork::Osaka, root, 1_000);
    world.add_header(&parent);
    let error = build(&rules, &world, &parent, &attributes(&parent), vec![])
        .map(drop)
        .unwrap_err();
    assert_eq!(error.reason, Reason::SystemContract, "{error}");
}

/// Codes are what a guest commits: they never change, and none stands for two reasons.
#[test]
fn reasons_have_codes() {
    for (i, reason) in Reason::ALL.iter().enumerate() {
        assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        assert!(i == 0 || reason.code() > Reason::ALL[i - 1].code());
    }
    assert_eq!(Reason::from_code(255), None);
}
