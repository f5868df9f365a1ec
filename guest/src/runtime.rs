//! The program's start and end, its memory and its panics: what an operating system would do.

use core::alloc::{GlobalAlloc, Layout};

use alloc::vec::Vec;
use sp1_lib::{io, syscall_commit, syscall_commit_deferred_proofs, syscall_halt};

use crate::crypto::hash::sha256;

/// Exit code of a panic.
const EXIT_PANIC: u8 = 1;
/// Exit code when the heap is full. The host reports it as out of memory.
const EXIT_OUT_OF_MEMORY: u8 = 4;
/// Bytes of heap. The zkVM has more, but every byte in use costs its host two.
const HEAP_BYTES: usize = 2 << 30;

core::arch::global_asm!(
    ".section .text._start,\"ax\"",
    ".globl _start",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "li sp, 0x78000000",
    "call {start}",
    start = sym start,
);

/// Commits what `main` returns and leaves with exit code 0.
extern "C" fn start() -> ! {
    let committed: Vec<u8> = crate::main();
    io::write(io::FD_PUBLIC_VALUES, &committed);
    for (index, word) in sha256(&committed).as_chunks::<4>().0.iter().enumerate() {
        syscall_commit(index, u32::from_le_bytes(*word));
    }
    for index in 0..8 {
        syscall_commit_deferred_proofs(index, 0);
    }
    syscall_halt(0)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    syscall_halt(EXIT_PANIC)
}

/// Hands out memory upwards and takes back only what was handed out last: a zkVM pays for every instruction of an
/// allocator, but hardly for memory.
struct Bump;

#[global_allocator]
static HEAP: Bump = Bump;

unsafe extern "C" {
    /// End of the program's own data, from the linker.
    static _end: u8;
}

/// Next free address; 0 before the first allocation.
static mut NEXT: usize = 0;

unsafe impl GlobalAlloc for Bump {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe {
            let heap_start = &raw const _end as usize;
            let next = if NEXT == 0 { heap_start } else { NEXT };
            // Words at least: what is aligned is copied and hashed faster.
            let align = layout.align().max(8) - 1;
            let start = (next + align) & !align;
            let end = start.wrapping_add(layout.size());
            if end < start || end > heap_start + HEAP_BYTES {
                syscall_halt(EXIT_OUT_OF_MEMORY);
            }
            NEXT = end;
            start as *mut u8
        }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe {
            if memory as usize + layout.size() == NEXT {
                NEXT = memory as usize;
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe {
            let memory = self.alloc(layout);
            core::ptr::write_bytes(memory, 0, layout.size());
            memory
        }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            let heap_end = &raw const _end as usize + HEAP_BYTES;
            if memory as usize + layout.size() == NEXT && size <= heap_end - memory as usize {
                NEXT = memory as usize + size;
                return memory;
            }
            if size <= layout.size() {
                return memory;
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            core::ptr::copy_nonoverlapping(memory, moved, layout.size());
            moved
        }
    }
}
