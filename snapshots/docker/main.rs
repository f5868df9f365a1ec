//! Provers in containers, for real: the image is built from this checkout, campaigns run on it, and containers are killed,
//! starved and lied to.
//!
//! Skipped, with a word, where no Docker engine answers; an error where `REPRICE_REQUIRE_DOCKER` is set.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod campaigns;
mod faults;
#[path = "../files.rs"]
mod files;
mod place;
mod proxy;
