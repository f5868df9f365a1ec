#!/usr/bin/env bash
# Builds the image `reprice-server` from this checkout alone: no base image, no registry.
# usage: image.sh [TAG [PROGRAM]]: PROGRAM is a built reprice-server; without it, one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=${1:-reprice-server}
program=${2:-}
if [ -z "$program" ]; then
    cargo build --release --locked -p reprice-server
    program=${CARGO_TARGET_DIR:-target}/release/reprice-server
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/rootfs/tmp"
cp "$program" "$work/rootfs/reprice-server"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$work/rootfs$(dirname "$library")"
    cp -L "$library" "$work/rootfs$library"
done
cp server/Dockerfile "$work/"
docker build --quiet --tag "$tag" "$work"
