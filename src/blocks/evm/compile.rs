//! From a schedule to a tariff: which prices fit revm's tables, and what is left for wrappers to charge.

use reprice_engine::{
    BlobRules, Limits, ModexpRules, Tariff, TransactionPrices, pages, precompiles::MODEXP,
};
use revm::context_interface::cfg::{GasId, GasParams};

use super::{
    precompile_formulas,
    priced::{Params, TariffError, measured},
    revm_slots::Opcodes,
};
use crate::gas::{Fork, Gas, Schedule};

/// Blob data is cut into pieces of this many gas (EIP-4844): a property of the format.
const BLOB_GAS_PER_BLOB: Gas = 131_072;

/// The tariff of `schedule`.
///
/// # Errors
/// Names the parameter that the engine cannot charge.
pub fn compile(schedule: &Schedule) -> Result<Tariff, TariffError> {
    let mut params = Params::new(schedule);
    let stock = Tariff::stock(schedule.fork);
    let opcodes = Opcodes::read(&mut params)?;
    let mut slots = constants(&mut params)?;
    if schedule.fork >= Fork::Amsterdam {
        slots.extend(state(&mut params)?);
    }
    slots.extend(opcodes.slots());
    if let Some(price) = params.optional("MEMORY_PER_PAGE")? {
        slots.push((pages::PRICE, price));
    }
    let stock_params = GasParams::new_spec(stock.spec());
    slots.retain(|(id, price)| stock_params.get(*id) != *price);
    let (statics, wrapped) = opcodes.charge();

    let modexp = ModexpRules {
        iterations_per_byte: params.number("MODEXP_ITERATIONS_PER_BYTE")?,
        complexity_small: params.optional("MODEXP_COMPLEXITY_SMALL")?,
        complexity_per_word: params.number("MODEXP_COMPLEXITY_PER_WORD")?,
        max_bytes: params.optional("MODEXP_MAX_BYTES")?,
    };
    let mut priced = Vec::new();
    for (index, name, variables) in precompile_formulas::of(schedule.fork) {
        let formula = measured(schedule, name, variables)?;
        let compiled_in = index != MODEXP || modexp == stock.modexp;
        if formula != precompile_formulas::stock(schedule.fork, index) || !compiled_in {
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
            tx_max_gas: params.optional("TX_MAX_GAS")?,
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

/// The slots of state gas (EIP-8037), and of what transactions are charged as they begin (EIP-2780).
fn state(params: &mut Params<'_>) -> Result<[(GasId, Gas); 6], TariffError> {
    Ok([
        (
            GasId::sstore_set_state_gas(),
            params.number("STATE_STORAGE_SET")?,
        ),
        (
            GasId::new_account_state_gas(),
            params.number("STATE_NEW_ACCOUNT")?,
        ),
        (GasId::create_state_gas(), params.number("STATE_CREATE")?),
        (
            GasId::code_deposit_state_gas(),
            params.number("STATE_CODE_PER_BYTE")?,
        ),
        (
            GasId::tx_eip7702_state_gas_bytecode(),
            params.number("STATE_AUTH")?,
        ),
        (
            GasId::tx_account_write_cost(),
            params.number("TX_AUTH_ACCOUNT_WRITE")?,
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
        floor_create: params.optional("TX_FLOOR_CREATE")?.unwrap_or(0),
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
        reserve_base_cost: params.optional("BLOB_RESERVE_BASE_COST")?.unwrap_or(0),
    };
    if blobs.target > blobs.max {
        return Err(TariffError::BlobTargetAboveMax);
    }
    Ok(blobs)
}
