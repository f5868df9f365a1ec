//! go-ethereum: constants of `params/protocol_params.go`, and constant gas of jump table entries.

use super::{Change, Exported, instructions, names};
use crate::{
    gas::{Kind, Part, Schedule, grouped},
    report::text::line,
};

/// Constants by the price they hold.
const CONSTANTS: &[(&str, &str)] = &[
    ("EXP.base", "ExpGas"),
    ("EXP.per_byte", "ExpByteEIP158"),
    ("KECCAK256.base", "Keccak256Gas"),
    ("KECCAK256.per_word", "Keccak256WordGas"),
    ("JUMPDEST", "JumpdestGas"),
    ("LOG.base", "LogGas"),
    ("LOG.per_topic", "LogTopicGas"),
    ("LOG.per_byte", "LogDataGas"),
    ("CREATE.base", "CreateGas"),
    ("CREATE2.base", "Create2Gas"),
    ("SELFDESTRUCT.base", "SelfdestructGasEIP150"),
    ("COPY_PER_WORD", "CopyGas"),
    ("MEMORY_PER_WORD", "MemoryGas"),
    ("MEMORY_QUADRATIC_DIVISOR", "QuadCoeffDiv"),
    ("CODE_DEPOSIT_PER_BYTE", "CreateDataGas"),
    ("CODE_INIT_PER_WORD", "InitCodeWordGas"),
    ("CALL_VALUE", "CallValueTransferGas"),
    ("CALL_STIPEND", "CallStipend"),
    ("NEW_ACCOUNT", "CallNewAccountGas"),
    ("WARM_ACCESS", "WarmStorageReadCostEIP2929"),
    ("COLD_ACCOUNT_ACCESS", "ColdAccountAccessCostEIP2929"),
    ("COLD_STORAGE_ACCESS", "ColdSloadCostEIP2929"),
    ("STORAGE_SET", "SstoreSetGasEIP2200"),
    ("SSTORE_SENTRY", "SstoreSentryGasEIP2200"),
    ("REFUND_DIVISOR", "RefundQuotientEIP3529"),
    ("TX_BASE", "TxGas"),
    ("TX_DATA_ZERO_BYTE", "TxDataZeroGas"),
    ("TX_DATA_NONZERO_BYTE", "TxDataNonZeroGasEIP2028"),
    ("TX_DATA_TOKEN_FLOOR", "TxCostFloorPerToken"),
    ("TX_ACCESS_LIST_ADDRESS", "TxAccessListAddressGas"),
    ("TX_ACCESS_LIST_STORAGE_KEY", "TxAccessListStorageKeyGas"),
    ("TX_AUTH_BASE", "TxAuthTupleGas"),
    ("TX_MAX_GAS", "MaxTxGas"),
    ("MAX_CODE_SIZE", "MaxCodeSize"),
    ("MAX_INIT_CODE_SIZE", "MaxInitCodeSize"),
    ("BLOB_RESERVE_BASE_COST", "BlobBaseCost"),
    ("BLOB_MAX_PER_TX", "BlobTxMaxBlobs"),
    ("ECRECOVER", "EcrecoverGas"),
    ("SHA256.base", "Sha256BaseGas"),
    ("SHA256.per_word", "Sha256PerWordGas"),
    ("RIPEMD160.base", "Ripemd160BaseGas"),
    ("RIPEMD160.per_word", "Ripemd160PerWordGas"),
    ("IDENTITY.base", "IdentityBaseGas"),
    ("IDENTITY.per_word", "IdentityPerWordGas"),
    ("ECADD", "Bn256AddGasIstanbul"),
    ("ECMUL", "Bn256ScalarMulGasIstanbul"),
    ("ECPAIRING.base", "Bn256PairingBaseGasIstanbul"),
    ("ECPAIRING.per_point", "Bn256PairingPerPointGasIstanbul"),
    ("BLS_G1ADD", "Bls12381G1AddGas"),
    ("BLS_G1MSM", "Bls12381G1MulGas"),
    ("BLS_G2ADD", "Bls12381G2AddGas"),
    ("BLS_G2MSM", "Bls12381G2MulGas"),
    ("BLS_PAIRING.base", "Bls12381PairingBaseGas"),
    ("BLS_PAIRING.per_point", "Bls12381PairingPerPairGas"),
    ("BLS_G1MAP", "Bls12381MapG1Gas"),
    ("BLS_G2MAP", "Bls12381MapG2Gas"),
    ("P256VERIFY", "P256VerifyGas"),
    ("POINT_EVALUATION", "BlobTxPointEvaluationPrecompileGas"),
];

/// Tiers are no prices of go-ethereum's: what follows them is exported by itself.
const TIERS: &[&str] = &[
    "BASE",
    "VERY_LOW",
    "LOW",
    "MID",
    "HIGH",
    "TX_DATA_TOKEN_STANDARD",
];

pub(super) fn text(schedule: &Schedule, changes: &[Change]) -> Exported {
    let mut constants = Vec::new();
    let mut entries = Vec::new();
    let mut nameless = Vec::new();
    for change in changes {
        let name = change.param.to_string();
        let known = CONSTANTS.iter().find(|(param, _)| *param == name);
        let whole =
            change.kind == Kind::Opcode && matches!(change.param.part, Part::Whole | Part::Base);
        let before = change
            .old
            .as_ref()
            .map_or_else(|| "new".to_owned(), |old| format!("was {}", old.text()));
        let Some(gas) = change.new.gas().map(|gas| grouped(i128::from(gas))) else {
            nameless.push(change);
            continue;
        };
        match known {
            Some((_, constant)) => {
                constants.push(format!("\t{constant} uint64 = {gas} // {before}"));
            }
            None if whole => entries.extend(
                instructions(&change.param)
                    .iter()
                    .map(|opcode| format!("\tjt[{opcode}].constantGas = {gas} // {before}")),
            ),
            None if TIERS.contains(&name.as_str()) => {}
            None => nameless.push(change),
        }
    }
    let mut out = String::new();
    line(
        &mut out,
        format!(
            "// {}: what differs from {}.",
            schedule.name,
            schedule.fork.name()
        ),
    );
    if !constants.is_empty() {
        line(&mut out, "\n// params/protocol_params.go\nconst (");
        for constant in constants {
            line(&mut out, constant);
        }
        line(&mut out, ")");
    }
    if !entries.is_empty() {
        line(
            &mut out,
            "\n// core/vm/eips.go\nfunc enableRepricing(jt *JumpTable) {",
        );
        for entry in entries {
            line(&mut out, entry);
        }
        line(&mut out, "}");
    }
    Exported {
        text: out,
        nameless: names(nameless),
    }
}
