//! What commands write: never over what they read, never where it cannot be written, and whole or not at all.

use std::{
    fs::{self, Permissions},
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Output},
};

use super::{Case, case, check, files::files, root, small_disk::Small};

/// Schedules, runs and lists in a folder of their own, with other names of them.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fill(place.path());
    place
}

fn fill(folder: &Path) {
    let copies = [
        ("schedules/recorded.gas", "parent.gas"),
        ("import/prices.json", "prices.json"),
        ("mix.csv", "mix.csv"),
    ];
    for (from, to) in copies {
        fs::copy(root().join("fixtures").join(from), folder.join(to)).unwrap();
    }
    let child = "schedule \"Child\" extends \"parent.gas\"\n\nopcode MUL = 6\n";
    fs::write(folder.join("child.gas"), child).unwrap();
    fs::write(folder.join("untidy.gas"), untidy()).unwrap();
    let runs = root().join("fixtures/runs");
    for file in files(&runs) {
        let to = folder.join("runs").join(file.strip_prefix(&runs).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    for inner in ["inner", "far/away"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    symlink("child.gas", folder.join("link.gas")).unwrap();
    symlink("link.gas", folder.join("link-of-link.gas")).unwrap();
    symlink("away", folder.join("far/linked-folder")).unwrap();
    symlink("nowhere/new.gas", folder.join("dangling.gas")).unwrap();
    fs::hard_link(folder.join("parent.gas"), folder.join("hard.gas")).unwrap();
}

/// A schedule of more than a page that `fmt` and `check --fix` have something to do about.
fn untidy() -> String {
    let comments =
        "# A comment, to be more text than fits where there is little room.\n".repeat(80);
    format!(
        "{comments}schedule \"Untidy\" extends osaka\n\nopcode MULMOD   =   16\nopcode div = 9\n"
    )
}

/// Every file with its text.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let read = |path: std::path::PathBuf| {
        let text = fs::read(&path).unwrap_or_default();
        (path, text)
    };
    files(folder).into_iter().map(read).collect()
}

fn reprice(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reprice"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .unwrap()
}

/// Runs the tool by a shell that has said something to the system before.
fn limited(folder: &Path, limit: &str, arguments: &str) -> Output {
    let tool = env!("CARGO_BIN_EXE_reprice");
    Command::new("sh")
        .args(["-c", &format!("{limit}; exec '{tool}' {arguments}")])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Refused before anything is read but the schedules: there are no runs of that name.
#[test]
fn refused() {
    let place = place();
    let before = contents(place.path());
    let propose = |output| ["propose", "child.gas", "--runs", "none", "-o", output];
    let sweep = |output| {
        let sweep = ["sweep", "child.gas", "--runs", "none", "--within", "3..18s"];
        [&sweep[..], &["--plot", output]].concat()
    };
    let import = |output| ["import", "prices.json", "--from", "eels", "-o", output];
    let outputs = [
        ("onto-the-schedule", "child.gas"),
        ("spelled-otherwise", "./inner/../child.gas"),
        ("onto-what-it-extends", "parent.gas"),
        ("through-links", "link-of-link.gas"),
        ("through-a-hard-link", "hard.gas"),
        ("missing-folder", "nowhere/new.gas"),
        ("link-to-nowhere", "dangling.gas"),
        ("a-folder", "inner"),
        ("no-name", "new/"),
        ("below-a-file", "child.gas/new.gas"),
    ];
    let outputs = outputs.map(|(name, output)| (name, propose(output)));
    let weights = [&propose("mix.csv")[..], &["--weights", "mix.csv"]].concat();
    let counts = [
        "propose",
        "child.gas",
        "--runs",
        "none",
        "--counts",
        "mix.csv",
    ];
    let counts = [&counts[..], &["-o", "mix.csv"]].concat();
    let runs = [
        "propose",
        "child.gas",
        "--runs",
        "runs",
        "-o",
        "runs/new.json",
    ];
    let plot_onto_schedule = sweep("parent.gas");
    let plot_nowhere = sweep("nowhere/plot.svg");
    let export = ["fixtures", "export", "--schedule", "osaka", "--to"];
    let export = [&export[..], &["child.gas/out"]].concat();
    let import_onto_list = import("./prices.json");
    let import_nowhere = import("nowhere/prices.gas");
    let mut cases: Vec<Case> = outputs
        .iter()
        .map(|(name, arguments)| case(name, arguments))
        .collect();
    cases.extend([
        case("onto-weights", &weights),
        case("onto-counts", &counts),
        case("into-the-runs", &runs),
        case("plot-onto-a-schedule", &plot_onto_schedule),
        case("plot-missing-folder", &plot_nowhere),
        case("import-onto-the-list", &import_onto_list),
        case("import-missing-folder", &import_nowhere),
        case("export-to-a-file", &export),
        case(
            "measure-to-a-file",
            &["measure", "osaka", "--to", "mix.csv"],
        ),
    ]);
    for case in &mut cases {
        case.folder = place.path().to_str().unwrap();
    }
    check("outputs", &cases);
    assert_eq!(contents(place.path()), before);
}

/// A proposal is found by the schedule it extends, whatever leads to it; what a link led to is replaced, not the link.
#[test]
fn links_stay() {
    let place = place();
    let folder = place.path();
    let real = folder.join("far/real.gas");
    fs::write(&real, "old").unwrap();
    symlink("far/real.gas", folder.join("linked.gas")).unwrap();
    symlink("far/new.gas", folder.join("not-yet.gas")).unwrap();
    let outputs = [
        ("inner/new.gas", "\"../child.gas\""),
        ("./inner/../new.gas", "\"child.gas\""),
        ("linked.gas", "/child.gas\""),
        ("not-yet.gas", "/child.gas\""),
        ("far/linked-folder/new.gas", "/child.gas\""),
    ];
    for (output, parent) in outputs {
        let propose = ["propose", "child.gas", "--runs", "runs", "-o", output];
        let done = reprice(folder, &propose);
        assert!(done.status.code() < Some(2), "{}", stderr(&done));
        assert!(stderr(&done).contains(&format!("wrote {output}\n")));
        let text = fs::read_to_string(folder.join(output)).unwrap();
        let extends = text.lines().find(|line| line.contains("extends")).unwrap();
        assert!(extends.ends_with(parent), "{output}: {extends}");
        let checked = reprice(folder, &["check", output]);
        assert_eq!(checked.status.code(), Some(0), "{output}");
    }
    for link in ["linked.gas", "not-yet.gas", "far/linked-folder"] {
        assert!(folder.join(link).is_symlink(), "{link}");
    }
    assert!(folder.join("far/new.gas").is_file());
    assert!(fs::read_to_string(&real).unwrap().contains("as proposed"));
    let checked = reprice(folder, &["check", "far/real.gas", "far/away/new.gas"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
}

/// A new file gets what the umask leaves, a replaced one keeps what it had.
#[test]
fn permissions_stay() {
    let place = place();
    let folder = place.path();
    let import = "import prices.json --from eels -o";
    for (umask, wanted) in [("027", 0o640), ("000", 0o666)] {
        let new = format!("new-{umask}.gas");
        let done = limited(
            folder,
            &format!("umask {umask}"),
            &format!("{import} {new}"),
        );
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert_eq!(mode(&folder.join(&new)), wanted);
        set_mode(&folder.join(&new), 0o604);
        limited(folder, "umask 077", &format!("{import} {new}"));
        assert_eq!(mode(&folder.join(new)), 0o604);
    }
    symlink("untidy.gas", folder.join("tidy-me.gas")).unwrap();
    for arguments in [
        &["check", "--fix", "tidy-me.gas"][..],
        &["fmt", "tidy-me.gas"],
    ] {
        set_mode(&folder.join("untidy.gas"), 0o755);
        let before = fs::read(folder.join("untidy.gas")).unwrap();
        let done = reprice(folder, arguments);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert_ne!(fs::read(folder.join("untidy.gas")).unwrap(), before);
        assert_eq!(mode(&folder.join("untidy.gas")), 0o755);
        assert!(folder.join("tidy-me.gas").is_symlink());
    }
}

/// A stream is written to, and stays one.
#[test]
fn streams_are_no_files() {
    let place = place();
    let import = [
        "import",
        "prices.json",
        "--from",
        "eels",
        "-o",
        "/dev/stdout",
    ];
    let done = reprice(place.path(), &import);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let plain = reprice(place.path(), &import[..4]);
    assert!(!done.stdout.is_empty() && done.stdout == plain.stdout);
}

/// Each of them writes into `folder`, and cannot.
fn all_refused(folder: &Path, why: &str) {
    let before = contents(folder);
    let commands: [&[&str]; 7] = [
        &["propose", "child.gas", "--runs", "none", "-o", "new.gas"],
        &["import", "prices.json", "--from", "eels", "-o", "new.gas"],
        &["fmt", "untidy.gas"],
        &["check", "--fix", "untidy.gas"],
        &[
            "fixtures",
            "export",
            "--schedule",
            "osaka",
            "--to",
            "out/in",
        ],
        &["measure", "osaka", "--to", "out"],
        &[
            "sweep",
            "child.gas",
            "--runs",
            "none",
            "--within",
            "3..18s",
            "--plot",
            "new.svg",
        ],
    ];
    for command in commands {
        let done = reprice(folder, command);
        assert_eq!(done.status.code(), Some(2), "{command:?}");
        assert!(
            stderr(&done).starts_with("error: cannot write "),
            "{}",
            stderr(&done)
        );
        assert!(stderr(&done).contains(why), "{}", stderr(&done));
        assert_eq!(done.stdout, b"");
    }
    // What is as it should be needs no writing.
    let done = reprice(folder, &["fmt", "child.gas"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(contents(folder), before);
}

#[test]
fn a_folder_that_is_read_only() {
    let place = place();
    set_mode(place.path(), 0o555);
    let everybody = fs::File::create(place.path().join("probe")).is_err();
    if everybody {
        all_refused(place.path(), "permission denied");
    } else {
        eprintln!("skipped: the superuser may write to every folder");
    }
    set_mode(place.path(), 0o755);
}

#[test]
fn a_file_system_that_is_read_only() {
    let Some(small) = Small::mounted("size=8m") else {
        return;
    };
    fill(small.path());
    assert!(small.mount("remount,ro"));
    all_refused(small.path(), "the file system is read-only");
}

/// Nothing is half written: the old file is there, no other is, and what was found is said all the same.
#[test]
fn a_full_disk_leaves_what_was_there() {
    let Some(small) = Small::mounted("size=8m") else {
        return;
    };
    let folder = small.path();
    fill(folder);
    fs::write(folder.join("old.gas"), "old").unwrap();
    let mut filler = fs::File::create(folder.join("filler")).unwrap();
    while filler.write_all(&[0; 4_096]).is_ok() {}
    let before = contents(folder);
    let commands: [&[&str]; 4] = [
        &["propose", "child.gas", "--runs", "runs", "-o", "old.gas"],
        &["import", "prices.json", "--from", "eels", "-o", "new.gas"],
        &["fmt", "untidy.gas"],
        &["check", "--fix", "untidy.gas"],
    ];
    for command in commands {
        let done = reprice(folder, command);
        assert_eq!(
            done.status.code(),
            Some(3),
            "{command:?}: {}",
            stderr(&done)
        );
        assert!(
            stderr(&done).contains(": the disk is full\n"),
            "{}",
            stderr(&done)
        );
        assert_eq!(done.stdout.is_empty(), command[0] != "propose");
        assert_eq!(contents(folder), before, "{command:?}");
    }
}

/// The same where no file may have more than a few hundred bytes: the tool is told so, or killed on the spot.
#[test]
fn a_killed_write_leaves_what_was_there() {
    let place = place();
    let before = contents(place.path());
    let done = limited(place.path(), "trap '' XFSZ; ulimit -f 1", "fmt untidy.gas");
    assert_eq!(done.status.code(), Some(3), "{}", stderr(&done));
    assert!(stderr(&done).contains("what was there before is there still"));
    assert_eq!(contents(place.path()), before);
    let killed = limited(place.path(), "ulimit -c 0; ulimit -f 1", "fmt untidy.gas");
    assert_eq!(killed.status.code(), None);
    let path = place.path().join("untidy.gas");
    assert_eq!(fs::read_to_string(path).unwrap(), untidy());
}
