//! Executing a planned block.

use alloy_consensus::{Block, Header, TxEnvelope};
use alloy_eips::eip7685::{EMPTY_REQUESTS_HASH, Requests};
use alloy_primitives::{Address, B256, Sealed};
use alloy_trie::EMPTY_ROOT_HASH;
use std::sync::Arc;

use super::{
    BenchError, Scenario,
    asm::Assembler,
    data,
    meter::{MeteredFactory, Used},
    prestate,
    tx::{CHAIN_ID, Slot, Template},
};
use crate::{
    evm::{
        BlockAttributes, ChainRules, GuestInput, Recorder, StateDb, Store, Tariff, World,
        build_block, rest,
    },
    gas::{Gas, GasParam, Schedule, Usage},
};

/// Any block but the first.
const PARENT_NUMBER: u64 = 23_935_694;
/// Mainnet's first block under Osaka began at this time.
const PARENT_TIMESTAMP: u64 = 1_764_798_551;
const BASE_FEE: u64 = 1_000_000_000;

/// A block to be executed.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub gas_limit: Gas,
    pub slots: Vec<Slot>,
}

/// A block that was executed.
pub(super) struct Outcome {
    pub hash: B256,
    /// The block.
    pub decoded: Block<TxEnvelope>,
    pub used: Gas,
    pub usage: Usage,
    /// Executions and units, whatever the prices.
    pub work: Usage,
    /// EIP-7685.
    pub requests: Requests,
}

/// A scenario's state before the block, and what its blocks share.
pub(super) struct Bench<'a> {
    pub template: Template<'a>,
    pub schedule: &'a Schedule,
    tariff: Arc<Tariff>,
    world: World,
    root: B256,
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
        let (world, root) = World::new(prestate::accounts(scenario, &names, checked)?);
        Ok(Self {
            template: Template {
                scenario,
                data: data.into(),
                creates: scenario.tx.init.is_some(),
            },
            schedule,
            tariff,
            world,
            root,
        })
    }

    /// The same state under other prices.
    pub(super) fn repriced(&self, schedule: &'a Schedule, tariff: Arc<Tariff>) -> Self {
        Self {
            template: self.template.clone(),
            schedule,
            tariff,
            world: self.world.clone(),
            root: self.root,
        }
    }

    /// The least that a transaction costs, for its calldata (EIP-7623).
    pub(super) fn floor(&self) -> Result<Gas, BenchError> {
        let price = |name| self.schedule.price(&GasParam::whole(name));
        let input = self.template.input(1, 0);
        let zeros: Gas = input.iter().map(|byte| Gas::from(*byte == 0)).sum();
        let others = input.len() as Gas - zeros;
        let bytes = zeros * price("TX_FLOOR_ZERO_BYTE")? + others * price("TX_FLOOR_NONZERO_BYTE")?;
        Ok(price("TX_FLOOR_BASE")? + bytes)
    }

    /// Builds and executes the block.
    pub(super) fn run(&mut self, plan: &Plan) -> Result<Outcome, BenchError> {
        let parent = self.parent(plan.gas_limit);
        self.world.add_header(&parent);
        self.execute(&self.world, &parent, plan)
    }

    /// [`Self::run`], recording what a guest needs.
    pub(super) fn run_with_input(
        &mut self,
        plan: &Plan,
    ) -> Result<(Outcome, GuestInput), BenchError> {
        let parent = self.parent(plan.gas_limit);
        self.world.add_header(&parent);
        let recorder = Recorder::new(&self.world);
        let outcome = self.execute(&recorder, &parent, plan)?;
        let input = GuestInput {
            tariff: Tariff::clone(&self.tariff),
            chain_id: CHAIN_ID,
            block: alloy_rlp::encode(&outcome.decoded).into(),
            witness: recorder.witness(parent.number),
        };
        Ok((outcome, input))
    }

    /// The block before: half full, so that the base fee stays.
    fn parent(&self, gas_limit: Gas) -> Sealed<Header> {
        Sealed::new(Header {
            number: PARENT_NUMBER,
            timestamp: PARENT_TIMESTAMP,
            gas_limit,
            gas_used: gas_limit / 2,
            base_fee_per_gas: Some(BASE_FEE),
            state_root: self.root,
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        })
    }

    fn execute<S: Store>(
        &self,
        store: &S,
        parent: &Sealed<Header>,
        plan: &Plan,
    ) -> Result<Outcome, BenchError> {
        let slots = plan.slots.iter();
        let transactions = slots.map(|slot| self.template.transaction(*slot));
        let factory = MeteredFactory::new(Arc::clone(&self.tariff));
        let attributes = BlockAttributes {
            timestamp: PARENT_TIMESTAMP + 12,
            beneficiary: Address::repeat_byte(0xc0),
            prev_randao: B256::repeat_byte(0x5e),
            parent_beacon_block_root: B256::repeat_byte(0xbe),
            gas_limit: plan.gas_limit,
            ..BlockAttributes::default()
        };
        let mut db = StateDb::new(store, self.root);
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
        let Used { usage, work } = factory.take_used();
        match usage.rest.get(rest::BURNT) {
            None | Some(0) => {}
            Some(gas) => return Err(BenchError::Burnt(*gas)),
        }
        let used = built.executed.gas_used;
        let counted = self.schedule.gas(&usage)?;
        if counted != i128::from(used) {
            return Err(BenchError::Miscounted { counted, used });
        }
        Ok(Outcome {
            hash: built.block.hash(),
            decoded: built.block.into_inner(),
            used,
            usage,
            work,
            requests: built.executed.requests,
        })
    }
}
