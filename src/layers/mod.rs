//! Keeps the architecture true: who may import whom, which third-party crate may appear where, who may print.

mod circles;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates' folders; what none of the first holds is the last's.
const CRATES: [&str; 5] = ["src/engine", "src/language", "src/blocks", "src/sp1", "src"];

/// Rooms by layer, lowest first. A room imports from lower layers only.
const LAYERS: &[&[&str]] = &[
    &["engine", "sp1"],
    &["gas", "diag", "input_file", "locked_file", "printable"],
    &["lang", "evm", "aside"],
    &["bench", "fit", "store"],
    &["eest"],
    &["prove"],
    &["adversary"],
    &["solve"],
    &["recorded"],
    &["report"],
    &["cli"],
];

/// Third-party crates and the only rooms that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("reprice_engine", &["gas", "evm"]),
    ("pest", &["lang"]),
    ("pest_derive", &["lang"]),
    ("similar", &["report"]),
    ("strsim", &["lang", "cli"]),
    ("revm", &["engine", "evm", "bench", "eest"]),
    ("alloy_evm", &["engine", "evm", "bench", "eest"]),
    ("alloy_trie", &["engine", "evm", "bench"]),
    ("libssz", &["engine", "evm"]),
    ("libssz_derive", &["engine"]),
    ("libssz_merkle", &["engine"]),
    ("libssz_types", &["engine", "evm"]),
    ("serde_path_to_error", &["eest"]),
    ("clarabel", &["solve"]),
    ("nalgebra", &["fit"]),
    ("sp1_core_executor", &["sp1", "prove"]),
    ("reprice_sp1", &["prove"]),
    ("sp1_primitives", &["prove"]),
    ("bollard", &["prove"]),
    ("openssh", &["prove"]),
    ("prost", &["prove"]),
    ("reqwest", &["prove"]),
    ("core_affinity", &["prove"]),
    ("getrandom", &["prove"]),
    ("rustix", &["input_file", "locked_file"]),
    ("signal_hook", &["cli"]),
    ("tokio", &["prove", "cli"]),
    ("tempfile", &["aside", "prove"]),
    ("tabled", &["report"]),
    ("annotate_snippets", &["report"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("anstream", &["cli"]),
    ("etcetera", &["cli"]),
];

/// The only file that writes to the terminal.
const OUTPUT: &str = "src/cli/output.rs";

struct File {
    path: String,
    /// The folder of its crate.
    home: &'static str,
    room: String,
    /// Without comments and the tests at its end.
    code: String,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open = vec![root.join("src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // Benchmarks use the library as a stranger would; they are no room of it.
                if path.file_name().is_some_and(|name| name != "benches") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(read(root, &path));
            }
        }
    }
    assert!(found.len() > 30, "the tree was not found");
    found
}

fn read(root: &Path, path: &PathBuf) -> File {
    let text = fs::read_to_string(path).unwrap();
    let path = path
        .strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/");
    let home = CRATES.into_iter().find(|home| path.starts_with(home));
    let home = home.unwrap();
    let inner = path.strip_prefix(home).unwrap().trim_start_matches('/');
    let room = match home {
        "src/engine" => "engine",
        "src/sp1" => "sp1",
        _ => inner.split(['/', '.']).next().unwrap(),
    };
    let room = room.to_owned();
    let test_only = path.ends_with("tests.rs") || path.contains("tests/");
    let body = if test_only {
        ""
    } else {
        text.split("#[cfg(test)]\nmod tests {").next().unwrap()
    };
    let code = body
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    File {
        path,
        home,
        room,
        code,
    }
}

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

/// Identifiers right before or after `::`, at word boundaries.
fn names(code: &str, name: &str, before: &str, after: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let wanted = format!("{before}{name}{after}");
    code.match_indices(&wanted).any(|(at, _)| {
        let left = code[..at].chars().next_back();
        let right = code[at + wanted.len()..].chars().next();
        !left.is_some_and(|c| word(c) || (before.is_empty() && c == ':'))
            && (after.ends_with(':') || !right.is_some_and(word))
    })
}

/// `use crate::{a, b::c}` written out as `crate::a crate::b`.
fn crate_imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.push(
                rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => found.push(std::mem::take(&mut item)),
                _ => {}
            }
            if depth == 0 && c != ',' {
                item.push(c);
            }
        }
        found.push(item);
    }
    let first = |s: String| {
        s.trim()
            .split(':')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    found
        .into_iter()
        .map(first)
        .filter(|s| !s.is_empty())
        .collect()
}

#[test]
fn imports_go_down_the_layers() {
    let mut wrong = Vec::new();
    for file in files() {
        let Some(own) = layer(&file.room) else {
            continue;
        };
        for room in crate_imports(&file.code) {
            if room != file.room && layer(&room).is_some_and(|other| other >= own) {
                wrong.push(format!("{} imports {room}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_has_a_layer() {
    for file in files() {
        let known = ["lib", "main", "layers"].contains(&&*file.room) || layer(&file.room).is_some();
        assert!(known, "{} is in no room", file.path);
    }
}

#[test]
fn third_party_crates_stay_at_home() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|f| f.room != "layers") {
        for (name, rooms) in HOMES {
            let used = names(&file.code, name, "", "::") || names(&file.code, name, "use ", "");
            if used && !rooms.contains(&&*file.room) {
                wrong.push(format!("{} uses {name}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_file_writes_to_the_terminal() {
    for file in files()
        .iter()
        .filter(|f| f.path != OUTPUT && f.room != "layers")
    {
        for print in ["println!", "print!", "eprintln!", "eprint!", "dbg!"] {
            assert!(
                !names(&file.code, print, "", ""),
                "{} calls {print}",
                file.path
            );
        }
    }
}

/// Files of others are opened in one place, which bounds them.
#[test]
fn one_room_reads_files_of_others() {
    // The program itself.
    const OWN: &[(&str, &str)] = &[("src/store.rs", "fs::read")];
    for file in files()
        .iter()
        .filter(|f| !["input_file", "layers"].contains(&&*f.room))
    {
        for read in ["fs::read", "read_to_string", "File::open", "read_to_end"] {
            let called = names(&file.code, read, "", "");
            assert!(
                !called || OWN.contains(&(&*file.path, read)),
                "{} calls {read}",
                file.path
            );
        }
    }
}

#[test]
fn only_the_outer_rooms_are_async() {
    for file in files()
        .iter()
        .filter(|f| !["prove", "cli", "layers"].contains(&&*f.room))
    {
        assert!(
            !names(&file.code, "async", "", ""),
            "{} is async",
            file.path
        );
    }
}

/// Time is told by clocks that do not jump.
#[test]
fn nothing_reads_the_wall_clock() {
    for file in files().iter().filter(|f| f.room != "layers") {
        assert!(
            !names(&file.code, "SystemTime::now", "", ""),
            "{} reads the wall clock",
            file.path
        );
    }
}
