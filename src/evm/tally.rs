//! Counters of what execution used, and their translation into the words of a schedule.

use alloc::{boxed::Box, vec, vec::Vec};
use revm::bytecode::opcode as op;

use super::{
    counting::Executions,
    formula::Units,
    instructions::Measured,
    intrinsic::TransactionUnits,
    opcodes::{operation, variables},
    precompiles::{Index, PRECOMPILES},
    pricing::Pricing,
};
use crate::gas::{Gas, GasParam, Part, Usage, Variable};

/// Rules that cause gas which no price explains: the keys of [`Usage::rest`].
pub mod rest {
    /// The quadratic part of memory expansion.
    pub const MEMORY: &str = "MEMORY_QUADRATIC_DIVISOR";
    /// Refunds that the cap kept back.
    pub const REFUND_CAP: &str = "REFUND_DIVISOR";
    /// What the calldata floor added to the gas used otherwise (EIP-7623).
    pub const FLOOR: &str = "TX_FLOOR";
    /// Gas that exceptional halts consumed without doing anything for it.
    pub const BURNT: &str = "burnt";
    /// Gas of transactions that ran under an inspector, where nothing is recorded.
    pub const UNEXPLAINED: &str = "unexplained";
}

/// Refunds of an open call, which it loses if it fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refunds {
    pub clear: i64,
    pub restore_set: i64,
    pub restore_reset: i64,
    pub selfdestruct: i64,
}

impl Refunds {
    pub(super) const fn add(&mut self, other: &Self) {
        self.clear += other.clear;
        self.restore_set += other.restore_set;
        self.restore_reset += other.restore_reset;
        self.selfdestruct += other.selfdestruct;
    }
}

/// Executions, units and, for a formula that is not linear, gas of one operation.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    executions: u64,
    units: Units,
    gas: Gas,
}

impl Count {
    fn add(&mut self, units: &Units, gas: Option<Gas>) {
        self.units.add(units);
        self.gas = self.gas.saturating_add(gas.unwrap_or(0));
    }
}

/// What transactions used so far.
#[derive(Clone, Debug)]
pub struct Tally {
    /// By opcode.
    opcodes: Box<[Count]>,
    precompiles: [Count; PRECOMPILES.len()],
    transactions: u64,
    transaction: TransactionUnits,
    refunds: Refunds,
    refunded_authorizations: u64,
    stipends: u64,
    deposited_bytes: u64,
    memory_words: u64,
    memory_quadratic: Gas,
    pub(super) refund_cap: Gas,
    pub(super) floor: Gas,
    pub(super) burnt: Gas,
    pub(super) unexplained: Gas,
    /// Words of memory before the instruction that halts.
    pub(super) words_at_halt: Option<usize>,
    /// Refunds of the open calls, innermost last.
    frames: Vec<Refunds>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            opcodes: vec![Count::default(); 256].into(),
            precompiles: [Count::default(); PRECOMPILES.len()],
            transactions: 0,
            transaction: TransactionUnits::default(),
            refunds: Refunds::default(),
            refunded_authorizations: 0,
            stipends: 0,
            deposited_bytes: 0,
            memory_words: 0,
            memory_quadratic: 0,
            refund_cap: 0,
            floor: 0,
            burnt: 0,
            unexplained: 0,
            words_at_halt: None,
            frames: Vec::new(),
        }
    }
}

impl Tally {
    /// Records what a wrapped instruction used; `gas` if its formula is not linear.
    pub(super) fn opcode(&mut self, opcode: u8, measured: &Measured, gas: Option<Gas>) {
        let count = &mut self.opcodes[usize::from(opcode)];
        count.add(&measured.units, gas);
        if opcode == op::STOP {
            count.executions += 1;
        }
        if matches!(opcode, op::CALL | op::CALLCODE) {
            self.stipends += measured.units.get(Variable::Value);
        }
        if measured.destroys {
            self.refund(&Refunds {
                selfdestruct: 1,
                ..Refunds::default()
            });
        }
    }

    /// Records executions per opcode. STOP records itself.
    pub(super) fn executions(&mut self, executions: &Executions) {
        for (opcode, executed) in (0..=u8::MAX).zip(executions) {
            if opcode != op::STOP {
                self.opcodes[usize::from(opcode)].executions += u64::from(*executed);
            }
        }
    }

    /// Records a precompile that ran; `gas` if its formula is not linear.
    pub(super) fn precompile(&mut self, precompile: Index, units: &Units, gas: Option<Gas>) {
        let count = &mut self.precompiles[usize::from(precompile)];
        count.executions += 1;
        count.add(units, gas);
    }

    /// Records what an included transaction was charged before execution.
    pub(super) const fn transaction(&mut self, units: &TransactionUnits) {
        self.transactions += 1;
        self.transaction.add(units);
    }

    /// Records authorizations of accounts that exist.
    pub(super) const fn refunded_authorizations(&mut self, count: u64) {
        self.refunded_authorizations += count;
    }

    /// Records the memory of a call that ended.
    pub(super) const fn memory(&mut self, words: u64, quadratic_divisor: Gas) {
        self.memory_words += words;
        self.memory_quadratic += words * words / quadratic_divisor;
    }

    /// Records deployed code.
    pub(super) const fn deposit(&mut self, bytes: u64) {
        self.deposited_bytes += bytes;
    }

    /// Records refunds of the innermost open call.
    pub(super) fn refund(&mut self, refunds: &Refunds) {
        if let Some(frame) = self.frames.last_mut() {
            frame.add(refunds);
        }
    }

    /// A call begins.
    pub(super) fn open_frame(&mut self) {
        self.frames.push(Refunds::default());
    }

    /// The innermost call ends: its refunds go to its caller, or are lost.
    pub(super) fn close_frame(&mut self, success: bool) {
        let refunds = self.frames.pop().unwrap_or_default();
        if success {
            self.frames
                .last_mut()
                .unwrap_or(&mut self.refunds)
                .add(&refunds);
        }
    }

    /// The usage so far, charged under `pricing`.
    pub(super) fn usage(&self, pricing: &Pricing) -> Usage {
        let linear_opcode = |opcode| {
            let price = pricing.opcode(opcode);
            price.is_none_or(|price| price.formula.is_linear())
        };
        let linear_precompile = |index| pricing.tariff().is_linear(index);
        let mut usage = self.counted(linear_opcode, linear_precompile);
        for (rule, gas) in [
            (rest::MEMORY, self.memory_quadratic),
            (rest::REFUND_CAP, self.refund_cap),
            (rest::FLOOR, self.floor),
            (rest::BURNT, self.burnt),
            (rest::UNEXPLAINED, self.unexplained),
        ] {
            usage.add_rest(rule, signed(gas));
        }
        usage
    }

    /// Executions and units so far, whatever the prices: what two executions of the same work have in common.
    pub(super) fn work(&self) -> Usage {
        self.counted(|_| true, |_| true)
    }

    /// Counts by name: units where the formula is linear, gas where it is not.
    fn counted(
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
        self.report_transactions(&mut usage);
        let refunds = &self.refunds;
        for (name, units) in [
            ("CALL_STIPEND", -signed(self.stipends)),
            ("CODE_DEPOSIT_PER_BYTE", signed(self.deposited_bytes)),
            ("MEMORY_PER_WORD", signed(self.memory_words)),
            ("REFUND_STORAGE_CLEAR", -refunds.clear),
            ("REFUND_STORAGE_RESTORE_SET", -refunds.restore_set),
            ("REFUND_STORAGE_RESTORE_RESET", -refunds.restore_reset),
            ("REFUND_SELFDESTRUCT", -refunds.selfdestruct),
            (
                "REFUND_AUTH_EXISTING_ACCOUNT",
                -signed(self.refunded_authorizations),
            ),
        ] {
            usage.add(GasParam::whole(name), units);
        }
        usage
    }

    fn report_transactions(&self, usage: &mut Usage) {
        let units = &self.transaction;
        for (name, units) in [
            ("TX_BASE", self.transactions),
            ("TX_CREATE", units.creates),
            ("TX_CODE_INIT_PER_WORD", units.init_code_words),
            ("TX_RECIPIENT", units.recipients),
            ("TX_VALUE", units.values),
            ("TX_DATA_ZERO_BYTE", units.zero_bytes),
            ("TX_DATA_NONZERO_BYTE", units.nonzero_bytes),
            ("TX_ACCESS_LIST_ADDRESS", units.access_list_addresses),
            ("TX_ACCESS_LIST_STORAGE_KEY", units.access_list_storage_keys),
            ("TX_ACCESS_LIST_BYTE", units.access_list_bytes),
            ("TX_AUTH_PER_EMPTY_ACCOUNT", units.authorizations),
        ] {
            usage.add(GasParam::whole(name), signed(units));
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

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
