//! A schedule compiled to what revm needs.

use alloc::vec::Vec;
use alloy_eips::eip7840::BlobParams;
use revm::{
    context::{CfgEnv, Transaction},
    context_interface::{
        cfg::{GasId, GasParams},
        result::InvalidTransaction,
    },
    interpreter::InitialAndFloorGas,
    primitives::hardfork::SpecId,
};
use serde::{Deserialize, Serialize};

use super::{
    formula::{Formula, Units},
    intrinsic::TransactionPrices,
    modexp::ModexpRules,
    pages, precompiles,
};
use crate::{Fork, Gas};

/// Every price and rule of a schedule in the form the interpreter charges it: what differs from revm's own tables of the
/// fork, and what revm has no table for. Independent of the host, so that it can travel to a guest program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The fork whose rules apply.
    pub fork: Fork,
    /// Static prices that differ from revm's.
    pub statics: Vec<(u8, u16)>,
    /// revm's gas parameters that differ.
    pub gas_params: Vec<(u8, Gas)>,
    /// Prices that revm's tables cannot hold, in the order of opcodes.
    pub opcodes: Vec<(u8, OpcodePrice)>,
    /// Prices of precompiles that differ from what revm has compiled in.
    pub precompiles: Vec<(precompiles::Index, Formula)>,
    /// The rules behind MODEXP's `complexity` and `iterations`.
    pub modexp: ModexpRules,
    /// SSTORE fails with no more gas left than this.
    pub sstore_sentry: Gas,
    /// What is charged before execution.
    pub transaction: TransactionPrices,
    /// The bounds on transactions and code.
    pub limits: Limits,
    /// Blob parameters.
    pub blobs: BlobRules,
}

/// The price of an opcode that a wrapper charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpcodePrice {
    /// What one execution costs in all.
    pub formula: Formula,
    /// What revm's tables charge of it.
    pub stock: Formula,
    /// What revm's tables charge for resolving a delegation (EIP-7702).
    pub stock_delegated: Gas,
}

impl OpcodePrice {
    /// What is left to charge once revm has charged its part.
    pub fn excess(&self, units: &Units, delegated: bool) -> Gas {
        let mut stock = self.stock.cost(units);
        if delegated {
            stock = stock.saturating_add(self.stock_delegated);
        }
        self.formula.cost(units).saturating_sub(stock)
    }
}

/// Bounds that blocks and transactions are checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Gas limit of a transaction (EIP-7825), state gas aside (EIP-8037); `None`: any.
    pub tx_max_gas: Option<Gas>,
    /// Deployed code, bytes (EIP-170).
    pub max_code_size: u64,
    /// Init code, bytes (EIP-3860).
    pub max_init_code_size: u64,
}

/// Blob parameters (EIP-4844, EIP-7691, EIP-7918), blobs and wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each field is the `BLOB_` parameter of that name"
)]
pub struct BlobRules {
    pub target: u64,
    pub max: u64,
    pub max_per_tx: u64,
    pub min_base_fee: u64,
    pub update_fraction: u64,
    pub reserve_base_cost: u64,
}

impl Tariff {
    /// revm's own prices of `fork`, with nothing wrapped.
    pub const fn stock(fork: Fork) -> Self {
        Self {
            fork,
            statics: Vec::new(),
            gas_params: Vec::new(),
            opcodes: Vec::new(),
            precompiles: Vec::new(),
            modexp: ModexpRules::of(fork),
            sstore_sentry: 2_300,
            transaction: TransactionPrices::of(fork),
            limits: Limits::of(fork),
            blobs: BlobRules::of(fork),
        }
    }

    /// The same prices with other blob rules: those of a fork of nothing but blob parameters.
    #[must_use]
    pub(crate) fn with_blobs(mut self, params: &BlobParams) -> Self {
        self.blobs.target = params.target_blob_count;
        self.blobs.max = params.max_blob_count;
        self.blobs.max_per_tx = params.max_blobs_per_tx;
        self.blobs.update_fraction = u64::try_from(params.update_fraction).unwrap_or(u64::MAX);
        self
    }

    /// The fork whose rules apply.
    pub const fn fork(&self) -> Fork {
        self.fork
    }

    /// The fork in revm's terms.
    pub const fn spec(&self) -> SpecId {
        match self.fork {
            Fork::Prague => SpecId::PRAGUE,
            Fork::Osaka => SpecId::OSAKA,
            Fork::Amsterdam => SpecId::AMSTERDAM,
        }
    }

    /// The prices charged before execution.
    pub const fn transaction(&self) -> &TransactionPrices {
        &self.transaction
    }

    /// The bounds on transactions and code.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The blob rules, from which a block's blob gas limit and blob base fee follow.
    pub fn blob_params(&self) -> BlobParams {
        let blobs = &self.blobs;
        BlobParams {
            target_blob_count: blobs.target,
            max_blob_count: blobs.max,
            update_fraction: u128::from(blobs.update_fraction),
            min_blob_fee: u128::from(blobs.min_base_fee),
            max_blobs_per_tx: blobs.max_per_tx,
            blob_base_cost: blobs.reserve_base_cost,
        }
    }

    /// Sets everything in revm's configuration that the schedule decides.
    pub fn configure(&self, cfg: &mut CfgEnv) {
        let spec = self.spec();
        let amsterdam = spec.is_enabled_in(SpecId::AMSTERDAM);
        let mut params = GasParams::new_spec(spec);
        if !self.gas_params.is_empty() {
            let changed = self.gas_params.iter();
            params.override_gas(changed.map(|(id, price)| (GasId::new(*id), *price)));
        }
        let bytes = |limit: u64| Some(usize::try_from(limit).unwrap_or(usize::MAX));
        cfg.spec = spec;
        cfg.set_gas_params(params);
        cfg.enable_amsterdam_eip8037 = amsterdam;
        cfg.enable_amsterdam_eip2780 = amsterdam;
        cfg.tx_gas_limit_cap = Some(self.limits.tx_max_gas.unwrap_or(Gas::MAX));
        cfg.limit_contract_code_size = bytes(self.limits.max_code_size);
        cfg.limit_contract_initcode_size = bytes(self.limits.max_init_code_size);
        cfg.max_blobs_per_tx = Some(self.blobs.max_per_tx);
        cfg.blob_base_fee_update_fraction = Some(self.blobs.update_fraction);
    }

    /// Gas before execution and the least in all of `tx`, checked against its gas limit.
    pub(crate) fn validate(
        &self,
        tx: &impl Transaction,
    ) -> Result<InitialAndFloorGas, InvalidTransaction> {
        let most = self.limits.tx_max_gas;
        let most = most.filter(|_| self.fork >= Fork::Amsterdam);
        self.transaction.validate(tx, most)
    }

    /// Gas of a page of memory; 0 where memory is charged by the word alone.
    pub fn page_price(&self) -> Gas {
        let mut own = self.gas_params.iter();
        own.find(|(id, _)| *id == pages::PRICE.as_u8())
            .map_or(0, |(_, price)| *price)
    }

    /// The price of a precompile that differs from what revm has compiled in.
    pub fn precompile(&self, precompile: precompiles::Index) -> Option<&Formula> {
        let mut own = self.precompiles.iter();
        own.find(|(index, _)| *index == precompile)
            .map(|(_, formula)| formula)
    }
}

impl Limits {
    /// Those of `fork`.
    const fn of(fork: Fork) -> Self {
        // EIP-170 and EIP-3860, or EIP-7954.
        let max_code_size = match fork {
            Fork::Prague | Fork::Osaka => 24_576,
            Fork::Amsterdam => 65_536,
        };
        Self {
            tx_max_gas: match fork {
                Fork::Prague => None,
                Fork::Osaka | Fork::Amsterdam => Some(16_777_216),
            },
            max_code_size,
            max_init_code_size: 2 * max_code_size,
        }
    }
}

impl BlobRules {
    /// Those of `fork`.
    const fn of(fork: Fork) -> Self {
        match fork {
            Fork::Prague => Self::PRAGUE,
            Fork::Osaka => Self::OSAKA,
            Fork::Amsterdam => Self::AMSTERDAM,
        }
    }

    /// EIP-7691.
    const PRAGUE: Self = Self {
        target: 6,
        max: 9,
        max_per_tx: 9,
        min_base_fee: 1,
        update_fraction: 5_007_716,
        reserve_base_cost: 0,
    };

    /// EIP-7594, EIP-7918.
    const OSAKA: Self = Self {
        max_per_tx: 6,
        reserve_base_cost: 8_192,
        ..Self::PRAGUE
    };

    /// EIP-7892.
    const AMSTERDAM: Self = Self {
        target: 14,
        max: 21,
        update_fraction: 11_684_671,
        ..Self::OSAKA
    };
}
