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

/// Hands out memory upwards and takes back what was handed out last: a zkVM pays for every instruction of an allocator,
/// but hardly for memory. Only large blocks are kept for reuse, so that a block of calls with large inputs fits.
struct Heap;

#[global_allocator]
static HEAP: Heap = Heap;

unsafe extern "C" {
    /// End of the program's own data, from the linker.
    static _end: u8;
}

/// Blocks of this many bytes and more have a power of two of bytes, and are kept for reuse, unless they are aligned to
/// more than words.
const LARGE: usize = 4096;
/// Next free address; 0 before the first allocation.
static mut NEXT: usize = 0;
/// Free large blocks by the exponent of their size; each holds the address of the next.
static mut FREE: [usize; 64] = [0; 64];

fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= 8
}

/// Bytes that a block takes.
fn taken(layout: Layout) -> usize {
    if is_large(layout) {
        layout.size().next_power_of_two()
    } else {
        layout.size()
    }
}

unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return unsafe { alloc_large(taken(layout)) };
        }
        unsafe { extend(layout.size(), layout.align()) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe {
            if memory as usize + taken(layout) == NEXT {
                NEXT = memory as usize;
            } else if is_large(layout) {
                let list = &raw mut FREE[taken(layout).trailing_zeros() as usize];
                memory.cast::<usize>().write(*list);
                *list = memory as usize;
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            let resized = Layout::from_size_align_unchecked(size, layout.align());
            let (before, after) = (taken(layout), taken(resized));
            if after == before || after < before && !is_large(layout) {
                return memory;
            }
            if memory as usize + before == NEXT && memory as usize + after <= heap_end() {
                NEXT = memory as usize + after;
                return memory;
            }
            let moved = self.alloc(resized);
            core::ptr::copy_nonoverlapping(memory, moved, layout.size().min(size));
            self.dealloc(memory, layout);
            moved
        }
    }
}

/// A block of `size` bytes, a power of two, used before or new.
#[inline(never)]
unsafe fn alloc_large(size: usize) -> *mut u8 {
    unsafe {
        let list = &raw mut FREE[size.trailing_zeros() as usize];
        let first = *list as *mut usize;
        if first.is_null() {
            return extend(size, 8);
        }
        *list = *first;
        first.cast()
    }
}

/// New memory.
#[inline]
unsafe fn extend(size: usize, align: usize) -> *mut u8 {
    unsafe {
        let next = if NEXT == 0 {
            &raw const _end as usize
        } else {
            NEXT
        };
        // Words at least: what is aligned is copied and hashed faster.
        let align = align.max(8) - 1;
        let start = (next + align) & !align;
        let end = start.wrapping_add(size);
        if end < start || end > heap_end() {
            syscall_halt(EXIT_OUT_OF_MEMORY);
        }
        NEXT = end;
        start as *mut u8
    }
}

fn heap_end() -> usize {
    &raw const _end as usize + HEAP_BYTES
}
