//! The names that execution-specs gives to prices: its `GasCosts` constants, as its testing package lists them.

use crate::gas::{Expr, Fork, Gas, GasParam, Kind, Part, Ratio, Schedule};

use super::{builtin, suggest};

/// Names that do not follow from the operation and its part: constant, then parameter.
const NAMED: &[(&str, &str)] = &[
    ("OPCODE_MLOAD_BASE", "MLOAD"),
    ("OPCODE_MSTORE_BASE", "MSTORE"),
    ("OPCODE_MSTORE8_BASE", "MSTORE8"),
    ("OPCODE_LOG_DATA_PER_BYTE", "LOG.per_byte"),
    ("OPCODE_LOG_TOPIC", "LOG.per_topic"),
    ("OPCODE_COPY_PER_WORD", "COPY_PER_WORD"),
    ("PRECOMPILE_BLS_PAIRING_PER_PAIR", "BLS_PAIRING.per_point"),
    ("TX_DATA_PER_ZERO", "TX_DATA_ZERO_BYTE"),
    ("TX_DATA_PER_NON_ZERO", "TX_DATA_NONZERO_BYTE"),
    ("TX_VALUE_COST", "TX_VALUE"),
    ("AUTH_PER_EMPTY_ACCOUNT", "TX_AUTH_PER_EMPTY_ACCOUNT"),
    (
        "REFUND_AUTH_PER_EXISTING_ACCOUNT",
        "REFUND_AUTH_EXISTING_ACCOUNT",
    ),
    ("REFUND_SELF_DESTRUCT", "REFUND_SELFDESTRUCT"),
    ("PER_BLOB", "BLOB_GAS_PER_BLOB"),
    ("BLOB_SCHEDULE_TARGET", "BLOB_TARGET"),
    ("BLOB_SCHEDULE_MAX", "BLOB_MAX"),
    ("BLOB_MIN_GASPRICE", "BLOB_MIN_BASE_FEE"),
    ("BLOB_BASE_FEE_UPDATE_FRACTION", "BLOB_UPDATE_FRACTION"),
    ("BLOB_BASE_COST", "BLOB_RESERVE_BASE_COST"),
];

/// Parameters that are rules here, for which execution-specs has a number in its code and no constant.
const NAMELESS: &[&str] = &[
    "SSTORE_SENTRY",
    "CALL_GAS_DIVISOR",
    "MEMORY_QUADRATIC_DIVISOR",
    "TX_CODE_INIT_PER_WORD",
    "TX_RECIPIENT",
    "TX_FLOOR_BASE",
    "TX_FLOOR_ZERO_BYTE",
    "TX_FLOOR_NONZERO_BYTE",
    "TX_ACCESS_LIST_BYTE",
    "TX_AUTH_BASE",
    "REFUND_STORAGE_RESTORE_SET",
    "REFUND_STORAGE_RESTORE_RESET",
    "REFUND_DIVISOR",
    "BLOB_MAX_PER_TX",
    "BLOCK_GAS_LIMIT",
    "TX_MAX_GAS",
    "MAX_CODE_SIZE",
    "MAX_INIT_CODE_SIZE",
];

/// The same of Amsterdam alone: prices made of others there.
const NAMELESS_IN_AMSTERDAM: &[&str] = &[
    "STORAGE_SET",
    "STORAGE_RESET",
    "SSTORE.base",
    "SSTORE.per_cold",
    "EXTCODESIZE.base",
    "EXTCODECOPY.base",
    "CODE_DEPOSIT_PER_WORD",
    "STATE_BYTES_PER_CODE_BYTE",
    "STATE_STORAGE_SET",
    "STATE_NEW_ACCOUNT",
    "STATE_CREATE",
    "STATE_CODE_PER_BYTE",
    "STATE_AUTH",
    "TX_FLOOR_CREATE",
    "TX_AUTH_PER_EMPTY_ACCOUNT",
    "TX_AUTH_ACCOUNT_WRITE",
];

/// Constants of earlier releases, and what they are called now.
const STALE: &[(&str, &str)] = &[
    ("EXPONENTIATION", "OPCODE_EXP_BASE"),
    ("EXPONENTIATION_PER_BYTE", "OPCODE_EXP_PER_BYTE"),
    ("KECCAK256", "OPCODE_KECCAK256_BASE"),
    ("KECCAK256_PER_WORD", "OPCODE_KECCAK256_PER_WORD"),
    ("COPY", "OPCODE_COPY_PER_WORD"),
    ("RETURN_DATA_COPY", "OPCODE_COPY_PER_WORD"),
    ("BLOCK_HASH", "OPCODE_BLOCKHASH"),
    ("LOG", "OPCODE_LOG_BASE"),
    ("LOG_DATA_PER_BYTE", "OPCODE_LOG_DATA_PER_BYTE"),
    ("LOG_TOPIC", "OPCODE_LOG_TOPIC"),
    ("CREATE", "OPCODE_CREATE_BASE"),
    ("MEMORY", "MEMORY_PER_WORD"),
    ("SELF_DESTRUCT", "OPCODE_SELFDESTRUCT_BASE"),
    ("JUMPDEST", "OPCODE_JUMPDEST"),
    ("BLOBHASH", "OPCODE_BLOBHASH"),
    ("POINT_EVALUATION", "PRECOMPILE_POINT_EVALUATION"),
    ("COLD_SLOAD", "COLD_STORAGE_ACCESS"),
    ("WARM_SLOAD", "WARM_ACCESS"),
    ("WARM_ACCOUNT_ACCESS", "WARM_ACCESS"),
    ("STORAGE_UPDATE", "COLD_STORAGE_WRITE"),
];

/// The write of a slot that is not zero, with the cold access in it: `STORAGE_RESET` plus `COLD_STORAGE_ACCESS` here.
pub(super) const COLD_STORAGE_WRITE: &str = "COLD_STORAGE_WRITE";

/// Precompiles whose formula is one number times the rest, and that number's constant.
const SCALED: &[(&str, &str)] = &[
    ("BLS_G1MSM", "PRECOMPILE_BLS_G1MUL"),
    ("BLS_G2MSM", "PRECOMPILE_BLS_G2MUL"),
];

/// What a constant of execution-specs sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    /// Prices, all of them to the same.
    Prices(Vec<GasParam>),
    /// The number that an operation's formula starts with.
    Multiplier(&'static str),
    /// [`COLD_STORAGE_WRITE`].
    ColdStorageWrite,
}

/// The constant of execution-specs that holds a price, without the `GAS_` that its forks before Amsterdam put in front;
/// `None` where it has none.
pub fn spec_name(schedule: &Schedule, param: &GasParam) -> Option<String> {
    let text = param.to_string();
    // A formula of another shape than the fork's has other parts, which no constant is for.
    let stock = builtin::schedule(schedule.fork);
    let known = |schedule: &Schedule| {
        schedule
            .params_of(&param.operation)
            .is_ok_and(|own| own.contains(param))
    };
    let amsterdam = schedule.fork >= Fork::Amsterdam;
    if !known(stock)
        || !known(schedule)
        || amsterdam && NAMELESS_IN_AMSTERDAM.contains(&text.as_str())
    {
        return None;
    }
    if let Some((_, name)) = SCALED.iter().find(|(operation, _)| *operation == text) {
        return multiplier(schedule, &param.operation).map(|_| (*name).to_owned());
    }
    if let Some((name, _)) = NAMED.iter().find(|(_, own)| *own == text) {
        return Some((*name).to_owned());
    }
    let entry = stock.entry(&param.operation)?;
    let curve = param.part == Part::Whole && !entry.expr.variables().is_empty();
    let rule = NAMELESS.contains(&text.as_str()) || text.starts_with("MODEXP_");
    // CREATE2's constant is CREATE's.
    if curve || rule || param.operation == "CREATE2" {
        return None;
    }
    let prefix = match entry.kind {
        Kind::Opcode => "OPCODE_",
        Kind::Precompile => "PRECOMPILE_",
        Kind::Param => "",
    };
    let part = match param.part {
        Part::Whole => String::new(),
        Part::Base => "_BASE".to_owned(),
        Part::Per(variable) => format!("_{}", variable.part().to_uppercase()),
    };
    Some(format!("{prefix}{}{part}", param.operation))
}

/// Every constant that has a price in `schedule`, and what it sets.
pub(super) fn constants(schedule: &Schedule) -> Vec<(String, Constant)> {
    let mut all = Vec::new();
    if schedule.fork < Fork::Amsterdam {
        all.push((COLD_STORAGE_WRITE.to_owned(), Constant::ColdStorageWrite));
    }
    all.extend(
        SCALED
            .iter()
            .map(|(operation, name)| ((*name).to_owned(), Constant::Multiplier(operation))),
    );
    for param in schedule.params().unwrap_or_default() {
        let Some(name) = spec_name(schedule, &param) else {
            continue;
        };
        if SCALED.iter().any(|(_, scaled)| *scaled == name) {
            continue;
        }
        let mut params = vec![param];
        if name == "OPCODE_CREATE_BASE" {
            params.push(GasParam::new("CREATE2", Part::Base));
        }
        all.push((name, Constant::Prices(params)));
    }
    all
}

/// The constant that a name means, or what is wrong with the name and what was probably meant.
pub(super) fn constant<'a>(
    name: &str,
    known: &'a [(String, Constant)],
) -> Result<&'a Constant, (String, Option<String>)> {
    let bare = name.strip_prefix("GAS_").unwrap_or(name);
    if let Some((_, constant)) = known.iter().find(|(known, _)| known == bare) {
        return Ok(constant);
    }
    if let Some((_, now)) = STALE.iter().find(|(old, _)| *old == bare) {
        let why = "a name of an earlier release".to_owned();
        return Err((why, Some((*now).to_owned())));
    }
    let close = suggest::closest(bare, known.iter().map(|(name, _)| name.as_str()));
    Err((
        "no constant of execution-specs that is priced here".to_owned(),
        close.map(str::to_owned),
    ))
}

/// The number that an operation's formula starts with, such as `12_000 * points * discount / 1000`; `None` where it is
/// not the fork's formula with just another number.
pub fn multiplier(schedule: &Schedule, operation: &str) -> Option<Gas> {
    let expr = &schedule.entry(operation)?.expr;
    let mut first = expr;
    while let Expr::Mul(a, _) | Expr::Div(a, _) = first {
        first = a;
    }
    let Expr::Number(number) = first else {
        return None;
    };
    let stock = builtin::schedule(schedule.fork);
    let same = with_multiplier(&stock.entry(operation)?.expr, *number)? == *expr;
    Gas::try_from(number.numerator())
        .ok()
        .filter(|_| same && number.is_integer())
}

/// The formula with another number where it starts.
pub(super) fn with_multiplier(expr: &Expr, number: Ratio) -> Option<Expr> {
    Some(match expr {
        Expr::Number(_) => Expr::Number(number),
        Expr::Mul(a, b) => Expr::Mul(Box::new(with_multiplier(a, number)?), b.clone()),
        Expr::Div(a, b) => Expr::Div(Box::new(with_multiplier(a, number)?), b.clone()),
        _ => return None,
    })
}

/// What a price is per: `gas per 32-byte word`.
pub fn unit(param: &GasParam) -> String {
    match param.part {
        Part::Per(variable) => format!("gas per {}", variable.unit()),
        Part::Whole | Part::Base => "gas".to_owned(),
    }
}
