//! The precompiled contracts, priced from their input before they run.

use alloc::{
    string::{String, ToString},
    vec,
};
use revm::{
    context::{Cfg, ContextTr, JournalTr, LocalContextTr},
    handler::{EthPrecompiles, PrecompileProvider, precompile_output_to_interpreter_result},
    interpreter::{CallInputs, InterpreterResult},
    precompile::{
        PrecompileHalt, PrecompileOutput,
        bls12_381_const::{DISCOUNT_TABLE_G1_MSM, DISCOUNT_TABLE_G2_MSM},
        modexp,
    },
    primitives::{Address, AddressSet, hardfork::SpecId},
};

use super::{
    formula::{Formula, Units},
    modexp::ModexpRules,
    pricing::Ledger,
};
use crate::gas::{
    Expr, Fork, Gas,
    Variable::{self, Complexity, Discount, Iterations, Points, Rounds, Words},
};

/// A precompile: its place in [`PRECOMPILES`].
pub(super) type Index = u8;

/// Name in schedules, address, and what its formula may mention.
pub(super) const PRECOMPILES: [(&str, u64, &[Variable]); 18] = [
    ("ECRECOVER", 0x01, &[]),
    ("SHA256", 0x02, &[Words]),
    ("RIPEMD160", 0x03, &[Words]),
    ("IDENTITY", 0x04, &[Words]),
    ("MODEXP", 0x05, &[Complexity, Iterations]),
    ("ECADD", 0x06, &[]),
    ("ECMUL", 0x07, &[]),
    ("ECPAIRING", 0x08, &[Points]),
    ("BLAKE2F", 0x09, &[Rounds]),
    ("POINT_EVALUATION", 0x0a, &[]),
    ("BLS_G1ADD", 0x0b, &[]),
    ("BLS_G1MSM", 0x0c, &[Points, Discount]),
    ("BLS_G2ADD", 0x0d, &[]),
    ("BLS_G2MSM", 0x0e, &[Points, Discount]),
    ("BLS_PAIRING", 0x0f, &[Points]),
    ("BLS_G1MAP", 0x10, &[]),
    ("BLS_G2MAP", 0x11, &[]),
    ("P256VERIFY", 0x100, &[]),
];

/// MODEXP's place.
pub(super) const MODEXP: Index = 4;

/// The precompile at `address`.
pub(super) fn at(address: &Address) -> Option<Index> {
    if address.0[..18] != [0; 18] {
        return None;
    }
    let number = u64::from(u16::from_be_bytes([address.0[18], address.0[19]]));
    let index = PRECOMPILES.iter().position(|(_, a, _)| *a == number)?;
    Index::try_from(index).ok()
}

/// The precompiles of `fork`, in order.
pub(super) fn of(fork: Fork) -> impl Iterator<Item = (Index, &'static str, &'static [Variable])> {
    let all = (0..).zip(PRECOMPILES);
    // EIP-7951.
    all.filter(move |(_, (name, ..))| fork >= Fork::Osaka || *name != "P256VERIFY")
        .map(|(index, (name, _, variables))| (index, name, variables))
}

/// The formula revm has compiled in for `fork`.
pub(super) fn stock(fork: Fork, precompile: Index) -> Formula {
    let linear = |base: Gas, variable: Variable, price: Gas| Formula::Linear {
        base,
        per: vec![(variable, price)],
    };
    let variable = |v: Variable| Expr::Variable(v).into();
    let msm = |price: Gas| {
        let points = Expr::Mul(Expr::number(price).into(), variable(Points));
        let discounted = Expr::Mul(points.into(), variable(Discount));
        Formula::Other(Expr::Div(discounted.into(), Expr::number(1_000).into()))
    };
    match PRECOMPILES[usize::from(precompile)].0 {
        "ECRECOVER" => Formula::constant(3_000),
        "SHA256" => linear(60, Words, 12),
        "RIPEMD160" => linear(600, Words, 120),
        "IDENTITY" => linear(15, Words, 3),
        "MODEXP" => {
            let (least, divisor) = match fork {
                Fork::Prague => (200, 3),
                Fork::Osaka | Fork::Amsterdam => (500, 1),
            };
            let work = Expr::Mul(variable(Complexity), variable(Iterations));
            let gas = Expr::Div(work.into(), Expr::number(divisor).into());
            Formula::Other(Expr::Max(vec![Expr::number(least), gas]))
        }
        "ECADD" => Formula::constant(150),
        "ECMUL" => Formula::constant(6_000),
        "ECPAIRING" => linear(45_000, Points, 34_000),
        "BLAKE2F" => linear(0, Rounds, 1),
        "POINT_EVALUATION" => Formula::constant(50_000),
        "BLS_G1ADD" => Formula::constant(375),
        "BLS_G1MSM" => msm(12_000),
        "BLS_G2ADD" => Formula::constant(600),
        "BLS_G2MSM" => msm(22_500),
        "BLS_PAIRING" => linear(37_700, Points, 32_600),
        "BLS_G1MAP" => Formula::constant(5_500),
        "BLS_G2MAP" => Formula::constant(23_800),
        _ => Formula::constant(6_900),
    }
}

/// What `input` is measured by; `None` where it is refused for its size.
pub(super) fn measure(precompile: Index, input: &[u8], modexp: &ModexpRules) -> Option<Units> {
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
    pub(super) fn new(spec: SpecId) -> Self {
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
        if let Some(tally) = context.chain_mut().tally()
            && let Some(result) = &result
            && result.is_ok()
        {
            let gas =
                (!pricing.tariff().is_linear(precompile)).then(|| result.gas.total_gas_spent());
            tally.precompile(precompile, &units, gas);
        }
        Ok(result)
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.0.warm_addresses()
    }
}
