//! SP1's system calls without the standard library.
//!
//! The names are those of the `sp1-lib` crate, so that curve crates written for SP1 build on top of this one.
//! Numbers and register use: `sp1-core-executor` 6.10, `syscall_code.rs`.
#![no_std]

extern crate alloc;

pub mod io;

use core::arch::asm;

/// Exit code of a guest that was given a wrong hint by the host.
pub const EXIT_INVALID_HINT: u8 = 3;

/// One system call with two arguments and no result.
macro_rules! ecall {
    ($code:expr, $a0:expr, $a1:expr) => {
        asm!("ecall", in("t0") $code, in("a0") $a0, in("a1") $a1, options(nostack))
    };
}

/// Leaves the program.
pub fn syscall_halt(exit_code: u8) -> ! {
    unsafe { asm!("ecall", in("t0") 0, in("a0") u64::from(exit_code), options(nostack, noreturn)) }
}

/// Stops because a hint given by the host does not check out.
#[cold]
#[inline(never)]
pub fn halt_invalid_hint() -> ! {
    syscall_halt(EXIT_INVALID_HINT)
}

/// Stops because a hint given by the host does not check out; the message is for readers of the source.
#[macro_export]
macro_rules! invalid_hint {
    ($($arg:tt)*) => {
        $crate::halt_invalid_hint()
    };
}

/// Writes bytes to a file descriptor of the host.
///
/// # Safety
/// `bytes` is readable for `len` bytes.
pub unsafe fn syscall_write(fd: u32, bytes: *const u8, len: usize) {
    unsafe {
        asm!("ecall", in("t0") 2, in("a0") fd as usize, in("a1") bytes, in("a2") len, options(nostack))
    }
}

/// Starts a block whose effects on memory are dropped; only what it writes to a hint descriptor stays.
///
/// # Safety
/// Paired with [`syscall_exit_unconstrained`] as [`unconstrained!`] does.
pub unsafe fn syscall_enter_unconstrained() -> bool {
    let entered: u64;
    unsafe { asm!("ecall", in("t0") 3, lateout("t0") entered) }
    entered == 1
}

/// Ends an unconstrained block: goes back to where it was entered, which then returns `false`.
///
/// # Safety
/// Only inside an unconstrained block.
pub unsafe fn syscall_exit_unconstrained() {
    unsafe { asm!("ecall", in("t0") 4) }
}

/// Runs a block outside the proof: what it writes to a hint descriptor is kept, all else is undone.
#[macro_export]
macro_rules! unconstrained {
    ($($block:tt)*) => {
        if unsafe { $crate::syscall_enter_unconstrained() } {
            // A closure that borrows immutably keeps the block from changing what would be undone.
            let unconstrained_block = || { $($block)* };
            unconstrained_block();
            unsafe { $crate::syscall_exit_unconstrained() }
        }
    };
}

/// One word of the digest of the committed values.
pub fn syscall_commit(index: usize, word: u32) {
    unsafe { ecall!(0x10, index, u64::from(word)) }
}

/// One word of the digest of deferred proofs.
pub fn syscall_commit_deferred_proofs(index: usize, word: u32) {
    unsafe { ecall!(0x1a, index, u64::from(word)) }
}

/// Length of the next hint, `usize::MAX` if there is none.
pub fn syscall_hint_len() -> usize {
    let len: usize;
    unsafe { asm!("ecall", in("t0") 0xf0, lateout("t0") len, options(nostack)) }
    len
}

/// Reads the next hint.
///
/// # Safety
/// `to` is aligned to 8 bytes, never written before, and `len` rounded up past the next multiple of 8 bytes are free.
pub unsafe fn syscall_hint_read(to: *mut u8, len: usize) {
    unsafe { ecall!(0xf1, to, len) }
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($p:ty, $q:ty) = $code:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// The pointers are valid and aligned to 8 bytes, and the operands are reduced.
        #[inline(always)]
        pub unsafe fn $name(p: $p, q: $q) {
            unsafe { ecall!($code, p, q) }
        }
    )*};
}

macro_rules! unary_calls {
    ($($(#[$doc:meta])* $name:ident($p:ty) = $code:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// The pointer is valid and aligned to 8 bytes, and the operand is reduced.
        #[inline(always)]
        pub unsafe fn $name(p: $p) {
            unsafe { ecall!($code, p, 0) }
        }
    )*};
}

unary_calls! {
    /// The keccak-f[1600] permutation.
    syscall_keccak_permute(*mut [u64; 25]) = 0x0001_0109;
    /// The message schedule of SHA-256; one 32-bit word in each 64-bit slot.
    syscall_sha256_extend(*mut [u64; 64]) = 0x0030_0105;
    /// Doubles an affine point of secp256k1.
    syscall_secp256k1_double(*mut [u64; 8]) = 0x0000_010b;
    /// Doubles an affine point of secp256r1.
    syscall_secp256r1_double(*mut [u64; 8]) = 0x0000_012d;
    /// Doubles an affine point of BN254.
    syscall_bn254_double(*mut [u64; 8]) = 0x0000_010f;
    /// Doubles an affine point of BLS12-381's G1.
    syscall_bls12381_double(*mut [u64; 12]) = 0x0000_011f;
}

calls! {
    /// The compression function of SHA-256 on an extended message; one 32-bit word in each 64-bit slot.
    syscall_sha256_compress(*mut [u64; 64], *mut [u64; 8]) = 0x0001_0106;
    /// Adds two affine points of secp256k1 with different x.
    syscall_secp256k1_add(*mut [u64; 8], *const [u64; 8]) = 0x0001_010a;
    /// Adds two affine points of secp256r1 with different x.
    syscall_secp256r1_add(*mut [u64; 8], *const [u64; 8]) = 0x0001_012c;
    /// Adds two affine points of BN254 with different x.
    syscall_bn254_add(*mut [u64; 8], *const [u64; 8]) = 0x0001_010e;
    /// Adds two affine points of BLS12-381's G1 with different x.
    syscall_bls12381_add(*mut [u64; 12], *const [u64; 12]) = 0x0001_011e;
    /// `p = p * q[0] mod q[1]`, all of 256 bits; a modulus of zero stands for 2^256.
    syscall_uint256_mulmod(*mut [u64; 4], *const [[u64; 4]; 2]) = 0x0001_011d;
    /// `p = p + q` in the base field of BLS12-381.
    syscall_bls12381_fp_addmod(*mut u64, *const u64) = 0x0001_0120;
    /// `p = p - q` in the base field of BLS12-381.
    syscall_bls12381_fp_submod(*mut u64, *const u64) = 0x0001_0121;
    /// `p = p * q` in the base field of BLS12-381.
    syscall_bls12381_fp_mulmod(*mut u64, *const u64) = 0x0001_0122;
    /// `p = p + q` in the quadratic extension of BLS12-381's base field.
    syscall_bls12381_fp2_addmod(*mut u64, *const u64) = 0x0001_0123;
    /// `p = p - q` in the quadratic extension of BLS12-381's base field.
    syscall_bls12381_fp2_submod(*mut u64, *const u64) = 0x0001_0124;
    /// `p = p * q` in the quadratic extension of BLS12-381's base field.
    syscall_bls12381_fp2_mulmod(*mut u64, *const u64) = 0x0001_0125;
    /// `p = p + q` in the base field of BN254.
    syscall_bn254_fp_addmod(*mut u64, *const u64) = 0x0001_0126;
    /// `p = p - q` in the base field of BN254.
    syscall_bn254_fp_submod(*mut u64, *const u64) = 0x0001_0127;
    /// `p = p * q` in the base field of BN254.
    syscall_bn254_fp_mulmod(*mut u64, *const u64) = 0x0001_0128;
    /// `p = p + q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_addmod(*mut u64, *const u64) = 0x0001_0129;
    /// `p = p - q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_submod(*mut u64, *const u64) = 0x0001_012a;
    /// `p = p * q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_mulmod(*mut u64, *const u64) = 0x0001_012b;
}

/// `lo + 2^256 hi = a * b + c`.
pub fn uint256_mul_add(a: &[u64; 4], b: &[u64; 4], c: &[u64; 4]) -> ([u64; 4], [u64; 4]) {
    let (mut lo, mut hi) = ([0; 4], [0; 4]);
    unsafe {
        asm!(
            "ecall",
            in("t0") 0x0001_0131,
            in("a0") a.as_ptr(),
            in("a1") b.as_ptr(),
            in("a2") c.as_ptr(),
            in("a3") lo.as_mut_ptr(),
            in("a4") hi.as_mut_ptr(),
            options(nostack)
        );
    }
    (lo, hi)
}

/// `x = x * y mod modulus`; a modulus of zero stands for 2^256.
pub fn uint256_mulmod(x: &mut [u64; 4], y: &[u64; 4], modulus: &[u64; 4]) {
    unsafe { syscall_uint256_mulmod(x, &[*y, *modulus]) }
}

/// `result = x * y mod modulus`; a modulus of zero stands for 2^256.
///
/// # Safety
/// All pointers are valid and aligned to 8 bytes; `result` may equal the others.
pub unsafe fn sys_bigint(
    result: *mut [u64; 4],
    _op: u64,
    x: *const [u64; 4],
    y: *const [u64; 4],
    modulus: *const [u64; 4],
) {
    unsafe {
        let mut product = *x;
        uint256_mulmod(&mut product, &*y, &*modulus);
        *result = product;
    }
}
