//! Every precompile, with accelerators in the guest and plain software here: the outputs go into logs, so that one
//! differing bit makes the guest refuse the block.

use alloy_primitives::{B256, U256, hex, keccak256};
use revm::precompile::{Crypto, DefaultCrypto, bls12_381::G1Point, bls12_381::G2Point};

use super::{Embedded, block, block_and_logs, verdict};

/// Calls the precompile whose address is the first word of the call data with the rest, and logs success and output.
const CALL_AND_LOG: [u8; 26] = hex!("602036038060205f375f5f825f5f355afa3d5f5f3e3d5fa1" "0000");

/// Base field of BLS12-381.
const P: [u8; 48] = hex!(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
);

/// Bytes that look random and are the same in every run.
struct Bytes(u64);

impl Bytes {
    fn take(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < len {
            self.0 += 1;
            bytes.extend_from_slice(keccak256(self.0.to_be_bytes()).as_slice());
        }
        bytes.truncate(len);
        bytes
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap()
    }

    /// A number below the base field's size of BLS12-381.
    fn fp(&mut self) -> [u8; 48] {
        let mut fp = self.array::<48>();
        fp[0] = 0;
        fp
    }

    fn g1(&mut self) -> Vec<u8> {
        pad(&DefaultCrypto.bls12_381_fp_to_g1(&self.fp()).unwrap())
    }

    fn g2(&mut self) -> Vec<u8> {
        pad(&DefaultCrypto
            .bls12_381_fp2_to_g2((self.fp(), self.fp()))
            .unwrap())
    }
}

/// Coordinates of 48 bytes as the precompiles take them: 64 bytes.
fn pad(coordinates: &[u8]) -> Vec<u8> {
    coordinates
        .chunks(48)
        .flat_map(|c| [&[0; 16], c].concat())
        .collect()
}

fn negative(point: &[u8]) -> Vec<u8> {
    let modulus = U256::from_be_slice(&P[16..]);
    let high = U256::from_be_slice(&P[..16]);
    let mut negated = point.to_vec();
    for y in negated[point.len() / 2..].chunks_mut(64) {
        let (low, borrow) = modulus.overflowing_sub(U256::from_be_slice(&y[32..]));
        let high = high - U256::from_be_slice(&y[16..32]) - U256::from(borrow);
        y[16..32].copy_from_slice(&high.to_be_bytes::<32>()[16..]);
        y[32..].copy_from_slice(&low.to_be_bytes::<32>());
    }
    negated
}

fn call(address: u64, input: &[&[u8]]) -> Vec<u8> {
    [
        &U256::from(address).to_be_bytes::<32>()[..],
        &input.concat(),
    ]
    .concat()
}

/// `succeed` of the calls succeed; the precompiles refuse the others.
fn check(calls: &[Vec<u8>], succeed: usize) {
    let (input, logs) = block_and_logs(&CALL_AND_LOG, calls);
    let succeeded = logs
        .iter()
        .filter(|log| log.topics()[0] == B256::with_last_byte(1))
        .count();
    assert_eq!((logs.len(), succeeded), (calls.len(), succeed));
    let all = verdict(&Embedded::new().unwrap(), &input);
    if all.valid {
        return;
    }
    // Which one?
    for data in calls {
        let input = block(&CALL_AND_LOG, std::slice::from_ref(data));
        let one = verdict(&Embedded::new().unwrap(), &input);
        assert!(one.valid, "{}", hex::encode(data));
    }
    panic!("{all:?}");
}

#[test]
fn hashes() {
    let mut bytes = Bytes(1);
    let lengths = [0, 1, 8, 31, 55, 56, 63, 64, 119, 120, 128, 300];
    let mut calls: Vec<_> = lengths
        .iter()
        .flat_map(|len| [2, 3, 4].map(|address| call(address, &[&bytes.take(*len)])))
        .collect();
    for rounds in [0u8, 1, 12] {
        calls.push(call(
            9,
            &[&[0, 0, 0, rounds], &bytes.take(208), &[rounds % 2]],
        ));
    }
    check(&calls, 39);
}

#[test]
fn signatures() {
    let mut bytes = Bytes(2);
    let mut calls = Vec::new();
    let word = |n: u8| [&[0; 31][..], &[n]].concat();
    for v in [26, 27, 28, 29, 27, 28, 27, 28] {
        calls.push(call(1, &[&bytes.take(32), &word(v), &bytes.take(64)]));
    }
    for (r, s) in [
        (vec![0; 32], bytes.take(32)),
        (bytes.take(32), vec![0; 32]),
        (vec![255; 32], bytes.take(32)),
        (bytes.take(32), vec![255; 32]),
    ] {
        calls.push(call(1, &[&[255; 32], &word(27), &r, &s]));
    }
    let signed: [u8; 160] = hex!(
        "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4da73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d584"
        "68e8fb19086e8cac36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d604aebd3099c618202fcfe16ae7770b0c4"
        "9ab5eadf74b754204a3bb6060e44eff37618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e"
    );
    calls.push(call(256, &[&signed]));
    for position in [0, 40, 80, 100, 159] {
        let mut other = signed;
        other[position] ^= 1;
        calls.push(call(256, &[&other]));
    }
    calls.push(call(256, &[&signed[..96], &[0; 64]]));
    calls.push(call(256, &[&signed[..32], &[0; 64], &signed[96..]]));
    calls.push(call(256, &[&signed[..32], &[255; 64], &signed[96..]]));
    check(&calls, 21);
}

#[test]
fn modexp() {
    let mut bytes = Bytes(3);
    let mut calls = Vec::new();
    let len = |n: usize| U256::from(n).to_be_bytes::<32>();
    let sizes = [
        (0, 0, 0),
        (0, 0, 1),
        (1, 1, 1),
        (32, 32, 32),
        (64, 3, 32),
        (33, 1, 31),
        (100, 40, 20),
        (0, 5, 32),
        (5, 0, 32),
        (32, 32, 0),
        (65, 32, 17),
        (40, 5, 64),
        (33, 2, 33),
        (200, 20, 200),
    ];
    for (base, exponent, modulus) in sizes {
        let mut moduli = vec![bytes.take(modulus), vec![0; modulus]];
        let mut one = vec![0; modulus];
        one.last_mut().into_iter().for_each(|last| *last = 1);
        moduli.push(one);
        for m in moduli {
            let (b, e) = (bytes.take(base), bytes.take(exponent));
            calls.push(call(
                5,
                &[&len(base), &len(exponent), &len(modulus), &b, &e, &m],
            ));
        }
    }
    check(&calls, 42);
}

#[test]
fn bn254() {
    let mut bytes = Bytes(4);
    let generator = [
        U256::from(1).to_be_bytes::<32>(),
        U256::from(2).to_be_bytes::<32>(),
    ]
    .concat();
    let mut g1 = || {
        DefaultCrypto
            .bn254_g1_mul(&generator, &bytes.take(32))
            .unwrap()
    };
    let modulus = U256::from_be_bytes(hex!(
        "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47"
    ));
    let negative = |p: &[u8]| {
        [
            &p[..32],
            &(modulus - U256::from_be_slice(&p[32..])).to_be_bytes::<32>(),
        ]
        .concat()
    };
    let g2 = hex!(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd"
        "46debd5cd992f6ed090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408f"
        "e3d1e7690c43d37b4ce6cc0166fa7daa"
    );
    // On the twist, but not in the subgroup: x = 1.
    let stray = [&[0; 63][..], &[1], &hex!(
        "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a42869111d5381f072f8e2728fdb825a51aadd70e52c9830e9"
        "ab4b871c0531f1bb"
    )].concat();
    let (p, q) = (g1(), g1());
    let zero = [0; 64];
    let mut calls = vec![
        call(6, &[&p, &q]),
        call(6, &[&p, &p]),
        call(6, &[&p, &negative(&p)]),
        call(6, &[&p, &zero]),
        call(6, &[&zero, &q]),
        call(6, &[&zero, &zero]),
        call(6, &[&p, &[1; 64]]),
        call(6, &[&p, &[255; 64]]),
        call(6, &[]),
        call(8, &[]),
        call(8, &[&p, &g2]),
        call(8, &[&p, &g2, &negative(&p), &g2]),
        call(8, &[&p, &g2, &q, &g2]),
        call(8, &[&zero, &g2]),
        call(8, &[&p, &[0; 128]]),
        call(8, &[&p, &stray]),
        call(8, &[&zero, &stray]),
        call(8, &[&[1; 64], &g2]),
        call(8, &[&p, &[255; 128]]),
    ];
    for scalar in [
        [0; 32],
        [255; 32],
        U256::from(1).to_be_bytes(),
        U256::from(2).to_be_bytes(),
        [7; 32],
        hex!("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001"),
        hex!("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000"),
    ] {
        calls.push(call(7, &[&p, &scalar]));
        calls.push(call(7, &[&zero, &scalar]));
    }
    check(&calls, 27);
}

#[test]
fn bls12_381_points() {
    let mut bytes = Bytes(5);
    let (p, q, s, t) = (bytes.g1(), bytes.g1(), bytes.g2(), bytes.g2());
    let [stray1, stray2] = strays();
    let mut calls = Vec::new();
    for (address, points, zero) in [
        (11, [&p, &q, &stray1], vec![0; 128]),
        (13, [&s, &t, &stray2], vec![0; 256]),
    ] {
        let [p, q, stray] = points;
        for (a, b) in [
            (p, q),
            (p, p),
            (p, &negative(p)),
            (p, &zero),
            (&zero, q),
            (&zero, &zero),
            (stray, stray),
            (p, stray),
            (stray, &negative(stray)),
            (p, &vec![255; p.len()]),
            (p, &[&p[..p.len() - 1], &[0]].concat()),
        ] {
            calls.push(call(address, &[a, b]));
        }
        let scalars = [
            bytes.take(32),
            vec![0; 32],
            vec![255; 32],
            hex!("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001").to_vec(),
        ];
        for scalar in &scalars {
            calls.push(call(address + 1, &[p, scalar]));
        }
        calls.push(call(
            address + 1,
            &[p, &scalars[0], q, &scalars[2], &zero, &scalars[0]],
        ));
        calls.push(call(
            address + 1,
            &[p, &scalars[0], &negative(p), &scalars[0]],
        ));
        calls.push(call(address + 1, &[p, &scalars[0], stray, &scalars[0]]));
        calls.push(call(address + 1, &[]));
    }
    for fp in [[0; 48], bytes.fp(), bytes.fp(), P] {
        calls.push(call(16, &[&pad(&fp)]));
        calls.push(call(17, &[&pad(&fp), &pad(&bytes.fp())]));
        calls.push(call(17, &[&pad(&bytes.fp()), &pad(&fp)]));
    }
    calls.push(call(17, &[&[0; 128]]));
    check(&calls, 40);
}

#[test]
fn bls12_381_pairings() {
    let mut bytes = Bytes(6);
    let (p, s) = (bytes.g1(), bytes.g2());
    let [stray1, stray2] = strays();
    let (zero1, zero2) = ([0; 128], [0; 256]);
    let commitment = hex!(
        "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7"
    );
    let mut hash = DefaultCrypto.sha256(&commitment);
    hash[0] = 1;
    let z = hex!("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000");
    let y = hex!("1522a4a7f34e1ea350ae07c29c96c7e79655aa926122e95fe69fcbd932ca49e9");
    let proof = hex!(
        "a62ad71d14c5719385c0686f1871430475bf3a00f0aa3f7b8dd99a9abc2160744faf0070725e00b60ad9a026a15b1a8c"
    );
    let calls = [
        call(15, &[&p, &s]),
        call(15, &[&p, &s, &negative(&p), &s]),
        call(15, &[&p, &s, &p, &negative(&s)]),
        call(15, &[&zero1, &s]),
        call(15, &[&p, &zero2]),
        call(15, &[&stray1, &s]),
        call(15, &[&p, &stray2]),
        call(15, &[&zero1, &stray2]),
        call(15, &[&stray1, &zero2]),
        call(15, &[]),
        call(10, &[&hash, &z, &y, &commitment, &proof]),
        call(10, &[&hash, &y, &y, &commitment, &proof]),
        call(10, &[&hash, &z, &[255; 32], &commitment, &proof]),
        call(10, &[&hash, &z, &y, &commitment, &commitment]),
        call(10, &[&hash, &z, &y, &commitment, &[0; 48]]),
    ];
    check(&calls, 6);
}

/// A point on each curve that is in no subgroup the pairing takes: x = 4, x = 2.
fn strays() -> [Vec<u8>; 2] {
    let x = |n: u8| [&[0; 63][..], &[n]].concat();
    let y = hex!(
        "0a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c"
    );
    let y0 = hex!(
        "18c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95bfcec38"
    );
    let y1 = hex!(
        "172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3bf3d5c"
    );
    let stray2 = [x(2), vec![0; 64], pad(&y0), pad(&y1)].concat();
    let stray1 = [x(4), pad(&y)].concat();
    // What the precompiles are given in 48 bytes is on the curve, so that only the subgroup check can refuse it.
    let g1: G1Point = (stray1[16..64].try_into().unwrap(), y);
    assert!(DefaultCrypto.bls12_381_g1_add(g1, g1).is_ok());
    let g2: G2Point = (stray2[16..64].try_into().unwrap(), [0; 48], y0, y1);
    assert!(DefaultCrypto.bls12_381_g2_add(g2, g2).is_ok());
    [stray1, stray2]
}
