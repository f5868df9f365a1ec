//! Every price of the built-in schedules: what it is, and what other projects call it.
//!
//! The root schedules define which prices there are and what they come to. This table says the rest of what is known of a
//! price, once: which exports, imports, meters and the engine read. A test holds the two together.

use super::{Fork, GasParam, Kind};

/// How a price comes to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is part of what an instruction or a precompile costs.
    Operation,
    /// It is charged by itself, so that a meter can count it.
    Charge,
    /// It is a divisor, a bound or a floor: the engine reads it, and no unit of it is counted.
    Rule,
    /// Other prices refer to it. A change of it reaches operations that have no price of their own.
    Reference,
    /// A name for prices of others, each of which can be set by itself. Nothing else follows from it.
    Name,
    /// It bounds blocks, and nothing that a block executes depends on it.
    Block,
}

/// What is known of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Its parameter's name in schedules, such as `KECCAK256.per_word`.
    pub name: &'static str,
    /// What carries it.
    pub kind: Kind,
    /// How it comes to be paid.
    pub role: Role,
    /// The first fork that has it; `None`: only proposals do.
    pub since: Option<Fork>,
    /// Constants of execution-specs of earlier releases that held it, separated by spaces.
    stale: &'static str,
    /// Before Amsterdam, and since.
    eels: [&'static str; 2],
    geth: [&'static str; 2],
    pitstop: &'static str,
    aliases: &'static str,
    family: Option<(u32, u32)>,
}

/// The constant that a project has for a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name, without the `GAS_` that execution-specs puts in front before Amsterdam.
    pub name: &'static str,
    /// The other price that it has in it.
    pub including: Option<&'static str>,
}

/// How go-ethereum holds a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geth {
    /// In a constant of `params/protocol_params.go`.
    Constant(Constant),
    /// In several constants.
    Each(&'static str),
    /// In a constant that go-ethereum calculates from these other prices, separated by spaces.
    Calculated(&'static str, &'static str),
    /// As the constant gas of jump table entries, under this name or its own.
    JumpTable(Option<&'static str>),
    /// Nowhere: its code charges the fork's own formula of other prices.
    Follows,
    /// Nowhere: its code charges this sum of other prices.
    Sum(&'static str),
}

impl Price {
    const fn new(kind: Kind, role: Role, name: &'static str) -> Self {
        Self {
            name,
            kind,
            role,
            since: Some(Fork::Prague),
            stale: "",
            eels: [""; 2],
            geth: [""; 2],
            pitstop: "",
            aliases: "",
            family: None,
        }
    }

    const fn since(self, fork: Fork) -> Self {
        Self {
            since: Some(fork),
            ..self
        }
    }

    const fn proposed(self) -> Self {
        Self {
            since: None,
            ..self
        }
    }

    const fn eels(self, name: &'static str) -> Self {
        Self {
            eels: [name; 2],
            ..self
        }
    }

    const fn eels_until_osaka(self, name: &'static str) -> Self {
        Self {
            eels: [name, ""],
            ..self
        }
    }

    const fn stale(self, stale: &'static str) -> Self {
        Self { stale, ..self }
    }

    const fn geth(self, name: &'static str) -> Self {
        Self {
            geth: [name; 2],
            ..self
        }
    }

    const fn geth_until_osaka(self, name: &'static str) -> Self {
        Self {
            geth: [name, ""],
            ..self
        }
    }

    const fn pitstop(self, pitstop: &'static str) -> Self {
        Self { pitstop, ..self }
    }

    const fn alias(self, aliases: &'static str) -> Self {
        Self { aliases, ..self }
    }

    const fn family(self, first: u32, last: u32) -> Self {
        Self {
            family: Some((first, last)),
            ..self
        }
    }

    /// The operation that it is a price of.
    pub fn operation(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// The constant of execution-specs in `fork`.
    pub fn eels_constant(&self, fork: Fork) -> Option<Constant> {
        Constant::read(self.eels[column(fork)])
    }

    /// How go-ethereum holds it in `fork`; `None`: in no way that is known here.
    pub fn geth_place(&self, fork: Fork) -> Option<Geth> {
        let cell = self.geth[column(fork)];
        let inside = |open, close| cell.strip_prefix(open)?.strip_suffix(close);
        Some(if let Some(opcode) = inside("[", "]") {
            Geth::JumpTable((!opcode.is_empty()).then_some(opcode))
        } else if let Some(sum) = cell.strip_prefix("=") {
            match sum.trim_start() {
                "" => Geth::Follows,
                sum => Geth::Sum(sum),
            }
        } else if let Some((name, prices)) = cell.split_once(" of ") {
            Geth::Calculated(name, prices)
        } else {
            match Constant::read(cell)? {
                Constant { name, .. } if name.contains(' ') => Geth::Each(name),
                constant => Geth::Constant(constant),
            }
        })
    }

    /// Section and key of pitstop's files, where they do not follow from its name.
    pub fn pitstop_key(&self) -> Option<(&'static str, &'static str)> {
        self.pitstop.rsplit_once('.')
    }
}

impl Constant {
    /// `NAME`, or `NAME - OTHER` where another price is in it.
    fn read(cell: &'static str) -> Option<Self> {
        let (name, including) = match cell.split_once(" - ") {
            Some((name, other)) => (name, Some(other)),
            None => (cell, None),
        };
        (!name.is_empty()).then_some(Self { name, including })
    }
}

const fn column(fork: Fork) -> usize {
    match fork {
        Fork::Prague | Fork::Osaka => 0,
        Fork::Amsterdam => 1,
    }
}

/// Every price, in the order of this table.
pub fn prices() -> impl Iterator<Item = &'static Price> + Clone {
    PARAMS.iter().chain(INSTRUCTIONS).chain(OPERATIONS)
}

/// The row of a parameter by its name.
pub fn price(name: &str) -> Option<&'static Price> {
    prices().find(|price| price.name == name)
}

/// The row of a parameter.
pub fn price_of(param: &GasParam) -> Option<&'static Price> {
    let part = param.part.name();
    prices().find(|price| match price.name.split_once('.') {
        Some((operation, own)) => operation == param.operation && Some(own) == part,
        None => price.name == param.operation && part.is_none(),
    })
}

/// Whether a parameter is charged by itself.
pub fn is_charge(name: &str) -> bool {
    price(name).is_some_and(|price| price.role == Role::Charge)
}

/// Whether a parameter is there for others to refer to, or for blocks: the engine need not read it.
pub fn is_reference(name: &str) -> bool {
    let role = price(name).map(|price| price.role);
    matches!(role, Some(Role::Reference | Role::Name | Role::Block))
}

/// The name here of an operation that goes by several; any other as it is.
pub fn alias(name: &str) -> &str {
    let known = prices().find(|price| {
        let mut aliases = price.aliases.split_whitespace();
        aliases.any(|alias| alias == name)
    });
    known.map_or(name, |price| price.operation())
}

/// The family that an instruction such as `PUSH1` is priced with, and the first and last number of its members.
pub fn family(name: &str) -> Option<(&'static str, u32, u32)> {
    prices().find_map(|price| {
        let (first, last) = price.family?;
        let digits = name.strip_prefix(price.operation())?;
        let plain = !digits.starts_with('0') || digits == "0";
        let number = digits.parse::<u32>().ok().filter(|_| plain)?;
        (first..=last)
            .contains(&number)
            .then(|| (price.operation(), first, last))
    })
}

/// The numbers of a family's members.
pub fn members(operation: &str) -> Option<(u32, u32)> {
    let mut own = prices().filter(|price| price.operation() == operation);
    own.find_map(|price| price.family)
}

/// What a constant of an earlier release of execution-specs is called now.
pub fn renamed(constant: &str) -> Option<&'static str> {
    let known = prices().find(|price| price.stale.split_whitespace().any(|old| old == constant))?;
    known.eels_constant(Fork::Osaka).map(|now| now.name)
}

/// Parameters: role, name, and what is known of them. Columns are methods of [`Price`].
macro_rules! params {
    ($($role:ident $name:ident { $($column:ident($($cell:expr),*))* };)*) => {
        /// The parameters' names.
        pub mod name {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub const $name: &str = stringify!($name);
            )*
        }

        const PARAMS: &[Price] = &[$(
            Price::new(Kind::Param, Role::$role, stringify!($name))$(.$column($($cell),*))*,
        )*];
    };
}

/// Instructions with one price, which is a constant of execution-specs and an entry of go-ethereum's jump table.
macro_rules! instructions {
    ($($name:ident)*) => {
        const INSTRUCTIONS: &[Price] = &[$(
            Price::new(Kind::Opcode, Role::Operation, stringify!($name))
                .eels(concat!("OPCODE_", stringify!($name)))
                .geth("[]"),
        )*];
    };
}

/// All other prices of operations.
macro_rules! operations {
    ($($kind:ident $name:literal { $($column:ident($($cell:expr),*))* };)*) => {
        const OPERATIONS: &[Price] = &[$(
            Price::new(Kind::$kind, Role::Operation, $name)$(.$column($($cell),*))*,
        )*];
    };
}

params! {
    Name      BASE                         { eels("BASE") };
    Name      VERY_LOW                     { eels("VERY_LOW") };
    Name      LOW                          { eels("LOW") };
    Name      MID                          { eels("MID") };
    Name      HIGH                         { eels("HIGH") };
    Reference WARM_ACCESS                  { eels("WARM_ACCESS") stale("WARM_SLOAD WARM_ACCOUNT_ACCESS") geth("WarmStorageReadCostEIP2929") pitstop("storage.WARM_ACCESS") };
    Reference COLD_ACCOUNT_ACCESS          { eels("COLD_ACCOUNT_ACCESS") geth("ColdAccountAccessCostEIP2929") pitstop("storage.COLD_ACCOUNT_ACCESS") };
    Reference COLD_STORAGE_ACCESS          { eels("COLD_STORAGE_ACCESS") stale("COLD_SLOAD") geth("ColdSloadCostEIP2929") pitstop("storage.COLD_SLOAD") };
    Reference STORAGE_SET                  { eels_until_osaka("STORAGE_SET") geth_until_osaka("SstoreSetGasEIP2200") pitstop("storage.SSTORE_SET_COST") };
    Reference STORAGE_RESET                { eels_until_osaka("COLD_STORAGE_WRITE - COLD_STORAGE_ACCESS") stale("STORAGE_UPDATE") geth_until_osaka("SstoreResetGasEIP2200 - COLD_STORAGE_ACCESS") pitstop("storage.SSTORE_RESET_COST") };
    Rule      SSTORE_SENTRY                { geth("SstoreSentryGasEIP2200") };
    Reference CALL_VALUE                   { eels("CALL_VALUE") geth("CallValueTransferGas") };
    Charge    CALL_STIPEND                 { eels("CALL_STIPEND") geth("CallStipend") };
    Rule      CALL_GAS_DIVISOR             {};
    Reference NEW_ACCOUNT                  { eels("NEW_ACCOUNT") geth_until_osaka("CallNewAccountGas CreateBySelfdestructGas") };
    Charge    CODE_DEPOSIT_PER_BYTE        { eels("CODE_DEPOSIT_PER_BYTE") geth("CreateDataGas") };
    Reference CODE_INIT_PER_WORD           { eels("CODE_INIT_PER_WORD") geth("InitCodeWordGas") };
    Charge    MEMORY_PER_WORD              { eels("MEMORY_PER_WORD") stale("MEMORY") geth("MemoryGas") pitstop("memory.MEMORY_WORD") };
    Charge    MEMORY_PER_PAGE              { proposed() };
    Charge    MEMORY_QUADRATIC_DIVISOR     { geth("QuadCoeffDiv") pitstop("memory.QUADRATIC_DENOMINATOR") };
    Reference COPY_PER_WORD                { eels("OPCODE_COPY_PER_WORD") stale("COPY RETURN_DATA_COPY") geth("CopyGas") pitstop("memory.COPY_WORD") };
    Charge    TX_BASE                      { eels("TX_BASE") geth("TxGas") pitstop("transaction.BASE") };
    Charge    TX_CREATE                    { eels("TX_CREATE") geth_until_osaka("TxGasContractCreation - TX_BASE") };
    Charge    TX_CODE_INIT_PER_WORD        { geth("=") };
    Charge    TX_RECIPIENT                 {};
    Charge    TX_VALUE                     { eels("TX_VALUE_COST") };
    Name      TX_DATA_TOKEN_STANDARD       { eels("TX_DATA_TOKEN_STANDARD") };
    Reference TX_DATA_TOKEN_FLOOR          { eels("TX_DATA_TOKEN_FLOOR") geth("TxCostFloorPerToken") pitstop("calldata.COST_FLOOR_PER_TOKEN") };
    Charge    TX_DATA_ZERO_BYTE            { eels("TX_DATA_PER_ZERO") geth("TxDataZeroGas") pitstop("calldata.DATA_ZERO") };
    Charge    TX_DATA_NONZERO_BYTE         { eels("TX_DATA_PER_NON_ZERO") geth("TxDataNonZeroGasEIP2028") pitstop("calldata.DATA_NON_ZERO") };
    Rule      TX_FLOOR_BASE                { geth("=") };
    Rule      TX_FLOOR_ZERO_BYTE           { geth("=") };
    Rule      TX_FLOOR_NONZERO_BYTE        { geth("=") };
    Charge    TX_ACCESS_LIST_ADDRESS       { eels("TX_ACCESS_LIST_ADDRESS") geth("TxAccessListAddressGas") pitstop("transaction.ACCESS_LIST_ADDRESS") };
    Charge    TX_ACCESS_LIST_STORAGE_KEY   { eels("TX_ACCESS_LIST_STORAGE_KEY") geth("TxAccessListStorageKeyGas") pitstop("transaction.ACCESS_LIST_STORAGE_KEY") };
    Charge    TX_ACCESS_LIST_BYTE          {};
    Charge    TX_AUTH_PER_EMPTY_ACCOUNT    { eels_until_osaka("AUTH_PER_EMPTY_ACCOUNT") geth_until_osaka("= NEW_ACCOUNT") };
    Reference TX_AUTH_BASE                 { geth_until_osaka("TxAuthTupleGas") };
    Charge    REFUND_STORAGE_CLEAR         { eels("REFUND_STORAGE_CLEAR") geth_until_osaka("SstoreClearsScheduleRefundEIP3529 of STORAGE_RESET TX_ACCESS_LIST_STORAGE_KEY") pitstop("storage.REFUND_SCLEAR") };
    Charge    REFUND_STORAGE_RESTORE_SET   { geth_until_osaka("=") };
    Charge    REFUND_STORAGE_RESTORE_RESET { geth_until_osaka("=") };
    Charge    REFUND_SELFDESTRUCT          { eels("REFUND_SELF_DESTRUCT") pitstop("storage.REFUND_SELFDESTRUCT") };
    Charge    REFUND_AUTH_EXISTING_ACCOUNT { eels("REFUND_AUTH_PER_EXISTING_ACCOUNT") geth_until_osaka("= NEW_ACCOUNT - TX_AUTH_BASE") };
    Rule      REFUND_DIVISOR               { geth("RefundQuotientEIP3529") };
    Rule      BLOB_GAS_PER_BLOB            { eels("PER_BLOB") };
    Rule      BLOB_TARGET                  { eels("BLOB_SCHEDULE_TARGET") };
    Rule      BLOB_MAX                     { eels("BLOB_SCHEDULE_MAX") };
    Rule      BLOB_MAX_PER_TX              { geth("BlobTxMaxBlobs") };
    Rule      BLOB_MIN_BASE_FEE            { eels("BLOB_MIN_GASPRICE") };
    Rule      BLOB_UPDATE_FRACTION         { eels("BLOB_BASE_FEE_UPDATE_FRACTION") };
    Block     BLOCK_GAS_LIMIT              {};
    Rule      MAX_CODE_SIZE                { geth("MaxCodeSize") };
    Rule      MAX_INIT_CODE_SIZE           { geth("MaxInitCodeSize of MAX_CODE_SIZE") };
    Reference MODEXP_MIN_GAS               { pitstop("precompiles.MODEXP.MIN_GAS") };
    Reference MODEXP_DIVISOR               {};
    Rule      MODEXP_ITERATIONS_PER_BYTE   {};
    Rule      MODEXP_COMPLEXITY_PER_WORD   {};
    Rule      BLOB_RESERVE_BASE_COST       { since(Fork::Osaka) eels("BLOB_BASE_COST") geth("BlobBaseCost") };
    Rule      TX_MAX_GAS                   { since(Fork::Osaka) geth("MaxTxGas") };
    Rule      MODEXP_COMPLEXITY_SMALL      { since(Fork::Osaka) };
    Rule      MODEXP_MAX_BYTES             { since(Fork::Osaka) };
    Reference ACCOUNT_WRITE                { since(Fork::Amsterdam) eels("ACCOUNT_WRITE") };
    Reference STORAGE_WRITE                { since(Fork::Amsterdam) eels("STORAGE_WRITE") };
    Reference CREATE_ACCESS                { since(Fork::Amsterdam) eels("CREATE_ACCESS") };
    Charge    CODE_DEPOSIT_PER_WORD        { since(Fork::Amsterdam) };
    Reference COST_PER_STATE_BYTE          { since(Fork::Amsterdam) eels("COST_PER_STATE_BYTE") };
    Reference STATE_BYTES_PER_STORAGE_SET  { since(Fork::Amsterdam) eels("STATE_BYTES_PER_STORAGE_SET") };
    Reference STATE_BYTES_PER_NEW_ACCOUNT  { since(Fork::Amsterdam) eels("STATE_BYTES_PER_NEW_ACCOUNT") };
    Reference STATE_BYTES_PER_AUTH_BASE    { since(Fork::Amsterdam) eels("STATE_BYTES_PER_AUTH_BASE") };
    Reference STATE_BYTES_PER_CODE_BYTE    { since(Fork::Amsterdam) };
    Charge    STATE_STORAGE_SET            { since(Fork::Amsterdam) };
    Charge    STATE_NEW_ACCOUNT            { since(Fork::Amsterdam) };
    Charge    STATE_CREATE                 { since(Fork::Amsterdam) };
    Charge    STATE_CODE_PER_BYTE          { since(Fork::Amsterdam) };
    Charge    STATE_AUTH                   { since(Fork::Amsterdam) };
    Rule      TX_FLOOR_CREATE              { since(Fork::Amsterdam) };
    Charge    TX_AUTH_ACCOUNT_WRITE        { since(Fork::Amsterdam) };
}

instructions! {
    STOP RETURN REVERT ADD SUB MUL DIV SDIV MOD SMOD SIGNEXTEND ADDMOD MULMOD LT GT SLT SGT EQ ISZERO AND OR XOR NOT
    BYTE SHL SHR SAR CALLDATALOAD MSIZE POP PC GAS PUSH0 JUMP JUMPI ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE
    CODESIZE RETURNDATASIZE GASPRICE COINBASE TIMESTAMP NUMBER GASLIMIT CHAINID BASEFEE BLOBBASEFEE SELFBALANCE TLOAD
    TSTORE
}

operations! {
    Opcode     "EXP.base"              { eels("OPCODE_EXP_BASE") stale("EXPONENTIATION") geth("ExpGas") };
    Opcode     "EXP.per_byte"          { eels("OPCODE_EXP_PER_BYTE") stale("EXPONENTIATION_PER_BYTE") geth("ExpByteEIP158") pitstop("memory.EXPBYTE") };
    Opcode     "KECCAK256.base"        { eels("OPCODE_KECCAK256_BASE") stale("KECCAK256") geth("Keccak256Gas") alias("SHA3") };
    Opcode     "KECCAK256.per_word"    { eels("OPCODE_KECCAK256_PER_WORD") stale("KECCAK256_PER_WORD") geth("Keccak256WordGas") pitstop("memory.SHA3_WORD") };
    Opcode     "MLOAD"                 { eels("OPCODE_MLOAD_BASE") geth("[]") };
    Opcode     "MSTORE"                { eels("OPCODE_MSTORE_BASE") geth("[]") };
    Opcode     "MSTORE8"               { eels("OPCODE_MSTORE8_BASE") geth("[]") };
    Opcode     "CALLDATACOPY.base"     { eels("OPCODE_CALLDATACOPY_BASE") geth("[]") };
    Opcode     "CODECOPY.base"         { eels("OPCODE_CODECOPY_BASE") geth("[]") };
    Opcode     "RETURNDATACOPY.base"   { eels("OPCODE_RETURNDATACOPY_BASE") geth("[]") };
    Opcode     "MCOPY.base"            { eels("OPCODE_MCOPY_BASE") geth("[]") };
    Opcode     "PUSH"                  { eels("OPCODE_PUSH") geth("[]") family(1, 32) };
    Opcode     "DUP"                   { eels("OPCODE_DUP") geth("[]") family(1, 16) };
    Opcode     "SWAP"                  { eels("OPCODE_SWAP") geth("[]") family(1, 16) };
    Opcode     "JUMPDEST"              { eels("OPCODE_JUMPDEST") stale("JUMPDEST") geth("JumpdestGas") };
    Opcode     "PREVRANDAO"            { eels("OPCODE_PREVRANDAO") geth("[DIFFICULTY]") alias("DIFFICULTY") };
    Opcode     "BLOBHASH"              { eels("OPCODE_BLOBHASH") stale("BLOBHASH") geth("[]") };
    Opcode     "BLOCKHASH"             { eels("OPCODE_BLOCKHASH") stale("BLOCK_HASH") geth("[]") };
    Opcode     "LOG.base"              { eels("OPCODE_LOG_BASE") stale("LOG") geth("LogGas") family(0, 4) };
    Opcode     "LOG.per_topic"         { eels("OPCODE_LOG_TOPIC") stale("LOG_TOPIC") geth("LogTopicGas") };
    Opcode     "LOG.per_byte"          { eels("OPCODE_LOG_DATA_PER_BYTE") stale("LOG_DATA_PER_BYTE") geth("LogDataGas") };
    Opcode     "CREATE.base"           { eels("OPCODE_CREATE_BASE") stale("CREATE") geth("CreateGas") };
    Opcode     "CREATE2.base"          { geth("Create2Gas") };
    Opcode     "SELFDESTRUCT.base"     { eels("OPCODE_SELFDESTRUCT_BASE") stale("SELF_DESTRUCT") geth("SelfdestructGasEIP150") alias("SUICIDE") };
    Precompile "ECRECOVER"             { eels("PRECOMPILE_ECRECOVER") geth("EcrecoverGas") };
    Precompile "SHA256.base"           { eels("PRECOMPILE_SHA256_BASE") geth("Sha256BaseGas") };
    Precompile "SHA256.per_word"       { eels("PRECOMPILE_SHA256_PER_WORD") geth("Sha256PerWordGas") };
    Precompile "RIPEMD160.base"        { eels("PRECOMPILE_RIPEMD160_BASE") geth("Ripemd160BaseGas") };
    Precompile "RIPEMD160.per_word"    { eels("PRECOMPILE_RIPEMD160_PER_WORD") geth("Ripemd160PerWordGas") };
    Precompile "IDENTITY.base"         { eels("PRECOMPILE_IDENTITY_BASE") geth("IdentityBaseGas") };
    Precompile "IDENTITY.per_word"     { eels("PRECOMPILE_IDENTITY_PER_WORD") geth("IdentityPerWordGas") };
    Precompile "MODEXP"                {};
    Precompile "ECADD"                 { eels("PRECOMPILE_ECADD") geth("Bn256AddGasIstanbul") alias("BN254_ADD") };
    Precompile "ECMUL"                 { eels("PRECOMPILE_ECMUL") geth("Bn256ScalarMulGasIstanbul") alias("BN254_MUL") };
    Precompile "ECPAIRING.base"        { eels("PRECOMPILE_ECPAIRING_BASE") geth("Bn256PairingBaseGasIstanbul") alias("BN254_PAIRING") };
    Precompile "ECPAIRING.per_point"   { eels("PRECOMPILE_ECPAIRING_PER_POINT") geth("Bn256PairingPerPointGasIstanbul") };
    Precompile "BLAKE2F.base"          { eels("PRECOMPILE_BLAKE2F_BASE") };
    Precompile "BLAKE2F.per_round"     { eels("PRECOMPILE_BLAKE2F_PER_ROUND") };
    Precompile "POINT_EVALUATION"      { eels("PRECOMPILE_POINT_EVALUATION") stale("POINT_EVALUATION") geth("BlobTxPointEvaluationPrecompileGas") alias("KZG_POINT_EVALUATION") };
    Precompile "BLS_G1ADD"             { eels("PRECOMPILE_BLS_G1ADD") geth("Bls12381G1AddGas") alias("BLS12_G1ADD") };
    Precompile "BLS_G1MSM"             { eels("PRECOMPILE_BLS_G1MUL") geth("Bls12381G1MulGas") pitstop("precompiles.BLS12_G1MUL.BASE") };
    Precompile "BLS_G2ADD"             { eels("PRECOMPILE_BLS_G2ADD") geth("Bls12381G2AddGas") alias("BLS12_G2ADD") };
    Precompile "BLS_G2MSM"             { eels("PRECOMPILE_BLS_G2MUL") geth("Bls12381G2MulGas") pitstop("precompiles.BLS12_G2MUL.BASE") };
    Precompile "BLS_PAIRING.base"      { eels("PRECOMPILE_BLS_PAIRING_BASE") geth("Bls12381PairingBaseGas") alias("BLS12_PAIRING BLS12_PAIRING_CHECK") };
    Precompile "BLS_PAIRING.per_point" { eels("PRECOMPILE_BLS_PAIRING_PER_PAIR") geth("Bls12381PairingPerPairGas") };
    Precompile "BLS_G1MAP"             { eels("PRECOMPILE_BLS_G1MAP") geth("Bls12381MapG1Gas") alias("BLS12_MAP_G1 BLS12_MAP_FP_TO_G1") };
    Precompile "BLS_G2MAP"             { eels("PRECOMPILE_BLS_G2MAP") geth("Bls12381MapG2Gas") alias("BLS12_MAP_G2 BLS12_MAP_FP2_TO_G2") };
    Opcode     "CLZ"                   { since(Fork::Osaka) eels("OPCODE_CLZ") geth("[]") };
    Precompile "P256VERIFY"            { since(Fork::Osaka) eels("PRECOMPILE_P256VERIFY") geth("P256VerifyGas") };
    Opcode     "DUPN"                  { since(Fork::Amsterdam) eels("OPCODE_DUPN") geth("[]") };
    Opcode     "SWAPN"                 { since(Fork::Amsterdam) eels("OPCODE_SWAPN") geth("[]") };
    Opcode     "EXCHANGE"              { since(Fork::Amsterdam) eels("OPCODE_EXCHANGE") geth("[]") };
    Opcode     "SLOTNUM"               { since(Fork::Amsterdam) eels("OPCODE_SLOTNUM") geth("[]") };
    Opcode     "EXTCODESIZE.base"      { since(Fork::Amsterdam) };
    Opcode     "EXTCODECOPY.base"      { since(Fork::Amsterdam) };
    Opcode     "SSTORE.base"           { since(Fork::Amsterdam) };
    Opcode     "SSTORE.per_cold"       { since(Fork::Amsterdam) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_told_apart() {
        for (name, charge, reference) in [
            ("COLD_ACCOUNT_ACCESS", false, true),
            ("MEMORY_PER_WORD", true, false),
            ("ADD", false, false),
            ("no price", false, false),
        ] {
            assert_eq!(
                (is_charge(name), is_reference(name)),
                (charge, reference),
                "{name}"
            );
        }
    }

    #[test]
    fn families_have_members() {
        assert_eq!((members("PUSH"), members("ADD")), (Some((1, 32)), None));
        assert_eq!(family("PUSH32"), Some(("PUSH", 1, 32)));
        for stranger in ["PUSH33", "PUSH01", "PUSH", "ADD1"] {
            assert_eq!(family(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn geth_holds_prices_in_several_ways() {
        let place = |name| price(name).and_then(|price| price.geth_place(Fork::Osaka));
        assert_eq!(place("CLZ"), Some(Geth::JumpTable(None)));
        let Some(Geth::Constant(constant)) = place("MEMORY_PER_WORD") else {
            panic!("it is a constant")
        };
        assert_eq!(constant.name, "MemoryGas");
        assert_eq!(place("BLAKE2F.base"), None);
    }
}
