//! Calls of precompiled contracts: what each of them reads, and how it is changed.

use crate::prove::{Random, change};

/// A precompiled contract, and what its inputs are made of.
#[derive(Debug)]
pub(super) struct Precompile {
    /// The schedule's name for it.
    pub operation: &'static str,
    /// The name of its address in scenarios.
    pub name: &'static str,
    /// Bytes of its answer; 0: as many as were given.
    pub answers: usize,
    /// Where in its input the answer is as good an input; `None` where it is not.
    pub chains_at: Option<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Any bytes; only their number counts.
    Bytes,
    /// Lengths, base, exponent, modulus.
    Modexp,
    /// Rounds, then a state.
    Blake2f,
    /// These parts, up to so many times.
    Parts(&'static [Part], usize),
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// One of these named values of so many bytes, or as many zeros: the point at infinity.
    Point(&'static [&'static str], usize),
    /// Any word.
    Scalar,
    /// A named value of so many bytes, of which a word at this place may be any.
    With(&'static str, usize, usize),
    /// So many field elements of BLS12-381, 64 bytes each.
    Fields(usize),
}

const BN_G1: Part = Part::Point(&["bn254_g1_a", "bn254_g1_b"], 64);
const BN_G2: Part = Part::Point(&["bn254_g2_a", "bn254_g2_b"], 128);
const BLS_G1: Part = Part::Point(&["bls_g1_a", "bls_g1_b"], 128);
const BLS_G2: Part = Part::Point(&["bls_g2_a", "bls_g2_b"], 256);

/// Every precompiled contract.
pub(super) const PRECOMPILES: &[Precompile] = {
    const fn row(
        operation: &'static str,
        name: &'static str,
        answers: usize,
        chains_at: Option<usize>,
        kind: Kind,
    ) -> Precompile {
        Precompile {
            operation,
            name,
            answers,
            chains_at,
            kind,
        }
    }
    const fn parts(parts: &'static [Part], most: usize) -> Kind {
        Kind::Parts(parts, most)
    }
    &[
        row(
            "ECRECOVER",
            "ecrecover",
            32,
            None,
            parts(&[Part::With("ecrecover_input", 128, 0)], 1),
        ),
        row("SHA256", "sha256", 32, Some(0), Kind::Bytes),
        row("RIPEMD160", "ripemd160", 32, Some(0), Kind::Bytes),
        row("IDENTITY", "identity", 0, Some(0), Kind::Bytes),
        row("MODEXP", "modexp", 0, None, Kind::Modexp),
        row("ECADD", "ecadd", 64, Some(0), parts(&[BN_G1, BN_G1], 1)),
        row(
            "ECMUL",
            "ecmul",
            64,
            Some(0),
            parts(&[BN_G1, Part::Scalar], 1),
        ),
        row(
            "ECPAIRING",
            "ecpairing",
            32,
            None,
            parts(&[BN_G1, BN_G2], 8),
        ),
        row("BLAKE2F", "blake2f", 64, Some(4), Kind::Blake2f),
        row(
            "POINT_EVALUATION",
            "point_evaluation",
            64,
            None,
            parts(&[Part::Point(&["kzg_input"], 192)], 1),
        ),
        row(
            "BLS_G1ADD",
            "bls_g1add",
            128,
            Some(0),
            parts(&[BLS_G1, BLS_G1], 1),
        ),
        row(
            "BLS_G1MSM",
            "bls_g1msm",
            128,
            Some(0),
            parts(&[BLS_G1, Part::Scalar], 128),
        ),
        row(
            "BLS_G2ADD",
            "bls_g2add",
            256,
            Some(0),
            parts(&[BLS_G2, BLS_G2], 1),
        ),
        row(
            "BLS_G2MSM",
            "bls_g2msm",
            256,
            Some(0),
            parts(&[BLS_G2, Part::Scalar], 16),
        ),
        row(
            "BLS_PAIRING",
            "bls_pairing",
            32,
            None,
            parts(&[BLS_G1, BLS_G2], 8),
        ),
        row(
            "BLS_G1MAP",
            "bls_g1map",
            128,
            None,
            parts(&[Part::Fields(1)], 1),
        ),
        row(
            "BLS_G2MAP",
            "bls_g2map",
            256,
            None,
            parts(&[Part::Fields(2)], 1),
        ),
        row(
            "P256VERIFY",
            "p256verify",
            32,
            None,
            parts(&[Part::With("p256_input", 160, 0)], 1),
        ),
    ]
};

/// A piece of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Named(&'static str, usize),
    Bytes(Vec<u8>),
    /// A named value with another word at this place.
    Overwritten(&'static str, usize, usize, Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Bytes(usize),
    Modexp([Vec<u8>; 3]),
    Blake2f(u32, Vec<u8>),
    Parts(Vec<Piece>),
}

/// The input of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input(Content);

/// Lengths of hashes' inputs, bytes.
const LENGTHS: &[usize] = &[
    0, 1, 31, 32, 33, 55, 56, 64, 119, 120, 128, 256, 1000, 1024, 4096, 8192, 65536,
];
/// Lengths of bases and moduli, bytes.
const MODEXP_LENGTHS: &[usize] = &[
    1, 8, 16, 31, 32, 33, 40, 64, 96, 127, 128, 129, 192, 200, 256, 408, 487, 512, 600, 715, 1000,
    1024,
];
/// Lengths of exponents, bytes.
const EXPONENT_LENGTHS: &[usize] = &[0, 1, 1, 1, 2, 3, 8, 16, 24, 32, 33, 64, 256, 1024];
/// Rounds of BLAKE2.
const ROUNDS: &[u32] = &[0, 1, 2, 12, 100, 1000, 10_000, 65_535];
/// The longest number of MODEXP (EIP-7823), bytes.
const MODEXP_MOST: usize = 1024;

impl Precompile {
    /// Any input.
    pub(super) fn input(&self, random: &mut Random) -> Input {
        Input(match &self.kind {
            Kind::Bytes => Content::Bytes(*random.pick(LENGTHS)),
            Kind::Modexp => {
                let modulus = number(*random.pick(MODEXP_LENGTHS), random);
                let base = if random.once_in(2) {
                    modulus.len()
                } else {
                    *random.pick(MODEXP_LENGTHS)
                };
                let exponent = number(*random.pick(EXPONENT_LENGTHS), random);
                Content::Modexp([number(base, random), exponent, modulus])
            }
            Kind::Blake2f => {
                let mut state = vec![0; 209];
                random.fill(&mut state[..192]);
                // The last block, or not.
                state[208] = u8::from(random.once_in(2));
                Content::Blake2f(*random.pick(ROUNDS), state)
            }
            Kind::Parts(parts, most) => {
                let times = if random.once_in(2) {
                    1
                } else {
                    1 + random.below(*most)
                };
                let each = (0..times).flat_map(|_| parts.iter());
                Content::Parts(each.map(|part| piece(*part, random)).collect())
            }
        })
    }

    /// Another input, not far from this one.
    pub(super) fn changed(&self, input: &Input, random: &mut Random) -> Input {
        match &input.0 {
            Content::Modexp(numbers) => {
                let mut numbers = numbers.clone();
                let which = random.below(3);
                let number = &mut numbers[which];
                match random.below(3) {
                    0 => {
                        let length = number.len() + 8;
                        let length = length.saturating_sub(random.below(17)).max(1);
                        number.resize(length.min(MODEXP_MOST), 0xff);
                    }
                    1 => *number = self::number(number.len(), random),
                    _ => alter(number, random),
                }
                Input(Content::Modexp(numbers))
            }
            Content::Blake2f(rounds, state) => {
                let mut state = state.clone();
                let bit = random.below(192 * 8);
                state[bit / 8] ^= 1 << (bit % 8);
                Input(Content::Blake2f(
                    if random.once_in(2) {
                        *rounds
                    } else {
                        *random.pick(ROUNDS)
                    },
                    state,
                ))
            }
            Content::Parts(pieces) => {
                let mut pieces = pieces.clone();
                let mut words: Vec<&mut Vec<u8>> = pieces
                    .iter_mut()
                    .filter_map(|piece| match piece {
                        Piece::Bytes(bytes) | Piece::Overwritten(.., bytes) => Some(bytes),
                        Piece::Named(..) => None,
                    })
                    .collect();
                if words.is_empty() || random.once_in(3) {
                    return self.input(random);
                }
                let which = random.below(words.len());
                alter(words[which], random);
                Input(Content::Parts(pieces))
            }
            Content::Bytes(_) => self.input(random),
        }
    }
}

impl Input {
    /// Its bytes.
    pub(super) fn length(&self) -> usize {
        match &self.0 {
            Content::Bytes(length) => *length,
            Content::Modexp(numbers) => 96 + numbers.iter().map(Vec::len).sum::<usize>(),
            Content::Blake2f(_, state) => 4 + state.len(),
            Content::Parts(pieces) => pieces.iter().map(Piece::length).sum(),
        }
    }

    /// Whether memory is as good as it is.
    pub(super) const fn is_blank(&self) -> bool {
        matches!(self.0, Content::Bytes(_))
    }

    /// Bytes that come back for it, where their number depends on it.
    pub(super) fn returned(&self) -> usize {
        match &self.0 {
            Content::Modexp([.., modulus]) => modulus.len(),
            _ => self.length(),
        }
    }

    /// Its bytes in the notation of memory, padded to so many.
    pub(super) fn memory(&self, padded: usize) -> String {
        let mut parts = match &self.0 {
            Content::Bytes(_) => Vec::new(),
            Content::Modexp(numbers) => {
                let lengths = numbers.iter().map(|number| number.len().to_string());
                let numbers = numbers.iter().map(|number| hex(number));
                lengths.chain(numbers).collect()
            }
            Content::Blake2f(rounds, state) => vec![format!("0x{rounds:08x}"), hex(state)],
            Content::Parts(pieces) => pieces.iter().map(Piece::text).collect(),
        };
        parts.push(zeros(padded.saturating_sub(self.length())));
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }

    /// Code that completes it in memory, where it stands at `at`.
    pub(super) fn setup(&self, at: usize) -> Vec<String> {
        let Content::Parts(pieces) = &self.0 else {
            return Vec::new();
        };
        let mut place = at;
        let mut code = Vec::new();
        for piece in pieces {
            if let Piece::Overwritten(_, _, within, word) = piece {
                code.push(format!("MSTORE({}, {})", place + within, hex(word)));
            }
            place += piece.length();
        }
        code
    }
}

impl Piece {
    const fn length(&self) -> usize {
        match self {
            Self::Named(_, length) | Self::Overwritten(_, length, ..) => *length,
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Named(name, _) | Self::Overwritten(name, ..) => format!("${name}"),
            Self::Bytes(bytes) => hex(bytes),
        }
    }
}

fn piece(part: Part, random: &mut Random) -> Piece {
    match part {
        Part::Point(_, length) if random.once_in(12) => Piece::Bytes(vec![0; length]),
        Part::Point(names, length) => Piece::Named(random.pick::<&str>(names), length),
        Part::Scalar => Piece::Bytes(number(32, random)),
        Part::With(name, length, _) if random.once_in(2) => Piece::Named(name, length),
        Part::With(name, length, at) => Piece::Overwritten(name, length, at, number(32, random)),
        Part::Fields(count) => {
            let mut bytes = Vec::new();
            for _ in 0..count {
                // Below the prime, which starts with 0x1a.
                let mut field = number(47, random);
                bytes.extend([0; 16]);
                bytes.push(u8::try_from(random.below(0x1a)).unwrap_or_default());
                bytes.append(&mut field);
            }
            Piece::Bytes(bytes)
        }
    }
}

/// A number of so many bytes: any, all ones, one bit, small limbs.
pub(super) fn number(length: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0; length];
    if length == 0 {
        return bytes;
    }
    match random.below(5) {
        0 => bytes.fill(0xff),
        1 => bytes[0] = 0x80,
        2 => bytes[length - 1] = u8::try_from(1 + random.below(255)).unwrap_or(1),
        _ => random.fill(&mut bytes),
    }
    for _ in 0..random.below(3) {
        alter(&mut bytes, random);
    }
    bytes
}

/// One change.
pub(super) fn alter(bytes: &mut [u8], random: &mut Random) {
    if !bytes.is_empty() {
        change(bytes, &[], random);
    }
}

fn zeros(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        format!("0x00*{count}")
    }
}

/// Bytes in the notation of memory and code; long runs are counted in memory.
pub(super) fn hex(bytes: &[u8]) -> String {
    match bytes {
        [] => String::new(),
        [first, rest @ ..] if bytes.len() > 32 && rest.iter().all(|byte| byte == first) => {
            format!("0x{first:02x}*{}", bytes.len())
        }
        _ => alloy_primitives::hex::encode_prefixed(bytes),
    }
}
