#!/usr/bin/env bash
# Builds the image `reprice-server` (or the tag given) from this checkout alone: no base image, no registry.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=${1:-reprice-server}
cargo build --release --locked --package reprice-server
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/rootfs" "$work/rootfs/tmp"
cp "$target/release/reprice-server" "$work/rootfs/"
ldd "$target/release/reprice-server" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$work/rootfs$(dirname "$library")"
    cp -L "$library" "$work/rootfs$library"
done
cp server/Dockerfile "$work/"
docker build --quiet --tag "$tag" "$work"
