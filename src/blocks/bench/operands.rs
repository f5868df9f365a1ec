//! The numbers that a scenario works on, taken out and put back: what a search for dearer ones changes.

use std::ops::Range;

use super::Scenario;

/// Hex numbers in code that are shorter are offsets and masks.
const MIN_CODE_BYTES: usize = 8;

/// Where an operand stands in a text.
struct Place {
    span: Range<usize>,
    bytes: Vec<u8>,
}

impl Scenario {
    /// The hex numbers of its set-up that have at least eight bytes, and all of its memory's: operands, in the order of the
    /// text. Named values are not among them, for they are valid signatures, proofs and points.
    pub fn operands(&self) -> Vec<Vec<u8>> {
        let [setup, memory] = self.places();
        setup
            .into_iter()
            .chain(memory)
            .map(|place| place.bytes)
            .collect()
    }

    /// The same scenario on other operands, as many as [`Self::operands`] gives.
    #[must_use]
    pub fn with_operands(&self, operands: &[Vec<u8>]) -> Self {
        let [setup, memory] = self.places();
        let (of_setup, of_memory) = operands.split_at(setup.len().min(operands.len()));
        Self {
            setup: replaced(&self.setup, &setup, of_setup),
            memory: replaced(&self.memory, &memory, of_memory),
            ..self.clone()
        }
    }

    fn places(&self) -> [Vec<Place>; 2] {
        let mut setup = places(&self.setup);
        setup.retain(|place| place.bytes.len() >= MIN_CODE_BYTES);
        [setup, places(&self.memory)]
    }
}

/// The hex numbers of `text`, each with its repetition: `0xff*32` is one of 32 bytes.
fn places(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("0x").map(|at| from + at) {
        let word = |rest: &str| {
            let other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            rest.find(other).unwrap_or(rest.len())
        };
        let digits = word(&text[at..]);
        let mut end = at + digits;
        let mut times = 1;
        if let Some(rest) = text[end..].strip_prefix('*') {
            let length = word(rest);
            times = rest[..length].parse().unwrap_or(1);
            end += 1 + length;
        }
        let hex = text[at + 2..at + digits].replace('_', "");
        let padded = if hex.len() % 2 == 1 {
            format!("0{hex}")
        } else {
            hex
        };
        if let Ok(bytes) = alloy_primitives::hex::decode(padded) {
            found.push(Place {
                span: at..end,
                bytes: bytes.repeat(times),
            });
        }
        from = end;
    }
    found
}

fn replaced(text: &str, places: &[Place], operands: &[Vec<u8>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (place, operand) in places.iter().zip(operands) {
        out.push_str(&text[from..place.span.start]);
        out.push_str(&alloy_primitives::hex::encode_prefixed(operand));
        from = place.span.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use crate::bench::scenario;

    #[test]
    fn out_and_in_again() {
        for scenario in crate::bench::scenarios() {
            let operands = scenario.operands();
            let again = scenario.with_operands(&operands);
            assert_eq!(again.operands(), operands, "{}", scenario.id);
        }
    }

    #[test]
    fn operands_of_code_and_of_memory() {
        let mulmod = scenario("mulmod/full-width").unwrap();
        assert_eq!(mulmod.operands().len(), 2);
        let mut other = mulmod.operands();
        other[1] = vec![7; 32];
        let changed = mulmod.with_operands(&other);
        assert!(changed.setup.contains(&"07".repeat(32)));
        assert_eq!(changed.operands(), other);

        // Base, exponent, modulus in two pieces; the lengths before them are decimal.
        let modexp = scenario("modexp/256-bytes-odd").unwrap();
        let lengths: Vec<_> = modexp.operands().iter().map(Vec::len).collect();
        assert_eq!(lengths, [256, 16, 255, 1]);
        assert!(scenario("ecadd/chain").unwrap().operands().is_empty());
    }
}
