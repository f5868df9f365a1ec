# The daily commands; `just` lists them. All but `ci`, `job` and `guest` build in the profile for work.

_list:
    @just --list --unsorted

# Fast answer while editing.
check:
    cargo check --workspace --all-targets

# Tests; `just test report::` runs those with this in their name.
test *FILTER:
    cargo test --workspace {{ FILTER }}

# Any subcommand: `just run check schedules/zk-proving.gas`.
run *ARGUMENTS:
    cargo run -- {{ ARGUMENTS }}

# Takes what is printed now as what must be printed; look at `git diff snapshots` afterwards.
accept *FILTER:
    INSTA_UPDATE=always cargo test --test snapshots {{ FILTER }}

# Formatted, and no warnings.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Documentation of everything, private items included.
docs:
    cargo doc --workspace --no-deps --document-private-items --open

# The main job as the README shows it.
job:
    cargo run --release -- propose schedules/zk-proving.gas

# A benchmark: speed, corpus, import or counting.
bench NAME *ARGUMENTS:
    cargo bench --bench {{ NAME }} -- {{ ARGUMENTS }}

# The guest program after a change in src/engine or guest; on Debian with rustc-web, cargo-web, rust-web-src and lld.
guest *ARGUMENTS:
    RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo guest/build.sh {{ ARGUMENTS }}

# All of CI, or the stages named.
ci *STAGES:
    .ci/run {{ STAGES }}
