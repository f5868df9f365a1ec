//! revm as it comes, with an export in its tables, executes the corpus as the engine does.

use std::{collections::BTreeSet, sync::Arc};

use alloy_evm::{Database, EthEvm, EvmEnv, EvmFactory, eth::EthEvmContext};
use rayon::prelude::*;
use revm::{
    Context, Inspector, MainBuilder, MainContext,
    context::{
        BlockEnv, DBErrorMarker, TxEnv,
        result::{EVMError, HaltReason},
    },
    handler::{EthPrecompiles, instructions::EthInstructions},
    inspector::NoOpInspector,
    interpreter::instructions::instruction_table,
    primitives::hardfork::SpecId,
};

use super::{changed_to, reader::Client};
use crate::{
    bench::{Size, build_with_input, scenarios_of},
    evm::{ChainRules, compile, validate_block},
    gas::Fork,
    report::export::{Form, export},
};

/// Makes EVMs that are revm's own, handler and instructions, with the tables of an export.
struct PlainRevm(Arc<Client>);

impl PlainRevm {
    fn evm<DB: Database, I>(
        &self,
        db: DB,
        env: EvmEnv,
        inspector: I,
        inspect: bool,
    ) -> EthEvm<DB, I> {
        let mut cfg = env.cfg_env;
        self.0.configure(&mut cfg);
        let spec = cfg.spec;
        let mut evm = Context::mainnet()
            .with_db(db)
            .with_block(env.block_env)
            .with_cfg(cfg)
            .build_mainnet_with_inspector(inspector);
        evm.instruction = EthInstructions::new(instruction_table(), self.0.statics, spec);
        EthEvm::new(evm, inspect)
    }
}

impl EvmFactory for PlainRevm {
    type Evm<DB: Database, I: Inspector<EthEvmContext<DB>>> = EthEvm<DB, I>;
    type Context<DB: Database> = EthEvmContext<DB>;
    type Tx = TxEnv;
    type Error<E: DBErrorMarker> = EVMError<E>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = EthPrecompiles;

    fn create_evm<DB: Database>(&self, db: DB, env: EvmEnv) -> EthEvm<DB, NoOpInspector> {
        self.evm(db, env, NoOpInspector, false)
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<Self::Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv,
        inspector: I,
    ) -> EthEvm<DB, I> {
        self.evm(db, env, inspector, true)
    }
}

/// Prices to set in a fork's schedule, in its language, and what revm's tables do not hold of them.
struct Proposal {
    fork: Fork,
    prices: &'static str,
    beyond: &'static [&'static str],
}

const PROPOSALS: &[Proposal] = &[
    Proposal {
        fork: Fork::Osaka,
        prices: "param WARM_ACCESS = 240",
        beyond: &[],
    },
    Proposal {
        fork: Fork::Prague,
        prices: "opcode {
            MCOPY        = 4 + 5 * words
            EXTCODECOPY  = COLD_ACCOUNT_ACCESS * cold + WARM_ACCESS * warm + 7 * words
            SLOAD        = 2_500 * cold + WARM_ACCESS * warm
            SELFDESTRUCT = 5_000 + COLD_ACCOUNT_ACCESS * cold + 31_000 * created
            CREATE2      = 40_000 + CODE_INIT_PER_WORD * words + KECCAK256.per_word * words
        }",
        beyond: &[],
    },
    Proposal {
        fork: Fork::Osaka,
        prices: "param {
            TX_BASE                    = 12_000
            TX_CREATE                  = 33_000
            TX_CODE_INIT_PER_WORD      = 3
            TX_DATA_TOKEN_STANDARD     = 5
            TX_DATA_NONZERO_BYTE       = 3 * TX_DATA_TOKEN_STANDARD
            TX_FLOOR_ZERO_BYTE         = 14
            TX_FLOOR_NONZERO_BYTE      = 42
            TX_ACCESS_LIST_ADDRESS     = 2_000
            TX_ACCESS_LIST_STORAGE_KEY = 1_500
            TX_ACCESS_LIST_BYTE        = 28
            TX_AUTH_PER_EMPTY_ACCOUNT  = 26_000
            REFUND_DIVISOR             = 4
        }",
        beyond: &[],
    },
    Proposal {
        fork: Fork::Osaka,
        prices: "param {
            COLD_STORAGE_ACCESS  = 2_300
            COLD_ACCOUNT_ACCESS  = 3_000
            STORAGE_SET          = 21_000
            STORAGE_RESET        = 3_100
            NEW_ACCOUNT          = 26_000
            CALL_VALUE           = 9_500
            COPY_PER_WORD        = 4
            MEMORY_PER_WORD      = 5
            REFUND_STORAGE_CLEAR = 4_000
        }
        opcode {
            MULMOD    = 11
            EXP       = 12 + 60 * bytes
            KECCAK256 = 45 + 9 * words
            LOG       = 400 + 380 * topics + 9 * bytes
        }
        precompile ECADD = 314",
        beyond: &["ECADD"],
    },
    Proposal {
        fork: Fork::Osaka,
        prices: "opcode {
            DIV     = 70_000
            BALANCE = 90 * cold + WARM_ACCESS * warm
        }
        param TX_VALUE = 300
        precompile MODEXP = 2 * current",
        beyond: &["BALANCE", "DIV", "MODEXP", "TX_VALUE"],
    },
    Proposal {
        fork: Fork::Amsterdam,
        prices: "param {
            COLD_STORAGE_ACCESS = 2_500
            WARM_ACCESS         = 130
            ACCOUNT_WRITE       = 8_000
            STORAGE_WRITE       = 9_000
            COST_PER_STATE_BYTE = 1_000
            TX_DATA_TOKEN_FLOOR = 15
        }
        opcode KECCAK256 = 45 + 9 * words",
        beyond: &[],
    },
];

/// Every block of the corpus that uses nothing beyond the tables is valid for plain revm: the same gas for each
/// transaction, receipts and state.
#[test]
fn an_export_is_all_that_plain_revm_needs() {
    for (at, proposal) in PROPOSALS.iter().enumerate() {
        let schedule = changed_to(proposal.fork, proposal.prices);
        let exported = export(&schedule, Form::Revm).unwrap();
        let mut beyond = exported.nameless.clone();
        beyond.sort();
        assert_eq!(beyond, proposal.beyond, "{}", exported.text);
        let factory = PlainRevm(Arc::new(Client::new(&exported.text, proposal.fork)));
        let rules = ChainRules::of(1, &compile(&schedule).unwrap());
        let mut scenarios = scenarios_of(&schedule);
        // The whole corpus once, then one scenario of each operation: most of the time goes into making the blocks.
        if at > 0 {
            let mut seen = BTreeSet::new();
            scenarios.retain(|scenario| seen.insert(&scenario.operation));
        }
        let outcomes: Vec<(bool, Option<String>)> = scenarios
            .par_iter()
            .map(|scenario| {
                let Ok(block) = build_with_input(scenario, &schedule, Size::Gas(500_000)) else {
                    return (false, None);
                };
                let uses = |name: &String| {
                    let mut used = block.usage.counts.keys();
                    used.any(|param| param.operation == *name)
                };
                if beyond.iter().any(uses) {
                    return (false, None);
                }
                let input = block.input.unwrap();
                let verdict =
                    validate_block(&factory, &rules, &input.block, &input.witness.as_ref());
                let wrong = !verdict.valid || Some(verdict.block_hash) != block.block_hash;
                (
                    true,
                    wrong.then(|| format!("{}: {:?}", scenario.id, verdict.reason)),
                )
            })
            .collect();
        let executed = outcomes.iter().filter(|(executed, _)| *executed).count();
        let wrong: Vec<_> = outcomes
            .iter()
            .filter_map(|(_, wrong)| wrong.as_ref())
            .collect();
        assert!(wrong.is_empty(), "{}\n{wrong:#?}", proposal.prices);
        assert!(
            2 * executed > scenarios.len(),
            "{executed} of {}",
            scenarios.len()
        );
    }
}

/// The test sees a table that is not the schedule's.
#[test]
fn a_table_that_lacks_a_price_is_noticed() {
    let schedule = changed_to(Fork::Osaka, "param WARM_ACCESS = 240");
    let exported = export(&schedule, Form::Revm).unwrap().text;
    let without: String = exported
        .split_inclusive('\n')
        .filter(|line| !line.contains("opcode::SLOAD"))
        .collect();
    assert_ne!(exported, without);
    let factory = PlainRevm(Arc::new(Client::new(&without, Fork::Osaka)));
    let rules = ChainRules::of(1, &compile(&schedule).unwrap());
    let scenarios = scenarios_of(&schedule);
    let scenario = scenarios
        .iter()
        .find(|s| s.id == "sload/warm-one-slot")
        .unwrap();
    let block = build_with_input(scenario, &schedule, Size::Gas(500_000)).unwrap();
    let input = block.input.unwrap();
    assert!(!validate_block(&factory, &rules, &input.block, &input.witness.as_ref()).valid);
}
