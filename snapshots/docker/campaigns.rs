//! What campaigns do when nothing goes wrong.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    files::files,
    place::{CALIBRATION, EXECUTE, MEASURE, Place, blocks, docker, double},
};

#[test]
fn a_container_counts_what_the_embedded_prover_counts() {
    if !docker() {
        return;
    }
    let place = Place::new(EXECUTE);
    let (contained, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    fs::write(place.0.path().join("reprice.toml"), CALIBRATION).unwrap();
    let (embedded, status, _) = place.measure();
    assert_eq!(status, Some(0));
    assert!(
        blocks(&contained)
            .as_array()
            .is_some_and(|all| all.len() >= 3),
        "{contained}"
    );
    let (contained, embedded) = (told(blocks(&contained)), told(blocks(&embedded)));
    for ((block, cycles), (same, others)) in contained.iter().zip(&embedded) {
        assert_eq!(block, same);
        // A server tells cycles alone, so that a line goes through other blocks.
        assert!(
            (cycles / others - 1.0).abs() < 1e-3,
            "{cycles} {others} {block}"
        );
    }
    assert_eq!(contained.len(), embedded.len());
    assert_eq!(place.containers(), "", "containers are removed");
}

/// The blocks without what follows from their costs, and their cycles.
fn told(mut blocks: serde_json::Value) -> Vec<(serde_json::Value, f64)> {
    let told = |block: &mut serde_json::Value| {
        let block = block.as_object_mut().unwrap();
        let costs = block.remove("costs").unwrap();
        block.remove("proving_s");
        block.remove("throughput");
        let cycles = costs["total_num_cycles"].as_f64().unwrap();
        (block.clone().into(), cycles)
    };
    blocks
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(told)
        .collect()
}

#[test]
fn prover_check_runs_a_block() {
    if !docker() {
        return;
    }
    let output = Place::new(EXECUTE).run(&["prover", "check", "sp1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("sp1  works: ") && text.contains("ere-server 0.1.0, sp1 6."),
        "{text}"
    );
}

#[test]
fn proofs_are_timed_in_both_generations() {
    if !docker() {
        return;
    }
    for generation in ["", " --new-api"] {
        let place = Place::new(&format!(
            "resource = \"double --proving-ms 30{generation}\"\n"
        ));
        let (report, status, stderr) = place.measure();
        assert_eq!(status, Some(0), "{stderr}");
        let prover = &report["provers"][0];
        assert_eq!(
            (&prover["modelled"], &prover["fixed_s"]),
            (&false.into(), &0.03.into()),
            "{report}"
        );
        assert_eq!(report["blocks"][0]["proving_s"], 0.03, "{report}");
    }
}

/// A block is for its server alone, whatever proxy the environment names.
#[test]
fn proxies_are_not_asked() {
    if !docker() {
        return;
    }
    let place = Place::new(&double("", ""));
    let mut command = place.command(MEASURE);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        // Nobody listens there.
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// Servers of ere 0.17 and later count no cycles when they execute: no verdict comes of that, and nothing is kept.
#[test]
fn executions_without_cycles_are_no_results() {
    if !docker() {
        return;
    }
    let place =
        Place::new(&double("", "mode = \"execute\"\n").replace("double", "double --new-api"));
    for _ in 0..2 {
        let (_, status, stderr) = place.measure();
        assert_eq!(status, Some(3), "{stderr}");
        assert!(stderr.contains("counted no cycles"), "{stderr}");
    }
}

/// A server for each place, on every host, and each is checked.
#[test]
fn hosts_and_servers_work_side_by_side() {
    if !docker() {
        return;
    }
    let hosts = "\n[host.a]\nurl = \"unix:///var/run/docker.sock\"\n[host.b]\nurl = \"unix:///var/run/docker.sock\"\n";
    let place = Place::new(&format!(
        "resource = \"double --proving-ms 1500\"\nhost = [\"a\", \"b\"]\nservers = 2\n{hosts}"
    ));
    let child = place.start();
    // There are three blocks.
    place.until(3);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(place.containers(), "");
    let checked = place.run(&["prover", "check", "sp1"]);
    let text = String::from_utf8(checked.stdout).unwrap();
    for server in ["a 1", "a 2", "b 1", "b 2"] {
        let works = format!("sp1 on {server}  works: ");
        assert!(text.contains(&works), "{text}");
    }
    let listed = place.run(&["prover", "list"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(
        text.contains(" on a 1; a 2; b 1; b 2, proofs, guest reprice-guest"),
        "{text}"
    );
}

/// Repeats are runs of their own, and the median counts.
#[test]
fn every_repeat_is_kept() {
    if !docker() {
        return;
    }
    let place = Place::new("resource = \"double --proving-ms 20\"\nrepeats = 3\n");
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    let measured = blocks(&report).as_array().unwrap().len();
    assert_eq!(report["blocks"][0]["proving_s"], 0.02);
    // What was counted to know the order has no time.
    let timed = |path: &PathBuf| {
        fs::read_to_string(path)
            .unwrap()
            .contains("\"times_ms\":[20.0]")
    };
    let mut kept = files(&place.0.path().join("cache/v2/execution"));
    kept.retain(timed);
    // Of every block, and of the empty one.
    assert_eq!(kept.len(), 3 * (measured + 1));
}

/// Each shard measures its part; copied together, nothing is left to be run.
#[test]
fn shards_become_one_by_copying() {
    if !docker() {
        return;
    }
    let prover = "resource = \"double --proving-ms 20\"\nservers = 2\n";
    let whole = Place::new(prover);
    let (undisturbed, ..) = whole.measure();
    // Here no server would start in time.
    let together = Place::new(&format!("{prover}start_limit_s = 0.001\nretries = 0\n"));
    assert_eq!(together.measure().1, Some(3));
    for shard in ["1/2", "2/2"] {
        let place = Place::new(prover);
        let mut arguments = crate::place::MEASURE.to_vec();
        arguments.extend(["--shard", shard]);
        assert_eq!(place.run(&arguments).status.code(), Some(0));
        let from = format!("{}/.", place.0.path().join("cache").display());
        let to = together.0.path().join("cache");
        fs::create_dir_all(&to).unwrap();
        let copied = Command::new("cp").arg("-r").arg(from).arg(to).status();
        assert!(copied.unwrap().success());
    }
    let (merged, status, stderr) = together.measure();
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(blocks(&merged), blocks(&undisturbed));
}

/// Blocks of others, in halves on two servers; what is finished is not run again.
#[test]
fn fixtures_of_others_go_on_where_they_stopped() {
    if !docker() {
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/eest");
    let [chain, guest] = ["chain.json", "guest.json"].map(|file| fixtures.join(file));
    let [chain, guest] = [&chain, &guest].map(|file| file.to_str().unwrap());
    let whole = ["measure", "--fixtures", chain, guest, "--format", "json"];
    let prover = "resource = \"double --proving-ms 20\"\nservers = 2\n";
    let place = Place::new(prover);
    let mut halves = 0;
    for shard in ["1/2", "2/2"] {
        let half = place.run(&[&whole[..], &["--shard", shard]].concat());
        assert_eq!(half.status.code(), Some(0), "{half:?}");
        let half: serde_json::Value = serde_json::from_slice(&half.stdout).unwrap();
        halves += half["blocks"].as_array().unwrap().len();
    }
    // Here no server would start in time.
    place.configure(&format!("{prover}start_limit_s = 0.001\nretries = 0\n"));
    let all = place.run(&[&whole[..], &["--costs-to", "costs.csv"]].concat());
    assert_eq!(all.status.code(), Some(0), "{all:?}");
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let blocks = all["blocks"].as_array().unwrap();
    assert!(halves > 1 && blocks.len() == halves, "{all}");
    assert!(blocks.iter().all(|one| one["seconds"] == 0.02), "{all}");
    assert!(place.0.path().join("costs.csv").exists());
    assert_eq!(place.containers(), "", "containers are removed");
}

/// A guest with the fork's prices compiled in gets the block that does the same work under those, and its answer is checked.
/// The time counts for the block under the schedule.
#[test]
fn clients_guests_get_the_equivalent_block() {
    if !docker() {
        return;
    }
    for input in ["current", "later"] {
        let place = Place::new(&format!("{EXECUTE}input = \"{input}\"\n"));
        let dear = "schedule \"Dear\" extends osaka\nopcode MULMOD = 80\nopcode PUSH = 2\n";
        fs::write(place.0.path().join("dear.gas"), dear).unwrap();
        let mut arguments = crate::place::MEASURE.to_vec();
        arguments[1] = "dear.gas";
        let output = place.run(&arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let contained: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        fs::write(place.0.path().join("reprice.toml"), CALIBRATION).unwrap();
        let own: serde_json::Value = serde_json::from_slice(&place.run(&arguments).stdout).unwrap();
        let gas = |report: &serde_json::Value| {
            let blocks = report["blocks"].as_array().unwrap().iter();
            let mut all: Vec<(String, u64, bool)> = blocks
                .map(|block| {
                    let name = block["scenario"].as_str().unwrap().to_owned();
                    let gas = block["gas_used"].as_u64().unwrap();
                    (name, gas, block["proving_s"].is_f64())
                })
                .collect();
            all.sort();
            all
        };
        assert_eq!(gas(&contained), gas(&own), "{input}");
        assert!(gas(&own).len() >= 3 && gas(&own).iter().all(|(.., well)| *well));
        // Guests of clients check the senders' keys, too: the same work, a little more of it.
        let seconds = |report: &serde_json::Value| {
            let blocks = report["blocks"].as_array().unwrap().iter();
            blocks
                .map(|b| b["proving_s"].as_f64().unwrap())
                .sum::<f64>()
        };
        let ratio = seconds(&contained) / seconds(&own);
        assert!((0.9..1.5).contains(&ratio), "{ratio}");
    }
}

/// Results are written as benchmarks of clients write them, and read again.
#[test]
fn proofs_are_written_as_recorded_runs() {
    if !docker() {
        return;
    }
    let place = Place::new(&format!(
        "{}hardware = \"a test\"\n",
        double("", "").replace("double", "double --proving-ms 40")
    ));
    let mut arguments = crate::place::MEASURE.to_vec();
    arguments.extend(["--to", "results"]);
    assert_eq!(place.run(&arguments).status.code(), Some(0));
    let folder = place.0.path().join("results/reprice-guest/sp1-6.10.0");
    let text = fs::read_to_string(folder.join("push__32.json")).unwrap();
    let written: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written["proving"]["success"]["proving_time_ms"], 40);
    assert!(written["proving"]["success"]["proof_size"].as_u64() > Some(0));
    let hardware = fs::read_to_string(place.0.path().join("results/hardware.json")).unwrap();
    assert!(hardware.contains("a test"), "{hardware}");
}
