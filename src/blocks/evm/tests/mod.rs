//! The engine against revm itself, and every parameter of the catalogue against the gas it must cause.

mod catalogue;
mod pages;
mod programs;
mod stock;
mod usage;
mod world;
