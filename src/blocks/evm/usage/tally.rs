//! Counters of what execution used.

use std::borrow::Cow;

use reprice_engine::{
    Measured, Pricing, TransactionUnits, Units, pages::pages, precompiles::Index,
};
use revm::bytecode::opcode as op;

use super::counts::{Counts, Executions, Revocable, StateUnits, add_transaction, signed};
use crate::gas::{Fork, Gas, GasParam, Usage, Variable, catalogue::name};

/// What transactions used, in the units that are priced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The execution gas that a block counts: until Osaka all that senders pay, since Amsterdam neither state gas
    /// nor refunds (EIP-8037, EIP-7778). A transaction that pays the floor of its calldata (EIP-7623) counts as
    /// units of the floor's prices and nothing else.
    pub execution: Usage,
    /// State gas (EIP-8037): nothing before Amsterdam.
    pub state: Usage,
    /// What `execution` were without floors.
    pub unfloored: Usage,
    /// What the floor asks of every transaction, whether it pays that or more.
    pub floor: Usage,
    /// Executions and units, whatever the prices: what two executions of the same work have in common.
    pub work: Usage,
}

impl Used {
    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.execution.merge(&other.execution);
        self.state.merge(&other.state);
        self.unfloored.merge(&other.unfloored);
        self.floor.merge(&other.floor);
        self.work.merge(&other.work);
    }
}

/// What transactions used so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The transaction that runs.
    current: Counts,
    /// Transactions that pay what they use.
    paying: Counts,
    /// Transactions that pay the floor of their calldata instead.
    floored: Counts,
    /// What the floor asks of all transactions, and of those that pay it.
    floors: [Floors; 2],
    /// Words of memory before the instruction that halts.
    pub(super) words_at_halt: Option<usize>,
    /// The open calls, innermost last.
    frames: Vec<Revocable>,
}

/// Transactions, and what they are measured by.
#[derive(Clone, Copy, Debug, Default)]
struct Floors(u64, TransactionUnits);

impl Floors {
    const fn add(&mut self, units: &TransactionUnits) {
        self.0 += 1;
        add_transaction(&mut self.1, units);
    }

    /// Units of the floor's prices.
    fn usage(&self, fork: Fork) -> Usage {
        let Self(transactions, units) = self;
        let mut usage = Usage::default();
        let mut add = |name: &str, units| usage.add(GasParam::whole(name), signed(units));
        add(name::TX_FLOOR_BASE, *transactions);
        add(name::TX_RECIPIENT, units.recipients);
        add(name::TX_VALUE, units.values);
        add(name::TX_FLOOR_ZERO_BYTE, units.zero_bytes);
        add(name::TX_FLOOR_NONZERO_BYTE, units.nonzero_bytes);
        add(name::TX_ACCESS_LIST_BYTE, units.access_list_bytes);
        if fork >= Fork::Amsterdam {
            add(name::TX_FLOOR_CREATE, units.creates);
        }
        usage
    }
}

impl Tally {
    /// Records what a wrapped instruction used; `gas` if its formula is not linear.
    pub(super) fn opcode(&mut self, opcode: u8, measured: &Measured, gas: Option<Gas>) {
        let count = &mut self.current.opcodes[usize::from(opcode)];
        count.add(&measured.units, gas);
        if opcode == op::STOP {
            count.executions += 1;
        }
        if matches!(opcode, op::CALL | op::CALLCODE) {
            self.current.stipends += measured.units.get(Variable::Value);
        }
        if opcode == op::SELFDESTRUCT {
            let accounts = signed(measured.units.get(Variable::Created));
            self.claim(&Revocable {
                selfdestruct: i64::from(measured.destroys),
                state: StateUnits {
                    accounts,
                    ..StateUnits::default()
                },
                ..Revocable::default()
            });
        }
    }

    /// Records executions per opcode. STOP records itself.
    pub(super) fn executions(&mut self, executions: &Executions) {
        for (opcode, executed) in (0..=u8::MAX).zip(executions) {
            if opcode != op::STOP {
                self.current.opcodes[usize::from(opcode)].executions += u64::from(*executed);
            }
        }
    }

    /// Records a precompile that ran; `gas` if its formula is not linear.
    pub(super) fn precompile(&mut self, precompile: Index, units: &Units, gas: Option<Gas>) {
        let count = &mut self.current.precompiles[usize::from(precompile)];
        count.executions += 1;
        count.add(units, gas);
    }

    /// The transaction ends, with these units before execution. `floored`: it pays the floor of its calldata.
    pub(super) fn settle(&mut self, units: &TransactionUnits, floored: bool) {
        self.current.transactions += 1;
        add_transaction(&mut self.current.transaction, units);
        let [all, paid] = &mut self.floors;
        all.add(units);
        if floored {
            paid.add(units);
            self.floored.merge(&self.current);
        } else {
            self.paying.merge(&self.current);
        }
        self.current = Counts::default();
    }

    /// The transaction runs out of gas before its first call: all `left` is burnt, and nothing else happened.
    pub(super) fn never_began(&mut self, left: Gas) {
        self.current = Counts::default();
        self.current.burnt = left;
    }

    /// Records authorizations of accounts that exist.
    pub(super) const fn refunded_authorizations(&mut self, count: u64) {
        self.current.refunded_authorizations += count;
    }

    /// Records the first writes of authorities' accounts (EIP-2780).
    pub(super) const fn written_authorities(&mut self, count: u64) {
        self.current.authorities += count;
    }

    /// Records a recipient whose code is elsewhere (EIP-2780).
    pub(super) const fn delegated_recipient(&mut self, cold: bool) {
        self.current.delegated[if cold { 0 } else { 1 }] += 1;
    }

    /// Records the memory of a call that ended.
    pub(super) const fn memory(&mut self, words: u64, quadratic_divisor: Gas) {
        self.current.memory_words += words;
        self.current.memory_pages += pages(words);
        self.current.memory_quadratic += words * words / quadratic_divisor;
    }

    /// Records code that the innermost open call deploys.
    pub(super) fn deposit(&mut self, bytes: u64) {
        self.current.deposited_bytes += bytes;
        self.current.deposited_words += bytes.div_ceil(32);
        self.add_state(StateUnits {
            code_bytes: signed(bytes),
            ..StateUnits::default()
        });
    }

    /// Records gas that did nothing.
    pub(super) const fn burn(&mut self, gas: Gas) {
        self.current.burnt += gas;
    }

    /// Records refunds that the cap kept back.
    pub(super) const fn keep_back(&mut self, gas: Gas) {
        self.current.refund_cap += gas;
    }

    /// Records a transaction that an inspector watched.
    pub(super) const fn unexplained(&mut self, gas: Gas) {
        self.paying.unexplained += gas;
    }

    /// Records what the innermost open call gets or owes unless it fails; the transaction's own without one.
    pub(super) fn claim(&mut self, claim: &Revocable) {
        self.frames
            .last_mut()
            .unwrap_or(&mut self.current.kept)
            .add(claim);
    }

    /// Records state gas of the innermost open call.
    pub(super) fn add_state(&mut self, state: StateUnits) {
        self.claim(&Revocable {
            state,
            ..Revocable::default()
        });
    }

    /// A call begins.
    pub(super) fn open_frame(&mut self) {
        self.frames.push(Revocable::default());
    }

    /// The innermost call ends: what it has got or owes goes to its caller, or is lost.
    pub(super) fn close_frame(&mut self, success: bool) {
        let claims = self.frames.pop().unwrap_or_default();
        if success {
            self.claim(&claims);
        }
    }

    /// What ran so far, charged under `pricing`.
    pub(super) fn used(&self, pricing: &Pricing) -> Used {
        let fork = pricing.tariff().fork();
        let [all, paid] = &self.floors;
        let mut execution = self.paying.execution(pricing);
        let mut every = Cow::Borrowed(&self.paying);
        let mut unfloored = execution.clone();
        if paid.0 > 0 {
            execution.merge(&paid.usage(fork));
            every.to_mut().merge(&self.floored);
            unfloored = every.execution(pricing);
        }
        Used {
            execution,
            state: every.state(fork),
            unfloored,
            floor: all.usage(fork),
            work: every.work(fork),
        }
    }
}
