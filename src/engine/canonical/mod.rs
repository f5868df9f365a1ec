//! The canonical input of stateless validators (EIP-8025), and what they say about it: SSZ, as execution-specs defines it.
//!
//! Three layouts are in use, told apart by their bytes. A guest that reads and writes them is interchangeable with a
//! client's.

mod convert;
mod types;
mod validate;

use alloc::vec::Vec;
use alloy_hardforks::EthereumHardfork as Fork;
use core::fmt;
use libssz::{DecodeError, SszDecode, SszEncode};
use libssz_merkle::{HashTreeRoot, Sha256Hasher};

pub use types::{
    AmsterdamRequests, ChainConfig, EarlyPayload, EarlyRequests, ExecutionRequests,
    ExecutionWitness, ForkActivation, ForkConfig, Input, Output, PayloadV3, PayloadV4, PublicKey,
    Request, SchemaOutput, Withdrawal,
};
pub use validate::{execute, validate};

/// A form of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// tests-zkevm v0.3: no schema number; the chain is its number. Amsterdam only.
    Unnumbered,
    /// tests-zkevm v0.6: a schema number; the chain has the start of its fork.
    ForkStart,
    /// tests-zkevm v0.8: a schema number, in the output too; the chain is its number.
    ChainId,
}

/// The block, in its fork's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewPayload {
    /// Prague to the blob forks.
    V3(Request<PayloadV3, ExecutionRequests>),
    /// Amsterdam.
    V4(Request<PayloadV4, AmsterdamRequests>),
    /// Amsterdam as tests-zkevm v0.3 has it.
    Early(Request<EarlyPayload, EarlyRequests>),
}

/// A block and all it takes to validate it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatelessInput {
    /// The bytes' form.
    pub layout: Layout,
    /// The fork whose rules apply.
    pub fork: Fork,
    /// The block.
    pub request: NewPayload,
    /// What the block reads.
    pub witness: ExecutionWitness,
    /// EIP-155, and when the fork starts; layouts that only have the number have no start.
    pub chain: ChainConfig,
    /// The senders' keys, in the order of transactions.
    pub public_keys: Vec<PublicKey>,
}

/// Why bytes are no canonical input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanonicalError {
    /// The schema number is not known.
    Schema(u16),
    /// The bytes are not what the schema says.
    Ssz(DecodeError),
}

impl fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(id) => write!(f, "the schema {id:#06x} is not known"),
            Self::Ssz(error) => write!(f, "the bytes are not of the schema: {error:?}"),
        }
    }
}

impl core::error::Error for CanonicalError {}

impl From<DecodeError> for CanonicalError {
    fn from(error: DecodeError) -> Self {
        Self::Ssz(error)
    }
}

/// The forks with a schema, by their numbers.
const FORKS: &[(u8, Fork)] = &[
    (0x11, Fork::Prague),
    (0x12, Fork::Osaka),
    (0x13, Fork::Bpo1),
    (0x14, Fork::Bpo2),
    (0x15, Fork::Amsterdam),
];

/// The only revision of the schemas.
const REVISION: u8 = 1;

/// Bytes of the fixed parts of the input in its two forms: where the first of the variable parts starts.
const WITH_OFFSET: u32 = 16;
const WITH_NUMBER: u32 = 20;

/// The schema number of `fork`; `None` if it has none.
pub fn schema_id(fork: Fork) -> Option<u16> {
    let (number, _) = FORKS.iter().find(|(_, known)| *known == fork)?;
    Some(u16::from_be_bytes([*number, REVISION]))
}

/// Whether the bytes start like a canonical input, rather than like our own guest input.
pub fn is_canonical(bytes: &[u8]) -> bool {
    first_offset(bytes) == Some(WITH_NUMBER)
        || matches!(bytes, [number, REVISION, ..] if FORKS.iter().any(|(known, _)| known == number))
}

fn first_offset(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

impl Layout {
    /// The layout that bytes seem to have.
    fn of(bytes: &[u8]) -> Self {
        match (first_offset(bytes), bytes.get(2..).and_then(first_offset)) {
            (Some(WITH_NUMBER), _) => Self::Unnumbered,
            (_, Some(WITH_OFFSET)) => Self::ForkStart,
            _ => Self::ChainId,
        }
    }
}

impl StatelessInput {
    /// Reads a canonical input of any layout.
    ///
    /// # Errors
    /// The bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let layout = Layout::of(bytes);
        if layout == Layout::Unnumbered {
            return Self::decode_as(layout, Fork::Amsterdam, bytes);
        }
        let (id, body) = bytes
            .split_first_chunk()
            .ok_or(CanonicalError::Ssz(DecodeError::EmptyInput))?;
        let known = FORKS.iter().find(|(number, _)| *id == [*number, REVISION]);
        let (_, fork) = known.ok_or(CanonicalError::Schema(u16::from_be_bytes(*id)))?;
        Self::decode_as(layout, *fork, body)
    }

    fn decode_as(layout: Layout, fork: Fork, body: &[u8]) -> Result<Self, CanonicalError> {
        match (layout, fork == Fork::Amsterdam) {
            (Layout::Unnumbered, _) => Self::read(layout, fork, body, NewPayload::Early, only_id),
            (Layout::ForkStart, false) => Self::read(layout, fork, body, NewPayload::V3, whole),
            (Layout::ForkStart, true) => Self::read(layout, fork, body, NewPayload::V4, whole),
            (Layout::ChainId, false) => Self::read(layout, fork, body, NewPayload::V3, only_id),
            (Layout::ChainId, true) => Self::read(layout, fork, body, NewPayload::V4, only_id),
        }
    }

    fn read<Q: Ssz, C: Ssz>(
        layout: Layout,
        fork: Fork,
        body: &[u8],
        request: fn(Q) -> NewPayload,
        chain: fn(C) -> ChainConfig,
    ) -> Result<Self, CanonicalError> {
        let (new_payload_request, witness, chain_config, public_keys) =
            if layout == Layout::Unnumbered {
                // A list of lists, where each is as long as a key.
                let input = Input::<Q, C, Vec<u8>>::from_ssz_bytes(body)?;
                let keys = input.public_keys.iter().map(|key| exact(key));
                let keys = keys.collect::<Result<_, _>>()?;
                (
                    input.new_payload_request,
                    input.witness,
                    input.chain_config,
                    keys,
                )
            } else {
                let input = Input::<Q, C, PublicKey>::from_ssz_bytes(body)?;
                let keys = input.public_keys;
                (
                    input.new_payload_request,
                    input.witness,
                    input.chain_config,
                    keys,
                )
            };
        Ok(Self {
            layout,
            fork,
            request: request(new_payload_request),
            witness,
            chain: chain(chain_config),
            public_keys,
        })
    }

    /// The bytes that guests read.
    pub fn encode(&self) -> Vec<u8> {
        match &self.request {
            NewPayload::V3(request) => self.write(request),
            NewPayload::V4(request) => self.write(request),
            NewPayload::Early(request) => self.write(request),
        }
    }

    fn write<Q: Ssz + Clone>(&self, request: &Q) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(id) = self.schema() {
            bytes.extend(id.to_be_bytes());
        }
        let id = self.chain.chain_id;
        match self.layout {
            Layout::Unnumbered => {
                let keys = self.public_keys.iter().map(|key| key.to_vec()).collect();
                self.input(request, id, keys).ssz_append(&mut bytes);
            }
            Layout::ForkStart => {
                let input = self.input(request, self.chain.clone(), self.public_keys.clone());
                input.ssz_append(&mut bytes);
            }
            Layout::ChainId => {
                let input = self.input(request, id, self.public_keys.clone());
                input.ssz_append(&mut bytes);
            }
        }
        bytes
    }

    fn input<Q: Ssz + Clone, C: Ssz, K: Ssz>(
        &self,
        request: &Q,
        chain_config: C,
        public_keys: Vec<K>,
    ) -> Input<Q, C, K> {
        Input {
            new_payload_request: request.clone(),
            witness: self.witness.clone(),
            chain_config,
            public_keys,
        }
    }

    /// The schema number in front of the bytes, if the layout has one.
    pub fn schema(&self) -> Option<u16> {
        (self.layout != Layout::Unnumbered)
            .then(|| schema_id(self.fork))
            .flatten()
    }

    /// The hash tree root of the block and what came with it.
    pub fn root(&self) -> [u8; 32] {
        match &self.request {
            NewPayload::V3(request) => request.hash_tree_root(&Sha256),
            NewPayload::V4(request) => request.hash_tree_root(&Sha256),
            NewPayload::Early(request) => request.hash_tree_root(&Sha256),
        }
    }

    /// What a validator commits to that finds the block valid, or not.
    pub fn output(&self, valid: bool) -> Vec<u8> {
        let new_payload_request_root = self.root();
        let successful_validation = valid;
        match self.layout {
            Layout::Unnumbered => Output {
                new_payload_request_root,
                successful_validation,
                chain_config: self.chain.chain_id,
            }
            .to_ssz(),
            Layout::ForkStart => Output {
                new_payload_request_root,
                successful_validation,
                chain_config: self.chain.clone(),
            }
            .to_ssz(),
            Layout::ChainId => SchemaOutput {
                new_payload_request_root,
                successful_validation,
                chain_id: self.chain.chain_id,
                schema_id: self.schema().unwrap_or_default(),
            }
            .to_ssz(),
        }
    }
}

/// What has an SSZ form.
trait Ssz: SszEncode + SszDecode {}
impl<T: SszEncode + SszDecode> Ssz for T {}

fn exact(key: &[u8]) -> Result<PublicKey, DecodeError> {
    let wrong = DecodeError::InvalidFixedLength {
        expected: size_of::<PublicKey>(),
        got: key.len(),
    };
    key.try_into().map_err(|_| wrong)
}

const fn whole(chain: ChainConfig) -> ChainConfig {
    chain
}

fn only_id(chain_id: u64) -> ChainConfig {
    ChainConfig {
        chain_id,
        ..ChainConfig::default()
    }
}

/// SHA-256 as revm computes it: on a zkVM's accelerator where the guest installed it.
struct Sha256;

impl Sha256Hasher for Sha256 {
    fn hash(&self, data: &[u8]) -> [u8; 32] {
        revm::precompile::crypto().sha256(data)
    }
}
