//! The guest: a stateless block validator for RISC-V zkVMs, under the gas schedule that its input carries.
//!
//! Reads one hint. An encoded `GuestInput`: commits 66 bytes, the block's hash, 1 if the block is valid, the code of the check
//! that refused it otherwise, and the hash of the schedule. A canonical stateless input (EIP-8025): commits what
//! execution-specs says, like a client's guest.
#![no_std]
#![no_main]

extern crate alloc;

mod crypto;
mod runtime;

use alloc::vec::Vec;

use sp1_lib::io;

/// What the program commits to.
fn main() -> Vec<u8> {
    crypto::install();
    reprice_engine::answer(io::read_slice())
}
