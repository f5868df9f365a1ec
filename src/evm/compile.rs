//! From a schedule to a tariff: which prices fit revm's tables, and what is left for wrappers to charge.
//!
//! revm has one slot for several opcodes here and there (one price per copied word, one base price of creations, one
//! premium of cold accounts). A slot holds the least of what the opcodes that share it cost; the excess is charged per
//! opcode.

use alloc::{string::String, vec, vec::Vec};
use revm::{
    bytecode::opcode as op,
    context_interface::cfg::{GasId, GasParams},
    interpreter::instructions::gas_table_spec,
};

use super::{
    formula::Formula,
    intrinsic::TransactionPrices,
    modexp::ModexpRules,
    opcodes::{self, ACCOUNT_ACCESS, CALLS, COPIES},
    precompiles::{self, MODEXP, PRECOMPILES},
    tariff::{BlobRules, Limits, OpcodePrice, Tariff, TariffError},
};
use crate::gas::{
    Expr, FormulaError, Gas, GasParam, Kind, Schedule,
    Variable::{self, Bytes, Cold, Created, Reset, Set, Topics, Value, Warm, Words},
};

/// Parameters that other formulas refer to; nothing else charges them.
const NAMES: [&str; 19] = [
    "BASE",
    "VERY_LOW",
    "LOW",
    "MID",
    "HIGH",
    "WARM_ACCESS",
    "COLD_ACCOUNT_ACCESS",
    "COLD_STORAGE_ACCESS",
    "STORAGE_SET",
    "STORAGE_RESET",
    "CALL_VALUE",
    "NEW_ACCOUNT",
    "CODE_INIT_PER_WORD",
    "COPY_PER_WORD",
    "TX_DATA_TOKEN_STANDARD",
    "TX_DATA_TOKEN_FLOOR",
    "TX_AUTH_BASE",
    "MODEXP_MIN_GAS",
    "MODEXP_DIVISOR",
];

/// Blob data is cut into pieces of this many gas (EIP-4844): a property of the format.
const BLOB_GAS_PER_BLOB: Gas = 131_072;

/// Reads the constant parameters of a schedule and remembers which were read.
struct Params<'a> {
    schedule: &'a Schedule,
    read: Vec<&'static str>,
}

impl Params<'_> {
    /// The constant price of `name`.
    fn number(&mut self, name: &'static str) -> Result<Gas, TariffError> {
        self.read.push(name);
        let formula = formula(self.schedule, name)?;
        match formula {
            Formula::Linear { base, per } if per.is_empty() => Ok(base),
            _ => {
                let error = FormulaError::NotConstant(GasParam::whole(name));
                Err(TariffError::Formula(name.into(), error))
            }
        }
    }

    /// A number that divides.
    fn divisor(&mut self, name: &'static str) -> Result<Gas, TariffError> {
        match self.number(name)? {
            0 => Err(TariffError::ZeroDivisor(name.into())),
            divisor => Ok(divisor),
        }
    }

    /// Refuses a parameter that nothing charges.
    fn refuse_unknown(&self) -> Result<(), TariffError> {
        let entries = self.schedule.entries();
        for entry in entries {
            let name = entry.name.as_str();
            let known = match entry.kind {
                Kind::Opcode => opcodes::opcodes(name).next().is_some(),
                Kind::Precompile => PRECOMPILES.iter().any(|(known, ..)| *known == name),
                Kind::Param => {
                    NAMES.contains(&name)
                        || self.read.contains(&name)
                        || entries.iter().any(|other| refers(&other.expr, name))
                }
            };
            if !known {
                return Err(TariffError::Unknown(name.into()));
            }
        }
        Ok(())
    }
}

fn refers(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Param(param) if param.operation == name)
        || expr.children().into_iter().any(|child| refers(child, name))
}

fn formula(schedule: &Schedule, name: &str) -> Result<Formula, TariffError> {
    if schedule.entry(name).is_none() {
        return Err(TariffError::Missing(name.into()));
    }
    Formula::of(schedule, name).map_err(|error| TariffError::Formula(name.into(), error))
}

/// A formula that mentions nothing but `variables`.
fn measured(
    schedule: &Schedule,
    name: &str,
    variables: &[Variable],
) -> Result<Formula, TariffError> {
    let formula = formula(schedule, name)?;
    match formula.variables().iter().find(|v| !variables.contains(v)) {
        Some(variable) => Err(TariffError::NotMeasured(name.into(), *variable)),
        None => Ok(formula),
    }
}

/// The tariff of `schedule`.
pub(super) fn compile(schedule: &Schedule) -> Result<Tariff, TariffError> {
    let mut params = Params {
        schedule,
        read: Vec::new(),
    };
    let stock = Tariff::stock(schedule.fork);
    let opcodes = Opcodes::read(&mut params)?;
    let mut slots = constants(&mut params)?;
    slots.extend(opcodes.slots());
    let stock_params = GasParams::new_spec(stock.spec());
    slots.retain(|(id, price)| stock_params.get(*id) != *price);
    let (statics, wrapped) = opcodes.charge();

    let modexp = ModexpRules {
        iterations_per_byte: params.number("MODEXP_ITERATIONS_PER_BYTE")?,
        complexity_small: params.number("MODEXP_COMPLEXITY_SMALL")?,
        complexity_per_word: params.number("MODEXP_COMPLEXITY_PER_WORD")?,
        max_bytes: params.number("MODEXP_MAX_BYTES")?,
    };
    let mut priced = Vec::new();
    for (index, (name, _, variables)) in (0..).zip(PRECOMPILES) {
        let formula = measured(schedule, name, variables)?;
        let compiled_in = index != MODEXP || modexp == ModexpRules::OSAKA;
        if formula != precompiles::stock(index) || !compiled_in {
            priced.push((index, formula));
        }
    }
    let tariff = Tariff {
        statics,
        gas_params: slots
            .iter()
            .map(|(id, price)| (id.as_u8(), *price))
            .collect(),
        opcodes: wrapped,
        precompiles: priced,
        modexp,
        sstore_sentry: opcodes.sentry,
        transaction: transaction(&mut params)?,
        limits: Limits {
            tx_max_gas: params.number("TX_MAX_GAS")?,
            max_code_size: params.number("MAX_CODE_SIZE")?,
            max_init_code_size: params.number("MAX_INIT_CODE_SIZE")?,
        },
        blobs: blobs(&mut params)?,
        ..stock
    };
    params.refuse_unknown()?;
    Ok(tariff)
}

/// The parameters that are slots of revm as they stand.
fn constants(params: &mut Params<'_>) -> Result<Vec<(GasId, Gas)>, TariffError> {
    Ok(vec![
        (
            GasId::memory_linear_cost(),
            params.number("MEMORY_PER_WORD")?,
        ),
        (
            GasId::memory_quadratic_reduction(),
            params.divisor("MEMORY_QUADRATIC_DIVISOR")?,
        ),
        (GasId::call_stipend(), params.number("CALL_STIPEND")?),
        (
            GasId::call_stipend_reduction(),
            params.divisor("CALL_GAS_DIVISOR")?,
        ),
        (
            GasId::code_deposit_cost(),
            params.number("CODE_DEPOSIT_PER_BYTE")?,
        ),
        (
            GasId::sstore_clearing_slot_refund(),
            params.number("REFUND_STORAGE_CLEAR")?,
        ),
        (
            GasId::sstore_set_refund(),
            params.number("REFUND_STORAGE_RESTORE_SET")?,
        ),
        (
            GasId::sstore_reset_refund(),
            params.number("REFUND_STORAGE_RESTORE_RESET")?,
        ),
        (
            GasId::selfdestruct_refund(),
            params.number("REFUND_SELFDESTRUCT")?,
        ),
        (
            GasId::tx_eip7702_regular_refund(),
            params.number("REFUND_AUTH_EXISTING_ACCOUNT")?,
        ),
        (
            GasId::max_refund_quotient(),
            params.divisor("REFUND_DIVISOR")?,
        ),
    ])
}

fn transaction(params: &mut Params<'_>) -> Result<TransactionPrices, TariffError> {
    Ok(TransactionPrices {
        base: params.number("TX_BASE")?,
        create: params.number("TX_CREATE")?,
        code_init_per_word: params.number("TX_CODE_INIT_PER_WORD")?,
        recipient: params.number("TX_RECIPIENT")?,
        value: params.number("TX_VALUE")?,
        data_zero_byte: params.number("TX_DATA_ZERO_BYTE")?,
        data_nonzero_byte: params.number("TX_DATA_NONZERO_BYTE")?,
        floor_base: params.number("TX_FLOOR_BASE")?,
        floor_zero_byte: params.number("TX_FLOOR_ZERO_BYTE")?,
        floor_nonzero_byte: params.number("TX_FLOOR_NONZERO_BYTE")?,
        access_list_address: params.number("TX_ACCESS_LIST_ADDRESS")?,
        access_list_storage_key: params.number("TX_ACCESS_LIST_STORAGE_KEY")?,
        access_list_byte: params.number("TX_ACCESS_LIST_BYTE")?,
        auth_per_empty_account: params.number("TX_AUTH_PER_EMPTY_ACCOUNT")?,
    })
}

fn blobs(params: &mut Params<'_>) -> Result<BlobRules, TariffError> {
    if params.number("BLOB_GAS_PER_BLOB")? != BLOB_GAS_PER_BLOB {
        let name = String::from("BLOB_GAS_PER_BLOB");
        return Err(TariffError::Fixed(name, BLOB_GAS_PER_BLOB));
    }
    let blobs = BlobRules {
        target: params.number("BLOB_TARGET")?,
        max: params.divisor("BLOB_MAX")?,
        max_per_tx: params.number("BLOB_MAX_PER_TX")?,
        min_base_fee: params.number("BLOB_MIN_BASE_FEE")?,
        update_fraction: params.divisor("BLOB_UPDATE_FRACTION")?,
        reserve_base_cost: params.number("BLOB_RESERVE_BASE_COST")?,
    };
    if blobs.target > blobs.max {
        return Err(TariffError::BlobTargetAboveMax);
    }
    Ok(blobs)
}

/// The formulas of all opcodes, and the slots that opcodes share.
struct Opcodes {
    formulas: Vec<(u8, Formula)>,
    stock_statics: [u16; 256],
    /// What a cold account costs above a warm one.
    cold_account: Gas,
    /// What a call pays for a warm delegation target (EIP-7702).
    warm: Gas,
    sentry: Gas,
    stipend: Gas,
}

impl Opcodes {
    fn read(params: &mut Params<'_>) -> Result<Self, TariffError> {
        let mut formulas = Vec::new();
        for opcode in 0..=u8::MAX {
            if let Some(name) = opcodes::operation(opcode) {
                let formula = measured(params.schedule, name, opcodes::variables(opcode))?;
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
        };
        read.warm = read.least(&CALLS, Warm).min(read.least(&CALLS, Cold));
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
    fn slots(&self) -> Vec<(GasId, Gas)> {
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
    fn charge(&self) -> (Vec<(u8, u16)>, Vec<(u8, OpcodePrice)>) {
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
