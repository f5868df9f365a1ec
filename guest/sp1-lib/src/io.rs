//! Hints: bytes that the host hands to the guest, at the start (the input) or on request.

use alloc::vec::Vec;

use crate::{halt_invalid_hint, syscall_hint_len, syscall_hint_read, syscall_write};

/// What is written here becomes a public value of the proof.
pub const FD_PUBLIC_VALUES: u32 = 13;
/// What is written here is the next hint.
pub const FD_HINT: u32 = 14;
/// Asks for a square root in the base field of BLS12-381.
pub const FD_BLS12_381_SQRT: u32 = 18;
/// Asks for an inverse in the base field of BLS12-381.
pub const FD_BLS12_381_INVERSE: u32 = 19;
/// Asks for a square root in a prime field.
pub const FD_FP_SQRT: u32 = 20;
/// Asks for an inverse in a prime field.
pub const FD_FP_INV: u32 = 21;

/// Where hints go: memory that nothing else uses, because the zkVM requires that a hint's memory was never written.
const HINTS_START: usize = 0x40_0000_0000;
static mut HINTS_END: usize = HINTS_START;

/// The next hint's bytes, in place. They live as long as the program.
#[must_use]
pub fn read_slice() -> &'static [u8] {
    let len = syscall_hint_len();
    if len == usize::MAX {
        halt_invalid_hint();
    }
    // One thread, and each hint moves the end past itself.
    unsafe {
        let start = HINTS_END;
        // The system call writes one word more when the length is a multiple of 8.
        HINTS_END = start + (len & !7) + 8;
        syscall_hint_read(start as *mut u8, len);
        core::slice::from_raw_parts(start as *const u8, len)
    }
}

/// The next hint's bytes.
#[must_use]
pub fn read_vec() -> Vec<u8> {
    read_slice().to_vec()
}

/// Writes bytes to a file descriptor of the host.
pub fn write(fd: u32, bytes: &[u8]) {
    unsafe { syscall_write(fd, bytes.as_ptr(), bytes.len()) }
}

/// Makes bytes the next hint; inside [`unconstrained!`](crate::unconstrained).
pub fn hint_slice(bytes: &[u8]) {
    write(FD_HINT, bytes);
}
