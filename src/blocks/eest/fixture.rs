//! What a file of fixtures holds, read from its text.

use alloy_consensus::{Block, Header, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, Sealed};
use alloy_rlp::{Decodable, Header as Rlp};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_path_to_error::{Path, Segment};
use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use super::{
    fixture_json::{self, Case, OpcodeCounts},
    foreign_file::foreign,
    network,
    stateless_json::{self, BlockAndWitness},
};
use crate::evm::{
    BlockError, ChainRules, GenesisAccount, Payload, Witness, canonical::StatelessInput,
    decode_block,
};

/// What is wrong with a file: in which test, in which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The test's id; `None` if the file as a whole is wrong, or holds no tests.
    pub test: Option<String>,
    /// The field, such as `blocks[2].rlp`; empty for the test as a whole.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(test) = &self.test {
            write!(f, "test `{test}`: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "field `{}`: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for ReadError {}

/// A test of a file.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The test's id.
    pub name: String,
    /// The operation that it is a benchmark of, where the file says it.
    pub operation: Option<String>,
    pub(super) kind: FixtureKind,
}

#[derive(Clone, Debug)]
pub(super) enum FixtureKind {
    Chain(Box<Chain>),
    /// Blocks with nothing but what guests read and write.
    Guests(Vec<ChainBlock>),
    Witnessed(Box<WitnessedBlock>),
}

/// Blocks on a genesis.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Or why its blocks cannot be executed.
    pub rules: Result<ChainRules, String>,
    /// Whether they are those of a development network before devnet-8.
    pub devnet: bool,
    pub genesis: Sealed<Header>,
    pub pre: Vec<(Address, GenesisAccount)>,
    pub blocks: Vec<ChainBlock>,
    /// The hash of the last valid block.
    pub last: B256,
    /// Of all blocks, if known.
    pub opcodes: OpcodeCounts,
    /// Of each block, if known.
    pub opcodes_per_block: Vec<OpcodeCounts>,
}

#[derive(Clone, Debug)]
pub(super) struct ChainBlock {
    pub source: BlockSource,
    /// Names of what may be wrong with it, apart by `|`; `None` if it is valid.
    pub exception: Option<String>,
    /// The hash of its header.
    pub hash: Option<B256>,
    /// Cumulative gas used of each receipt.
    pub receipts: Option<Vec<u64>>,
    pub witness: Option<Witness>,
    /// Canonical guest input and output.
    pub guest: Option<(Bytes, Bytes)>,
}

/// A block as it is written.
#[derive(Clone, Debug)]
pub(super) enum BlockSource {
    Rlp(Bytes),
    Payload(Box<Payload>),
}

impl BlockSource {
    /// The block.
    ///
    /// # Errors
    /// It is not one: what a test of invalid blocks may expect.
    pub(super) fn decode(&self) -> Result<Block<TxEnvelope>, BlockError> {
        match self {
            Self::Rlp(rlp) => decode_block(rlp),
            Self::Payload(payload) => payload.block(),
        }
    }

    /// Gas used, as the header says; 0 where there is none.
    fn gas_used(&self) -> u64 {
        let rlp = match self {
            Self::Rlp(rlp) => rlp,
            Self::Payload(payload) => return payload.header.gas_used,
        };
        let header = Rlp::decode_bytes(&mut &rlp[..], true)
            .and_then(|mut inside| Header::decode(&mut inside));
        header.map_or(0, |header| header.gas_used)
    }
}

/// One block with its witness.
#[derive(Clone, Debug)]
pub(super) struct WitnessedBlock {
    pub rules: ChainRules,
    pub block: Block<TxEnvelope>,
    pub hash: B256,
    pub witness: Witness,
    /// Whether the block is valid.
    pub valid: bool,
    /// Where the witness has no headers: the root of the state before, and the ancestors' hashes, the parent's first.
    pub headless: Option<(B256, Vec<B256>)>,
}

/// The fields that tell the files apart.
#[derive(Deserialize)]
struct TopLevel {
    #[serde(rename = "blockRlp")]
    block_rlp: Option<IgnoredAny>,
    #[serde(rename = "block_and_witness", alias = "stateless_input")]
    input: Option<IgnoredAny>,
}

impl Fixture {
    /// Gas that its blocks use, as their headers say: what bounds the work and the memory that executing them takes.
    pub fn gas_used(&self) -> u64 {
        let all = |blocks: &[ChainBlock]| {
            let gas = blocks.iter().map(|block| block.source.gas_used());
            gas.fold(0, u64::saturating_add)
        };
        match &self.kind {
            FixtureKind::Chain(chain) => all(&chain.blocks),
            FixtureKind::Guests(blocks) => all(blocks),
            FixtureKind::Witnessed(block) => block.block.header.gas_used,
        }
    }
}

/// Reads a file: blockchain tests, engine tests, a JSON stateless input, or a mainnet block with a witness.
///
/// # Errors
/// It is none of them; names the test and the field, or what the file is instead.
pub fn read(text: &str) -> Result<Vec<Fixture>, ReadError> {
    tests(text).map_err(|error| match foreign(text) {
        Some(what) => ReadError {
            test: None,
            field: String::new(),
            message: what.into(),
        },
        None => error,
    })
}

fn tests(text: &str) -> Result<Vec<Fixture>, ReadError> {
    let keys: TopLevel = serde_json::from_str(text).map_err(|error| ReadError {
        test: None,
        field: String::new(),
        message: error.to_string(),
    })?;
    if keys.block_rlp.is_some() {
        return Ok(vec![mainnet(parse(text, false)?)?]);
    }
    if keys.input.is_some() {
        return Ok(vec![stateless(parse(text, false)?)]);
    }
    let cases: BTreeMap<String, Case> = parse(text, true)?;
    cases
        .into_iter()
        .map(|(name, mut case)| {
            let exported = case.info.metadata.reprice.take();
            let operation = exported.map(|exported| exported.operation);
            let kind = test(case).map_err(|(field, message)| ReadError {
                test: Some(name.clone()),
                field,
                message,
            })?;
            Ok(Fixture {
                name,
                operation,
                kind,
            })
        })
        .collect()
}

fn parse<T: DeserializeOwned>(text: &str, tests: bool) -> Result<T, ReadError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (test, field) = test_and_field(error.path(), tests);
        ReadError {
            test,
            field,
            message: error.inner().to_string(),
        }
    })
}

/// The test, if the file holds tests, and the field in it.
fn test_and_field(path: &Path, tests: bool) -> (Option<String>, String) {
    let mut segments = path.iter().peekable();
    let test = match segments.peek() {
        Some(Segment::Map { key }) if tests => Some(key.clone()),
        _ => None,
    };
    if test.is_some() {
        segments.next();
    }
    let mut field = String::new();
    for segment in segments {
        match segment {
            Segment::Seq { index } => {
                let _ = write!(field, "[{index}]");
            }
            Segment::Map { key } => {
                if !field.is_empty() {
                    field.push('.');
                }
                field.push_str(key);
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    (test, field)
}

/// A field and what is wrong with it.
type Wrong = (String, String);

fn wrong(field: impl Into<String>, message: impl fmt::Display) -> Wrong {
    (field.into(), message.to_string())
}

fn test(case: Case) -> Result<FixtureKind, Wrong> {
    let blocks = match (case.blocks, case.engine_new_payloads) {
        (Some(blocks), None) => blocks
            .into_iter()
            .enumerate()
            .map(|(index, one)| block(index, one))
            .collect::<Result<Vec<_>, _>>()?,
        (None, Some(payloads)) => payloads.into_iter().map(payload).collect(),
        (None, None) => return Err(wrong("", "missing field `blocks` or `engineNewPayloads`")),
        (Some(_), Some(_)) => return Err(wrong("", "both `blocks` and `engineNewPayloads`")),
    };
    let missing = |name: &str| wrong("", format!("missing field `{name}`"));
    let Some(pre) = case.pre else {
        let guests = !blocks.is_empty() && blocks.iter().all(|block| block.guest.is_some());
        return if guests {
            Ok(FixtureKind::Guests(blocks))
        } else {
            Err(missing("pre"))
        };
    };
    let given = case.genesis_block_header;
    let given = given.ok_or_else(|| missing("genesisBlockHeader"))?;
    let genesis = given.header();
    let hash = genesis.hash_slow();
    if hash != given.hash {
        let message = format!(
            "{} is not the hash of the header, which is {hash}",
            given.hash
        );
        return Err(wrong("genesisBlockHeader.hash", message));
    }
    let counts = |a: OpcodeCounts, b: OpcodeCounts| if a.is_empty() { b } else { a };
    Ok(FixtureKind::Chain(Box::new(Chain {
        rules: network::rules(&case.network, &case.config),
        devnet: network::is_devnet(&case.network, |address| pre.contains_key(address)),
        genesis: Sealed::new_unchecked(genesis, hash),
        pre: pre
            .into_iter()
            .map(|(address, account)| (address, account.into()))
            .collect(),
        blocks,
        last: case.lastblockhash.ok_or_else(|| missing("lastblockhash"))?,
        opcodes: counts(case.info.opcode_count, case.info.metadata.opcode_count),
        opcodes_per_block: case.info.metadata.opcode_count_per_block,
    })))
}

fn block(index: usize, block: fixture_json::Block) -> Result<ChainBlock, Wrong> {
    let source = match (block.rlp, &block.stateless_input_bytes) {
        (Some(rlp), _) => BlockSource::Rlp(rlp),
        (None, Some(input)) => {
            let decoded = StatelessInput::decode(input)
                .map_err(|error| wrong(format!("blocks[{index}].statelessInputBytes"), error))?;
            BlockSource::Payload(Box::new(decoded.payload()))
        }
        (None, None) => return Err(wrong(format!("blocks[{index}]"), "missing field `rlp`")),
    };
    let gas = |list: Vec<fixture_json::Receipt>| {
        list.into_iter()
            .map(|receipt| receipt.cumulative_gas_used.to())
            .collect()
    };
    Ok(ChainBlock {
        source,
        exception: block.expect_exception,
        hash: block.header.map(|header| header.hash),
        receipts: block.receipts.map(gas),
        witness: block.execution_witness.map(Into::into),
        guest: block
            .stateless_input_bytes
            .zip(block.stateless_output_bytes),
    })
}

fn payload(call: fixture_json::NewPayload) -> ChainBlock {
    let payload = call.params.payload.with(&call.params);
    ChainBlock {
        hash: Some(payload.block_hash),
        source: BlockSource::Payload(Box::new(payload)),
        exception: call.validation_error,
        receipts: None,
        witness: call.execution_witness.map(Into::into),
        guest: call.stateless_input_bytes.zip(call.stateless_output_bytes),
    }
}

fn stateless(input: stateless_json::StatelessInput) -> Fixture {
    let BlockAndWitness {
        block,
        witness,
        chain_config,
    } = input.block_and_witness;
    let block = block.block();
    Fixture {
        name: input.name,
        operation: None,
        kind: FixtureKind::Witnessed(Box::new(WitnessedBlock {
            rules: chain_config.rules(),
            hash: block.header.hash_slow(),
            block,
            witness: witness.into(),
            valid: input.success,
            headless: None,
        })),
    }
}

fn mainnet(file: fixture_json::MainnetBlock) -> Result<Fixture, ReadError> {
    let at = |field: &str, message: String| ReadError {
        test: None,
        field: field.into(),
        message,
    };
    if file.chain_id != 1 {
        let message = format!("chain {} is not known, only mainnet (1)", file.chain_id);
        return Err(at("chainId", message));
    }
    let source = BlockSource::Rlp(file.block_rlp);
    let block = source
        .decode()
        .map_err(|error| at("blockRlp", error.to_string()))?;
    let witness = Witness::from(file.witness);
    let headless = witness
        .headers
        .is_empty()
        .then_some((file.pre_state_root, file.block_hashes));
    Ok(Fixture {
        name: format!("mainnet block {}", block.header.number),
        operation: None,
        kind: FixtureKind::Witnessed(Box::new(WitnessedBlock {
            rules: ChainRules::mainnet(),
            block,
            hash: file.block_hash,
            witness,
            valid: true,
            headless,
        })),
    })
}
