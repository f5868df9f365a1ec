#!/bin/sh
# Builds the guest program into guest/elf/, or with --check says whether what is there is what these sources give.
#
#   guest/build.sh            build, write reprice-guest.elf, symbols.txt and manifest.toml
#   guest/build.sh --check    build elsewhere and compare; exit status 1 if they differ
#
# Needs a Rust compiler with the sources of its standard library, and lld. Either
#   rustup:   rustup toolchain install nightly --component rust-src     (then RUSTUP_TOOLCHAIN=nightly guest/build.sh)
#   Debian:   apt-get install rustc-web cargo-web rust-web-src lld      (then RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo guest/build.sh)
# The committed program was built by the compiler that elf/manifest.toml names; others give other bytes.
set -eu
export LC_ALL=C

guest=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$guest")
RUSTC=${RUSTC:-rustc}
CARGO=${CARGO:-cargo}
target=riscv64im-reprice-zkvm-elf
export RUSTC

# Every file that decides what the program does: its own, the engine's without its tests, and which crates those build on. The
# same list is in the test `the_guest_program_is_built_from_these_sources` of the tool.
sources() {
    cd "$root"
    {
        find guest -type f ! -path 'guest/target/*' ! -path 'guest/elf/*' ! -name '*.md' ! -name .gitignore
        find src/engine -type f ! -path '*tests*'
    } | sort | xargs sha256sum
    grep -E '^(revm|alloy-|serde|postcard|libssz)[^ ]* = .*=' Cargo.toml | grep -v workspace | sha256sum
}
source_hash=$(sources | sha256sum | cut -d' ' -f1)

if [ "${1:-}" = --check ]; then
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
else
    out=$guest/elf
fi

# Nothing of this machine in the program: neither paths nor names that depend on them.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$("$RUSTC" --print sysroot)
export RUSTC_BOOTSTRAP=1
export RUSTC_WRAPPER="$guest/rustc.sh"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$guest/target}"
export CARGO_INCREMENTAL=0
# The program has no symbols, and gets none: what its functions are called stands in the map that the linker writes beside it.
export LINK_MAP="$CARGO_TARGET_DIR/reprice-guest.map"
export RUSTFLAGS="-C passes=lower-atomic -C panic=abort --cfg getrandom_backend=\"custom\" \
-C link-arg=--image-base=0x78000000 -C link-arg=--build-id=none \
--remap-path-prefix=$root=/reprice --remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$sysroot=/rust"

cd "$guest"
# The map is made when the program is linked: again, where it is gone.
[ -e "$LINK_MAP" ] || touch src/main.rs
"$CARGO" build --release --locked -Zjson-target-spec \
    -Zbuild-std=core,alloc,compiler_builtins -Zbuild-std-features=compiler-builtins-mem --target "$target.json"
cp "$CARGO_TARGET_DIR/$target/release/reprice-guest" "$out/reprice-guest.elf"
chmod 644 "$out/reprice-guest.elf"

elf_hash=$(sha256sum < "$out/reprice-guest.elf" | cut -d' ' -f1)
{
    echo "# Written by guest/build.sh: first address and bytes of each function, in hexadecimal, and its name, for the program"
    echo "# $elf_hash"
    awk -f symbols.awk "$LINK_MAP"
} > "$out/symbols.txt"
cat > "$out/manifest.toml" <<EOF
# Written by guest/build.sh. Hashes are SHA-256.
sources = "$source_hash"
elf = "$elf_hash"
rustc = "$("$RUSTC" --version)"
llvm = "$("$RUSTC" -vV | sed -n 's/^LLVM version: //p')"
EOF

if [ "${1:-}" = --check ]; then
    diff "$guest/elf/manifest.toml" "$out/manifest.toml"
    cmp "$guest/elf/reprice-guest.elf" "$out/reprice-guest.elf"
    cmp "$guest/elf/symbols.txt" "$out/symbols.txt"
    echo "the guest is what its sources give"
fi
