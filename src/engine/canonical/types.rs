//! The containers of execution-specs' `stateless_ssz.py`, field by field.

#![expect(missing_docs, reason = "the fields are the specification's")]

use alloc::vec::Vec;
use libssz_derive::{HashTreeRoot, SszDecode, SszEncode};
use libssz_types::SszList;

type Bytes32 = [u8; 32];
/// An uncompressed secp256k1 key: 4, x, y.
pub type PublicKey = [u8; 65];

/// EIP-4895.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct Withdrawal {
    pub index: u64,
    pub validator_index: u64,
    pub address: [u8; 20],
    pub amount: u64,
}

/// EIP-6110.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct DepositRequest {
    pub pubkey: [u8; 48],
    pub withdrawal_credentials: Bytes32,
    pub amount: u64,
    pub signature: [u8; 96],
    pub index: u64,
}

/// EIP-7002.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct WithdrawalRequest {
    pub source_address: [u8; 20],
    pub validator_pubkey: [u8; 48],
    pub amount: u64,
}

/// EIP-7251.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct ConsolidationRequest {
    pub source_address: [u8; 20],
    pub source_pubkey: [u8; 48],
    pub target_pubkey: [u8; 48],
}

/// EIP-8282.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct BuilderDepositRequest {
    pub pubkey: [u8; 48],
    pub withdrawal_credentials: Bytes32,
    pub amount: u64,
    pub signature: [u8; 96],
}

/// EIP-8282.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct BuilderExitRequest {
    pub source_address: [u8; 20],
    pub pubkey: [u8; 48],
}

/// EIP-7685, from Prague on. Each list's encoding is the request's data.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct ExecutionRequests {
    pub deposits: SszList<DepositRequest, 8192>,
    pub withdrawals: SszList<WithdrawalRequest, 16>,
    pub consolidations: SszList<ConsolidationRequest, 2>,
}

/// EIP-7685, from Amsterdam on.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct AmsterdamRequests {
    pub deposits: SszList<DepositRequest, 8192>,
    pub withdrawals: SszList<WithdrawalRequest, 16>,
    pub consolidations: SszList<ConsolidationRequest, 2>,
    pub builder_deposits: SszList<BuilderDepositRequest, 64>,
    pub builder_exits: SszList<BuilderExitRequest, 16>,
}

/// EIP-7685 as tests-zkevm v0.3 has it: each request with its type in front.
pub type EarlyRequests = SszList<SszList<u8, 1_073_741_824>, 16>;

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident, $withdrawals:literal { $($field:ident: $type:ty),* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
        pub struct $name {
            pub parent_hash: Bytes32,
            pub fee_recipient: [u8; 20],
            pub state_root: Bytes32,
            pub receipts_root: Bytes32,
            pub logs_bloom: [u8; 256],
            pub prev_randao: Bytes32,
            pub block_number: u64,
            pub gas_limit: u64,
            pub gas_used: u64,
            pub timestamp: u64,
            pub extra_data: SszList<u8, 32>,
            /// Little endian.
            pub base_fee_per_gas: Bytes32,
            pub block_hash: Bytes32,
            pub transactions: SszList<SszList<u8, 1_073_741_824>, 1_048_576>,
            pub withdrawals: SszList<Withdrawal, $withdrawals>,
            pub blob_gas_used: u64,
            pub excess_blob_gas: u64,
            $(pub $field: $type,)*
        }
    };
}

payload!(
    /// From Cancun on.
    PayloadV3, 16 {}
);
payload!(
    /// From Amsterdam on (EIP-7928, EIP-7843).
    PayloadV4, 16 {
        block_access_list: SszList<u8, 16_777_216>,
        slot_number: u64
    }
);
payload!(
    /// Amsterdam in tests-zkevm v0.3, with room for more withdrawals.
    EarlyPayload, 65_536 {
        block_access_list: SszList<u8, 16_777_216>,
        slot_number: u64
    }
);

/// What the consensus layer asks to validate.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode, HashTreeRoot)]
pub struct Request<P, R>
where
    P: libssz::SszEncode + libssz::SszDecode + libssz_merkle::HashTreeRoot,
    R: libssz::SszEncode + libssz::SszDecode + libssz_merkle::HashTreeRoot,
{
    pub execution_payload: P,
    pub versioned_hashes: SszList<Bytes32, 4096>,
    pub parent_beacon_block_root: Bytes32,
    pub execution_requests: R,
}

/// What the block reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct ExecutionWitness {
    pub state: Vec<Vec<u8>>,
    pub codes: Vec<Vec<u8>>,
    pub headers: Vec<Vec<u8>>,
}

/// When a fork starts: by number or by time.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct ForkActivation {
    pub block_number: SszList<u64, 1>,
    pub timestamp: SszList<u64, 1>,
}

/// The fork that is active.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct ForkConfig {
    pub activation: ForkActivation,
}

/// The chain, with the fork's start.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct ChainConfig {
    pub chain_id: u64,
    pub active_fork: ForkConfig,
}

/// The whole input; `C` is the chain's configuration or nothing but its number, `K` a public key.
#[derive(Clone, Debug, PartialEq, Eq, SszEncode, SszDecode)]
pub struct Input<Q, C, K>
where
    Q: libssz::SszEncode + libssz::SszDecode,
    C: libssz::SszEncode + libssz::SszDecode,
    K: libssz::SszEncode + libssz::SszDecode,
{
    pub new_payload_request: Q,
    pub witness: ExecutionWitness,
    pub chain_config: C,
    pub public_keys: Vec<K>,
}

/// What a validator says, before the schema's number was part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct Output<C>
where
    C: libssz::SszEncode + libssz::SszDecode,
{
    pub new_payload_request_root: Bytes32,
    pub successful_validation: bool,
    pub chain_config: C,
}

/// The same since.
#[derive(Clone, Debug, Default, PartialEq, Eq, SszEncode, SszDecode)]
pub struct SchemaOutput {
    pub new_payload_request_root: Bytes32,
    pub successful_validation: bool,
    pub chain_id: u64,
    pub schema_id: u16,
}
