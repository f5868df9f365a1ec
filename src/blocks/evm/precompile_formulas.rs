//! The precompiles of a fork, and the prices that revm has compiled in for them.

use reprice_engine::{
    Formula, Tariff,
    precompiles::{Index, PRECOMPILES},
};

use crate::gas::{
    Expr, Fork, Gas,
    Variable::{self, Complexity, Discount, Iterations, Points, Rounds, Words},
};

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

/// Whether a precompile's gas is a sum of units times prices.
pub(super) fn is_linear(tariff: &Tariff, precompile: Index) -> bool {
    let own = tariff.precompile(precompile);
    own.map_or_else(
        || stock(tariff.fork(), precompile).is_linear(),
        Formula::is_linear,
    )
}
