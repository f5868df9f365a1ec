//! Loops over accounts or slots, another one each time.

/// What a loop goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Series {
    /// Accounts with a balance.
    Wallets,
    /// Accounts with so many bytes of code, each with its own.
    Contracts(u32),
    /// Accounts that do not exist.
    Fresh,
    /// Slots that hold something.
    Slots,
    /// Slots that do not.
    EmptySlots,
}

/// Something that is done with an account or a slot whose key is on top of the stack.
#[derive(Debug)]
pub(super) struct Touch {
    /// The schedule's name of the operation that it is about.
    pub operation: &'static str,
    text: &'static str,
    /// Whether it is about slots.
    slots: bool,
}

const fn account(operation: &'static str, text: &'static str) -> Touch {
    Touch {
        operation,
        text,
        slots: false,
    }
}

const fn slot(operation: &'static str, text: &'static str) -> Touch {
    Touch {
        operation,
        text,
        slots: true,
    }
}

/// Everything that can be done.
pub(super) const TOUCHES: &[Touch] = &[
    account("BALANCE", "POP(BALANCE(DUP1))"),
    account("EXTCODESIZE", "POP(EXTCODESIZE(DUP1))"),
    account("EXTCODEHASH", "POP(EXTCODEHASH(DUP1))"),
    account("EXTCODECOPY", "EXTCODECOPY(DUP4, 0, 0, 32)"),
    account("CALL", "CALL(GAS, DUP6, 0, 0, 0, 0, 0) ok"),
    account("CALL_VALUE", "CALL(GAS, DUP6, 1, 0, 0, 0, 0) ok"),
    account("CALLCODE", "CALLCODE(GAS, DUP6, 0, 0, 0, 0, 0) ok"),
    account("DELEGATECALL", "DELEGATECALL(GAS, DUP5, 0, 0, 0, 0) ok"),
    account("STATICCALL", "STATICCALL(GAS, DUP5, 0, 0, 0, 0) ok"),
    slot("SLOAD", "POP(SLOAD(DUP1))"),
    slot("SSTORE", "SSTORE(DUP2, 1)"),
    slot("STORAGE_RESET", "SSTORE(DUP2, 2)"),
    slot("TLOAD", "POP(TLOAD(DUP1))"),
    slot("TSTORE", "TSTORE(DUP2, 1)"),
];

/// Bytes of code of each of a series of contracts.
pub(super) const CODES: &[u32] = &[1, 508, 4096, 24_571];
/// Of contracts with longer codes there are only as many as a block touches, which takes a deep state.
const SHORT: u32 = 508;
/// Branches on a path in a state of millions.
const DEPTH: &str = "\"8\"";
/// Keys of a series in a deep state, and in one that is listed.
const MANY: [(bool, u32); 2] = [(true, 65_536), (false, 24_576)];

/// A loop over a series.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    /// What it goes over.
    pub series: Series,
    /// Whether its paths are as deep as in a state of millions.
    pub deep: bool,
    /// What is done with each.
    pub touches: Vec<&'static Touch>,
    /// How often an iteration holds the body.
    pub repeat: u32,
}

impl Keyed {
    /// Whether what is done can be done with what there is.
    pub(super) fn is_sound(&self) -> bool {
        let slots = matches!(self.series, Series::Slots | Series::EmptySlots);
        let listed = self.deep || !matches!(self.series, Series::Contracts(bytes) if bytes > SHORT);
        !self.touches.is_empty() && listed && self.touches.iter().all(|touch| touch.slots == slots)
    }

    /// The body's text.
    pub(super) fn body(&self) -> String {
        let touches = self.touches.iter().map(|touch| touch.text);
        touches.chain(["ADD(1)"]).collect::<Vec<_>>().join(" ")
    }

    /// The fields of its scenario; `None` where it is not sound.
    pub(super) fn fields(&self) -> Option<Vec<(&'static str, String)>> {
        if !self.is_sound() {
            return None;
        }
        let many = MANY.iter().find(|(deep, _)| *deep == self.deep);
        let many = many.map_or(0, |(_, many)| *many);
        let index = match self.series {
            Series::Wallets => "$wallet",
            Series::Contracts(_) => "$contract",
            Series::Fresh => "$fresh",
            Series::Slots => "0",
            Series::EmptySlots => "0x100000000",
        };
        let text = |text: &str| format!("\"{text}\"");
        let mut fields = vec![
            ("index", text(index)),
            ("before", text("SWAP1")),
            ("body", text(&self.body())),
            ("after", text("SWAP1")),
            ("repeat", self.repeat.to_string()),
        ];
        let depth = ("account_depth", DEPTH.to_owned());
        let wallets = format!("[{{ name = \"wallet\", copies = {many}, balance = 1 }}]");
        fields.push(match self.series {
            Series::Contracts(bytes) => (
                "accounts",
                format!(
                    "[{{ name = \"contract\", copies = {many}, code = \"STOP\", data = \"0x5b*{bytes}\", distinct = true }}]"
                ),
            ),
            Series::Fresh | Series::EmptySlots if self.deep => ("absent", many.to_string()),
            Series::Wallets | Series::Fresh => ("accounts", wallets),
            Series::Slots | Series::EmptySlots => ("storage", many.to_string()),
        });
        if self.deep {
            fields.push(depth);
            if matches!(self.series, Series::Slots | Series::EmptySlots) {
                fields.push(("storage_depth", DEPTH.to_owned()));
            }
        }
        Some(fields)
    }
}
