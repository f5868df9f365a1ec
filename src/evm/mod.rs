//! revm under a schedule.
