//! KECCAK-256 and SHA-256 on the zkVM's permutation and compression.

use sp1_lib::{syscall_keccak_permute, syscall_sha256_compress, syscall_sha256_extend};

/// Bytes that one permutation of KECCAK-256 absorbs.
const RATE: usize = 136;

/// What alloy's `keccak256` calls.
///
/// # Safety
/// `bytes` is readable for `len` bytes and `output` writable for 32.
#[unsafe(no_mangle)]
unsafe extern "C" fn native_keccak256(bytes: *const u8, len: usize, output: *mut u8) {
    let input = unsafe { core::slice::from_raw_parts(bytes, len) };
    let hash = keccak256(input);
    unsafe { core::ptr::copy_nonoverlapping(hash.as_ptr().cast(), output, 32) }
}

/// The hash as four little-endian words.
fn keccak256(input: &[u8]) -> [u64; 4] {
    let (blocks, rest) = input.as_chunks::<RATE>();
    let mut state = [0u64; 25];
    for block in blocks {
        if block.as_ptr().cast::<u64>().is_aligned() {
            // Same size, aligned, and any bits are words.
            absorb(&mut state, unsafe { &*block.as_ptr().cast() });
        } else {
            let mut words = [0; RATE / 8];
            copy(block, &mut words);
            absorb(&mut state, &words);
        }
        unsafe { syscall_keccak_permute(&mut state) }
    }
    if blocks.is_empty() {
        // Most hashed inputs are this short, and the state is still zero.
        copy(rest, &mut state);
    } else {
        let mut words = [0; RATE / 8];
        copy(rest, &mut words);
        absorb(&mut state, &words);
    }
    state[rest.len() / 8] ^= 1 << (rest.len() % 8 * 8);
    state[RATE / 8 - 1] ^= 1 << 63;
    unsafe { syscall_keccak_permute(&mut state) }
    [state[0], state[1], state[2], state[3]]
}

fn absorb(state: &mut [u64; 25], block: &[u64; RATE / 8]) {
    for (lane, word) in state.iter_mut().zip(block) {
        *lane ^= word;
    }
}

/// Copies bytes over the first words, little-endian.
fn copy(bytes: &[u8], words: &mut [u64]) {
    // A copy whose length the compiler does not know calls `memcpy`, which moves words; one that it knows is expanded
    // to moves of single bytes.
    let len = core::hint::black_box(bytes.len());
    assert!(len <= words.len() * 8);
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), words.as_mut_ptr().cast(), len) };
}

/// SHA-256.
pub fn sha256(input: &[u8]) -> [u8; 32] {
    let mut state: [u64; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    let (blocks, rest) = input.as_chunks::<64>();
    for block in blocks {
        compress(&mut state, block);
    }
    let mut last = [0u8; 128];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    let padded = if rest.len() < 56 { 64 } else { 128 };
    last[padded - 8..padded].copy_from_slice(&(input.len() as u64 * 8).to_be_bytes());
    for block in last[..padded].as_chunks::<64>().0 {
        compress(&mut state, block);
    }
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = (word as u32).to_be_bytes();
    }
    hash
}

fn compress(state: &mut [u64; 8], block: &[u8; 64]) {
    let mut schedule = [0u64; 64];
    for (word, bytes) in schedule.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u64::from(u32::from_be_bytes(*bytes));
    }
    unsafe {
        syscall_sha256_extend(&mut schedule);
        syscall_sha256_compress(&mut schedule, state);
    }
}
