//! What a transaction costs before it runs, and the least it costs in all.

use revm::{
    context::Transaction,
    context_interface::{result::InvalidTransaction, transaction::AccessListItemTr},
    interpreter::InitialAndFloorGas,
    primitives::TxKind,
};
use serde::{Deserialize, Serialize};

use crate::{Fork, Gas};

/// The prices of the `TX_*` parameters that are charged before execution, and of the calldata floor, gas per unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the parameter of that name")]
pub struct TransactionPrices {
    pub base: Gas,
    pub create: Gas,
    pub code_init_per_word: Gas,
    /// A call whose recipient is not the sender (EIP-2780). Part of the floor as well.
    pub recipient: Gas,
    /// A value above 0 for such a recipient (EIP-2780). Part of the floor as well.
    pub value: Gas,
    pub data_zero_byte: Gas,
    pub data_nonzero_byte: Gas,
    pub floor_base: Gas,
    pub floor_create: Gas,
    pub floor_zero_byte: Gas,
    pub floor_nonzero_byte: Gas,
    pub access_list_address: Gas,
    pub access_list_storage_key: Gas,
    /// Part of the floor as well (EIP-7981).
    pub access_list_byte: Gas,
    pub auth_per_empty_account: Gas,
}

/// What a transaction is measured by before execution: how often each of [`TransactionPrices`] applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field counts what its name says")]
pub struct TransactionUnits {
    pub creates: u64,
    pub init_code_words: u64,
    pub recipients: u64,
    pub values: u64,
    pub zero_bytes: u64,
    pub nonzero_bytes: u64,
    pub access_list_addresses: u64,
    pub access_list_storage_keys: u64,
    pub access_list_bytes: u64,
    pub authorizations: u64,
}

impl TransactionUnits {
    /// Measures `tx`.
    pub fn of(tx: &impl Transaction) -> Self {
        let input = tx.input();
        let zero_bytes = input.iter().map(|byte| u64::from(*byte == 0)).sum();
        let create = tx.kind() == TxKind::Create;
        let recipient = matches!(tx.kind(), TxKind::Call(to) if to != tx.caller());
        let mut units = Self {
            creates: u64::from(create),
            init_code_words: if create {
                (input.len() as u64).div_ceil(32)
            } else {
                0
            },
            recipients: u64::from(recipient),
            values: u64::from(recipient && !tx.value().is_zero()),
            zero_bytes,
            nonzero_bytes: input.len() as u64 - zero_bytes,
            authorizations: tx.authorization_list_len() as u64,
            ..Self::default()
        };
        for item in tx.access_list().into_iter().flatten() {
            units.access_list_addresses += 1;
            units.access_list_storage_keys += item.storage_slots().count() as u64;
        }
        units.access_list_bytes =
            20 * units.access_list_addresses + 32 * units.access_list_storage_keys;
        units
    }
}

impl TransactionPrices {
    /// Those of `fork`.
    pub(crate) const fn of(fork: Fork) -> Self {
        match fork {
            Fork::Prague | Fork::Osaka => Self::PRAGUE,
            Fork::Amsterdam => Self::AMSTERDAM,
        }
    }

    /// EIP-2028, EIP-2930, EIP-3860, EIP-7623, EIP-7702.
    const PRAGUE: Self = Self {
        base: 21_000,
        create: 32_000,
        code_init_per_word: 2,
        recipient: 0,
        value: 0,
        data_zero_byte: 4,
        data_nonzero_byte: 16,
        floor_base: 21_000,
        floor_create: 0,
        floor_zero_byte: 10,
        floor_nonzero_byte: 40,
        access_list_address: 2_400,
        access_list_storage_key: 1_900,
        access_list_byte: 0,
        auth_per_empty_account: 25_000,
    };

    /// EIP-2780, EIP-7976, EIP-7981, EIP-8038.
    const AMSTERDAM: Self = Self {
        base: 12_000,
        create: 12_000,
        recipient: 3_000,
        value: 6_000,
        floor_base: 12_000,
        floor_create: 12_000,
        floor_zero_byte: 64,
        floor_nonzero_byte: 64,
        access_list_address: 2_900,
        access_list_storage_key: 2_000,
        access_list_byte: 64,
        auth_per_empty_account: 7_816,
        ..Self::PRAGUE
    };

    /// Gas charged before execution.
    pub fn intrinsic(&self, units: &TransactionUnits) -> Gas {
        sum(&[
            (1, self.base),
            (units.creates, self.create),
            (units.init_code_words, self.code_init_per_word),
            (units.recipients, self.recipient),
            (units.values, self.value),
            (units.zero_bytes, self.data_zero_byte),
            (units.nonzero_bytes, self.data_nonzero_byte),
            (units.access_list_addresses, self.access_list_address),
            (units.access_list_storage_keys, self.access_list_storage_key),
            (units.access_list_bytes, self.access_list_byte),
            (units.authorizations, self.auth_per_empty_account),
        ])
    }

    /// The least gas the transaction uses (EIP-7623).
    pub fn floor(&self, units: &TransactionUnits) -> Gas {
        sum(&[
            (1, self.floor_base),
            (units.creates, self.floor_create),
            (units.recipients, self.recipient),
            (units.values, self.value),
            (units.zero_bytes, self.floor_zero_byte),
            (units.nonzero_bytes, self.floor_nonzero_byte),
            (units.access_list_bytes, self.access_list_byte),
        ])
    }

    /// Both, checked against the transaction's gas limit; and against `most`, which bounds execution gas alone (EIP-8037).
    pub(crate) fn validate(
        &self,
        tx: &impl Transaction,
        most: Option<Gas>,
    ) -> Result<InitialAndFloorGas, InvalidTransaction> {
        let units = TransactionUnits::of(tx);
        let (initial_gas, gas_floor) = (self.intrinsic(&units), self.floor(&units));
        let gas_limit = tx.gas_limit();
        if initial_gas > gas_limit {
            return Err(InvalidTransaction::CallGasCostMoreThanGasLimit {
                initial_gas,
                gas_limit,
            });
        }
        if gas_floor > gas_limit {
            return Err(InvalidTransaction::GasFloorMoreThanGasLimit {
                gas_floor,
                gas_limit,
            });
        }
        let least = initial_gas.max(gas_floor);
        if let Some(most) = most
            && least > most
        {
            return Err(InvalidTransaction::GasFloorMoreThanGasLimit {
                gas_floor: least,
                gas_limit: most,
            });
        }
        Ok(InitialAndFloorGas::default()
            .with_initial_regular_gas(initial_gas)
            .with_floor_gas(gas_floor))
    }
}

fn sum(terms: &[(u64, Gas)]) -> Gas {
    terms.iter().fold(0, |sum, (units, price)| {
        sum.saturating_add(units.saturating_mul(*price))
    })
}
