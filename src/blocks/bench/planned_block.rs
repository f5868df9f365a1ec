//! Executing a planned block.

use alloy_consensus::{Block, Header, TxEnvelope, transaction::Recovered};
use alloy_eips::{
    eip7685::{EMPTY_REQUESTS_HASH, Requests},
    eip7928::constants::ITEM_COST,
};
use alloy_primitives::{B256, Bytes, Sealed, keccak256};
use alloy_rlp::EMPTY_LIST_CODE;
use alloy_trie::EMPTY_ROOT_HASH;
use std::{iter, sync::Arc};

use super::{
    BenchError, NotationError, Scenario,
    asm::Assembler,
    data::{self, Names},
    keys,
    metered_evm::MeteredFactory,
    prestate::{self, BENEFICIARY, Prestate},
    tx::{CHAIN_ID, Slot, Template},
};
use crate::{
    evm::{
        BlockAttributes, ChainRules, GuestInput, Recorder, StateDb, Store, Tariff, Used, World,
        build_block, rest,
    },
    gas::{Fork, Gas, GasParam, Schedule, Usage, catalogue::name},
};

/// Any block but the first.
const PARENT_NUMBER: u64 = 23_935_694;
/// Mainnet's first block under Osaka began at this time.
const PARENT_TIMESTAMP: u64 = 1_764_798_551;
const BASE_FEE: u64 = 1_000_000_000;
/// Any slot but the first (EIP-7843).
const PARENT_SLOT: u64 = 13_164_545;
/// Items of an access list that system calls make, the transactions' sender and the beneficiary, rounded up.
const SYSTEM_ITEMS: u64 = 50;
/// The most gas of a transaction where no rule bounds it: more than any block has.
const UNCAPPED: Gas = 1 << 30;

/// A block to be executed.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub gas_limit: Gas,
    pub slots: Vec<Slot>,
    /// Transactions that are signed already; the others come out as none.
    pub signed: Vec<Option<TxEnvelope>>,
}

impl Plan {
    /// Bodies, over all transactions.
    fn bodies(&self, scenario: &Scenario) -> u64 {
        let counts = self.slots.iter().map(|slot| slot.count);
        counts.sum::<u64>() * scenario.repeat.max(1)
    }
}

/// A block that was executed.
pub(super) struct Outcome {
    pub hash: B256,
    /// The block.
    pub decoded: Block<TxEnvelope>,
    /// Gas that the block counts: since Amsterdam the larger of execution and state gas (EIP-8037).
    pub used: Gas,
    pub units: Used,
    /// EIP-7685.
    pub requests: Requests,
    /// RLP of the block access list (EIP-7928); `None` before Amsterdam.
    pub block_access_list: Option<Bytes>,
}

/// A scenario's state before the block, and what its blocks share.
pub(super) struct Bench<'a> {
    pub template: Template<'a>,
    pub schedule: &'a Schedule,
    tariff: Arc<Tariff>,
    /// Whether operations that fail stop a transaction.
    checked: bool,
    state: State,
}

/// The state before a block.
#[derive(Clone)]
struct State {
    world: World,
    root: B256,
    /// How many bodies it is for.
    bodies: u64,
}

impl State {
    fn new(
        scenario: &Scenario,
        names: &Names,
        checked: bool,
        bodies: u64,
        fork: Fork,
    ) -> Result<Self, NotationError> {
        let state = prestate::prestate(scenario, names, checked, bodies, fork)?;
        let (world, root) = state.build();
        Ok(Self {
            world,
            root,
            bodies,
        })
    }
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        schedule: &'a Schedule,
        tariff: Arc<Tariff>,
        checked: bool,
    ) -> Result<Self, BenchError> {
        let names = prestate::names(scenario);
        let mut data = Vec::new();
        if let Some(init) = &scenario.tx.init {
            let assembler = Assembler {
                names: &names,
                checked: false,
            };
            data.extend(assembler.assemble(init)?);
        }
        data.extend(data::bytes(&scenario.tx.data, &names)?);
        let state = State::new(scenario, &names, checked, 1, schedule.fork)?;
        Ok(Self {
            template: Template {
                scenario,
                data: data.into(),
                creates: scenario.tx.init.is_some(),
            },
            schedule,
            tariff,
            checked,
            state,
        })
    }

    /// The same state under other prices.
    pub(super) fn repriced(&self, schedule: &'a Schedule, tariff: Arc<Tariff>) -> Self {
        Self {
            template: self.template.clone(),
            schedule,
            tariff,
            checked: self.checked,
            state: self.state.clone(),
        }
    }

    /// Takes over the state of another bench of the scenario: there is one for both.
    pub(super) fn share_state(&mut self, other: &Self) {
        self.state = other.state.clone();
    }

    /// What was there before the last block.
    pub(super) fn prestate(&self) -> Result<Prestate, BenchError> {
        let scenario = self.template.scenario;
        let names = prestate::names(scenario);
        let (bodies, fork) = (self.state.bodies, self.schedule.fork);
        Ok(prestate::prestate(
            scenario,
            &names,
            self.checked,
            bodies,
            fork,
        )?)
    }

    /// Gas of what was used, in units of its prices.
    pub(super) fn gas(&self, usage: &Usage) -> Result<i128, BenchError> {
        Ok(self.schedule.gas(usage)?)
    }

    /// The most gas of a transaction (EIP-7825).
    pub(super) fn transaction_cap(&self) -> Gas {
        self.tariff.limits().tx_max_gas.unwrap_or(UNCAPPED)
    }

    /// Builds and executes the block.
    pub(super) fn run(&mut self, plan: &Plan) -> Result<Outcome, BenchError> {
        let parent = self.begin(plan)?;
        self.execute(&self.state.world, &parent, plan)
    }

    /// [`Self::run`], recording what a guest needs.
    pub(super) fn run_with_input(
        &mut self,
        plan: &Plan,
    ) -> Result<(Outcome, GuestInput), BenchError> {
        let parent = self.begin(plan)?;
        let recorder = Recorder::new(&self.state.world);
        let outcome = self.execute(&recorder, &parent, plan)?;
        let input = GuestInput {
            tariff: Tariff::clone(&self.tariff),
            chain_id: CHAIN_ID,
            block: alloy_rlp::encode(&outcome.decoded).into(),
            witness: recorder.witness(parent.number),
        };
        Ok((outcome, input))
    }

    /// Makes the state that the block needs, and the block before.
    pub(super) fn begin(&mut self, plan: &Plan) -> Result<Sealed<Header>, BenchError> {
        let scenario = self.template.scenario;
        let bodies = plan.bodies(scenario).max(1);
        // Rounded, so that blocks of like size share one.
        let bodies = bodies.next_multiple_of(bodies.next_power_of_two().div_ceil(16));
        if scenario.is_deep() && bodies != self.state.bodies {
            let names = prestate::names(scenario);
            self.state = State::new(scenario, &names, self.checked, bodies, self.schedule.fork)?;
        }
        let parent = self.parent(self.header_limit(plan.gas_limit)?);
        self.state.world.add_header(&parent);
        Ok(parent)
    }

    /// The header's gas limit. Since Amsterdam it bounds the block's access list as well, at a price for each item that no schedule
    /// changes (EIP-7928): a small block, or one whose accesses are cheaper, is granted what its own items and the system's take.
    fn header_limit(&self, gas_limit: Gas) -> Result<Gas, BenchError> {
        if self.schedule.fork < Fork::Amsterdam {
            return Ok(gas_limit);
        }
        let item = ITEM_COST as Gas;
        let mut cheapest = item;
        for access in [name::COLD_ACCOUNT_ACCESS, name::COLD_STORAGE_ACCESS] {
            let price = self.schedule.price(&GasParam::whole(access))?;
            cheapest = cheapest.min(price.max(1));
        }
        Ok(gas_limit / cheapest * item + gas_limit % cheapest + SYSTEM_ITEMS * item)
    }

    /// The block before: half full, so that the base fee stays.
    fn parent(&self, gas_limit: Gas) -> Sealed<Header> {
        let amsterdam = self.schedule.fork >= Fork::Amsterdam;
        Sealed::new(Header {
            number: PARENT_NUMBER,
            timestamp: PARENT_TIMESTAMP,
            gas_limit,
            gas_used: gas_limit / 2,
            base_fee_per_gas: Some(BASE_FEE),
            state_root: self.state.root,
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            block_access_list_hash: amsterdam.then(|| keccak256([EMPTY_LIST_CODE])),
            slot_number: amsterdam.then_some(PARENT_SLOT),
            ..Header::default()
        })
    }

    fn execute<S: Store>(
        &self,
        store: &S,
        parent: &Sealed<Header>,
        plan: &Plan,
    ) -> Result<Outcome, BenchError> {
        let signed = plan.signed.iter().cloned().chain(iter::repeat(None));
        let transactions = plan.slots.iter().zip(signed).map(|(slot, signed)| {
            let transaction = signed.map_or_else(|| self.template.transaction(*slot), Ok)?;
            Ok::<_, BenchError>(Recovered::new_unchecked(transaction, keys::sender()))
        });
        let factory = MeteredFactory::new(Arc::clone(&self.tariff));
        let attributes = BlockAttributes {
            timestamp: PARENT_TIMESTAMP + 12,
            beneficiary: BENEFICIARY,
            prev_randao: B256::repeat_byte(0x5e),
            parent_beacon_block_root: B256::repeat_byte(0xbe),
            gas_limit: parent.gas_limit,
            slot_number: PARENT_SLOT + 1,
            ..BlockAttributes::default()
        };
        let mut db = StateDb::new(store, self.state.root);
        let built = build_block(
            &factory,
            &ChainRules::of(CHAIN_ID, &self.tariff),
            parent,
            &attributes,
            transactions.collect::<Result<_, _>>()?,
            &mut db,
        )?;
        let receipts = &built.executed.receipts;
        if let Some(transaction) = receipts.iter().position(|receipt| !receipt.status()) {
            return Err(BenchError::Failed { transaction });
        }
        let units = factory.take_used();
        match units.unfloored.rest.get(rest::BURNT) {
            None | Some(0) => {}
            Some(_) if self.template.scenario.burns => {}
            Some(gas) => return Err(BenchError::Burnt(*gas)),
        }
        let used = built.executed.gas_used;
        let counted = self.gas(&units.execution)?.max(self.gas(&units.state)?);
        if counted != i128::from(used) {
            return Err(BenchError::Miscounted { counted, used });
        }
        Ok(Outcome {
            hash: built.block.hash(),
            decoded: built.block.into_inner(),
            used,
            units,
            requests: built.executed.requests,
            block_access_list: built.executed.block_access_list,
        })
    }
}
