//! What a mix of operations costs under several schedules.

use serde::Serialize;

use super::compared_prices::{ComparedPrice, ComparedRow};
use super::number::{letter, multiplier};
use super::text::line;
use crate::{
    fit::{count, real_signed},
    gas::grouped,
    lang::Mix,
};

/// What a mix of operations costs under each schedule.
#[derive(Clone, Debug, Serialize)]
pub struct Weighted {
    /// Gas under each, in the order of the schedules.
    pub gas: Vec<f64>,
    /// Parameters of the mix that not every schedule has a number for: they are in no sum.
    pub left_out: Vec<String>,
}

/// The gas of the mix, schedule by schedule.
pub(super) fn text(out: &mut String, weighted: &Weighted) {
    let first = weighted.gas.first().copied().unwrap_or_default();
    for (at, gas) in weighted.gas.iter().enumerate() {
        let over = if at == 0 {
            String::new()
        } else {
            format!(", {}", multiplier(first, *gas))
        };
        let head = if at == 0 { "usage-weighted" } else { "" };
        line(
            out,
            format!(
                "{head:<14}  {}  {} gas{over}",
                letter(at),
                grouped(count(gas.round()).into())
            ),
        );
    }
    if !weighted.left_out.is_empty() {
        line(
            out,
            format!("not in the sums: {}", weighted.left_out.join(", ")),
        );
    }
}

/// What a mix takes under each schedule.
pub fn weigh(rows: &[ComparedRow], mix: &Mix) -> Weighted {
    let schedules = rows.first().map_or(0, |row| row.prices.len());
    let mut weighted = Weighted {
        gas: vec![real_signed(mix.rest); schedules],
        left_out: Vec::new(),
    };
    for (param, units) in &mix.units {
        let name = param.to_string();
        let prices: Option<Vec<f64>> = rows.iter().find(|row| row.param == name).and_then(|row| {
            let number = |price: &Option<ComparedPrice>| match price {
                Some(ComparedPrice::Price(price)) => Some(price.value()),
                _ => None,
            };
            row.prices.iter().map(number).collect()
        });
        match prices {
            Some(prices) => {
                for (sum, price) in weighted.gas.iter_mut().zip(prices) {
                    *sum += real_signed(*units) * price;
                }
            }
            None => weighted.left_out.push(name),
        }
    }
    weighted
}
