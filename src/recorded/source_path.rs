//! Who made a recorded result, told from where its file lies.

use std::path::Path;

use crate::prove::Source;

/// Folders that name a set of tests and nobody who runs them.
const SETS: [&str; 8] = [
    "eest",
    "mainnet",
    "rpc",
    "proving",
    "execution",
    "data",
    "zkevm-",
    "benchmark",
];

/// From the folder a file lies in, below the folder that was opened (`root`'s own name counts where that is
/// all there is), and what the closest `hardware.json` says.
pub(super) fn source_of(folder: &Path, root: &Path, hardware: Option<&str>) -> Source {
    let mut names: Vec<&str> = folder
        .components()
        .filter_map(|part| part.as_os_str().to_str())
        .collect();
    let own = root.file_name().and_then(|name| name.to_str());
    let zkvm = names.pop().or(own).unwrap_or_default();
    let machine = |name: &&&str| is_machine(name);
    let guest = names
        .iter()
        .rev()
        .take_while(|name| !is_machine(name))
        .find(|name| !is_set(name));
    let labelled = names.iter().find(machine).copied();
    Source {
        guest: guest.map(|name| (*name).to_owned()),
        zkvm: zkvm.to_owned(),
        hardware: hardware.or(labelled).map(str::to_owned),
    }
}

/// `8x5090`, `1xL40s`.
fn is_machine(name: &str) -> bool {
    let count = name.bytes().take_while(u8::is_ascii_digit).count();
    count > 0 && name[count..].starts_with('x')
}

fn is_set(name: &str) -> bool {
    SETS.iter().any(|set| name.starts_with(set))
        || name.contains("gas-limit")
        || name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_from_the_path() {
        for (folder, guest, zkvm, hardware) in [
            (
                "8x5090/eest-fd1dd63/reth-v1.11.0/zisk-v0.16.1",
                Some("reth-v1.11.0"),
                "zisk-v0.16.1",
                Some("8x5090"),
            ),
            (
                "proving/1x4090/45M-gas-limit/reth/eest-benchmark/sp1-v5.1.0",
                Some("reth"),
                "sp1-v5.1.0",
                Some("1x4090"),
            ),
            (
                "proving/1xL40s/eest-benchmark-v0.0.3/sp1-v5.1.0",
                None,
                "sp1-v5.1.0",
                Some("1xL40s"),
            ),
            ("zisk-v0.16.1", None, "zisk-v0.16.1", None),
            ("", None, "here", None),
        ] {
            let source = source_of(Path::new(folder), Path::new("/x/here"), None);
            assert_eq!(source.guest.as_deref(), guest, "{folder}");
            assert_eq!(
                (source.zkvm.as_str(), source.hardware.as_deref()),
                (zkvm, hardware)
            );
        }
        let source = source_of(Path::new("reth-v1/zisk-v2"), Path::new("x"), Some("8x RTX"));
        assert_eq!(source.prover().to_string(), "zisk/reth-v1");
        assert_eq!(source.to_string(), "zisk-v2 with reth-v1 on 8x RTX");
    }
}
