//! What checking a fixture finds.

/// What to check beyond headers, receipts and opcode counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also validate every block from nothing but the witness it needs.
    pub witness: bool,
}

/// What a fixture's check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Blocks of the fixture.
    pub blocks: usize,
    /// Blocks that came out as the fixture says: valid ones with the same header, invalid ones refused for its reason.
    pub reproduced: usize,
    /// How many of those are invalid.
    pub invalid: usize,
    /// Canonical guest inputs that encode to the same bytes again, with the same output.
    pub guest_inputs: usize,
    /// What came out differently.
    pub mismatches: Vec<Mismatch>,
    /// Why none of it could be executed.
    pub not_run: Option<String>,
    /// What the fixture lacks, so that it could not be checked.
    pub unchecked: Option<String>,
}

impl Checked {
    /// Of so many blocks, none of which has been looked at.
    pub(super) fn of(blocks: usize) -> Self {
        Self {
            blocks,
            ..Self::default()
        }
    }
}

/// Something that came out differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The position of the block, from 0; `None` for the fixture as a whole.
    pub block: Option<usize>,
    /// What.
    pub what: String,
}
