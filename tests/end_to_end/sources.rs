//! Each metric of the processes, the machine and shared memory, shown by a small program of which the truth is known.
//!
//! The program is this one, called with the word that says what it is to do.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

use lab::model::outcome::Finding;
use lab::model::record::{Record, What};
use libtest_mimic::Trial;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, setrlimit};
use serde_json::{Value, json};

use crate::bundle::Bundle;
use crate::common::said;
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        what_is_read_and_written_is_counted_whoever_waits_for_the_child,
        threads_are_counted,
        the_address_space_and_its_limit_are_known,
        open_descriptors_and_their_limit_are_known,
        a_limit_that_is_far_away_is_on_the_record_and_not_in_the_summary,
        a_name_that_is_not_utf_8_hides_no_memory,
        used_cached_and_free_are_all_of_the_machines_memory,
        a_file_that_is_mapped_and_closed_is_named,
    ];
    trials.extend(trials_where_possible![
        a_user_in_thousands_of_groups_is_seen_whole,
        memory_in_huge_pages_is_counted,
        files_of_a_maker_that_is_gone_are_grouped_and_counted,
        inodes_are_counted_and_their_end_is_evidence,
        a_segment_that_nobody_has_attached_is_counted_with_its_creator,
        a_segment_is_counted_in_a_namespace_of_its_own_too,
        the_shared_memory_of_a_container_is_looked_at_and_not_our_own,
    ]);
    trials
}

/// The variable that makes this program one of those below.
pub(crate) const VARIABLE: &str = "LAB_TEST_PROGRAM";

const MIB: usize = 1 << 20;

/// How long a program goes on when it has everything: the recorder needs to look once, whatever else runs.
const WHILE: Duration = Duration::from_millis(1500);

/// The programs.
pub(crate) fn main(name: &str) -> ExitCode {
    match name {
        "copies" => {
            copy(3 * MIB);
            let waited = again("copies_more").wait();
            assert!(waited.expect("a child").success());
            // Nobody waits for this one within the run: its parent ends first.
            assert!(again("orphans").wait().expect("a child").success());
            std::thread::sleep(2 * WHILE);
        }
        "copies_more" => {
            copy(2 * MIB);
            std::thread::sleep(WHILE);
        }
        "orphans" => drop(again("copies_more")),
        "threads" => {
            let threads: Vec<_> = (0..12).map(|_| std::thread::spawn(|| std::thread::sleep(WHILE))).collect();
            threads.into_iter().for_each(|thread| thread.join().expect("a thread"));
        }
        "maps" => {
            setrlimit(Resource::RLIMIT_AS, 1000 << 20, 1000 << 20).expect("a limit");
            // Promised, and never touched.
            let map = memmap2::MmapOptions::new().len(940 * MIB).map_anon().expect("room for a map");
            std::thread::sleep(WHILE);
            drop(map);
        }
        "opens" => {
            setrlimit(Resource::RLIMIT_NOFILE, 200, 200).expect("a limit");
            let files: Vec<File> = (0..185).map(|_| File::open("/dev/null").expect("a file")).collect();
            std::thread::sleep(WHILE);
            drop(files);
        }
        "hides" => {
            let mut file = File::from(memfd_create(c"hidden", MFdFlags::MFD_CLOEXEC).expect("a file"));
            file.write_all(&vec![1; 6 * MIB]).expect("room");
            file.set_len(8 << 20).expect("a length");
            // Mapped and closed.
            let map = labkit::sys::map_mut(&file, 8 * MIB).expect("a map");
            drop(file);
            std::thread::sleep(2 * WHILE);
            drop(map);
        }
        "hugetlb" => {
            let file = File::from(memfd_create(c"huge", MFdFlags::MFD_HUGETLB).expect("a file"));
            file.set_len(4 << 20).expect("a length");
            let mut map = labkit::sys::map_mut(&file, 4 * MIB).expect("a map of pages that are set aside");
            (map[0], map[3 * MIB]) = (1, 1);
            std::thread::sleep(WHILE);
        }
        "leaves" => {
            assert!(again("makes").wait().expect("a child").success());
            std::thread::sleep(WHILE);
        }
        "makes" => {
            let pid = std::process::id();
            let folder = format!("/dev/shm/pool_{pid}_x");
            fs::create_dir(&folder).expect("a folder");
            for number in 0..4 {
                fs::write(format!("{folder}/{pid}-{number}.pkl"), vec![1; MIB]).expect("room");
            }
            fs::write("/dev/shm/other", vec![1; 2 * MIB]).expect("room");
            std::thread::sleep(WHILE);
        }
        "rests" => {
            let block = std::hint::black_box(vec![1u8; 20 * MIB]);
            std::thread::sleep(WHILE);
            drop(block);
        }
        other => panic!("there is no program {other}"),
    }
    ExitCode::SUCCESS
}

/// Reads and writes so many bytes.
fn copy(bytes: usize) {
    let mut buffer = vec![0; bytes];
    File::open("/dev/zero").and_then(|mut zero| zero.read_exact(&mut buffer)).expect("zeros");
    File::create("/dev/null").and_then(|mut null| null.write_all(&buffer)).expect("a place for them");
}

/// Starts this program as another of those above.
fn again(name: &str) -> Child {
    Command::new(own_path()).env(VARIABLE, name).spawn().expect("this program")
}

fn own_path() -> PathBuf {
    std::env::current_exe().expect("the path of this program")
}

/// A run that was recorded.
struct Seen {
    record: Record,
    summary: Value,
    /// What a person is shown, without the places at which it is broken into lines.
    text: String,
}

impl Seen {
    /// The run of a program above.
    fn of(name: &str) -> Self {
        Self::with(&Bundle::new(), &[], name, &[], &[own_path().to_str().expect("a path of plain letters")])
    }

    fn with(bundle: &Bundle, before: &[&str], name: &str, bounds: &[&str], words: &[&str]) -> Self {
        let first = ["record", "-o", "record.jsonl", "--json", "summary.json"];
        let mut command = bundle.command(before, &[&first[..], bounds, &["--"], words].concat());
        let said = said(if name.is_empty() {
            command
        } else {
            command.env(VARIABLE, name);
            command
        });
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = Record::read(&bundle.path().join("record.jsonl")).expect("a whole record");
        let summary = fs::read(bundle.path().join("summary.json")).expect("a summary");
        bundle.leaves_nothing();
        Seen {
            record,
            summary: serde_json::from_slice(&summary).expect("JSON"),
            text: said.stderr.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    #[track_caller]
    fn peak(&self, metric: &str) -> usize {
        let peak = self.record.peak(metric);
        usize::try_from(peak.unwrap_or_else(|| panic!("{metric} was not measured")))
            .expect("no more than memory")
    }

    #[track_caller]
    fn mib(&self, metric: &str) -> usize {
        self.peak(metric) / MIB
    }

    /// The limit of this name in the summary.
    #[track_caller]
    fn limit(&self, name: &str) -> &Value {
        let limits = self.summary["rlimits"].as_array().expect("a list of limits");
        limits.iter().find(|limit| limit["name"] == name).unwrap_or_else(|| panic!("{name} in {limits:?}"))
    }
}

fn what_is_read_and_written_is_counted_whoever_waits_for_the_child() {
    let seen = Seen::of("copies");
    // What the programs copy, and a little for their start.
    assert_eq!(seen.mib("wchar"), 3 + 2 + 2);
    assert_eq!(seen.mib("rchar"), 3 + 2 + 2);
    for metric in ["wchar", "rchar", "minor_faults", "disk_read"] {
        let series = seen.record.series(metric).expect("it was measured");
        assert!(series.v.is_sorted(), "{metric} falls: {:?}", series.v);
    }
}

fn threads_are_counted() {
    assert_eq!(Seen::of("threads").peak("threads"), 12 + 1);
}

fn the_address_space_and_its_limit_are_known() {
    let seen = Seen::of("maps");
    let limit = seen.limit("RLIMIT_AS");
    assert_eq!((&limit["limit"], &limit["used"]), (&json!(1000 << 20), &json!(seen.peak("address_space"))));
    assert!((940..1000).contains(&seen.mib("address_space")) && seen.mib("rss") < 100, "{}", seen.summary);
    assert!(seen.text.contains("of its RLIMIT_AS of 1000 MiB"), "{}", seen.text);
}

fn open_descriptors_and_their_limit_are_known() {
    let seen = Seen::of("opens");
    // Besides the files: the standard streams, and the channel that everything that is recorded has.
    assert!((185..195).contains(&seen.peak("descriptors")), "{}", seen.summary);
    assert_eq!(seen.limit("RLIMIT_NOFILE")["limit"], 200);
    assert!(seen.text.contains("of its RLIMIT_NOFILE of 200"), "{}", seen.text);
}

fn a_limit_that_is_far_away_is_on_the_record_and_not_in_the_summary() {
    let seen = Seen::of("rests");
    assert!(seen.limit("RLIMIT_NOFILE")["used"].as_u64() < seen.limit("RLIMIT_NOFILE")["limit"].as_u64());
    // Others use that one too.
    assert_eq!(seen.limit("RLIMIT_NPROC").get("used"), None);
    assert!(!seen.text.contains("RLIMIT_"), "{}", seen.text);
}

fn a_name_that_is_not_utf_8_hides_no_memory() {
    let bundle = Bundle::new();
    let name = OsStr::from_bytes(b"bin/na\xffme");
    symlink(own_path(), bundle.path().join(name)).expect("a link");
    // The shell finds it, since no string of Rust's can have its name.
    let seen = Seen::with(&bundle, &[], "rests", &[], &["sh", "-c", "exec ./bin/na*"]);
    assert!(seen.mib("address_space") >= 20 && seen.mib("file") >= 1 && seen.peak("threads") == 1);
    assert!(seen.peak("minor_faults") >= 20 * MIB / 4096, "{}", seen.summary);
}

fn a_user_in_thousands_of_groups_is_seen_whole() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("only root can be in any group".into());
    }
    let groups: Vec<String> = (100_000..102_000).map(|group| group.to_string()).collect();
    let groups = format!("--groups={}", groups.join(","));
    let path = own_path();
    let words = ["setpriv", &groups, "--", path.to_str().expect("a path of plain letters")];
    let seen = Seen::with(&Bundle::new(), &[], "rests", &[], &words);
    assert!(seen.mib("address_space") >= 20 && seen.mib("file") >= 1, "{}", seen.summary);
    None
}

fn memory_in_huge_pages_is_counted() -> Option<String> {
    let meminfo = fs::read_to_string("/proc/meminfo").expect("a table");
    let free = meminfo.lines().find_map(|line| line.strip_prefix("HugePages_Free:")?.trim().parse().ok());
    if free.unwrap_or(0) < 2 {
        return Some("no huge pages are set aside on this machine".into());
    }
    let seen = Seen::of("hugetlb");
    assert_eq!(seen.mib("hugetlb"), 4);
    assert!(seen.mib("rss") < 20, "{}", seen.summary);
    None
}

fn used_cached_and_free_are_all_of_the_machines_memory() {
    let seen = Seen::of("maps");
    let of = |metric| seen.record.series(metric).expect("it was measured").v;
    let parts = of("host_used").iter().zip(of("host_cached")).zip(of("host_free"));
    let sums: Vec<u64> = parts.map(|((used, cached), free)| (used + cached + free) >> 20).collect();
    let all: u64 = seen.record.header.machine["memory_mib"].parse().expect("a number");
    assert!(!sums.is_empty() && sums.iter().all(|sum| *sum == all), "{all}: {sums:?}");
    // The program has been promised 940 MiB. Others come and go, and the first sample may be after the promise, so
    // only what it has at least is certain, and that no other number of the machine is taken for it.
    let committed = of("host_committed");
    let meminfo = fs::read_to_string("/proc/meminfo").expect("a table");
    let limit = meminfo.lines().find_map(|line| line.strip_prefix("CommitLimit:")?.split_whitespace().next());
    let limit: u64 = limit.expect("a limit").parse().expect("a number");
    let most = *committed.iter().max().expect("samples");
    assert!(most >= 940 << 20 && most != limit << 10 && most >> 20 != all, "{committed:?}");
    assert!(seen.record.header.machine.contains_key("overcommit"));
}

fn a_file_that_is_mapped_and_closed_is_named() {
    let seen = Seen::of("hides");
    let files = seen.summary["open_memory_files"].as_array().expect("a list of files");
    let file = files.iter().find(|file| file["name"] == "/memfd:hidden (deleted)").expect("the file");
    // Only root may look at the file itself, of which 2 MiB were never written.
    let size = if file.get("is_mapped_length").is_some() { 8 } else { 6 };
    assert_eq!((&file["bytes"], seen.mib("mapped_memory_files")), (&json!(size << 20), size));
    assert_eq!(file["mapped_by"].as_array().map(Vec::len), Some(1), "{file}");
    assert!(
        seen.text.contains("/memfd:hidden (deleted)") && seen.text.contains(", mapped in "),
        "{}",
        seen.text
    );
}

fn files_of_a_maker_that_is_gone_are_grouped_and_counted() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = no_namespaces(&bundle) {
        return Some(why);
    }
    let path = own_path();
    let words = [path.to_str().expect("a path of plain letters")];
    let seen = Seen::with(&bundle, &[], "leaves", &["--timeout", "600s"], &words);
    let folders = seen.summary["shared_folders"].as_array().expect("a list of folders");
    let [pool, other] = &folders[..] else { panic!("{folders:?}") };
    assert_eq!(
        (&pool["files"], &pool["bytes"], &pool["typical"]),
        (&json!(4), &json!(4 << 20), &json!(1 << 20))
    );
    assert!(
        pool["oldest"].as_u64() > Some(0) && pool["oldest"].as_u64() <= pool["newest"].as_u64(),
        "{pool}"
    );
    let maker = &pool["makers"][0];
    assert_eq!((&maker["files"], &maker["is_alive"]), (&json!(4), &json!(false)));
    assert_eq!((&pool["of_unknown_makers"], &other["of_unknown_makers"]), (&json!(0), &json!(1)));
    let files = seen.record.events.iter().filter_map(|event| match event.what {
        What::Files(count) => Some(count),
        _ => None,
    });
    assert_eq!(files.sum::<u64>(), 5);
    let name = format!("4 made by {}, which was gone", maker["pid"]);
    assert!(seen.text.contains(&name) && seen.text.contains("1 with an unknown maker"), "{}", seen.text);
    None
}

fn no_namespaces(bundle: &Bundle) -> Option<String> {
    let doctor = bundle.lab(&["doctor", "--json"]).json();
    let findings = doctor["findings"].as_array().expect("a list of findings");
    let found = findings.iter().find(|finding| finding["probe"] == "namespaces").expect("it is looked for");
    let found = found["found"].as_str().expect("a text");
    (!found.starts_with("yes")).then(|| format!("there are no namespaces: {found}"))
}

fn inodes_are_counted_and_their_end_is_evidence() -> Option<String> {
    let mount = "mount -t tmpfs -o nr_inodes=50 none /dev/shm; exec \"$@\"";
    let before = ["unshare", "-rm", "sh", "-ec", mount, "sh"];
    let tried = Command::new(before[0]).args(&before[1..]).arg("true").output().expect("unshare(1)");
    if !tried.status.success() {
        return Some(format!("no other /dev/shm can be mounted: {}", String::from_utf8_lossy(&tried.stderr)));
    }
    let script = "seq 60 | (cd /dev/shm; xargs -n 1 touch) 2> /dev/null; sleep 0.5";
    let seen = Seen::with(&Bundle::new(), &before, "", &[], &["sh", "-c", script]);
    assert_eq!(seen.peak("tmpfs_inodes"), 50);
    let evidence = &seen.record.trailer.as_ref().expect("a whole record").evidence;
    let fired: Vec<&str> = evidence
        .iter()
        .filter(|seen| matches!(&seen.finding, Finding::Fired(_)))
        .map(|seen| seen.source.as_str())
        .collect();
    assert!(fired.contains(&"/dev/shm of the machine has no inode left"), "{fired:?}");
    let full = What::Full("inodes of /dev/shm of the machine".into());
    assert_eq!(seen.record.events.iter().filter(|event| event.what == full).count(), 1);
    None
}

/// Makes a segment of 4 MiB, writes to it, lets go of it, and does what follows.
const SEGMENT: &str = "defined($id = shmget(0, 4 << 20, 0600 | 01000)) or exit 77; \
                       shmwrite($id, 'x' x (4 << 20), 0, 4 << 20) or exit 78;";

fn no_segments() -> Option<String> {
    let script = format!("{SEGMENT} shmctl($id, 0, 0);");
    match Command::new("perl").args(["-e", &script]).status() {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("perl makes no segment: {status}")),
        Err(error) => Some(format!("perl, which makes a segment: {error}")),
    }
}

fn a_segment_that_nobody_has_attached_is_counted_with_its_creator() -> Option<String> {
    if let Some(why) = no_segments() {
        return Some(why);
    }
    let script = format!("{SEGMENT} select(undef, undef, undef, 3); shmctl($id, 0, 0);");
    let seen = Seen::with(&Bundle::new(), &[], "", &[], &["perl", "-e", &script]);
    is_counted(&seen, true);
    None
}

fn a_segment_is_counted_in_a_namespace_of_its_own_too() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = no_segments().or_else(|| no_namespaces(&bundle)) {
        return Some(why);
    }
    // It stays, so it is seen at the end at the latest.
    let script = format!("perl -e \"{}\"; true", SEGMENT.replace('$', "\\$"));
    let seen = Seen::with(&bundle, &[], "", &["--timeout", "600s"], &["sh", "-c", &script]);
    is_counted(&seen, false);
    None
}

/// A shell with a /dev/shm of its own, in which it makes a file.
const CONTAINED: &str = "mount -t tmpfs -o size=16M shm /dev/shm && head -c 5M /dev/zero > /dev/shm/file && \
                         touch made && sleep 2";

fn the_shared_memory_of_a_container_is_looked_at_and_not_our_own() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = no_namespaces(&bundle) {
        return Some(why);
    }
    let mut container = Command::new("unshare");
    container
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", CONTAINED])
        .current_dir(bundle.path());
    let mut container = container.spawn().expect("unshare(1) of util-linux is there");
    while !bundle.path().join("made").exists() {
        assert!(container.try_wait().is_ok_and(|ended| ended.is_none()), "it has ended before");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = container.id().to_string();
    let args = ["record", "--quiet", "--output", "record.jsonl", "--attach", &pid];
    let said = said(bundle.command(&[], &args));
    assert_eq!(said.code, Some(0), "{said:?}");
    container.wait().expect("it was started");
    let record = Record::read(&bundle.path().join("record.jsonl")).expect("it is there");
    assert_eq!([record.peak("tmpfs"), record.peak("shm_files")], [Some(5 << 20), Some(1)]);
    None
}

#[track_caller]
fn is_counted(seen: &Seen, creator_is_alive: bool) {
    assert_eq!((seen.mib("sysv_shm"), seen.peak("sysv_segments")), (4, 1));
    let segments = seen.summary["sysv_segments"].as_array().expect("a list of segments");
    let [segment] = &segments[..] else { panic!("{segments:?}") };
    assert_eq!((&segment["bytes"], &segment["resident"]), (&json!(4 << 20), &json!(4 << 20)));
    assert_eq!((&segment["attached"], &segment["creator_is_alive"]), (&json!(0), &json!(creator_is_alive)));
    assert!(seen.text.contains(&format!("made by {}, ", segment["creator"])), "{}", seen.text);
}
