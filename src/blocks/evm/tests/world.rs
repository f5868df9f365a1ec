//! A small chain state, an assembler, and one transaction run in several ways.

use alloy_evm::{Evm, EvmEnv, EvmFactory};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use revm::{
    ExecuteEvm, MainBuilder, MainContext,
    bytecode::{Bytecode, opcode::OpCode},
    context::{
        BlockEnv, CfgEnv, Context, TxEnv,
        either::Either,
        result::{ExecutionResult, HaltReason, ResultAndState},
        transaction::{Authorization, RecoveredAuthority, RecoveredAuthorization},
    },
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use std::{collections::BTreeMap, sync::Arc};

use crate::{
    evm::{CountingEvmFactory, Tariff, TariffEvmFactory, Used},
    gas::{Fork, Schedule, Usage},
};

pub(super) const SENDER: Address = address!("1000000000000000000000000000000000000001");
/// The contract that transactions call.
pub(super) const TARGET: Address = address!("2000000000000000000000000000000000000002");
/// An account with a balance and no code.
pub(super) const RICH: Address = address!("3000000000000000000000000000000000000003");
/// A contract whose code a case sets.
pub(super) const OTHER: Address = address!("4000000000000000000000000000000000000004");
/// An account whose code is `OTHER`'s (EIP-7702).
pub(super) const DELEGATED: Address = address!("5000000000000000000000000000000000000005");

/// A transaction and the state it runs on.
#[derive(Clone)]
pub(super) struct Case {
    pub code: Vec<u8>,
    pub other: Vec<u8>,
    pub tx: TxEnv,
}

impl Case {
    /// A call of `TARGET` with this code.
    pub(super) fn new(code: &str) -> Self {
        Self::raw(asm(code))
    }

    pub(super) fn raw(code: Vec<u8>) -> Self {
        let tx = TxEnv {
            caller: SENDER,
            gas_limit: 1_000_000,
            gas_price: 1,
            kind: TxKind::Call(TARGET),
            chain_id: Some(1),
            tx_type: 1,
            ..TxEnv::default()
        };
        Self {
            code,
            other: Vec::new(),
            tx,
        }
    }

    /// A creation with this init code.
    pub(super) fn create(init_code: &str) -> Self {
        let mut case = Self::new("");
        case.tx.kind = TxKind::Create;
        case.tx.data = asm(init_code).into();
        case
    }

    /// `OTHER`'s code.
    pub(super) fn other(mut self, code: &str) -> Self {
        self.other = asm(code);
        self
    }

    pub(super) fn data(mut self, data: &[u8]) -> Self {
        self.tx.data = Bytes::copy_from_slice(data);
        self
    }

    pub(super) fn gas(mut self, limit: u64) -> Self {
        self.tx.gas_limit = limit;
        self
    }

    pub(super) fn value(mut self, value: u64) -> Self {
        self.tx.value = U256::from(value);
        self
    }

    /// Signs a delegation of `authority`.
    pub(super) fn authorize(mut self, authority: Address) -> Self {
        let authorization = Authorization {
            chain_id: U256::from(1),
            address: OTHER,
            nonce: 0,
        };
        let recovered = RecoveredAuthorization::new_unchecked(
            authorization,
            RecoveredAuthority::Valid(authority),
        );
        self.tx.tx_type = 4;
        self.tx.gas_priority_fee = Some(0);
        self.tx.authorization_list.push(Either::Right(recovered));
        self
    }

    pub(super) fn db(&self) -> CacheDB<EmptyDB> {
        let mut db = CacheDB::new(EmptyDB::default());
        let account = |balance: u64, code: Bytecode| AccountInfo {
            balance: U256::from(balance),
            nonce: 0,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..AccountInfo::default()
        };
        let raw = |code: &[u8]| Bytecode::new_raw(Bytes::copy_from_slice(code));
        db.insert_account_info(SENDER, account(u64::MAX, Bytecode::default()));
        db.insert_account_info(TARGET, account(1_000, raw(&self.code)));
        db.insert_account_info(RICH, account(1_000, Bytecode::default()));
        db.insert_account_info(OTHER, account(1_000, raw(&self.other)));
        db.insert_account_info(DELEGATED, account(1, Bytecode::new_eip7702(OTHER)));
        for contract in [TARGET, OTHER] {
            for slot in 1..=3 {
                db.insert_account_storage(contract, U256::from(slot), U256::from(1))
                    .unwrap();
            }
        }
        db
    }

    pub(super) fn env() -> EvmEnv {
        let block = BlockEnv {
            number: U256::from(1_000),
            gas_limit: 100_000_000,
            prevrandao: Some(B256::repeat_byte(7)),
            ..BlockEnv::default()
        };
        EvmEnv::new(CfgEnv::new_with_spec(SpecId::OSAKA), block)
    }

    /// Under revm as it comes.
    pub(super) fn stock(&self, fork: Fork) -> Result<ResultAndState, String> {
        let env = Self::env();
        let mut evm = Context::mainnet()
            .with_db(self.db())
            .with_cfg(CfgEnv::new_with_spec(Tariff::stock(fork).spec()))
            .with_block(env.block_env)
            .build_mainnet();
        evm.transact(self.tx.clone()).map_err(|e| e.to_string())
    }

    /// Under a tariff.
    pub(super) fn plain(&self, tariff: Tariff) -> Result<ResultAndState, String> {
        let factory = TariffEvmFactory::new(Arc::new(tariff));
        let mut evm = factory.create_evm(self.db(), Self::env());
        evm.transact_raw(self.tx.clone()).map_err(|e| e.to_string())
    }

    /// Under a tariff, recording.
    pub(super) fn counted(&self, tariff: Tariff) -> Result<(ResultAndState, Used), String> {
        let factory = CountingEvmFactory::new(Arc::new(tariff));
        let mut evm = factory.create_evm(self.db(), Self::env());
        let result = evm.transact_raw(self.tx.clone());
        let result = result.map_err(|e| e.to_string())?;
        let used = evm.ledger_mut().take_used();
        assert_eq!(evm.ledger().used(), Used::default());
        Ok((result, used))
    }

    /// Gas used under `schedule`, run plainly and recorded: both must agree, and with the usage's dot product.
    pub(super) fn run(&self, schedule: &Schedule) -> Result<(ExecutionResult, Usage), String> {
        let tariff = crate::evm::compile(schedule).map_err(|e| e.to_string())?;
        let bytes = postcard::to_allocvec(&tariff).unwrap();
        let travelled: Tariff = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(travelled, tariff);
        let plain = self.plain(travelled)?;
        let (counted, used) = self.counted(tariff)?;
        assert_eq!(
            outcome(&plain),
            outcome(&counted),
            "recording changes the result"
        );
        assert_eq!(
            changes(&plain),
            changes(&counted),
            "recording changes the state"
        );
        let gas = plain.result.gas();
        // Until Osaka a block counts what senders pay.
        let (execution, state) = if schedule.fork < Fork::Amsterdam {
            (gas.tx_gas_used(), 0)
        } else {
            (gas.block_regular_gas_used(), gas.block_state_gas_used())
        };
        for (usage, gas) in [(&used.execution, execution), (&used.state, state)] {
            let counted = schedule.gas(usage).unwrap();
            assert_eq!(counted, i128::from(gas), "{:?}\n{used:#?}", plain.result);
        }
        assert!(
            !used
                .execution
                .rest
                .contains_key(super::super::rest::UNEXPLAINED)
        );
        Ok((plain.result, used.execution))
    }

    /// Gas used under `schedule`.
    pub(super) fn used(&self, schedule: &Schedule) -> i128 {
        let (result, _) = self.run(schedule).expect("a valid transaction");
        i128::from(result.tx_gas_used())
    }
}

/// What a receipt says of a transaction, and its output. Of several reasons to halt, measuring may find another one first.
pub(super) fn outcome(result: &ResultAndState) -> ExecutionResult {
    match result.result.clone() {
        ExecutionResult::Halt { gas, logs, .. } => ExecutionResult::Halt {
            reason: HaltReason::CallTooDeep,
            gas,
            logs,
        },
        other => other,
    }
}

/// What a transaction changed. What it merely loaded may differ: measuring an instruction that then fails loads what the
/// instruction would have.
pub(super) fn changes(
    result: &ResultAndState,
) -> BTreeMap<Address, (AccountInfo, BTreeMap<U256, U256>)> {
    let touched = result
        .state
        .iter()
        .filter(|(_, account)| account.is_touched());
    touched
        .map(|(address, account)| {
            let slots = account.storage.iter().filter(|(_, slot)| slot.is_changed());
            let slots = slots
                .map(|(key, slot)| (*key, slot.present_value))
                .collect();
            (*address, (account.info.clone(), slots))
        })
        .collect()
}

/// Code from words: a number is pushed, a name is an instruction, `@x` pushes an address of this module, `#aabb` is data.
pub(super) fn asm(text: &str) -> Vec<u8> {
    let mut code = Vec::new();
    let push = |code: &mut Vec<u8>, bytes: &[u8]| {
        let first = bytes
            .iter()
            .position(|b| *b != 0)
            .unwrap_or(bytes.len() - 1);
        code.push(0x5f + u8::try_from(bytes.len() - first).unwrap());
        code.extend_from_slice(&bytes[first..]);
    };
    for word in text.split_whitespace() {
        match word {
            "@rich" => push(&mut code, RICH.as_slice()),
            "@other" => push(&mut code, OTHER.as_slice()),
            "@delegated" => push(&mut code, DELEGATED.as_slice()),
            "@target" => push(&mut code, TARGET.as_slice()),
            _ if word.starts_with('#') => {
                code.extend(alloy_primitives::hex::decode(&word[1..]).unwrap());
            }
            _ if word.starts_with(|c: char| c.is_ascii_digit()) => {
                let number: U256 = word.parse().unwrap();
                push(&mut code, &number.to_be_bytes::<32>());
            }
            "PREVRANDAO" => code.push(0x44),
            _ => {
                let named = |byte: &u8| OpCode::new(*byte).is_some_and(|op| op.as_str() == word);
                let byte = (0..=u8::MAX).find(named);
                code.push(byte.unwrap_or_else(|| panic!("no instruction is called {word}")));
            }
        }
    }
    code
}
