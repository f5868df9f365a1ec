//! What the bodies of loops are made of: operations with the stack they need, in the notation of scenarios.

use std::sync::LazyLock;

/// What a number in the text of a gene means, and so which ones are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// How deep a DUP or a SWAP reaches.
    Reach,
    /// Where something is in memory: counted from the end of what calls read.
    Offset,
    /// Where something is in code or data.
    Source,
    /// Bytes.
    Size,
}

impl Domain {
    /// What is tried: around words, around blocks of hashes, and long.
    pub(super) const fn values(self) -> &'static [u32] {
        match self {
            Self::Reach => &[1, 2, 3, 4, 5, 6, 8, 12, 16],
            Self::Offset => &[0, 1, 31, 32, 33, 64, 4095],
            Self::Source => &[0, 1, 17, 31, 32, 255],
            Self::Size => &[
                0, 1, 31, 32, 33, 55, 64, 100, 135, 136, 137, 256, 271, 272, 1024, 4096, 8192,
                32768, 65536,
            ],
        }
    }
}

/// One operation, with what is literal about it.
#[derive(Clone, Debug)]
pub(super) struct Gene {
    /// The schedule's name for it.
    pub operation: String,
    /// Its text; `{0}`, `{1}`, ... are its numbers.
    pub text: String,
    /// Words it takes from the stack.
    pub takes: usize,
    /// Words it leaves there.
    pub gives: usize,
    /// What its numbers mean.
    pub domains: &'static [Domain],
}

impl Gene {
    /// Whether it needs what only a transaction's own frame has: its calldata, or what a call returned.
    pub(super) fn is_of_the_frame(&self) -> bool {
        self.text.contains("DATACOPY") || self.text.contains("CALLDATALOAD")
    }

    /// How deep it looks into the stack, with these numbers.
    pub(super) fn reach(&self, numbers: &[u32]) -> usize {
        let number = numbers.first().copied().unwrap_or_default() as usize;
        match self.operation.as_str() {
            "DUP" => number,
            "SWAP" => number + 1,
            _ => self.takes,
        }
    }
}

/// Whether an operation only moves words for others: it is in everyone's programs.
pub(super) fn is_glue(operation: &str) -> bool {
    ["DUP", "SWAP", "POP", "PUSH", "PUSH0", "JUMPDEST"].contains(&operation)
}

/// Operations that take so many words and leave one.
const ON_THE_STACK: &[(usize, &[&str])] = &[
    (
        0,
        &[
            "ADDRESS",
            "ORIGIN",
            "CALLER",
            "CALLVALUE",
            "CALLDATASIZE",
            "CODESIZE",
            "RETURNDATASIZE",
            "GASPRICE",
            "COINBASE",
            "TIMESTAMP",
            "NUMBER",
            "PREVRANDAO",
            "GASLIMIT",
            "CHAINID",
            "BASEFEE",
            "BLOBBASEFEE",
            "SELFBALANCE",
            "MSIZE",
            "PC",
            "GAS",
            "PUSH0",
        ],
    ),
    (
        1,
        &[
            "ISZERO",
            "NOT",
            "CLZ",
            "CALLDATALOAD",
            "MLOAD",
            "SLOAD",
            "TLOAD",
            "BLOCKHASH",
            "BLOBHASH",
            "BALANCE",
            "EXTCODESIZE",
            "EXTCODEHASH",
        ],
    ),
    (
        2,
        &[
            "ADD",
            "SUB",
            "MUL",
            "DIV",
            "SDIV",
            "MOD",
            "SMOD",
            "EXP",
            "SIGNEXTEND",
            "LT",
            "GT",
            "SLT",
            "SGT",
            "EQ",
            "AND",
            "OR",
            "XOR",
            "BYTE",
            "SHL",
            "SHR",
            "SAR",
        ],
    ),
    (3, &["ADDMOD", "MULMOD"]),
];

/// The others: operation, text, words taken and left, numbers.
type Row = (&'static str, &'static str, usize, usize, &'static [Domain]);

const OTHERS: &[Row] = {
    use Domain::{Offset, Reach, Size, Source};
    &[
        ("DUP", "DUP{0}", 0, 1, &[Reach]),
        ("SWAP", "SWAP{0}", 0, 0, &[Reach]),
        ("POP", "POP", 1, 0, &[]),
        ("JUMPDEST", "JUMPDEST", 0, 0, &[]),
        ("JUMP", "JUMP(ADD(PC, 3)) JUMPDEST", 0, 0, &[]),
        ("JUMPI", "JUMPI(ADD(PC, 3), 1) JUMPDEST", 0, 0, &[]),
        ("JUMPI", "JUMPI(0, 0)", 0, 0, &[]),
        ("BLOCKHASH", "BLOCKHASH(SUB(NUMBER, 1))", 0, 1, &[]),
        ("MLOAD", "MLOAD({0})", 0, 1, &[Offset]),
        ("MSTORE", "MSTORE({0})", 1, 0, &[Offset]),
        ("MSTORE", "MSTORE({0}, 0)", 0, 0, &[Offset]),
        ("MSTORE8", "MSTORE8({0})", 1, 0, &[Offset]),
        ("MSTORE8", "MSTORE8({0}, 0)", 0, 0, &[Offset]),
        ("KECCAK256", "KECCAK256({0}, {1})", 0, 1, &[Offset, Size]),
        (
            "KECCAK256",
            "MSTORE({0}, KECCAK256({0}, {1}))",
            0,
            0,
            &[Offset, Size],
        ),
        (
            "MCOPY",
            "MCOPY({0}, {1}, {2})",
            0,
            0,
            &[Offset, Offset, Size],
        ),
        (
            "CODECOPY",
            "CODECOPY({0}, {1}, {2})",
            0,
            0,
            &[Offset, Source, Size],
        ),
        (
            "CALLDATACOPY",
            "CALLDATACOPY({0}, {1}, {2})",
            0,
            0,
            &[Offset, Source, Size],
        ),
        (
            "RETURNDATACOPY",
            "RETURNDATACOPY({0}, {1}, {2})",
            0,
            0,
            &[Offset, Source, Size],
        ),
        (
            "EXTCODECOPY",
            "EXTCODECOPY($contract, {0}, {1}, {2})",
            0,
            0,
            &[Offset, Source, Size],
        ),
        ("EXTCODESIZE", "EXTCODESIZE($contract)", 0, 1, &[]),
        ("EXTCODEHASH", "EXTCODEHASH($contract)", 0, 1, &[]),
        ("BALANCE", "BALANCE($contract)", 0, 1, &[]),
        ("BALANCE", "BALANCE(ADDRESS)", 0, 1, &[]),
        ("LOG", "LOG0({0}, {1})", 0, 0, &[Offset, Size]),
        ("LOG", "LOG1({0}, {1})", 1, 0, &[Offset, Size]),
        ("LOG", "LOG2({0}, {1})", 2, 0, &[Offset, Size]),
        ("LOG", "LOG3({0}, {1})", 3, 0, &[Offset, Size]),
        ("LOG", "LOG4({0}, {1})", 4, 0, &[Offset, Size]),
        ("SLOAD", "SLOAD(0)", 0, 1, &[]),
        ("SSTORE", "SSTORE(0)", 1, 0, &[]),
        ("SSTORE", "SSTORE", 2, 0, &[]),
        ("TSTORE", "TSTORE", 2, 0, &[]),
        ("TSTORE", "TSTORE(0)", 1, 0, &[]),
        ("TSTORE", "TSTORE(0, PC)", 0, 0, &[]),
        ("CALL", "CALL(GAS, $contract, 0, 0, 0, 0, 0) ok", 0, 0, &[]),
        ("CALL", "CALL(GAS, $fresh, 0, 0, 0, 0, 0) ok", 0, 0, &[]),
        (
            "CALL_VALUE",
            "CALL(GAS, $contract, 1, 0, 0, 0, 0) ok",
            0,
            0,
            &[],
        ),
        (
            "CALLCODE",
            "CALLCODE(GAS, $contract, 0, 0, 0, 0, 0) ok",
            0,
            0,
            &[],
        ),
        (
            "DELEGATECALL",
            "DELEGATECALL(GAS, $contract, 0, 0, 0, 0) ok",
            0,
            0,
            &[],
        ),
        (
            "STATICCALL",
            "STATICCALL(GAS, $contract, 0, 0, 0, 0) ok",
            0,
            0,
            &[],
        ),
        ("CREATE", "CREATE(0, {0}, {1}) ok", 0, 0, &[Offset, Size]),
    ]
};

/// Every gene.
pub(super) fn genes() -> &'static [Gene] {
    static GENES: LazyLock<Vec<Gene>> = LazyLock::new(|| {
        let rows = OTHERS
            .iter()
            .map(|(operation, text, takes, gives, domains)| Gene {
                operation: (*operation).into(),
                text: (*text).into(),
                takes: *takes,
                gives: *gives,
                domains,
            });
        let alone = ON_THE_STACK.iter().flat_map(|(takes, operations)| {
            operations.iter().map(|operation| Gene {
                operation: (*operation).into(),
                text: (*operation).into(),
                takes: *takes,
                gives: 1,
                domains: &[],
            })
        });
        rows.chain(alone).collect()
    });
    &GENES
}

/// The gene with this text.
pub(super) fn gene(text: &str) -> &'static Gene {
    let mut all = genes().iter();
    all.find(|gene| gene.text == text)
        .unwrap_or_else(|| unreachable!("no gene is written `{text}`"))
}
