//! Recorded runs as commands take them: a folder, or a table.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    destination::{DestinationFolder, Input},
    exit::Failure,
    fixtures::files,
    output::Terminal,
};
use crate::{
    fit,
    gas::Gas,
    input_file,
    lang::{Plan, Verb},
    printable::printable,
    prove::{Configured, MeasuredBlock},
    recorded::{
        self, AnchorsError, BlockSelection, CostBasis, Dataset, Finished, NoBlocks, OpcodeCounts,
        ProvingTarget, Recorded, sweep::SweepError,
    },
    report::number::count,
};

/// Files named one by one before the rest is only counted.
const NAMED: usize = 5;

/// Where recorded runs are.
#[derive(clap::Args, Clone, Debug)]
#[group(multiple = false)]
pub struct RunsArgs {
    /// Result folder in zkevm-benchmark-workload's layout
    #[arg(long, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// Table of measurements: `test_title`, `client_name`, `run_duration_ms`, `opcount`
    #[arg(long, value_name = "FILE")]
    pub bench_csv: Option<PathBuf>,
}

/// How sure a cost is to hold.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct ConfidenceArgs {
    /// Take each recorded block at what its scenario's line says at most with this probability, not at what it took once
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.9, value_parser = confidence)]
    pub confidence: f64,
}

/// A probability that says how sure a cost is to hold.
fn confidence(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(confidence) if (0.5..1.0).contains(&confidence) => Ok(confidence),
        _ => Err("expected a probability from 0.5 to below 1, such as 0.95".into()),
    }
}

/// Which recorded blocks count.
#[derive(clap::Args, Clone, Debug)]
pub struct BlockArgs {
    /// Table of opcode counts: `test_title`, `test_opcode`, `opcount` and a column per opcode; or a folder of fixtures, which are executed
    #[arg(long, value_name = "FILE")]
    pub counts: Option<PathBuf>,
    /// Only these gas levels, in millions
    #[arg(long, value_name = "LOW..HIGH", value_parser = levels)]
    pub levels: Option<(Gas, Gas)>,
    /// Seconds of an empty block, instead of those estimated per prover
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub fixed: Option<f64>,
}

impl BlockArgs {
    /// The blocks as they were measured.
    pub const fn measured(&self) -> BlockSelection {
        BlockSelection {
            levels: self.levels,
            fixed_s: self.fixed,
            basis: CostBasis::Measured,
        }
    }
}

/// `5..35`, in millions of gas.
fn levels(text: &str) -> Result<(Gas, Gas), String> {
    let wrong = || "expected gas levels in millions, such as 5..35".to_owned();
    let (low, high) = text.split_once("..").ok_or_else(wrong)?;
    let level = |text: &str| {
        let mgas: Gas = text.trim().trim_end_matches('M').parse().ok()?;
        mgas.checked_mul(1_000_000)
    };
    match (level(low), level(high)) {
        (Some(low), Some(high)) if low <= high => Ok((low, high)),
        _ => Err(wrong()),
    }
}

impl RunsArgs {
    /// Whether any was named.
    pub const fn given(&self) -> bool {
        self.runs.is_some() || self.bench_csv.is_some()
    }

    /// The folder or file as it was named.
    pub fn name(&self) -> String {
        let path = self.runs.as_ref().or(self.bench_csv.as_ref());
        path.map_or_else(String::new, |path| path.display().to_string())
    }

    /// What [`Self::dataset`] reads.
    pub fn inputs(&self, counts: Option<&Path>) -> Vec<Input> {
        let runs = self.runs.as_deref().or(self.bench_csv.as_deref());
        let runs = runs.map(|path| Input::new(path, "the runs that are read"));
        let counts = counts.map(|path| Input::new(path, "the counts that are read"));
        runs.into_iter().chain(counts).collect()
    }

    /// Everything that is there, grouped, with the opcode counts of `--counts`: a table, or a folder of fixtures that are
    /// executed. What cannot be understood is said and left out.
    ///
    /// # Errors
    /// A folder or file that cannot be read, that holds nothing or is no such table.
    pub fn dataset(
        &self,
        counts: Option<&PathBuf>,
        terminal: &Terminal,
    ) -> Result<Dataset, Failure> {
        let recorded = self.read(terminal)?;
        proven(&recorded)?;
        Ok(Dataset::new(recorded, opcode_counts(counts, terminal)?))
    }

    /// Everything that is there. What cannot be understood is said and left out.
    ///
    /// # Errors
    /// A folder or file that cannot be read, or that holds nothing.
    fn read(&self, terminal: &Terminal) -> Result<Recorded, Failure> {
        match (&self.runs, &self.bench_csv) {
            (Some(folder), _) => read_folder(folder, terminal),
            (None, Some(file)) => {
                let recorded = recorded::bench_csv(&text(file)?)
                    .map_err(|error| Failure::start(format!("`{}`: {error}", file.display())))?;
                understood(recorded, file, terminal)
            }
            (None, None) => Err(Failure::start("no runs are named")
                .help("`--runs DIR` takes a result folder, `--bench-csv FILE` a table")),
        }
    }
}

/// What answers from times needs results that were proven: a cost is no time.
fn proven(recorded: &Recorded) -> Result<(), Failure> {
    if recorded.runs.iter().any(|run| run.proving.is_some()) {
        return Ok(());
    }
    let failure = Failure::start(format!(
        "nothing was proven here: {} executed only",
        count(recorded.runs.len(), "result")
    ));
    Err(failure.help("`reprice calibrate` says what their costs are worth in seconds, with times of the same fixtures"))
}

/// Every result of a folder. What cannot be understood is said and left out.
///
/// # Errors
/// A folder that cannot be read, or that holds nothing.
pub fn read_folder(folder: &Path, terminal: &Terminal) -> Result<Recorded, Failure> {
    let recorded = recorded::read(folder).map_err(|error| Failure::start(error.to_string()))?;
    understood(recorded, folder, terminal)
}

/// What is there; what was left out is said.
fn understood(recorded: Recorded, path: &Path, terminal: &Terminal) -> Result<Recorded, Failure> {
    say_left_out(&recorded, terminal);
    if recorded.runs.is_empty() {
        let failure = Failure::start(format!("`{}` holds no results", path.display()));
        return Err(failure.help("a result is `<guest>-<version>/<zkvm>-<version>/<test>.json`"));
    }
    Ok(recorded)
}

fn text(file: &Path) -> Result<String, Failure> {
    input_file::text(file, input_file::RESULTS)
        .map_err(|error| Failure::start(format!("cannot read `{}`: {error}", file.display())))
}

fn say_left_out(recorded: &Recorded, terminal: &Terminal) {
    let rest = |all: usize| match all.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("  and {more} more\n"),
    };
    let (empty, refused) = (recorded.empty.len(), recorded.refused.len());
    if empty > 0 {
        terminal.say(&format!(
            "warning: {} empty and left out\n",
            count(empty, "file")
        ));
        for file in recorded.empty.iter().take(NAMED) {
            let file = file.display().to_string();
            terminal.say(&format!("  `{}`\n", printable(&file)));
        }
        terminal.say(&rest(empty));
    }
    if refused > 0 {
        let files = count(refused, "file");
        terminal.say(&format!("warning: {files} not understood and left out\n"));
        for file in recorded.refused.iter().take(NAMED) {
            terminal.say(&format!("  {file}\n"));
        }
        terminal.say(&rest(refused));
    }
}

/// Whether results of these provers can be written below `folder`.
///
/// # Errors
/// Those of [`DestinationFolder::new`].
pub fn check_folders(folder: &DestinationFolder, provers: &[Configured]) -> Result<(), Failure> {
    provers.iter().try_for_each(|configured| {
        let own = recorded::folder_of(&configured.prover.source());
        DestinationFolder::new("--to", &folder.path().join(own)).map(drop)
    })
}

/// Writes what was measured as a result folder.
///
/// # Errors
/// A folder that cannot be written.
pub fn write(
    folder: &DestinationFolder,
    provers: &[Configured],
    blocks: &[&MeasuredBlock],
    terminal: &Terminal,
) -> Result<(), Failure> {
    let mut written = 0;
    for configured in provers {
        let name = configured.prover.name();
        let own = blocks.iter().filter(|one| one.id.prover.zkvm == name);
        let proven = configured.verb == Verb::Prove && configured.prover.is_timed();
        let finished: Vec<Finished> = own.map(|one| finished(one, proven)).collect();
        written += write_results(folder, configured, &finished)?;
    }
    say_written(folder, written, terminal);
    Ok(())
}

/// Writes results of one prover; how many there were.
///
/// # Errors
/// A folder that cannot be written.
pub fn write_results(
    folder: &DestinationFolder,
    configured: &Configured,
    finished: &[Finished],
) -> Result<usize, Failure> {
    let source = configured.prover.source();
    let hardware = Path::new(recorded::HARDWARE);
    if !folder.path().join(hardware).exists() {
        folder.write(hardware, &recorded::hardware_text(&source)?)?;
    }
    let files = recorded::result_files(&source, finished)?;
    for (path, text) in &files {
        folder.write(path, text)?;
    }
    Ok(files.len())
}

/// Says how many results were written.
pub fn say_written(folder: &DestinationFolder, written: usize, terminal: &Terminal) {
    let folder = folder.path().display();
    terminal.say(&format!("wrote {} to {folder}\n", count(written, "result")));
}

fn finished(one: &MeasuredBlock, proven: bool) -> Finished {
    let usage = one.usage.counts.iter();
    Finished {
        scenario: one.id.scenario.clone(),
        operation: Some(one.id.operation.clone()),
        gas_used: one.gas_used,
        completed: None,
        usage: usage
            .map(|(param, count)| (param.to_string(), *count))
            .collect(),
        opcodes: BTreeMap::new(),
        proven,
        outcome: match (&one.cost, &one.failure) {
            (Some(cost), None) => Ok(recorded::Success::of(cost)),
            (_, reason) => Err(reason.clone().unwrap_or_default()),
        },
    }
}

/// Recorded runs are of provers: nothing in them says how fast a block is executed or a proof verified.
///
/// # Errors
/// A target of such a kind.
pub fn only_proofs(plan: &Plan) -> Result<(), Failure> {
    let other = plan
        .targets
        .iter()
        .find(|target| target.verb != Verb::Prove);
    other.map_or(Ok(()), |target| {
        let verb = target.verb.name();
        let failure = format!("a target for `{verb}` cannot be held against recorded proofs");
        Err(Failure::start(failure).help("without recorded runs, `execute` is measured here"))
    })
}

/// The opcode counts of `--counts`; without it only those that records bring.
fn opcode_counts(path: Option<&PathBuf>, terminal: &Terminal) -> Result<OpcodeCounts, Failure> {
    let folder = match path {
        None => return Ok(OpcodeCounts::default()),
        Some(folder) if folder.is_dir() => folder,
        Some(file) => {
            return OpcodeCounts::parse(&text(file)?)
                .map_err(|error| Failure::start(format!("`{}`: {error}", file.display())));
        }
    };
    let counts = OpcodeCounts::executed(&files::json(std::slice::from_ref(folder), terminal)?);
    if counts.is_empty() {
        let folder = folder.display();
        let failure = Failure::start(format!("no fixture in `{folder}` can be executed"));
        return Err(failure.help("`reprice fixtures check` says why"));
    }
    Ok(counts)
}

impl From<NoBlocks> for Failure {
    fn from(none: NoBlocks) -> Self {
        let mut failure = Self::start("none of the recorded blocks can be priced");
        for (why, n) in &none.left_out {
            failure = failure.help(format!("{n} left out: {why}"));
        }
        failure.help("`--counts` takes a table of opcode counts by test, or the tests' fixtures")
    }
}

impl From<AnchorsError> for Failure {
    fn from(error: AnchorsError) -> Self {
        match error {
            AnchorsError::Anchor(error) => error.into(),
            AnchorsError::Formula(error) => error.into(),
        }
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::NoBlocks(none) => none.into(),
            SweepError::Anchors(error) => error.into(),
            SweepError::Loop(error) => error.into(),
        }
    }
}

/// `60Mgas/8s`, or `60 Mgas within 8 s` as schedules write it.
///
/// # Errors
/// Another form, or an amount that is not above 0.
pub fn target(text: &str) -> Result<ProvingTarget, String> {
    let wrong = || "expected gas and time, such as 60Mgas/8s or \"60 Mgas within 8 s\"".to_owned();
    let plain = text.replace('_', "").replace("within", "/");
    let (gas, within) = plain.split_once('/').ok_or_else(wrong)?;
    let number = |text: &str, units: &[(&str, f64)]| {
        let text = text.trim();
        let (unit, factor) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        (number.is_finite() && number > 0.0).then_some(number * factor)
    };
    let gas = number(gas, &[("Mgas", 1e6), ("gas", 1.0), ("M", 1e6)]).ok_or_else(wrong)?;
    let within_s = number(within, &[("ms", 1e-3), ("s", 1.0)]).ok_or_else(wrong)?;
    if !(1.0..1e15).contains(&gas) {
        return Err(wrong());
    }
    let gas = fit::count(gas.round());
    Ok(ProvingTarget { gas, within_s })
}

/// Seconds above 0.
///
/// # Errors
/// Anything else.
pub fn seconds(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('s').trim().parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds),
        _ => Err("expected seconds, such as 3.5".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_millions() {
        assert_eq!(levels("5..35"), Ok((5_000_000, 35_000_000)));
        assert_eq!(levels("60M..60M"), Ok((60_000_000, 60_000_000)));
        assert!(levels("60").is_err() && levels("7..5").is_err() && levels("a..b").is_err());
    }

    #[test]
    fn a_target_is_gas_and_time() {
        for text in [
            "60Mgas/8s",
            "60 Mgas within 8 s",
            "60_000_000gas/8000ms",
            "60M/8s",
        ] {
            let asked = target(text).unwrap();
            assert_eq!(asked.gas, 60_000_000, "{text}");
            assert!((asked.within_s - 8.0).abs() < 1e-9);
        }
        for text in ["60", "60Mgas", "0Mgas/8s", "60Mgas/0s", "60Mgas/8", "x/y"] {
            assert!(target(text).is_err(), "{text}");
        }
        assert!(seconds("3.5").is_ok() && seconds("-1").is_err());
    }
}
