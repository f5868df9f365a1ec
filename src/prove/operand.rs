//! Numbers that operations work on, and how a search changes them.

/// Numbers that follow from a seed.
pub(crate) struct Random(blake3::OutputReader);

impl Random {
    /// The numbers of this purpose, and of one try of it.
    pub(crate) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        hasher.update(&number.to_le_bytes());
        hasher.update(purpose.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// Below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        usize::try_from(u32::from_le_bytes(bytes)).unwrap_or_default() % bound
    }

    /// Any bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    /// One of `all`, which are not none.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What is known to change the work of big-number code: single bits, whole limbs of nothing or of ones, widths, and
/// numbers that are close to each other.
pub(crate) fn change(operand: &mut [u8], other: &[u8], random: &mut Random) {
    const LIMB: usize = 8;
    let length = operand.len();
    match random.below(7) {
        0 => random.fill(operand),
        1 => {
            let bit = random.below(8 * length);
            operand[bit / 8] ^= 1 << (bit % 8);
        }
        2 => {
            let end = length - LIMB * random.below(length.div_ceil(LIMB));
            let limb = &mut operand[end.saturating_sub(LIMB)..end];
            match random.below(4) {
                0 => limb.fill(0),
                1 => limb.fill(0xff),
                2 => {
                    limb.fill(0);
                    limb[0] = 0x80;
                }
                _ => random.fill(limb),
            }
        }
        // As wide as that many bytes.
        3 => {
            let zeros = random.below(length);
            operand[..zeros].fill(0);
        }
        4 if other.len() == length => operand.copy_from_slice(other),
        5 => operand.iter_mut().for_each(|byte| *byte = !*byte),
        _ => {
            let last = length - 1;
            operand[last] = operand[last].wrapping_add(if random.below(2) == 0 { 1 } else { 0xff });
        }
    }
}
