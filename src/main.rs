//! The `reprice` command.

fn main() {}
