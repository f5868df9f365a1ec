//! Counts of what ran, and their translation into the words of a schedule.

use reprice_engine::{
    Pricing, TransactionUnits, Units,
    opcodes::variables,
    precompiles::{Index, PRECOMPILES},
};

use crate::{
    evm::{opcodes::operation, precompile_formulas::is_linear},
    gas::{Fork, Gas, GasParam, Part, Usage, Variable, catalogue::name},
};

/// Rules that cause gas which no price explains: the keys of [`Usage::rest`].
pub mod rest {
    use crate::gas::catalogue::name;

    /// The quadratic part of memory expansion.
    pub const MEMORY: &str = name::MEMORY_QUADRATIC_DIVISOR;
    /// Refunds that the cap kept back.
    pub const REFUND_CAP: &str = name::REFUND_DIVISOR;
    /// Gas that exceptional halts consumed without doing anything for it.
    pub const BURNT: &str = "burnt";
    /// Gas of transactions that ran under an inspector, where nothing is recorded.
    pub const UNEXPLAINED: &str = "unexplained";
}

/// Executions per opcode in one transaction. 32 bits are one machine instruction less than 64 (64-bit counters make the
/// compiler compute their offset apart), and 2^32 executions are more than a transaction has gas for.
pub(super) type Executions = [u32; 256];

/// What an open call has got or owes as long as it does not fail: refunds, and what it adds to the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Revocable {
    pub clear: i64,
    pub restore_set: i64,
    pub restore_reset: i64,
    pub selfdestruct: i64,
    /// State gas (EIP-8037), in units of its prices.
    pub state: StateUnits,
}

/// What state gas is charged for (EIP-8037), less what was given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StateUnits {
    pub slots: i64,
    pub accounts: i64,
    pub creations: i64,
    pub code_bytes: i64,
    pub delegations: i64,
}

impl Revocable {
    pub(super) const fn add(&mut self, other: &Self) {
        self.clear += other.clear;
        self.restore_set += other.restore_set;
        self.restore_reset += other.restore_reset;
        self.selfdestruct += other.selfdestruct;
        self.state.slots += other.state.slots;
        self.state.accounts += other.state.accounts;
        self.state.creations += other.state.creations;
        self.state.code_bytes += other.state.code_bytes;
        self.state.delegations += other.state.delegations;
    }
}

/// Executions, units and, for a formula that is not linear, gas of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub executions: u64,
    pub units: Units,
    pub gas: Gas,
}

impl Count {
    pub(super) fn add(&mut self, units: &Units, gas: Option<Gas>) {
        self.units.add(units);
        self.gas = self.gas.saturating_add(gas.unwrap_or(0));
    }

    fn merge(&mut self, other: &Self) {
        self.executions += other.executions;
        self.add(&other.units, Some(other.gas));
    }
}

/// What one transaction or several used.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    /// By opcode.
    pub opcodes: Box<[Count]>,
    pub precompiles: [Count; PRECOMPILES.len()],
    pub transactions: u64,
    pub transaction: TransactionUnits,
    /// Of calls that succeeded.
    pub kept: Revocable,
    pub refunded_authorizations: u64,
    /// Accounts that authorizations write (EIP-2780).
    pub authorities: u64,
    /// Recipients whose code is elsewhere (EIP-2780), cold and warm.
    pub delegated: [u64; 2],
    pub stipends: u64,
    pub deposited_bytes: u64,
    pub deposited_words: u64,
    pub memory_words: u64,
    pub memory_pages: u64,
    pub memory_quadratic: Gas,
    pub refund_cap: Gas,
    pub burnt: Gas,
    pub unexplained: Gas,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            opcodes: vec![Count::default(); 256].into(),
            precompiles: [Count::default(); PRECOMPILES.len()],
            transactions: 0,
            transaction: TransactionUnits::default(),
            kept: Revocable::default(),
            refunded_authorizations: 0,
            authorities: 0,
            delegated: [0; 2],
            stipends: 0,
            deposited_bytes: 0,
            deposited_words: 0,
            memory_words: 0,
            memory_pages: 0,
            memory_quadratic: 0,
            refund_cap: 0,
            burnt: 0,
            unexplained: 0,
        }
    }
}

impl Counts {
    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        let ours = self.opcodes.iter_mut().chain(&mut self.precompiles);
        for (count, more) in ours.zip(other.opcodes.iter().chain(&other.precompiles)) {
            count.merge(more);
        }
        self.transactions += other.transactions;
        add_transaction(&mut self.transaction, &other.transaction);
        self.kept.add(&other.kept);
        self.refunded_authorizations += other.refunded_authorizations;
        self.authorities += other.authorities;
        self.delegated[0] += other.delegated[0];
        self.delegated[1] += other.delegated[1];
        self.stipends += other.stipends;
        self.deposited_bytes += other.deposited_bytes;
        self.deposited_words += other.deposited_words;
        self.memory_words += other.memory_words;
        self.memory_pages += other.memory_pages;
        self.memory_quadratic += other.memory_quadratic;
        self.refund_cap += other.refund_cap;
        self.burnt += other.burnt;
        self.unexplained += other.unexplained;
    }

    /// The execution gas that a block counts for these, charged under `pricing`.
    pub(super) fn execution(&self, pricing: &Pricing) -> Usage {
        let tariff = pricing.tariff();
        let linear_opcode = |opcode| {
            let price = pricing.opcode(opcode);
            price.is_none_or(|price| price.formula.is_linear())
        };
        let mut usage = self.operations(linear_opcode, |index| is_linear(tariff, index));
        self.add_parameters(&mut usage, tariff.fork());
        if tariff.page_price() > 0 {
            let pages = GasParam::whole(name::MEMORY_PER_PAGE);
            usage.add(pages, signed(self.memory_pages));
        }
        let amsterdam = tariff.fork() >= Fork::Amsterdam;
        // Since then a block counts gas before refunds (EIP-7778).
        if !amsterdam {
            self.add_refunds(&mut usage);
            usage.add_rest(rest::REFUND_CAP, signed(self.refund_cap));
        }
        for (rule, gas) in [
            (rest::MEMORY, self.memory_quadratic),
            (rest::BURNT, self.burnt),
            (rest::UNEXPLAINED, self.unexplained),
        ] {
            usage.add_rest(rule, signed(gas));
        }
        usage
    }

    /// State gas (EIP-8037): nothing before Amsterdam.
    pub(super) fn state(&self, fork: Fork) -> Usage {
        let mut usage = Usage::default();
        if fork >= Fork::Amsterdam {
            let state = &self.kept.state;
            for (name, units) in [
                (name::STATE_STORAGE_SET, state.slots),
                (name::STATE_NEW_ACCOUNT, state.accounts),
                (name::STATE_CREATE, state.creations),
                (name::STATE_CODE_PER_BYTE, state.code_bytes),
                (name::STATE_AUTH, state.delegations),
            ] {
                usage.add(GasParam::whole(name), units);
            }
        }
        usage
    }

    /// Executions and units, whatever the prices: what two executions of the same work have in common.
    pub(super) fn work(&self, fork: Fork) -> Usage {
        let mut usage = self.operations(|_| true, |_| true);
        self.add_parameters(&mut usage, fork);
        self.add_refunds(&mut usage);
        usage.merge(&self.state(fork));
        usage
    }

    /// Operations by name: units where the formula is linear, gas where it is not.
    fn operations(
        &self,
        linear_opcode: impl Fn(u8) -> bool,
        linear_precompile: impl Fn(Index) -> bool,
    ) -> Usage {
        let mut usage = Usage::default();
        for (opcode, count) in (0..=u8::MAX).zip(self.opcodes.iter()) {
            if let Some(name) = operation(opcode) {
                let linear = linear_opcode(opcode);
                report(&mut usage, name, variables(opcode), linear, count);
            }
        }
        for (index, count) in (0..).zip(&self.precompiles) {
            let (name, _, variables) = PRECOMPILES[usize::from(index)];
            report(&mut usage, name, variables, linear_precompile(index), count);
        }
        usage
    }

    /// What is charged beside instructions and precompiles.
    fn add_parameters(&self, usage: &mut Usage, fork: Fork) {
        let units = &self.transaction;
        let mut all = vec![
            (name::CALL_STIPEND, -signed(self.stipends)),
            (name::CODE_DEPOSIT_PER_BYTE, signed(self.deposited_bytes)),
            (name::MEMORY_PER_WORD, signed(self.memory_words)),
            (name::TX_BASE, signed(self.transactions)),
            (name::TX_CREATE, signed(units.creates)),
            (name::TX_CODE_INIT_PER_WORD, signed(units.init_code_words)),
            (name::TX_RECIPIENT, signed(units.recipients)),
            (name::TX_VALUE, signed(units.values)),
            (name::TX_DATA_ZERO_BYTE, signed(units.zero_bytes)),
            (name::TX_DATA_NONZERO_BYTE, signed(units.nonzero_bytes)),
            (
                name::TX_ACCESS_LIST_ADDRESS,
                signed(units.access_list_addresses),
            ),
            (
                name::TX_ACCESS_LIST_STORAGE_KEY,
                signed(units.access_list_storage_keys),
            ),
            (name::TX_ACCESS_LIST_BYTE, signed(units.access_list_bytes)),
            (
                name::TX_AUTH_PER_EMPTY_ACCOUNT,
                signed(units.authorizations),
            ),
        ];
        if fork >= Fork::Amsterdam {
            all.extend([
                (name::CODE_DEPOSIT_PER_WORD, signed(self.deposited_words)),
                (name::TX_AUTH_ACCOUNT_WRITE, signed(self.authorities)),
                (name::COLD_ACCOUNT_ACCESS, signed(self.delegated[0])),
                (name::WARM_ACCESS, signed(self.delegated[1])),
            ]);
        }
        for (name, units) in all {
            usage.add(GasParam::whole(name), units);
        }
    }

    fn add_refunds(&self, usage: &mut Usage) {
        let refunds = &self.kept;
        for (name, units) in [
            (name::REFUND_STORAGE_CLEAR, -refunds.clear),
            (name::REFUND_STORAGE_RESTORE_SET, -refunds.restore_set),
            (name::REFUND_STORAGE_RESTORE_RESET, -refunds.restore_reset),
            (name::REFUND_SELFDESTRUCT, -refunds.selfdestruct),
            (
                name::REFUND_AUTH_EXISTING_ACCOUNT,
                -signed(self.refunded_authorizations),
            ),
        ] {
            usage.add(GasParam::whole(name), units);
        }
    }
}

/// Adds an operation's count under its formula's parts.
fn report(usage: &mut Usage, name: &str, variables: &[Variable], linear: bool, count: &Count) {
    if !linear {
        usage.add(GasParam::whole(name), signed(count.gas));
        return;
    }
    let part = if variables.is_empty() {
        Part::Whole
    } else {
        Part::Base
    };
    usage.add(GasParam::new(name, part), signed(count.executions));
    for variable in variables {
        let units = signed(count.units.get(*variable));
        usage.add(GasParam::new(name, Part::Per(*variable)), units);
    }
}

/// Adds the units of one more transaction.
pub(super) const fn add_transaction(sum: &mut TransactionUnits, other: &TransactionUnits) {
    sum.creates += other.creates;
    sum.init_code_words += other.init_code_words;
    sum.recipients += other.recipients;
    sum.values += other.values;
    sum.zero_bytes += other.zero_bytes;
    sum.nonzero_bytes += other.nonzero_bytes;
    sum.access_list_addresses += other.access_list_addresses;
    sum.access_list_storage_keys += other.access_list_storage_keys;
    sum.access_list_bytes += other.access_list_bytes;
    sum.authorizations += other.authorizations;
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
