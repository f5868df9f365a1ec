//! Why a block is refused.

use alloc::{format, string::String};
use core::fmt;

use super::{state::StateError, trie::TrieError};

macro_rules! reasons {
    ($($(#[$doc:meta])* $id:ident = $code:literal, $text:literal;)*) => {
        /// Why a block is refused: the code that a guest commits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Reason { $($(#[$doc])* $id = $code,)* }

        impl Reason {
            /// Every reason, in order of codes.
            pub const ALL: &[Self] = &[$(Self::$id,)*];

            /// What it says.
            pub const fn text(self) -> &'static str { match self { $(Self::$id => $text,)* } }
        }
    };
}

reasons! {
    /// Nothing is wrong.
    None = 0, "the block is valid";
    /// The input as a whole.
    Input = 1, "the input cannot be decoded";
    /// The block's RLP.
    BlockEncoding = 2, "the block cannot be decoded";
    /// The schedule.
    Tariff = 3, "the schedule cannot be charged";
    /// The witness's headers.
    WitnessHeaders = 4, "the witness's headers are not an unbroken chain that ends in the parent";
    /// A trie node.
    MissingNode = 5, "the witness lacks a trie node";
    /// A code.
    MissingCode = 6, "the witness lacks a code";
    /// An ancestor that BLOCKHASH asks for.
    MissingHeader = 7, "the witness lacks an ancestor's header";
    /// A trie node or a value in the trie.
    MalformedState = 8, "the state is malformed";
    /// The parent's hash.
    ParentHash = 16, "the parent hash is not the parent's";
    /// The block number.
    Number = 17, "the number does not follow the parent's";
    /// The timestamp.
    Timestamp = 18, "the timestamp is not after the parent's";
    /// The gas limit, against the parent's.
    GasLimit = 19, "the gas limit is too far from the parent's, or below 5000";
    /// Gas used, against the gas limit.
    GasAboveLimit = 20, "the gas used is above the gas limit";
    /// EIP-1559.
    BaseFee = 21, "the base fee does not follow from the parent";
    /// Extra data.
    ExtraData = 22, "the extra data is longer than 32 bytes";
    /// Difficulty, nonce, ommers (EIP-3675).
    ProofOfWork = 23, "difficulty, nonce or ommers are not empty";
    /// A header field of another fork.
    ForkFields = 24, "a header field is missing, or belongs to a later fork";
    /// EIP-4844, EIP-7691, EIP-7892.
    BlobGasLimit = 25, "the blob gas used is above the limit";
    /// EIP-4844, EIP-7918.
    ExcessBlobGas = 26, "the excess blob gas does not follow from the parent";
    /// EIP-7934.
    BlockSize = 27, "the block is larger than 8 MiB";
    /// The transactions root.
    TransactionsRoot = 28, "the transactions root is not that of the transactions";
    /// The withdrawals root.
    WithdrawalsRoot = 29, "the withdrawals root is not that of the withdrawals";
    /// The block hash of a payload.
    BlockHash = 30, "the block hash is not that of the payload";
    /// A transaction's signature.
    Signature = 32, "a transaction's signature is invalid";
    /// A transaction's form: blobs travel outside of blocks.
    BlobSidecar = 33, "a transaction carries its blobs";
    /// A transaction that may not be included.
    Transaction = 34, "a transaction is invalid";
    /// A transaction's gas limit, against what is left of the block.
    BlockGas = 35, "a transaction's gas limit is more than the block has left";
    /// EIP-7002, EIP-7251, EIP-4788, EIP-2935.
    SystemContract = 36, "a system contract is missing or failed";
    /// EIP-6110.
    Deposits = 37, "a deposit cannot be read";
    /// Anything else that stops execution.
    Execution = 38, "the block cannot be executed";
    /// Gas used, against execution.
    GasUsed = 48, "the gas used is not what execution used";
    /// Blob gas used, against the transactions.
    BlobGasUsed = 49, "the blob gas used is not that of the transactions";
    /// The receipts root.
    ReceiptsRoot = 50, "the receipts root is not that of the receipts";
    /// The bloom filter.
    LogsBloom = 51, "the logs bloom is not that of the receipts";
    /// EIP-7685.
    RequestsHash = 52, "the requests hash is not that of the requests";
    /// The state root.
    StateRoot = 53, "the state root is not that of the state after the block";
    /// EIP-7928.
    BlockAccessList = 54, "the block access list hash is not that of the accesses";
    /// EIP-7928.
    AccessListItems = 55, "the block access list has more items than the gas limit allows";
}

impl Reason {
    /// The code that a guest commits.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A refusal: the reason, and what exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockError {
    /// The rule that is broken.
    pub reason: Reason,
    /// Which transaction, which value. May be empty.
    pub detail: String,
}

impl BlockError {
    /// A refusal with details.
    pub fn new(reason: Reason, detail: impl fmt::Display) -> Self {
        Self {
            reason,
            detail: format!("{detail}"),
        }
    }
}

impl From<Reason> for BlockError {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            detail: String::new(),
        }
    }
}

impl From<StateError> for BlockError {
    fn from(error: StateError) -> Self {
        let reason = match error {
            StateError::Trie(TrieError::Missing(_)) => Reason::MissingNode,
            StateError::Trie(TrieError::Malformed) | StateError::Value => Reason::MalformedState,
            StateError::MissingCode(_) => Reason::MissingCode,
            StateError::MissingHeader(_) => Reason::MissingHeader,
        };
        Self::new(reason, error)
    }
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            self.reason.fmt(f)
        } else {
            write!(f, "{}: {}", self.reason, self.detail)
        }
    }
}

impl core::error::Error for BlockError {}
