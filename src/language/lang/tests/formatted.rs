//! Formatting changes how a text looks and nothing else.

use proptest::prelude::*;
use std::{collections::BTreeMap, path::Path};

use super::{Memory, fixtures};
use crate::lang::{Loaded, Options, format, load};

fn read(text: &str) -> Loaded {
    let files = Memory(BTreeMap::from([("test.gas".to_owned(), text.to_owned())]));
    load("test.gas", &files, &Options::default())
}

/// Everything a text means: its plan, reasons among it, without the places; or what is wrong with it.
fn meaning(text: &str) -> String {
    let loaded = read(text);
    let codes: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|d| (d.code, &d.message))
        .collect();
    let plan = std::format!("{:#?}\n{codes:#?}", loaded.plan);
    let place = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("line: ") && !line.starts_with("span: ")
    };
    plan.lines().filter(place).collect::<Vec<_>>().join("\n")
}

/// Formats a text, if it can be, and checks what must hold for any.
fn checked(text: &str) -> Option<String> {
    let once = match format("test.gas", text) {
        Ok(once) => once,
        Err(unreadable) => {
            assert!(!unreadable.diagnostics.is_empty(), "{text}");
            return None;
        }
    };
    let twice = format("test.gas", &once);
    assert_eq!(
        twice.as_deref().ok(),
        Some(once.as_str()),
        "twice is not once:\n{text}"
    );
    assert_eq!(meaning(text), meaning(&once), "{text}\n----\n{once}");
    let comments = |text: &str| text.matches('#').count();
    assert_eq!(comments(text), comments(&once), "{text}\n----\n{once}");
    Some(once)
}

/// Every schedule that is shipped.
fn shipped() -> Vec<(String, String)> {
    let mut open = vec![Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("schedules")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "gas") {
                let text = std::fs::read_to_string(&path).expect("it is text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_shipped_is_formatted() {
    for (path, text) in shipped() {
        assert_eq!(checked(&text), Some(text), "{path}");
    }
}

#[test]
fn broken_schedules_are_formatted_or_left_alone() {
    for name in fixtures() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .join(std::format!("fixtures/errors/{name}.gas"));
        checked(&std::fs::read_to_string(path).expect("it is there"));
    }
}

#[test]
fn the_shape_of_everything() {
    let untidy = "\n\n# About.\nschedule   \"T\"  extends osaka # end\n\n\n\nlet k=3\nlet longer =  4*(k+1)   # four\n\n\
        group g=ADD,SUB,\n  # multiplication\n  MUL, # and\nDIV\n\n\
        opcode   ADD,SUB  =k*current\nprecompile ECPAIRING . per_point=1\n\
        opcode {\n\n# why\nDIV= 2  ** - 3\n\n\nKECCAK256 =min( 3 ,k )+ 6*words # hash\n\n# last\n\n}\n\
        variant a{k=2}\nvariant strong { k = 8 }\nvariant big {\n k = 9 }\n\
        target prove 60Mgas within 10  s on zisk,sp1\n\
        solve{ vary   opcode *\nrequire *  in 1x..200x\nrequire PUSH* in 5% .. 3kgas\n round up to 5\n}\n# the end\n\n";
    let untidy = untidy.replace("ECPAIRING . per_point", "ECPAIRING.per_point");
    let tidy = "\
# About.
schedule \"T\" extends osaka  # end

let k      = 3
let longer = 4 * (k + 1)  # four

group g = ADD, SUB,
          # multiplication
          MUL,  # and
          DIV

opcode     ADD, SUB            = k * current
precompile ECPAIRING.per_point = 1
opcode {
  # why
  DIV       = 2**-3

  KECCAK256 = min(3, k) + 6 * words  # hash

  # last
}
variant a      { k = 2 }
variant strong { k = 8 }
variant big {
  k = 9
}
target prove 60 Mgas within 10 s on zisk, sp1
solve {
  vary    opcode *
  require * in 1x .. 200x
  require PUSH* in 5% .. 3 kgas
  round   up to 5
}
# the end
";
    assert_eq!(checked(&untidy).as_deref(), Some(tidy));
}

#[test]
fn long_lines_break_at_commas_and_operators() {
    let names = vec!["ADD"; 40].join(",");
    let terms = vec!["1_000_000"; 20].join("+");
    let text = std::format!(
        "schedule \"T\" extends osaka\ngroup g = {names}\nparam NEW_ACCOUNT = {terms}\n"
    );
    let tidy = checked(&text).expect("it can be read");
    assert!(tidy.lines().all(|l| l.chars().count() <= 120), "{tidy}");
    assert!(tidy.contains("ADD,\n          ADD,"), "{tidy}");
    assert!(
        tidy.contains("1_000_000 +\n                    1_000_000"),
        "{tidy}"
    );
}

#[test]
fn what_is_no_statement_is_left_alone() {
    for text in [
        "letk = 3",
        "opcode {",
        "schedule \"a\"\nschedule \"b\"",
        "?",
    ] {
        assert!(format("test.gas", text).is_err(), "{text}");
    }
    assert_eq!(format("test.gas", "").ok().as_deref(), Some(""));
}

/// Statements with a mark wherever something may stand: ` ` a blank or none, `~` a blank, `^` a line feed as well.
const STATEMENTS: &[&str] = &[
    "schedule~\"T\"~extends~osaka",
    "let~k = 3",
    "let~longer = - k ** 2 *^ ( 1 +^k )",
    "group~g = ADD ,^SUB ,^PUSH* ,^opcode~MUL",
    "group~glue = g ,^KECCAK256.per_word",
    "opcode~MULMOD = 11",
    "opcode~SDIV ,^SMOD = 2 * current",
    "precompile~MODEXP = max ( 500 ,^complexity *^iterations )",
    "param~COLD_ACCOUNT_ACCESS = 3 kgas",
    "opcode~KECCAK256.per_word = 50% *^current",
    "new~precompile~POSEIDON2 = 60 +^12 * words",
    "opcode { DIV = 15 }",
    "opcode {^DIV = 15\n SDIV = 20\n }",
    "new~param {^AAA = 1\n BB = AAA\n }",
    "meter~m~within~1 Mgas { opcode~MUL = 1 }",
    "meter~zk~within~100 Mgas {^ADD ,^SUB = current\n CALL.per_cold = 2 *^current\n }",
    "target~prove~60 Mgas~within~10 s~on~1~of~zisk ,^sp1",
    "target~execute~100 Mgas~within~1 s",
    "prover~zisk { guest = reth ,^ethrex }",
    "prover~sp1 {^guest = \"a # b\"\n resource = gpu\n }",
    "variant~mild { k = 2 }",
    "variant~strong {^k = 8\n }",
    "solve { vary~opcode~*\n keep~PUSH* ,^DUP*\n require~*~in~1 x .. 200 x\n }",
    "solve {^vary~together~g\n require~SDIV >= DIV +^3\n minimize~total~change\n round~up~to~5\n }",
];

fn spaced(statements: &[(usize, Vec<u8>)]) -> String {
    let mut out = String::new();
    for (which, choices) in statements {
        let mut choices = choices.iter().cycle();
        let mut comment = |own: bool| match choices.next().copied().unwrap_or(0) % 9 {
            0 => " # c\n",
            1 if own => "\n # d\n\n",
            2 if own => "\n\n",
            3 if own => "\n# e\n# f\n",
            4 => "\n",
            5 => " \r\n",
            _ => "",
        };
        let mut blanks = [" ", "", "  ", "\t"].into_iter().cycle();
        for c in STATEMENTS[which % STATEMENTS.len()].chars() {
            match c {
                ' ' => out.push_str(blanks.next().unwrap_or("")),
                '~' => out.push(' '),
                '^' => out.push_str(comment(true)),
                '\n' => match comment(true) {
                    "" => out.push('\n'),
                    other => out.push_str(other),
                },
                other => out.push(other),
            }
        }
        match comment(true) {
            "" => out.push('\n'),
            other => out.push_str(other),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(300)))]

    #[test]
    fn any_layout(statements in prop::collection::vec((any::<usize>(), prop::collection::vec(any::<u8>(), 1..12)), 0..16)) {
        let text = spaced(&statements);
        prop_assert!(checked(&text).is_some() || text.matches("schedule").count() > 1, "{text}");
    }

    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(super::words::WORDS), 0..60)) {
        checked(&words.join(" "));
    }
}
