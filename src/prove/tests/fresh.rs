//! The committed guest program belongs to the sources beside it.

use std::{fs, path::Path};

use alloy_primitives::hex;
use revm::precompile::{Crypto, DefaultCrypto};

const STALE: &str = "the guest program is older than its sources: run guest/build.sh";

fn sha256(bytes: &[u8]) -> String {
    hex::encode(DefaultCrypto.sha256(bytes))
}

/// Files below a folder, as paths from the root.
fn files(root: &Path, folder: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(root, &path, found);
        } else {
            found.push(path);
        }
    }
}

#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test that repeats a shell script"
)]
/// What `guest/build.sh` computes with `find`, `sort` and `sha256sum`.
fn source_hash(root: &Path) -> String {
    let mut guest = Vec::new();
    files(root, "guest", &mut guest);
    let built = |path: &str| path.starts_with("guest/target/") || path.starts_with("guest/elf/");
    guest.retain(|path| !built(path) && !path.ends_with(".md") && !path.ends_with(".gitignore"));
    let mut library = Vec::new();
    files(root, "src/engine", &mut library);
    library.retain(|path| !path.contains("tests"));

    let mut paths = [guest, library].concat();
    paths.sort();
    let mut list = String::new();
    for path in paths {
        list += &format!("{}  {path}\n", sha256(&fs::read(root.join(&path)).unwrap()));
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    // Lines with a version and features: those of `[workspace.dependencies]`.
    let shared = |line: &&str| {
        let names = ["revm", "alloy-", "serde", "postcard", "libssz"];
        let (name, value) = line.split_once(" = ").unwrap_or_default();
        names.iter().any(|own| name.starts_with(own)) && value.contains('=')
    };
    let dependencies: String = manifest
        .lines()
        .filter(shared)
        .filter(|l| !l.contains("workspace"))
        .map(|l| format!("{l}\n"))
        .collect();
    list += &format!("{}  -\n", sha256(dependencies.as_bytes()));
    sha256(list.as_bytes())
}

#[test]
fn the_guest_program_is_built_from_these_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("guest/elf/manifest.toml")).unwrap();
    let program = fs::read(root.join("guest/elf/reprice-guest.elf")).unwrap();
    assert!(
        manifest.contains(&format!("elf = \"{}\"", sha256(&program))),
        "guest/elf holds another program"
    );
    assert!(
        manifest.contains(&format!("sources = \"{}\"", source_hash(root))),
        "{STALE}"
    );
}
