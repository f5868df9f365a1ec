//! What goes wrong, and what is left of it.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    place::{EXECUTE, IMAGE, MEASURE, Place, blocks, docker, docker_says, double, note},
    proxy::Proxy,
};

/// What a block does to its prover is a result, and each kind has its name.
#[test]
fn faults_of_the_block_are_results() {
    if !docker() {
        return;
    }
    for (faults, more, name) in [
        (
            "error,error,error,error,error,error,error,error",
            "",
            "crashed: the double was told to fail",
        ),
        (
            "exit",
            "",
            "crashed: the server left with exit code 101: the double was told to leave",
        ),
        ("hang", "", "not done within 3 s"),
        ("out-of-memory", "memory_mib = 400\n", "out of memory"),
    ] {
        let prover = double(faults, &format!("mode = \"execute\"\n{more}"));
        let place = Place::new(&match faults {
            "hang" => prover.replace("block_limit_s = 60", "block_limit_s = 3"),
            _ => prover,
        });
        let (report, status, stderr) = place.measure();
        assert_eq!(status, Some(0), "{faults}: {stderr}");
        assert_eq!(note(&report), name, "{faults}");
        assert_eq!(place.containers(), "", "{faults}");
    }
}

/// What is no answer says nothing of the block: nothing is kept, and the run says so.
#[test]
fn faults_of_the_connection_are_none() {
    if !docker() {
        return;
    }
    for (fault, part) in [
        ("garbage", "not the expected message"),
        ("html", "content type `text/html`"),
        ("status", "HTTP status 500"),
        ("huge", "an answer of more than 256 MiB"),
    ] {
        let place = Place::new(&double(fault, "mode = \"execute\"\n"));
        let (_, status, stderr) = place.measure();
        assert_eq!(status, Some(3), "{fault}: {stderr}");
        assert!(
            stderr.contains(part) && stderr.contains("run it again"),
            "{fault}: {stderr}"
        );
        place.configure(EXECUTE);
        assert_eq!(place.measure().1, Some(0), "{fault}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    if !docker() {
        return;
    }
    let place = Place::new("gpus = [\"0\"]\nretries = 0\n");
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3));
    assert!(
        stderr.contains("could not select device driver"),
        "{stderr}"
    );
    let text = fs::read_to_string(place.0.path().join("reprice.toml")).unwrap();
    fs::write(
        place.0.path().join("reprice.toml"),
        text.replace(IMAGE, "localhost:1/no-such-image"),
    )
    .unwrap();
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3));
    assert!(
        stderr.contains("image `localhost:1/no-such-image` is not here and cannot be pulled"),
        "{stderr}"
    );
}

/// The image that is measured is the one that was meant, or none.
#[test]
fn another_image_than_the_digest_says_is_refused() {
    if !docker() {
        return;
    }
    let id = docker_says(&["image", "inspect", "--format", "{{.Id}}", IMAGE]);
    let id = id.trim();
    let other = format!("sha256:{}", "0".repeat(64));
    let place = Place::new(&format!("{EXECUTE}\ndigest = \"{other}\"\n"));
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3), "{stderr}");
    let refusal = format!("image `{IMAGE}` is {id}, and has to be {other}");
    assert!(stderr.contains(&refusal), "{stderr}");
    assert_eq!(place.containers(), "");
    place.configure(&format!("{EXECUTE}\ndigest = \"{id}\"\n"));
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
}

/// A container killed from outside is started again, and the block is tried again.
#[test]
fn killed_containers_cost_nothing() {
    if !docker() {
        return;
    }
    let place = Place::new(
        &double("", "")
            .replace("retries = 0", "retries = 3")
            .replace("double", "double --proving-ms 800"),
    );
    let child = place.start();
    for _ in 0..2 {
        thread::sleep(Duration::from_millis(1_500));
        place.kill_containers();
    }
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

/// kill -9 at any moment: the next run goes on, ends as an undisturbed one does, and takes the dead one's containers away.
#[test]
fn killed_runs_go_on() {
    if !docker() {
        return;
    }
    let quiet = Place::new(&double("", "mode = \"execute\"\n"));
    let (undisturbed, ..) = quiet.measure();
    let place = Place::new(&double("", "mode = \"execute\"\n"));
    for round in 0..20 {
        let mut child = place
            .command(MEASURE)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(100 + round * 97 % 1_700));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(blocks(&report), blocks(&undisturbed));
    assert_eq!(place.containers(), "");
}

/// A server that a block has ended is not asked about the next one.
#[test]
fn the_next_block_gets_a_new_server() {
    if !docker() {
        return;
    }
    let place = Place::new(&double("ok,exit", "mode = \"execute\"\n"));
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    let blocks = blocks(&report);
    let crashed = |block: &&serde_json::Value| !block["note"].is_null();
    let all = blocks.as_array().unwrap();
    // Every container manages one request. A block's line takes several.
    assert!(all.iter().filter(crashed).count() > 0, "{blocks}");
    let logs = place.run(&["prover", "logs", "sp1", "--all"]);
    assert_eq!(logs.status.code(), Some(0));
    let text = String::from_utf8(logs.stdout).unwrap();
    assert!(
        text.starts_with("== reprice-sp1-") && text.contains("the double was told to leave"),
        "{text}"
    );
    let nobody = place.run(&["prover", "logs", "sp2"]);
    assert_eq!(nobody.status.code(), Some(2));
}

/// That a server does not start says nothing of a block.
#[test]
fn a_server_that_does_not_start_is_no_result() {
    if !docker() {
        return;
    }
    let place = Place::new(&format!("{EXECUTE}resource = \"cpu --bad\"\nretries = 0\n"));
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3), "{stderr}");
    assert!(stderr.contains("the server does not start: "), "{stderr}");
    assert!(!place.0.path().join("cache/v2/measurement").exists());
}

/// Ctrl-C: containers go at once, what is finished stays, and the next run goes on.
#[test]
fn interrupts_leave_no_containers() {
    if !docker() {
        return;
    }
    let prover = double("", "servers = 2\n").replace("double", "double --proving-ms 700");
    let quiet = Place::new(&prover);
    let (undisturbed, ..) = quiet.measure();
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let place = Place::new(&prover);
        let child = place.start();
        place.until(2);
        thread::sleep(Duration::from_millis(500));
        let began = Instant::now();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(place.containers(), "");
        assert!(
            stderr.contains("2 containers are removed. Everything that was finished is kept"),
            "{stderr}"
        );
        assert_eq!(output.stdout, b"");
        let (report, status, stderr) = place.measure();
        assert_eq!(status, Some(0), "{stderr}");
        assert_eq!(blocks(&report), blocks(&undisturbed));
    }
}

/// The engine goes away with all containers, as it does when it is started again, and comes back.
#[test]
fn an_engine_that_comes_back_is_waited_for() {
    if !docker() {
        return;
    }
    let prover = double("", "")
        .replace("retries = 0", "retries = 2")
        .replace("double", "double --proving-ms 900");
    let quiet = Place::new(&prover);
    let (undisturbed, ..) = quiet.measure();
    let place = Place::new("");
    let proxy = Proxy::new(&place.0.path().join("docker.sock"));
    let host = format!("[host.away]\nurl = \"{}\"\n", proxy.url());
    place.configure(&format!("{prover}host = \"away\"\n{host}"));
    let child = place.start();
    for _ in 0..2 {
        place.until(1);
        thread::sleep(Duration::from_millis(1_200));
        proxy.cut();
        place.kill_containers();
        thread::sleep(Duration::from_secs(3));
        proxy.mend();
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(blocks(&report), blocks(&undisturbed));
    assert_eq!(place.containers(), "");
}

/// A server whose clock jumps tells a time that cannot be, and is not believed.
#[test]
fn clocks_that_jump_are_not_believed() {
    if !docker() {
        return;
    }
    let place = Place::new(&double("ok,clock", ""));
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3), "{stderr}");
    assert!(
        stderr.contains("it says that its proof took 3600.") && stderr.contains("its clock jumped"),
        "{stderr}"
    );
    place.configure(&double("ok,clock", "").replace("retries = 0", "retries = 1"));
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(report["blocks"][0]["proving_s"], 0.01, "{report}");
}

/// What a guest cannot read is a refused block.
#[test]
fn input_in_another_form_is_refused() {
    if !docker() {
        return;
    }
    let place = Place::new(&format!("{EXECUTE}length_prefix = true\n"));
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    assert!(note(&report).starts_with("block refused: "), "{report}");
}

/// Labels are whatever an image says: they make nobody remove a container that is not ours, nor any file.
#[test]
fn labels_of_others_remove_nothing() {
    if !docker() {
        return;
    }
    let place = Place::new(&double("", "").replace("double", "double --proving-ms 60000"));
    let mut child = place.start();
    place.until(1);
    let own = place.containers();
    let format = "{{range $name, $value := .Config.Labels}}{{$name}}={{$value}}\n{{end}}";
    let labels = docker_says(&["inspect", "--format", format, &own]);
    let _ = child.kill();
    child.wait().unwrap();
    let victim = place.0.path().join("victim");
    fs::write(&victim, "").unwrap();
    let machine = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let older = format!(
        "reprice.lock={}\nreprice.machine={}",
        victim.display(),
        machine.trim()
    );
    let number = own.rsplit('-').nth(1).unwrap();
    let foreign = [("older", &older), ("same", &labels)].map(|(name, labels)| {
        let (name, mark) = (format!("{name}-{number}"), place.mark());
        let labels = labels.lines().filter(|label| !label.is_empty());
        let mut arguments = vec!["create", "--name", &name, "--env", &mark];
        arguments.extend(labels.flat_map(|label| ["--label", label]));
        arguments.push(IMAGE);
        docker_says(&arguments);
        name
    });
    place.configure(EXECUTE);
    assert_eq!(
        place.run(&["prover", "check", "sp1"]).status.code(),
        Some(0)
    );
    let mut left: Vec<String> = place.containers().lines().map(str::to_owned).collect();
    left.sort();
    assert_eq!(
        left, foreign,
        "the dead run's container is gone, and no other"
    );
    assert!(victim.exists());
}
