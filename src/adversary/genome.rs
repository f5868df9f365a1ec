//! What a search breeds: a program, a loop over keys, or transactions.

use super::{
    envelope::Envelope,
    keyed::{Keyed, Series},
    program::{Program, quoted},
};
use crate::bench::{Scenario, ScenarioError, scenarios_in};

/// A block's work, as it is bred.
#[derive(Clone, Debug)]
pub(super) enum Genome {
    /// A loop on the stack and in memory.
    Program(Program),
    /// A loop over accounts or slots.
    Keyed(Keyed),
    /// Transactions that run nothing.
    Transactions(Envelope),
}

impl Genome {
    /// What it is about.
    pub(super) fn operation(&self) -> &str {
        match self {
            Self::Program(program) => program.operation(),
            Self::Keyed(keyed) => keyed.touches.first().map_or("", |touch| touch.operation),
            Self::Transactions(envelope) => envelope.operation(),
        }
    }

    /// What is repeated, in a line.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Program(program) if program.called => format!("{} (called)", program.body()),
            Self::Program(program) => program.body(),
            Self::Keyed(keyed) => format!("{}: {}", series(keyed), keyed.body()),
            Self::Transactions(envelope) => envelope.text(),
        }
    }

    /// Its entry in a file of scenarios, under this name and for this reason; `None` where its stack does not hold.
    pub(super) fn entry(&self, id: &str, operation: &str, why: &str) -> Option<String> {
        let fields = match self {
            Self::Program(program) => program.fields()?,
            Self::Keyed(keyed) => keyed.fields()?,
            Self::Transactions(envelope) => envelope.fields(),
        };
        let head = [("id", id), ("operation", operation), ("why", why)];
        let head = head.map(|(name, text)| (name, quoted(text)));
        let lines = head.into_iter().chain(fields);
        let lines: Vec<String> = lines
            .map(|(name, text)| format!("{name} = {text}\n"))
            .collect();
        Some(format!("[[scenario]]\n{}", lines.concat()))
    }

    /// As a scenario; `None` where it cannot be one. It is read from its text, so that what is measured is what a file has.
    ///
    /// # Errors
    /// The text cannot be read back.
    pub(super) fn scenario(
        &self,
        id: &str,
        operation: &str,
    ) -> Result<Option<Scenario>, ScenarioError> {
        let entry = self.entry(id, operation, "");
        let read = entry.map(|text| scenarios_in(id, &text)).transpose()?;
        Ok(read.and_then(|all| all.into_iter().next()))
    }
}

fn series(keyed: &Keyed) -> String {
    let of = match keyed.series {
        Series::Wallets => "accounts".to_owned(),
        Series::Contracts(bytes) => format!("contracts of {bytes} bytes"),
        Series::Fresh => "absent accounts".to_owned(),
        Series::Slots => "slots".to_owned(),
        Series::EmptySlots => "absent slots".to_owned(),
    };
    let depth = if keyed.deep { ", deep" } else { "" };
    format!("another of {of}{depth}")
}
