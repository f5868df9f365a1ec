//! Files that import each other in a circle cannot be read one after the other; there are none.

use std::collections::{BTreeMap, BTreeSet};

use super::{CRATES, File, files};

/// `a::b` as its parts.
type Path = Vec<String>;

/// The modules of one crate.
#[derive(Default)]
struct House {
    /// The file of each module.
    files: BTreeMap<Path, String>,
    /// What each module hands on under a name of its own, and the path that it has there.
    faces: BTreeMap<(Path, String), Path>,
}

/// A path that code names, and whether it only hands the name on.
struct Mention {
    path: Path,
    reexport: bool,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The module of a file below `root`.
fn module(path: &str, root: &str) -> Path {
    let inner = path.trim_start_matches(root).trim_end_matches(".rs");
    let parts = inner.split('/').filter(|part| !part.is_empty());
    parts
        .filter(|part| !["mod", "lib", "main"].contains(part))
        .map(str::to_owned)
        .collect()
}

/// Writes a tree of imports out: `a::{b, c::d as e}` is `a::b` and `a::c::d`.
fn spell_out(tree: &str, before: &[String], all: &mut Vec<Path>) {
    let tree = tree.trim();
    let (head, braces) = match tree.split_once('{') {
        Some((head, rest)) => (head, rest.rsplit_once('}').map(|(inner, _)| inner)),
        None => (tree, None),
    };
    let head = head.split(" as ").next().unwrap_or_default();
    let mut path = before.to_vec();
    let parts = head.split("::").map(str::trim);
    path.extend(parts.filter(|p| !p.is_empty()).map(str::to_owned));
    let Some(inner) = braces else {
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        all.push(path);
        return;
    };
    let (mut depth, mut item) = (0, String::new());
    for c in inner.chars().chain([',']) {
        match c {
            ',' if depth == 0 => {
                if !item.trim().is_empty() {
                    spell_out(&item, &path, all);
                }
                item.clear();
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        item.push(c);
    }
}

/// Every path that a file names from the crate, its parents, or modules that it declares.
fn mentions(code: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut rest = String::new();
    let mut children = Vec::new();
    for item in code.split_inclusive(';') {
        // What stands before a `use` within the same piece is other code.
        let start = item.rfind("\nuse ").map(|at| (at, false));
        let handed_on = [
            "\npub use ",
            "\npub(super) use ",
            "\npub(crate) use ",
            "\npub(in ",
        ];
        let handed_on = handed_on.iter().filter_map(|form| item.rfind(form));
        let Some((at, reexport)) = handed_on.map(|at| (at, true)).chain(start).max() else {
            for form in ["mod ", "pub mod ", "pub(super) mod ", "pub(crate) mod "] {
                if let Some(name) = item.trim_start().strip_prefix(form) {
                    children.push(name.trim_end_matches(';').to_owned());
                }
            }
            rest += item;
            continue;
        };
        rest += &item[..at];
        let tree = item[at..].split_once("use ").map_or("", |(_, tree)| tree);
        let mut paths = Vec::new();
        spell_out(tree.trim_end_matches(';'), &[], &mut paths);
        found.extend(paths.into_iter().map(|path| Mention { path, reexport }));
    }
    let named = ["crate", "super", "self"].map(str::to_owned);
    for first in named.iter().chain(&children) {
        for (at, _) in rest.match_indices(&format!("{first}::")) {
            let outside = rest[..at].chars().next_back();
            if outside.is_some_and(|c| is_word(c) || c == ':') {
                continue;
            }
            let path = rest[at..].split(|c| !is_word(c) && c != ':').next();
            let parts = path.unwrap_or_default().split("::").map(str::to_owned);
            let path: Path = parts.filter(|part| !part.is_empty()).collect();
            found.push(Mention {
                path,
                reexport: false,
            });
        }
    }
    found
}

impl House {
    fn new(own: &[&File], root: &str) -> Self {
        let mut house = Self::default();
        for file in own {
            house
                .files
                .insert(module(&file.path, root), file.path.clone());
        }
        for file in own {
            let at = module(&file.path, root);
            for mention in mentions(&file.code).into_iter().filter(|m| m.reexport) {
                if let Some(name) = mention.path.last().cloned() {
                    house.faces.insert((at.clone(), name), mention.path);
                }
            }
        }
        house
    }

    /// The file in which a path ends, as `from` names it; `None` where it leaves the crate.
    fn file(&self, from: &Path, path: &[String], steps: usize) -> Option<&String> {
        let mut at = from.clone();
        let mut inside = false;
        for (place, part) in path.iter().enumerate() {
            match part.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop();
                }
                _ => {
                    let child = [&at[..], std::slice::from_ref(part)].concat();
                    let face = self.faces.get(&(at.clone(), part.clone()));
                    if self.files.contains_key(&child) {
                        at = child;
                    } else if let Some(face) = face.filter(|_| inside && steps > 0) {
                        let whole = [&face[..], &path[place + 1..]].concat();
                        return self.file(&at, &whole, steps - 1);
                    } else if inside {
                        break;
                    } else {
                        return None;
                    }
                }
            }
            inside = true;
        }
        self.files.get(&at)
    }
}

/// The files that each file imports.
fn arrows(own: &[&File], root: &str) -> BTreeMap<String, BTreeSet<String>> {
    let house = House::new(own, root);
    let mut all = BTreeMap::new();
    for file in own {
        let from = module(&file.path, root);
        let named = mentions(&file.code).into_iter().filter(|m| !m.reexport);
        let to = named.filter_map(|mention| house.file(&from, &mention.path, 8));
        let to = to.filter(|to| **to != file.path).cloned().collect();
        all.insert(file.path.clone(), to);
    }
    all
}

/// What can be reached from a file.
fn reach(from: &str, arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(file) = open.pop() {
        for next in &arrows[&file] {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<BTreeSet<String>> {
    let reached: BTreeMap<_, _> = arrows
        .keys()
        .map(|file| (file, reach(file, arrows)))
        .collect();
    let circle = |file: &String| {
        let others = reached[file].iter();
        others
            .filter(|other| reached[other].contains(file))
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    arrows
        .keys()
        .map(circle)
        .filter(|all| !all.is_empty())
        .collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let all = files();
    let mut found = Vec::new();
    for root in CRATES {
        let own = |file: &&File| file.home == root && !file.code.is_empty();
        let own: Vec<_> = all.iter().filter(own).collect();
        let arrows = arrows(&own, root);
        for circle in circles(&arrows) {
            for file in &circle {
                let within = arrows[file].intersection(&circle).cloned();
                found.push(format!(
                    "{file} -> {}",
                    within.collect::<Vec<_>>().join(", ")
                ));
            }
            found.push(String::new());
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn imports_are_read_as_the_compiler_reads_them() {
    let code = "
use crate::{a::{self, b::C}, d};
use super::{E as F, g::*};
pub use h::{I, j::K};
mod h;
fn l() { crate::m::n(); h::o() }
";
    let found = mentions(code);
    let own = |reexport| {
        let paths = found.iter().filter(move |m| m.reexport == reexport);
        paths.map(|m| m.path.join("::")).collect::<Vec<_>>()
    };
    let named = [
        "crate::a",
        "crate::a::b::C",
        "crate::d",
        "super::E",
        "super::g::*",
    ];
    assert_eq!(own(false), [&named[..], &["crate::m::n", "h::o"]].concat());
    assert_eq!(own(true), ["h::I", "h::j::K"]);
}
