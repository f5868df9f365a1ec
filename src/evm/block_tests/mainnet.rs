//! A block of mainnet with the witness that another client made, in `../shared/data/mainnet` where that exists.

use alloc::{string::String, sync::Arc, vec::Vec};
use alloy_evm::EthEvmFactory;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Lists {
    state: Vec<Bytes>,
    codes: Vec<Bytes>,
    headers: Vec<Bytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    block_hash: B256,
    block_rlp: Bytes,
    witness: Lists,
}

/// Osaka with the second blob parameter fork: 7,372,614 gas.
#[test]
fn a_mainnet_block_is_valid() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/mainnet/24628607.witness.json.xz");
    if !path.exists() {
        std::eprintln!("skipped: no mainnet block");
        return;
    }
    let output = std::process::Command::new("xz")
        .arg("-dc")
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let witness = Witness {
        state: file.witness.state,
        codes: file.witness.codes,
        headers: file.witness.headers,
    };
    let rules = ChainRules::from_genesis(1, Fork::Bpo2);
    let tariff = Arc::new(Tariff::stock(crate::gas::Fork::Osaka));
    let expected = Verdict {
        block_hash: file.block_hash,
        valid: true,
        reason: Reason::None,
    };
    let (block, witness) = (&file.block_rlp, witness.as_ref());
    let stock = validate_block(&EthEvmFactory::default(), &rules, block, &witness);
    assert_eq!(stock, expected);
    let ours = validate_block(&TariffEvmFactory::new(tariff), &rules, block, &witness);
    assert_eq!(ours, expected);
}
