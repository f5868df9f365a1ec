//! Numbers modulo a prime of 256 bits, on the zkVM's 256-bit modular multiplication.

use alloc::vec::Vec;

use sp1_lib::{io, uint256_mulmod};

/// A 256-bit number, least significant word first.
pub type Words = [u64; 4];

/// Reads a big-endian number.
pub fn words(bytes: &[u8; 32]) -> Words {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*chunk);
    }
    words
}

/// Writes a big-endian number.
pub fn bytes(words: &Words) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .zip(words.iter().rev())
    {
        *chunk = word.to_be_bytes();
    }
    bytes
}

pub fn is_zero(words: &Words) -> bool {
    words.iter().all(|word| *word == 0)
}

pub fn less(a: &Words, b: &Words) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a + b` and whether it is above 2^256.
pub fn add(a: &Words, b: &Words) -> (Words, bool) {
    let mut sum = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        (sum[i], carry) = a[i].carrying_add(b[i], carry);
    }
    (sum, carry)
}

/// `a - b` modulo 2^256.
pub fn sub(a: &Words, b: &Words) -> Words {
    let mut difference = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        (difference[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    difference
}

/// Arithmetic modulo a prime above 2^255.
pub struct Field {
    pub modulus: Words,
}

impl Field {
    /// `a * b`; neither needs to be reduced.
    pub fn mul(&self, a: &Words, b: &Words) -> Words {
        let mut product = *a;
        uint256_mulmod(&mut product, b, &self.modulus);
        product
    }

    /// `a + b` of reduced numbers.
    pub fn add(&self, a: &Words, b: &Words) -> Words {
        let (sum, carry) = add(a, b);
        if carry || !less(&sum, &self.modulus) {
            sub(&sum, &self.modulus)
        } else {
            sum
        }
    }

    /// `-a` of a reduced number.
    pub fn neg(&self, a: &Words) -> Words {
        if is_zero(a) {
            *a
        } else {
            sub(&self.modulus, a)
        }
    }

    /// `1 / a` of a reduced number other than zero. The host says it, the guest checks it.
    pub fn inverse(&self, a: &Words) -> Words {
        let inverse = self.ask(io::FD_FP_INV, &[a, &self.modulus]);
        if self.mul(a, &inverse) != [1, 0, 0, 0] || !less(&inverse, &self.modulus) {
            sp1_lib::invalid_hint!();
        }
        inverse
    }

    /// A root of a reduced number, if it has one, for primes that are 3 modulo 4. The host says it or, of the number's
    /// negative, shows that there is none; the guest checks it.
    pub fn sqrt(&self, a: &Words) -> Option<Words> {
        let minus_one = sub(&self.modulus, &[1, 0, 0, 0]);
        let has_root = {
            self.request(io::FD_FP_SQRT, &[a, &self.modulus, &minus_one]);
            io::read_slice() == [1]
        };
        let root = self.answer();
        let square = self.mul(&root, &root);
        let expected = if has_root { *a } else { self.neg(a) };
        if square != expected {
            sp1_lib::invalid_hint!();
        }
        has_root.then_some(root)
    }

    fn ask(&self, fd: u32, numbers: &[&Words]) -> Words {
        self.request(fd, numbers);
        self.answer()
    }

    /// Asks the host: length of a number, then the numbers, all big-endian.
    fn request(&self, fd: u32, numbers: &[&Words]) {
        let mut request = Vec::with_capacity(4 + 32 * numbers.len());
        request.extend_from_slice(&32u32.to_be_bytes());
        for number in numbers {
            request.extend_from_slice(&bytes(number));
        }
        io::write(fd, &request);
    }

    fn answer(&self) -> Words {
        match io::read_slice().try_into() {
            Ok(number) => words(number),
            Err(_) => sp1_lib::invalid_hint!(),
        }
    }
}
