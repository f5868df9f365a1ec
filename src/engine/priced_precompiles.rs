//! The precompiled contracts, priced from their input before they run.

use alloc::string::{String, ToString};
use revm::{
    context::{Cfg, ContextTr, JournalTr, LocalContextTr},
    handler::{EthPrecompiles, PrecompileProvider, precompile_output_to_interpreter_result},
    interpreter::{CallInputs, InterpreterResult},
    precompile::{
        PrecompileHalt, PrecompileOutput,
        bls12_381_const::{DISCOUNT_TABLE_G1_MSM, DISCOUNT_TABLE_G2_MSM},
        modexp,
    },
    primitives::{AddressSet, hardfork::SpecId},
};

use super::{
    Variable::{Discount, Points, Rounds, Words},
    formula::{Formula, Units},
    modexp::ModexpRules,
    precompiles::{Index, MODEXP, PRECOMPILES, at},
    pricing::Ledger,
};

/// What `input` is measured by; `None` where it is refused for its size.
pub(crate) fn measure(precompile: Index, input: &[u8], modexp: &ModexpRules) -> Option<Units> {
    let length = input.len() as u64;
    let points = |bytes: u64| Units::default().with(Points, length / bytes);
    let discounted = |bytes: u64, table: &[u16; 128]| {
        let units = points(bytes);
        let last = table.len() as u64;
        let discount = units.get(Points).min(last).checked_sub(1).map_or(0, |at| {
            usize::try_from(at).map_or(0, |at| u64::from(table[at]))
        });
        units.with(Discount, discount)
    };
    Some(match PRECOMPILES[usize::from(precompile)].0 {
        "SHA256" | "RIPEMD160" | "IDENTITY" => Units::default().with(Words, length.div_ceil(32)),
        "MODEXP" => return modexp.measure(input),
        "ECPAIRING" => points(192),
        "BLS_PAIRING" => points(384),
        "BLS_G1MSM" => discounted(160, &DISCOUNT_TABLE_G1_MSM),
        "BLS_G2MSM" => discounted(288, &DISCOUNT_TABLE_G2_MSM),
        "BLAKE2F" => {
            let rounds = input.first_chunk().map_or(0, |b| u32::from_be_bytes(*b));
            Units::default().with(Rounds, u64::from(rounds))
        }
        _ => Units::default(),
    })
}

/// The precompiles of the fork at the prices of the tariff: what a price has to pay for is checked before any work is
/// done. Those with revm's own price run revm's own way.
#[derive(Clone, Debug)]
pub struct PricedPrecompiles(EthPrecompiles);

impl PricedPrecompiles {
    pub(crate) fn new(spec: SpecId) -> Self {
        Self(EthPrecompiles::new(spec))
    }

    fn run_priced<C: Ledger, CTX: ContextTr<Chain = C>>(
        &self,
        context: &CTX,
        precompile: Index,
        formula: &Formula,
        inputs: &CallInputs,
    ) -> Result<(PrecompileOutput, Units), String> {
        let halt = |reason| {
            (
                PrecompileOutput::halt(reason, inputs.reservoir),
                Units::default(),
            )
        };
        let input = inputs.input.as_bytes(context);
        let rules = &context.chain().pricing().tariff().modexp;
        let Some(units) = measure(precompile, &input, rules) else {
            return Ok(halt(PrecompileHalt::ModexpEip7823LimitSize));
        };
        let gas = formula.cost(&units);
        if gas > inputs.gas_limit {
            return Ok(halt(PrecompileHalt::OutOfGas));
        }
        let longer = rules.max_bytes.is_none_or(|most| most > 1_024);
        let mut output = if precompile == MODEXP && longer {
            // Osaka's function has EIP-7823's limit compiled in; Berlin's has none.
            PrecompileOutput::from_eth_result(
                modexp::berlin_run(&input, u64::MAX),
                inputs.reservoir,
            )
        } else {
            let stock = self.0.precompiles.get(&inputs.bytecode_address);
            let stock = stock.ok_or_else(|| String::from("a precompile of the fork is missing"))?;
            stock
                .execute(&input, u64::MAX, inputs.reservoir)
                .map_err(|error| error.to_string())?
        };
        output.gas_used = gas;
        Ok((output, units))
    }
}

impl<CTX> PrecompileProvider<CTX> for PricedPrecompiles
where
    CTX: ContextTr<Cfg: Cfg<Spec = SpecId>, Chain: Ledger>,
{
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: SpecId) -> bool {
        PrecompileProvider::<CTX>::set_spec(&mut self.0, spec)
    }

    fn run(
        &mut self,
        context: &mut CTX,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        let Some(precompile) = at(&inputs.bytecode_address) else {
            return self.0.run(context, inputs);
        };
        let own_price = context.chain().pricing().tariff().precompile(precompile);
        if own_price.is_none() && !CTX::Chain::COUNTING {
            return self.0.run(context, inputs);
        }
        let pricing = context.chain().pricing().clone();
        let formula = pricing.tariff().precompile(precompile);
        let (result, units) = if let Some(formula) = formula {
            let (output, units) = self.run_priced(context, precompile, formula, inputs)?;
            if let Some(reason) = output.halt_reason()
                && !reason.is_oog()
                && context.journal().depth() == 1
            {
                // As revm does: the reason is part of a transaction's result.
                let reason = reason.to_string();
                context.local_mut().set_precompile_error_context(reason);
            }
            let result = precompile_output_to_interpreter_result(output, inputs.gas_limit);
            (Some(result), units)
        } else {
            let rules = &pricing.tariff().modexp;
            let units = measure(precompile, &inputs.input.as_bytes(context), rules);
            (self.0.run(context, inputs)?, units.unwrap_or_default())
        };
        if let Some(result) = &result
            && result.is_ok()
        {
            let gas = result.gas.total_gas_spent();
            context.chain_mut().precompiled(precompile, &units, gas);
        }
        Ok(result)
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.0.warm_addresses()
    }
}
