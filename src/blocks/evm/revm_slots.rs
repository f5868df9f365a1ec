//! Opcode prices in revm's tables.
//!
//! revm has one slot for several opcodes here and there: one price per copied word, one base price of creations, one
//! premium of cold accounts. A slot holds the least of what the opcodes that share it cost; a wrapper charges the excess
//! per opcode.

use reprice_engine::{
    Formula, OpcodePrice, Tariff,
    opcodes::{ACCOUNT_ACCESS, CALLS, variables},
};
use revm::{
    bytecode::opcode as op, context_interface::cfg::GasId,
    interpreter::instructions::gas_table_spec,
};

use super::{
    opcodes::{COPIES, operation, since},
    priced::{Params, TariffError, measured},
};
use crate::gas::{
    Fork, Gas,
    Variable::{self, Bytes, Cold, Created, Reset, Set, Topics, Value, Warm, Words},
};

/// Static prices in revm's table, and what wrappers charge, by opcode.
type Charges = (Vec<(u8, u16)>, Vec<(u8, OpcodePrice)>);

/// The formulas of all opcodes, and the slots that opcodes share.
pub(super) struct Opcodes {
    formulas: Vec<(u8, Formula)>,
    stock_statics: [u16; 256],
    /// What a cold account costs above a warm one.
    cold_account: Gas,
    /// What a call pays for a warm delegation target (EIP-7702).
    warm: Gas,
    pub(super) sentry: Gas,
    stipend: Gas,
    /// What hashing deployed code costs, gas per word (EIP-8037).
    deposit_word: Option<Gas>,
}

impl Opcodes {
    pub(super) fn read(params: &mut Params<'_>) -> Result<Self, TariffError> {
        let mut formulas = Vec::new();
        for opcode in 0..=u8::MAX {
            if let Some(name) = operation(opcode)
                && since(opcode) <= params.schedule.fork
            {
                let formula = measured(params.schedule, name, variables(opcode))?;
                formulas.push((opcode, formula));
            }
        }
        let cold = params.number("COLD_ACCOUNT_ACCESS")?;
        let mut read = Self {
            formulas,
            stock_statics: gas_table_spec(Tariff::stock(params.schedule.fork).spec()),
            cold_account: cold.saturating_sub(params.number("WARM_ACCESS")?),
            warm: 0,
            sentry: params.number("SSTORE_SENTRY")?,
            stipend: params.number("CALL_STIPEND")?,
            deposit_word: None,
        };
        read.warm = read.least(&CALLS, Warm).min(read.least(&CALLS, Cold));
        if params.schedule.fork >= Fork::Amsterdam {
            let word = params.number("CODE_DEPOSIT_PER_WORD")?;
            if word > read.hash_word() {
                return Err(TariffError::Above(
                    "CODE_DEPOSIT_PER_WORD",
                    "`KECCAK256.per_word` or CREATE2's price of a word",
                ));
            }
            read.deposit_word = Some(word);
        }
        Ok(read)
    }

    fn rate(&self, opcode: u8, variable: Variable) -> Gas {
        self.of(opcode).map_or(0, |formula| formula.rate(variable))
    }

    fn base(&self, opcode: u8) -> Gas {
        self.of(opcode).map_or(0, Formula::base)
    }

    fn of(&self, opcode: u8) -> Option<&Formula> {
        let mut all = self.formulas.iter();
        all.find(|(o, _)| *o == opcode).map(|(_, formula)| formula)
    }

    fn least(&self, opcodes: &[u8], variable: Variable) -> Gas {
        let rates = opcodes.iter().map(|opcode| self.rate(*opcode, variable));
        rates.min().unwrap_or(0)
    }

    fn init_code_word(&self) -> Gas {
        self.least(&[op::CREATE, op::CREATE2], Words)
    }

    fn hash_word(&self) -> Gas {
        if let Some(word) = self.deposit_word {
            return word;
        }
        let create2 = self.rate(op::CREATE2, Words) - self.init_code_word();
        self.rate(op::KECCAK256, Words).min(create2)
    }

    fn create(&self) -> Gas {
        self.base(op::CREATE).min(self.base(op::CREATE2))
    }

    fn value(&self) -> Gas {
        self.least(&[op::CALL, op::CALLCODE], Value)
    }

    /// What SSTORE costs above its least: revm's slots, and whether they can hold it.
    fn sstore(&self) -> ([(GasId, Gas); 4], bool) {
        let rate = |variable| self.rate(op::SSTORE, variable);
        let above = |variable| rate(variable).saturating_sub(rate(Warm));
        let holds = self.of(op::SSTORE).is_some_and(Formula::is_linear)
            && rate(Set) >= rate(Warm)
            && rate(Reset) >= rate(Warm)
            && self.sentry == self.stipend;
        let slots = [
            (
                GasId::sstore_static(),
                self.base(op::SSTORE).saturating_add(rate(Warm)),
            ),
            (GasId::cold_storage_cost(), rate(Cold)),
            (GasId::sstore_set_without_load_cost(), above(Set)),
            (GasId::sstore_reset_without_cold_load_cost(), above(Reset)),
        ];
        (slots, holds)
    }

    /// revm's slots for what opcodes are charged by.
    pub(super) fn slots(&self) -> Vec<(GasId, Gas)> {
        let cold_slot = self.rate(op::SLOAD, Cold);
        let mut slots = vec![
            (GasId::exp_byte_gas(), self.rate(op::EXP, Bytes)),
            (GasId::logdata(), self.rate(op::LOG0, Bytes)),
            (GasId::logtopic(), self.rate(op::LOG0, Topics)),
            (GasId::copy_per_word(), self.least(&COPIES, Words)),
            (
                GasId::extcodecopy_per_word(),
                self.rate(op::EXTCODECOPY, Words),
            ),
            (GasId::mcopy_per_word(), self.rate(op::MCOPY, Words)),
            (GasId::keccak256_per_word(), self.hash_word()),
            (GasId::initcode_per_word(), self.init_code_word()),
            (GasId::create(), self.create()),
            (GasId::transfer_value_cost(), self.value()),
            (GasId::new_account_cost(), self.rate(op::CALL, Created)),
            (
                GasId::new_account_cost_for_selfdestruct(),
                self.rate(op::SELFDESTRUCT, Created),
            ),
            (GasId::warm_storage_read_cost(), self.warm),
            (GasId::cold_account_additional_cost(), self.cold_account),
            (
                GasId::cold_storage_additional_cost(),
                cold_slot.saturating_sub(self.rate(op::SLOAD, Warm)),
            ),
        ];
        slots.extend(self.sstore().0);
        slots
    }

    /// What the slots charge an opcode, cold and warm accesses aside.
    fn stock(&self, opcode: u8) -> Formula {
        let (base, per) = match opcode {
            op::CREATE => (self.create(), vec![(Words, self.init_code_word())]),
            op::CREATE2 => {
                let word = self.init_code_word() + self.hash_word();
                (self.create(), vec![(Words, word)])
            }
            op::KECCAK256 => (0, vec![(Words, self.hash_word())]),
            op::CALLDATACOPY | op::CODECOPY | op::RETURNDATACOPY => {
                (0, vec![(Words, self.least(&COPIES, Words))])
            }
            op::CALL => (
                0,
                vec![
                    (Value, self.value()),
                    (Created, self.rate(op::CALL, Created)),
                ],
            ),
            op::CALLCODE => (0, vec![(Value, self.value())]),
            // Slots of their own.
            _ => {
                let mut per = match self.of(opcode) {
                    Some(Formula::Linear { per, .. }) => per.clone(),
                    _ => Vec::new(),
                };
                per.retain(|(variable, _)| !matches!(variable, Cold | Warm));
                (0, per)
            }
        };
        let mut per = per;
        per.retain(|(_, price)| *price > 0);
        Formula::Linear { base, per }
    }

    /// Whether revm's slots charge the accesses of `opcode` exactly.
    fn access_fits(&self, opcode: u8) -> bool {
        let (cold, warm) = (self.rate(opcode, Cold), self.rate(opcode, Warm));
        match opcode {
            op::SLOAD => cold >= warm,
            op::SELFDESTRUCT => cold == self.cold_account + self.warm && warm == 0,
            _ if CALLS.contains(&opcode) => {
                warm == self.warm && cold == warm.saturating_add(self.cold_account)
            }
            _ if ACCOUNT_ACCESS.contains(&opcode) => cold == warm.saturating_add(self.cold_account),
            _ => true,
        }
    }

    /// The static prices that differ from revm's, and the opcodes that a wrapper has to charge.
    pub(super) fn charge(&self) -> Charges {
        let (mut statics, mut wrapped) = (Vec::new(), Vec::new());
        for (opcode, formula) in &self.formulas {
            let (price, wrapper) = match *opcode {
                // Charged after its sentry, all at once.
                op::SSTORE if self.sstore().1 => (0, None),
                // Running off the end of the code executes none.
                op::STOP if *formula == Formula::constant(0) => (0, None),
                op::SSTORE | op::STOP => {
                    let wrapper = OpcodePrice {
                        formula: formula.clone(),
                        stock: Formula::constant(0),
                        stock_delegated: 0,
                    };
                    (0, Some(wrapper))
                }
                _ => self.split(*opcode, formula),
            };
            if self.stock_statics[usize::from(*opcode)] != price {
                statics.push((*opcode, price));
            }
            wrapped.extend(wrapper.map(|price| (*opcode, price)));
        }
        (statics, wrapped)
    }

    /// Splits a formula into revm's static price and, if tables do not suffice, a wrapper's.
    fn split(&self, opcode: u8, formula: &Formula) -> (u16, Option<OpcodePrice>) {
        let stock = self.stock(opcode);
        let mut others = formula.clone();
        if let Formula::Linear { base, per } = &mut others {
            *base = stock.base();
            per.retain(|(variable, _)| !matches!(variable, Cold | Warm));
        }
        let constant = formula.base().saturating_sub(stock.base());
        if others == stock && self.access_fits(opcode) {
            let warm = match opcode {
                op::SELFDESTRUCT => 0,
                _ => self.rate(opcode, Warm),
            };
            if let Ok(price) = u16::try_from(constant.saturating_add(warm)) {
                return (price, None);
            }
        }
        let price = u16::try_from(constant).unwrap_or(u16::MAX);
        let mut charged = stock;
        if let Formula::Linear { base, .. } = &mut charged {
            *base += Gas::from(price);
        }
        let wrapper = OpcodePrice {
            formula: formula.clone(),
            stock: charged,
            stock_delegated: if CALLS.contains(&opcode) {
                self.warm
            } else {
                0
            },
        };
        (price, Some(wrapper))
    }
}
