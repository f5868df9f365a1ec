#!/usr/bin/env bash
# Proves a small block on the CPU with SP1 and verifies the proof, in a container of an image made from this checkout alone.
# Prints what it took, the container's most memory included.
set -euo pipefail
cd "$(dirname "$0")/.."
image=reprice-server-sp1
# One folder for both workspaces, so that what they share is built once.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release --locked --manifest-path server/sp1/Cargo.toml
cargo build --release --locked --bin reprice
server/image.sh "$image" "$CARGO_TARGET_DIR/release/reprice-server-sp1"
reprice=$(realpath "$CARGO_TARGET_DIR/release/reprice")
work=$(mktemp -d)
trap 'rm -rf "$work"; docker image rm --force "$image" >/dev/null' EXIT
cat >"$work/reprice.toml" <<EOF
[prover.sp1]
image         = "$image"
memory_mib    = 20480
start_limit_s = 900
block_limit_s = 1800
env           = { SP1_WORKER_NUM_CORE_WORKERS = "1" }
EOF
cd "$work"
REPRICE_CACHE_DIR="$work/cache" "$reprice" prover check sp1
