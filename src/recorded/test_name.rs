//! What a recorded test is called, in every shape that releases of the benchmarks have used.

use crate::gas::Gas;

/// A test of a benchmark, without what varies between its gas levels.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Test {
    /// The file it stands in, such as `test_arithmetic`; empty where the name has none.
    pub module: String,
    /// Its function, such as `test_mod_arithmetic`; a whole name of another kind, such as `rpc_block_22974575`.
    pub function: String,
    /// Its parameters, such as `opcode_MULMOD-mod_bits_255`.
    pub params: String,
    /// The gas it was made for, in millions.
    pub level_mgas: Option<u64>,
}

/// What stands before a gas level.
const LEVELS: [&str; 2] = ["benchmark-gas-value_", "benchmark_"];

/// Parameters that name how a test was filled and not what it does.
const FILLING: [&str; 4] = ["fork_", "blockchain_test", "state_test", "opcount_"];

impl Test {
    /// Takes a name apart. Every text has a meaning: at worst it is all function.
    pub fn parse(name: &str) -> Self {
        let name = strip(strip(name.trim(), ".json"), ".txt");
        let name = name.strip_prefix("eest__").unwrap_or(name);
        let name = name.rsplit_once("__block").map_or(name, |(head, tail)| {
            if tail.bytes().all(|b| b.is_ascii_digit()) {
                head
            } else {
                name
            }
        });
        let (name, suffix_level) = level_at_end(name);
        let (path, rest) = ["::", "__"]
            .iter()
            .find_map(|mark| name.split_once(&format!(".py{mark}")))
            .unwrap_or(("", name));
        let module = path.rsplit('/').next().unwrap_or_default();
        let (function, inside) = match rest.split_once('[') {
            Some((function, inside)) => (function, inside.strip_suffix(']').unwrap_or(inside)),
            None => (rest, ""),
        };
        let (params, level) = without_level(inside);
        let kept = params
            .split('-')
            .filter(|part| !FILLING.iter().any(|filling| part.starts_with(filling)));
        Self {
            module: module.into(),
            function: function.into(),
            params: kept.collect::<Vec<_>>().join("-").trim_matches('-').into(),
            level_mgas: level.or(suffix_level),
        }
    }

    /// The gas it was made for; `None` where its name says none, or more than gas is counted in.
    pub fn level(&self) -> Option<Gas> {
        self.level_mgas?.checked_mul(1_000_000)
    }

    /// Its name in reports: `mod_arithmetic[opcode_MULMOD-mod_bits_255]`.
    pub fn scenario(&self) -> String {
        let function = self
            .function
            .strip_prefix("test_")
            .unwrap_or(&self.function);
        if self.params.is_empty() {
            function.into()
        } else {
            format!("{function}[{}]", self.params)
        }
    }

    /// The operation it stresses, as far as its name tells; `known` are the operations there are.
    pub fn operation(&self, known: &dyn Fn(&str) -> bool) -> Option<String> {
        let of_param = |key: &str| {
            let (_, tail) = self.params.split_once(key)?;
            family(tail.split('-').next()?, known)
        };
        ["opcode_", "op_", "shift_right_"]
            .iter()
            .find_map(|key| of_param(key))
            .or_else(|| {
                self.params
                    .split('-')
                    .find_map(|part| precompile(part, known))
            })
            .or_else(|| {
                let function = self
                    .function
                    .strip_prefix("test_")
                    .unwrap_or(&self.function);
                let function = function.strip_prefix("worst_").unwrap_or(function);
                spelled(function, known).or_else(|| precompile(function, known))
            })
    }
}

/// `PUSH7` is a `PUSH` to a schedule.
fn family(name: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let name = name.to_uppercase();
    if known(&name) {
        return Some(name);
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    known(stem).then(|| stem.to_owned())
}

/// The longest run of words at the start of a function's name that spells an operation: `point_evaluation`,
/// `codecopy_benchmark`.
fn spelled(function: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let words: Vec<&str> = function.split('_').collect();
    (1..=words.len()).rev().find_map(|n| {
        let name = words[..n].join("_");
        let singular = name.strip_suffix('s').unwrap_or(&name);
        family(&name, known)
            .or_else(|| family(singular, known))
            .or_else(|| family(&format!("{name}256"), known))
    })
}

/// Traces' names of operations as schedules have them.
pub(super) fn schedule_name(traced: &str) -> String {
    traced.replacen("BLS12_", "BLS_", 1)
}

/// Names that precompiles have in benchmarks and not in schedules.
const PRECOMPILES: [(&str, &str); 12] = [
    ("bn128_pairings", "ECPAIRING"),
    ("pairing", "ECPAIRING"),
    ("bn128_add", "ECADD"),
    ("bn128_mul", "ECMUL"),
    ("bls12_pairing", "BLS_PAIRING"),
    ("bls12_g1_msm", "BLS_G1MSM"),
    ("bls12_g2_msm", "BLS_G2MSM"),
    ("bls12_fp_to_g1", "BLS_G1MAP"),
    ("bls12_fp_to_g2", "BLS_G2MAP"),
    ("bls12_map_fp2", "BLS_G2MAP"),
    ("bls12_map_fp", "BLS_G1MAP"),
    ("mod_exp", "MODEXP"),
];

fn precompile(part: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let lower = part.to_lowercase();
    if lower.starts_with("bls12") {
        let name = lower.replacen("bls12_", "BLS_", 1).to_uppercase();
        if known(&name) {
            return Some(name);
        }
        let named = PRECOMPILES.iter().filter(|(_, to)| to.starts_with("BLS"));
        return named
            .clone()
            .find(|(from, _)| lower.starts_with(from))
            .map(|(_, to)| (*to).to_owned());
    }
    let named = PRECOMPILES.iter().filter(|(_, to)| !to.starts_with("BLS"));
    named
        .clone()
        .find(|(from, _)| lower.contains(from))
        .map(|(_, to)| (*to).to_owned())
        .or_else(|| (part.len() > 4 && known(&part.to_uppercase())).then(|| part.to_uppercase()))
}

fn strip<'a>(name: &'a str, end: &str) -> &'a str {
    name.strip_suffix(end).unwrap_or(name)
}

/// `..._90M` behind everything else.
fn level_at_end(name: &str) -> (&str, Option<u64>) {
    let level = name.rsplit_once('_').and_then(|(head, tail)| {
        let mgas = tail.strip_suffix('M')?.parse().ok()?;
        (head.ends_with(']') || !head.contains('[')).then_some((head, Some(mgas)))
    });
    level.unwrap_or((name, None))
}

/// Parameters without the gas level among them, and that level.
fn without_level(params: &str) -> (String, Option<u64>) {
    for mark in LEVELS {
        let Some((head, tail)) = params.split_once(mark) else {
            continue;
        };
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let (Ok(level), Some(rest)) = (tail[..digits].parse(), tail[digits..].strip_prefix('M'))
        else {
            continue;
        };
        return (
            format!("{head}{}", rest.trim_start_matches('-')),
            Some(level),
        );
    }
    (params.into(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> (String, String, String, Option<u64>) {
        let test = Test::parse(name);
        (test.module, test.function, test.params, test.level_mgas)
    }

    fn expect(
        module: &str,
        function: &str,
        params: &str,
        level: Option<u64>,
    ) -> (String, String, String, Option<u64>) {
        (module.into(), function.into(), params.into(), level)
    }

    #[test]
    fn every_shape_of_name_is_read() {
        for (name, module, function, params, level) in [
            (
                "test_arithmetic.py::test_mod_arithmetic[fork_Osaka-blockchain_test-opcode_MULMOD-mod_bits_255-benchmark-gas-value_10M]",
                "test_arithmetic",
                "test_mod_arithmetic",
                "opcode_MULMOD-mod_bits_255",
                Some(10),
            ),
            (
                "tests/benchmark/test_worst_compute.py::test_worst_dup[fork_Prague-benchmark-gas-value_45M-blockchain_test_from_state_test-opcode_DUP13].json",
                "test_worst_compute",
                "test_worst_dup",
                "opcode_DUP13",
                Some(45),
            ),
            (
                "test_x.py__test_y[a-b]_90M.txt",
                "test_x",
                "test_y",
                "a-b",
                Some(90),
            ),
            ("rpc_block_22974575", "", "rpc_block_22974575", "", None),
            (
                "eest__tests_foo_py_test_case_param__block0",
                "",
                "tests_foo_py_test_case_param",
                "",
                None,
            ),
            ("", "", "", "", None),
            (
                "test_arithmetic.py::test_arithmetic[fork_Osaka-blockchain_test-opcode_ADD--benchmark-gas-value_5M]",
                "test_arithmetic",
                "test_arithmetic",
                "opcode_ADD",
                Some(5),
            ),
        ] {
            assert_eq!(
                parts(name),
                expect(module, function, params, level),
                "{name}"
            );
        }
    }

    #[test]
    fn operations_are_told_from_names() {
        let known = |name: &str| {
            [
                "MULMOD",
                "PUSH",
                "KECCAK256",
                "CODECOPY",
                "POINT_EVALUATION",
                "ECADD",
                "BLS_G1ADD",
                "BLAKE2F",
                "JUMPDEST",
                "NOT",
                "EXP",
            ]
            .contains(&name)
        };
        for (name, operation) in [
            ("test_a.py::test_b[opcode_MULMOD-x]", Some("MULMOD")),
            ("test_stack.py::test_push[opcode_PUSH7]", Some("PUSH")),
            (
                "test_keccak.py::test_keccak_max_permutations",
                Some("KECCAK256"),
            ),
            (
                "test_q.py::test_codecopy_benchmark[code_size_0]",
                Some("CODECOPY"),
            ),
            (
                "test_p.py::test_point_evaluation[point_evaluation]",
                Some("POINT_EVALUATION"),
            ),
            (
                "test_alt_bn128.py::test_alt_bn128[bn128_add_1_2]",
                Some("ECADD"),
            ),
            (
                "test_alt_bn128.py::test_alt_bn128[ec_pairing_5_pair]",
                Some("ECPAIRING"),
            ),
            (
                "test_alt_bn128.py::test_bn128_pairings_amortized",
                Some("ECPAIRING"),
            ),
            (
                "test_bls12_381.py::test_bls12_381[bls12_g1add]",
                Some("BLS_G1ADD"),
            ),
            ("test_blake2f.py::test_blake2f", Some("BLAKE2F")),
            ("test_control_flow.py::test_jumpdests", Some("JUMPDEST")),
            ("rpc_block_1", None),
        ] {
            assert_eq!(
                Test::parse(name).operation(&known).as_deref(),
                operation,
                "{name}"
            );
        }
    }
}
