//! What crates written against `sp1-lib` 3 call, on SP1 6. The words were 32 bits wide then; in little-endian memory
//! the values are the same, only their alignment was smaller, so operands are realigned where needed.
#![no_std]

pub use sp1_lib_6::{io, syscall_enter_unconstrained, syscall_exit_unconstrained, unconstrained};

/// Four 64-bit words read from a pointer that is aligned to 4 bytes only.
///
/// # Safety
/// `words` points to 32 readable bytes.
unsafe fn realigned(words: *const [u32; 8]) -> [u64; 4] {
    unsafe { words.cast::<[u64; 4]>().read_unaligned() }
}

/// `result = x * y mod modulus`; a modulus of zero stands for 2^256.
///
/// # Safety
/// All pointers are valid for 32 bytes; `result` may equal the others.
pub unsafe fn sys_bigint(
    result: *mut [u32; 8],
    _op: u32,
    x: *const [u32; 8],
    y: *const [u32; 8],
    modulus: *const [u32; 8],
) {
    unsafe {
        let mut product = realigned(x);
        sp1_lib_6::uint256_mulmod(&mut product, &realigned(y), &realigned(modulus));
        result.cast::<[u64; 4]>().write_unaligned(product);
    }
}

macro_rules! field_calls {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// Both pointers are aligned to 8 bytes and hold reduced numbers.
        pub unsafe fn $name(p: *mut u32, q: *const u32) {
            unsafe { sp1_lib_6::$name(p.cast(), q.cast()) }
        }
    )*};
}

field_calls! {
    /// `p = p + q` in the base field of BN254.
    syscall_bn254_fp_addmod;
    /// `p = p - q` in the base field of BN254.
    syscall_bn254_fp_submod;
    /// `p = p * q` in the base field of BN254.
    syscall_bn254_fp_mulmod;
    /// `p = p + q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_addmod;
    /// `p = p - q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_submod;
    /// `p = p * q` in the quadratic extension of BN254's base field.
    syscall_bn254_fp2_mulmod;
}

/// `p = p + q` of affine points of BN254 with different x.
///
/// # Safety
/// Both pointers are aligned to 8 bytes and hold reduced numbers.
pub unsafe fn syscall_bn254_add(p: *mut [u32; 16], q: *const [u32; 16]) {
    unsafe { sp1_lib_6::syscall_bn254_add(p.cast(), q.cast()) }
}

/// `p = p + p` of an affine point of BN254.
///
/// # Safety
/// The pointer is aligned to 8 bytes and holds reduced numbers.
pub unsafe fn syscall_bn254_double(p: *mut [u32; 16]) {
    unsafe { sp1_lib_6::syscall_bn254_double(p.cast()) }
}
