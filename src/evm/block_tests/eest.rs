//! Fixtures of execution-spec-tests, in `../shared/data/eest` where that exists: every block's header is rebuilt exactly,
//! every block is valid from its witness alone, and every invalid block is refused for the stated reason.
//!
//! By default the fixtures whose blocks use at most [`DEFAULT_GAS`] each; `REPRICE_EEST=all` runs the rest too.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use alloy_consensus::{Block, Header, TxEnvelope};
use alloy_eips::{eip4895::Withdrawals, eip7840::BlobParams};
use alloy_evm::EthEvmFactory;
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, Bytes, Sealable, Sealed, U64, U256};
use alloy_rlp::Decodable;
use rayon::prelude::*;
use serde::Deserialize;
use std::path::{Path, PathBuf};

use super::super::*;

/// The most gas a block may use to be part of the default run.
const DEFAULT_GAS: u64 = 2_000_000;

#[derive(Deserialize)]
struct Account {
    nonce: U64,
    balance: U256,
    code: Bytes,
    storage: BTreeMap<U256, U256>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FixtureBlock {
    rlp: Bytes,
    expect_exception: Option<String>,
}

#[derive(Deserialize)]
struct BlobSchedule {
    target: U64,
    max: U64,
    #[serde(rename = "baseFeeUpdateFraction")]
    update_fraction: U64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    blob_schedule: BTreeMap<String, BlobSchedule>,
}

#[derive(Deserialize)]
struct Case {
    network: String,
    #[serde(rename = "genesisRLP")]
    genesis: Bytes,
    pre: BTreeMap<Address, Account>,
    blocks: Vec<FixtureBlock>,
    lastblockhash: B256,
    config: Config,
}

/// Unpacks an archive; `None`, said aloud, where the data is not there.
fn unpack(archive: &str) -> Option<tempfile::TempDir> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/eest")
        .join(archive);
    if !path.exists() {
        std::eprintln!("skipped: no {archive}");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("tar")
        .arg("-xJf")
        .arg(&path)
        .arg("-C")
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success(), "cannot unpack {archive}");
    Some(folder)
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

/// The rules of a fixture's network; `None` before proof of stake and from Amsterdam on.
fn rules(case: &Case) -> Option<ChainRules> {
    let fork = |name: &str| {
        let fork = name.parse::<Fork>().ok()?;
        (Fork::Paris..Fork::Amsterdam)
            .contains(&fork)
            .then_some(fork)
    };
    let (first, second) = match case.network.split_once("To") {
        Some((first, second)) => (first, Some(second.strip_suffix("AtTime15k")?)),
        None => (&case.network[..], None),
    };
    let mut rules = ChainRules::from_genesis(1, fork(first)?);
    if let Some(second) = second {
        let fork = fork(second)?;
        let blobs = blob_params(fork).map(|params| match case.config.blob_schedule.get(second) {
            Some(schedule) => BlobParams {
                target_blob_count: schedule.target.to(),
                max_blob_count: schedule.max.to(),
                update_fraction: schedule.update_fraction.to(),
                ..params
            },
            None => params,
        });
        rules = rules.then(Activation {
            timestamp: 15_000,
            fork,
            blobs,
        });
    }
    Some(rules)
}

/// What a fixture's exception may be refused as.
fn allowed(exception: &str) -> &'static [Reason] {
    match exception
        .split_once('.')
        .map_or(exception, |(_, name)| name)
    {
        "INCORRECT_EXCESS_BLOB_GAS" => &[Reason::ExcessBlobGas],
        "SYSTEM_CONTRACT_CALL_FAILED" => &[Reason::SystemContract],
        // A form without a recipient has no encoding.
        "TYPE_3_TX_CONTRACT_CREATION"
        | "TYPE_4_TX_CONTRACT_CREATION"
        | "RLP_STRUCTURES_ENCODING" => &[Reason::BlockEncoding],
        "GAS_ALLOWANCE_EXCEEDED" => &[Reason::BlockGas],
        _ if exception.starts_with("TransactionException.") => &[Reason::Transaction],
        _ => &[],
    }
}

/// Counts of what a run saw.
#[derive(Clone, Copy, Default, Debug)]
struct Seen {
    cases: usize,
    valid: usize,
    invalid: usize,
    removals: usize,
}

impl core::ops::Add for Seen {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            valid: self.valid + other.valid,
            invalid: self.invalid + other.invalid,
            removals: self.removals + other.removals,
        }
    }
}

fn ours() -> TariffEvmFactory {
    TariffEvmFactory::new(Arc::new(Tariff::stock(crate::gas::Fork::Osaka)))
}

/// A chain under replay.
struct Replay {
    rules: ChainRules,
    world: World,
    head: Sealed<Header>,
}

impl Replay {
    fn new(case: &Case) -> Option<Self> {
        let rules = rules(case)?;
        let accounts = case.pre.iter().map(|(address, account)| {
            let account = GenesisAccount {
                nonce: account.nonce.to(),
                balance: account.balance,
                code: account.code.clone(),
                storage: account.storage.iter().map(|(k, v)| (*k, *v)).collect(),
            };
            (*address, account)
        });
        let (mut world, root) = World::new(accounts);
        let genesis = Block::<TxEnvelope>::decode(&mut &case.genesis[..])
            .unwrap()
            .header;
        assert_eq!(root, genesis.state_root, "genesis");
        world.add_header(&genesis);
        Some(Self {
            rules,
            world,
            head: genesis.seal_slow(),
        })
    }

    /// Rebuilds a valid block, and validates it from its witness. Returns the witness.
    fn valid(&mut self, rlp: &[u8]) -> Witness {
        let block = Block::<TxEnvelope>::decode(&mut &rlp[..]).unwrap();
        let header = &block.header;
        let attributes = BlockAttributes {
            timestamp: header.timestamp,
            beneficiary: header.beneficiary,
            prev_randao: header.mix_hash,
            parent_beacon_block_root: header.parent_beacon_block_root.unwrap_or_default(),
            gas_limit: header.gas_limit,
            extra_data: header.extra_data.clone(),
            withdrawals: block
                .body
                .withdrawals
                .clone()
                .map_or_else(Vec::new, Withdrawals::into_inner),
        };
        let recorder = Recorder::new(&self.world);
        let mut db = StateDb::new(&recorder, self.head.state_root);
        let (rules, head) = (&self.rules, &self.head);
        let transactions = block.body.transactions.clone();
        // Ours builds what the stock one validates, where the fork is one that we price.
        let built = if self.priced(header.timestamp) {
            build_block(&ours(), rules, head, &attributes, transactions, &mut db)
        } else {
            let stock = EthEvmFactory::default();
            build_block(&stock, rules, head, &attributes, transactions, &mut db)
        }
        .unwrap();
        assert_eq!(built.block.header, block.header);
        assert_eq!(alloy_rlp::encode(built.block.inner()), rlp);
        let nodes = db.built();
        let witness = recorder.witness(self.head.number);
        let verdict = self.verdict(rlp, &witness);
        assert_eq!(verdict.reason, Reason::None);
        assert_eq!(verdict.block_hash, built.block.hash());
        self.world.add_block(header, &built.executed, nodes);
        self.head = block.header.seal_slow();
        witness
    }

    /// Whether the fork is one that we have a schedule for.
    fn priced(&self, timestamp: u64) -> bool {
        self.rules.at(timestamp).fork == Fork::Osaka
    }

    fn verdict(&self, rlp: &[u8], witness: &Witness) -> Verdict {
        let factory = EthEvmFactory::default();
        validate_block(&factory, &self.rules, rlp, &witness.as_ref())
    }

    /// Executes an invalid block on the whole state.
    fn invalid(&self, rlp: &[u8]) -> BlockError {
        let mut rest = rlp;
        let block = match Block::<TxEnvelope>::decode(&mut rest) {
            Ok(block) if rest.is_empty() => block,
            _ => return Reason::BlockEncoding.into(),
        };
        let mut db = self.world.state(self.head.state_root);
        let (rules, head) = (&self.rules, &self.head);
        if self.priced(block.header.timestamp) {
            execute_block(&ours(), rules, head, &block, &mut db)
        } else {
            let stock = EthEvmFactory::default();
            execute_block(&stock, rules, head, &block, &mut db)
        }
        .expect_err("the block is invalid")
    }
}

/// Removes each item of a witness in turn: nothing in it is superfluous.
fn remove_each(replay: &Replay, rlp: &[u8], witness: &Witness) -> usize {
    let mut removals = 0;
    let mut refused = |witness: &Witness, reason: Reason| {
        assert_eq!(replay.verdict(rlp, witness).reason, reason);
        removals += 1;
    };
    for i in 0..witness.state.len() {
        let mut less = witness.clone();
        less.state.remove(i);
        refused(&less, Reason::MissingNode);
    }
    for i in 0..witness.codes.len() {
        let mut less = witness.clone();
        less.codes.remove(i);
        refused(&less, Reason::MissingCode);
    }
    for i in 0..witness.headers.len() {
        let mut less = witness.clone();
        less.headers.remove(i);
        let oldest = i == 0 && witness.headers.len() > 1;
        refused(
            &less,
            if oldest {
                Reason::MissingHeader
            } else {
                Reason::WitnessHeaders
            },
        );
    }
    removals
}

fn replay(name: &str, case: &Case, all: bool, remove: bool) -> Seen {
    let mut seen = Seen::default();
    // revm gives system calls 30 million gas and Amsterdam's state gas on every fork; only our EVM takes that back.
    if name.contains("system_contract_out_of_gas") && case.network != "Osaka" {
        return seen;
    }
    let cheap = case.blocks.iter().all(|block| {
        Block::<TxEnvelope>::decode(&mut &block.rlp[..])
            .map_or(true, |block| block.header.gas_used <= DEFAULT_GAS)
    });
    if !cheap && !all {
        return seen;
    }
    let Some(mut replay) = Replay::new(case) else {
        return seen;
    };
    seen.cases = 1;
    for (i, block) in case.blocks.iter().enumerate() {
        if let Some(exceptions) = &block.expect_exception {
            let error = replay.invalid(&block.rlp);
            assert!(
                exceptions
                    .split('|')
                    .any(|e| allowed(e).contains(&error.reason)),
                "`{exceptions}` refused as: {error}"
            );
            seen.invalid += 1;
            continue;
        }
        let witness = replay.valid(&block.rlp);
        seen.valid += 1;
        let small = witness.state.len() + witness.codes.len() < 40;
        if remove && cheap && small && i + 1 == case.blocks.len() {
            seen.removals += remove_each(&replay, &block.rlp, &witness);
        }
    }
    assert_eq!(replay.head.hash(), case.lastblockhash);
    seen
}

fn replay_archive(archive: &str) -> Option<Seen> {
    let folder = unpack(archive)?;
    let all = std::env::var("REPRICE_EEST").is_ok_and(|value| value == "all");
    let mut files = Vec::new();
    json_files(folder.path(), &mut files);
    files.retain(|path| !path.to_string_lossy().contains("stateless_input"));
    let seen = files
        .par_iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let cases: BTreeMap<String, Case> = serde_json::from_str(&text).unwrap();
            cases
                .iter()
                .enumerate()
                .map(|(i, (name, case))| {
                    std::panic::catch_unwind(
                        || // Removals execute a block many times: one case of each file.
                        replay(name, case, all, i == 0),
                    )
                    .unwrap_or_else(|cause| {
                        let text = cause.downcast_ref::<String>().map_or("?", |text| text);
                        panic!("{name}: {text}")
                    })
                })
                .fold(Seen::default(), |a, b| a + b)
        })
        .reduce(Seen::default, |a, b| a + b);
    std::eprintln!("{archive}: {seen:?}");
    Some(seen)
}

#[test]
fn benchmark_fixtures_are_reproduced() {
    let Some(seen) = replay_archive("eest-benchmark-fixtures.tar.xz") else {
        return;
    };
    assert!(seen.cases >= 100, "{seen:?}");
    assert!(seen.removals >= 500, "{seen:?}");
}

#[test]
fn consensus_fixtures_are_reproduced() {
    let Some(seen) = replay_archive("eest-consensus-sample.tar.xz") else {
        return;
    };
    assert!(seen.cases >= 300, "{seen:?}");
    assert!(seen.invalid >= 30, "{seen:?}");
}
