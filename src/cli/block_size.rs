//! How much gas a full block has.

use crate::gas::Gas;

/// A full block where neither the schedule nor the user says: the gas limit that public zkVM benchmarks use most.
pub const DEFAULT_LIMIT: Gas = 10_000_000;

/// An amount of gas, thousands apart or not.
pub fn gas(text: &str) -> Result<Gas, String> {
    let digits = text.replace('_', "");
    match digits.parse() {
        Ok(0) | Err(_) => Err("expected an amount of gas above 0, such as 30_000_000".into()),
        Ok(gas) => Ok(gas),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_may_be_grouped() {
        assert_eq!(gas("30_000_000"), Ok(30_000_000));
        assert!(gas("0").is_err() && gas("30M").is_err());
    }
}
