//! Scenarios as data: the shape of `fixtures/scenarios/*.toml`.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    NotationError, ScenarioError,
    data::{self, Names},
};
use crate::gas::Schedule;

/// One benchmark: a block that does one operation as often as its gas allows.
///
/// With a `body`, each transaction calls a contract that runs
/// `setup (before body*repeat after)*count`; without one, each iteration is a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Unique, such as `mulmod/255-bit`.
    pub id: String,
    /// The schedule's operation that it stresses, such as `MULMOD` or `TX_DATA_ZERO_BYTE`.
    pub operation: String,
    /// What makes it a worst case, in one line.
    pub why: String,
    /// Run once per transaction; leaves on the stack what the body needs.
    pub(super) setup: String,
    /// Run once per iteration, before and after the repeated body. The stack has the counter on top.
    pub(super) before: String,
    pub(super) after: String,
    /// The measured work; leaves the stack as it found it.
    pub(super) body: String,
    /// How often an iteration holds the body.
    pub(super) repeat: u64,
    /// Puts `index + number of the first body in this transaction` below the counter: distinct keys, also
    /// across transactions.
    pub(super) index: Option<String>,
    /// What memory starts with.
    pub(super) memory: String,
    /// The looping contract's slots 0, 1, ... that hold 1, or 256 ones where they stand deep.
    pub(super) storage: u64,
    /// Branches on the path of each slot of the looping contract, as in a storage of millions; 0 for those that the slots
    /// make.
    pub(super) storage_depth: usize,
    /// Branches on the path of each account, as in a state of millions.
    pub(super) account_depth: usize,
    /// With a depth, how many absent accounts (`$fresh`) or slots (2^32, 2^32 + 1, ...) can be proven.
    pub(super) absent: u64,
    /// Whether operations fail on purpose and burn the gas they are given, which is not left to chance then.
    pub(super) burns: bool,
    /// Accounts besides the sender and the looping contract.
    pub(super) accounts: Vec<Account>,
    /// What the transactions look like.
    pub(super) tx: TxShape,
}

/// An account, or a series of them at consecutive addresses, in the state before the block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Account {
    /// `$name` is the (first) address.
    pub name: String,
    /// Its address, where one of its own would not do; it then has no `$name`.
    pub at: String,
    /// How many; default one.
    pub copies: Option<u64>,
    /// Its code, in assembly.
    pub code: String,
    /// Bytes behind the code.
    pub data: String,
    /// Ends the code of each copy with its number, so that each has to be read and hashed.
    pub distinct: bool,
    /// Its wei.
    pub balance: u64,
    /// Its slots 0, 1, ... that hold 1.
    pub storage: u64,
    /// The account its code delegates to (EIP-7702).
    pub delegate: Option<String>,
}

/// A transaction's shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TxShape {
    /// The account called, without a body: the n-th transaction calls the n-th of a series. `fresh`: accounts
    /// that do not exist.
    pub to: Option<String>,
    /// Wei sent.
    pub value: u64,
    /// Calldata; with a body, from byte 32 on.
    pub data: String,
    /// Init code in assembly: the transaction creates a contract. `data` follows the code.
    pub init: Option<String>,
    /// Addresses in the access list.
    pub addresses: u64,
    /// Storage keys of each of them.
    pub keys: u64,
    /// Authorizations (EIP-7702), each by an account of its own.
    pub authorizations: u64,
    /// Whether those accounts exist.
    pub existing: bool,
    /// Blobs.
    pub blobs: u64,
}

impl Scenario {
    /// Everything its blocks are made of, besides the schedule: equal contents make equal blocks.
    pub fn content(&self) -> String {
        format!("{self:?} {:?}", constants())
    }

    /// Whether its paths are as deep whatever stands beside them: then the state holds what the block touches and no more,
    /// and no list of accounts has its root.
    pub const fn is_deep(&self) -> bool {
        self.storage_depth > 0 || self.account_depth > 0
    }

    /// Whether transactions loop; otherwise each iteration is a transaction.
    pub(super) const fn loops(&self) -> bool {
        !self.body.is_empty()
    }
}

/// A price that no scenario measures, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmeasured {
    /// The schedule's operation.
    pub operation: String,
    /// The reason, in one line.
    pub why: String,
}

/// Every scenario, in the order of the files.
pub fn scenarios() -> &'static [Scenario] {
    &CORPUS.scenarios
}

/// Those whose operation `schedule` prices: another fork's opcodes have no blocks under it.
pub fn scenarios_of(schedule: &Schedule) -> Vec<&'static Scenario> {
    let priced = |s: &&Scenario| schedule.entry(&s.operation).is_some();
    scenarios().iter().filter(priced).collect()
}

/// The scenario called `id`.
pub fn scenario(id: &str) -> Option<&'static Scenario> {
    scenarios().iter().find(|s| s.id == id)
}

/// Operations without a scenario.
pub fn unmeasured() -> &'static [Unmeasured] {
    &CORPUS.unmeasured
}

/// The named values of the notation.
pub(super) fn constants() -> &'static Names {
    &CORPUS.constants
}

struct Corpus {
    scenarios: Vec<Scenario>,
    unmeasured: Vec<Unmeasured>,
    constants: Names,
}

static CORPUS: LazyLock<Corpus> =
    LazyLock::new(|| corpus().expect("the embedded scenarios are read by a test"));

macro_rules! families {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../fixtures/scenarios/", $name, ".toml")))),*]
    };
}

const FAMILIES: &[(&str, &str)] = families![
    "arithmetic",
    "stack",
    "memory",
    "state",
    "calls",
    "precompiles",
    "transactions",
    "deep",
    "mixed",
];
const CONSTANTS: &str = include_str!("../../../fixtures/scenarios/constants.toml");
const UNMEASURED: &str = include_str!("../../../fixtures/scenarios/unmeasured.toml");

/// The scenarios of a file in the form of `fixtures/scenarios`, whose name is told where something is wrong with it.
///
/// # Errors
/// It is not of that form, or a scenario cannot be written down. What only a block shows is found when one is made.
pub fn scenarios_in(file: &str, text: &str) -> Result<Vec<Scenario>, ScenarioError> {
    let entries: File = toml::from_str(text).map_err(|e| ScenarioError::Shape {
        file: file.to_owned(),
        message: e.to_string(),
    })?;
    let mut all = Vec::new();
    for entry in entries.scenario {
        all.extend(entry.expand()?);
    }
    Ok(all)
}

fn corpus() -> Result<Corpus, ScenarioError> {
    let mut all = Vec::new();
    for (name, text) in FAMILIES {
        all.extend(scenarios_in(name, text)?);
    }
    let shape = |file: &str, e: toml::de::Error| ScenarioError::Shape {
        file: file.to_owned(),
        message: e.to_string(),
    };
    let reasons: Reasons = toml::from_str(UNMEASURED).map_err(|e| shape("unmeasured", e))?;
    let unmeasured = reasons.unmeasured.into_iter().flat_map(|reason| {
        let why = reason.why;
        reason
            .operations
            .into_iter()
            .map(move |operation| Unmeasured {
                operation,
                why: why.clone(),
            })
    });
    Ok(Corpus {
        unmeasured: unmeasured.collect(),
        constants: named(CONSTANTS)?,
        scenarios: all,
    })
}

/// Constants in order; a later one may use an earlier one.
fn named(text: &str) -> Result<Names, ScenarioError> {
    let raw: BTreeMap<String, String> = toml::from_str(text).map_err(|e| ScenarioError::Shape {
        file: "constants".to_owned(),
        message: e.to_string(),
    })?;
    let mut names = Names::new();
    let mut open: Vec<_> = raw.into_iter().collect();
    while !open.is_empty() {
        let before = open.len();
        let mut last = None;
        open.retain(|(name, text)| match data::bytes(text, &names) {
            Ok(bytes) => {
                names.insert(name.clone(), bytes);
                false
            }
            Err(error) => {
                last = Some((name.clone(), error));
                true
            }
        });
        if let Some((id, error)) = last
            && open.len() == before
        {
            return Err(ScenarioError::Notation { id, error });
        }
    }
    Ok(names)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reasons {
    unmeasured: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    operations: Vec<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Entry>,
}

/// A scenario, or several that differ in `{op}` and in the values of a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    operation: Option<String>,
    #[serde(default)]
    operations: Vec<String>,
    #[serde(default)]
    cases: BTreeMap<String, BTreeMap<String, String>>,
    why: String,
    #[serde(default)]
    setup: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    body: String,
    repeat: Option<u64>,
    index: Option<String>,
    #[serde(default)]
    memory: String,
    #[serde(default)]
    storage: u64,
    #[serde(default)]
    storage_depth: String,
    #[serde(default)]
    account_depth: String,
    #[serde(default)]
    absent: u64,
    #[serde(default)]
    burns: bool,
    #[serde(default)]
    accounts: Vec<Account>,
    #[serde(default)]
    tx: TxShape,
}

impl Entry {
    fn expand(self) -> Result<Vec<Scenario>, ScenarioError> {
        let operations = if self.operations.is_empty() {
            self.operation.iter().cloned().collect()
        } else {
            self.operations.clone()
        };
        if operations.is_empty() || (self.operation.is_some() && !self.operations.is_empty()) {
            return Err(ScenarioError::Operation(self.id));
        }
        let plain = BTreeMap::from([(String::new(), BTreeMap::new())]);
        let cases = if self.cases.is_empty() {
            &plain
        } else {
            &self.cases
        };
        let each = operations
            .iter()
            .flat_map(|op| cases.iter().map(move |case| (op, case)));
        each.map(|(op, (case, values))| self.case(op, case, values))
            .collect()
    }

    /// The scenario of `operation` in `case`: `{op}`, `{case}` and the case's own names are replaced in every text.
    fn case(
        &self,
        operation: &str,
        case: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Scenario, ScenarioError> {
        let fill = |text: &String| {
            let mut text = text.replace("{case}", case);
            for (name, value) in values {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            text.replace("{op}", operation)
        };
        let depth = |text: &String| match fill(text).as_str() {
            "" => Ok(0),
            text => text.parse().map_err(|_| ScenarioError::Notation {
                id: self.id.clone(),
                error: NotationError::Number(text.to_owned()),
            }),
        };
        let accounts = self.accounts.iter().map(|account| Account {
            at: fill(&account.at),
            code: fill(&account.code),
            data: fill(&account.data),
            ..account.clone()
        });
        let scenario = Scenario {
            id: fill(&self.id).to_lowercase().replace('_', "-"),
            operation: operation.to_owned(),
            why: fill(&self.why),
            setup: fill(&self.setup),
            before: fill(&self.before),
            after: fill(&self.after),
            body: fill(&self.body),
            repeat: self.repeat.unwrap_or(1),
            index: self.index.as_ref().map(fill),
            memory: fill(&self.memory),
            storage: self.storage,
            storage_depth: depth(&self.storage_depth)?,
            account_depth: depth(&self.account_depth)?,
            absent: self.absent,
            burns: self.burns,
            accounts: accounts.collect(),
            tx: TxShape {
                data: fill(&self.tx.data),
                init: self.tx.init.as_ref().map(fill),
                ..self.tx.clone()
            },
        };
        let texts = [&scenario.id, &scenario.body, &scenario.memory];
        if let Some(text) = texts.into_iter().find(|text| text.contains('{')) {
            return Err(ScenarioError::Notation {
                id: scenario.id.clone(),
                error: NotationError::Unexpected(text.clone()),
            });
        }
        Ok(scenario)
    }
}
