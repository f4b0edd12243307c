//! Made-up records with known answers, on both sides of the thresholds.

use std::collections::BTreeMap;

use super::modes::shm_full;
use super::view::View;
use super::{Answer, Bound, MODES, Status, diagnose};
use crate::model::outcome::{Evidence, Killer, Outcome};
use crate::model::record::tests::example;
use crate::model::record::{
    Block, EnclosingGroup, Ended, Event, Limits, Line, Maker, Process, Processes, Progress, Record, Rlimit,
    SharedFolder, Status as End, Totals, Wait, What, io_track_of, track_of,
};
use crate::model::series::{Column, Track};

const MIB: u64 = 1 << 20;

/// Ten seconds of a run in which nothing happens, with 200 samples of each metric.
struct Made {
    record: Record,
}

impl Made {
    fn new() -> Self {
        let mut record = Record::new(example::header("made"));
        record.header.limits = Limits::default();
        let mut trailer = example::trailer(Outcome::Exited(0));
        let totals = Totals { forks: 4, exits: 4, at_once: 2, ..Totals::default() };
        trailer.processes = Some(Processes { totals: Some(totals), lack: None });
        trailer.evidence = vec![Evidence::did_not_fire("memory.oom_control oom_kill")];
        record.trailer = Some(trailer);
        let made = Made { record };
        let made = made.with("cgroup", |_| 20 * MIB).with("anon", |_| 10 * MIB).with("processes", |_| 1);
        const NONE: [&str; 8] = [
            "cgroup_file",
            "cgroup_kernel",
            "cgroup_slab_reclaimable",
            "disk_read",
            "memory_files_elsewhere",
            "shm_files",
            "swap",
            "tmpfs",
        ];
        NONE.into_iter().fold(made, |made, metric| made.with(metric, |_| 0))
    }

    /// With a metric of these values, by the time in hundredths of the run.
    fn with(mut self, metric: &str, value: impl Fn(u64) -> u64) -> Self {
        let t: Vec<u64> = (0..200).map(|index| index * 50_000).collect();
        let values = t.iter().map(|t| value(t / 100_000)).collect();
        let column = Column { values, ..Column::default() };
        let track = Track { t, columns: BTreeMap::from([(metric.to_owned(), column)]) };
        self.record.tracks.insert(format!("track of {metric}"), track);
        self.record.header.metrics.insert(metric.to_owned(), "made".to_owned());
        self
    }

    /// With so many tasks that the program has announced.
    fn with_tasks(mut self, count: u64) -> Self {
        let task = |count_now| Progress { t: 10_000_000 * count_now / (count + 1), count: count_now };
        self.record.progress = (1..=count).map(task).collect();
        self
    }

    fn ending(mut self, outcome: Outcome) -> Self {
        self.record.trailer.as_mut().expect("it has one").outcome = outcome;
        self
    }

    fn killed_at(self, limit: u64) -> Self {
        let mut made = self.ending(Outcome::Killed { signal: 9, by: Killer::Oom });
        made.record.header.limits.memory = Some(limit);
        made
    }

    fn event(mut self, t: u64, pid: i32, what: What) -> Self {
        self.record.events.push(Event { t, pid: Some(pid), what });
        self
    }

    /// With a standstill from this time to the end, in which threads of these processes wait in these functions.
    fn standing_still(self, begin: u64, waits: &[(i32, &str)]) -> Self {
        let wait = |&(pid, channel): &(i32, &str)| Wait {
            pid,
            thread: pid,
            channel: Some(channel.into()),
            call: None,
        };
        let waits = waits.iter().map(wait).collect();
        self.event(begin + 1_000_000, 1, What::Standstill { since: 1_000_000, cpu: 0, waits })
    }

    fn forking(self, pid: i32) -> Self {
        self.event(0, 1, What::Executed("made".into())).event(100, pid, What::Started { parent: Some(1) })
    }

    fn killing(mut self, t: u64, pid: i32, signal: i32) -> Self {
        self.record.ended.push(Ended {
            t,
            began: None,
            pid,
            parent: Some(1),
            name: "worker".into(),
            status: Some(End::Killed(signal)),
            peak_rss: None,
        });
        self
    }

    /// With a process that has this much memory, steadily, and reads and writes so many bytes.
    fn with_process(mut self, n: u32, anon: u64, (rchar, wchar): (u64, u64)) -> Self {
        let line = Process {
            n,
            pid: 100 + n as i32,
            t: 0,
            parent: None,
            began: None,
            name: "worker".into(),
            words: Vec::new(),
            over: None,
        };
        self.record.push_to_the_end(Line::Process(line));
        let column =
            |name: &str, value| (name.to_owned(), Column { values: vec![value], ..Column::default() });
        let io = BTreeMap::from([column("rchar", rchar), column("wchar", wchar)]);
        for (track, columns) in [(track_of(n), BTreeMap::from([column("anon", anon)])), (io_track_of(n), io)]
        {
            let samples = Track { t: vec![0], columns };
            self.record.push_to_the_end(Line::Samples(Block { track, samples }));
        }
        self
    }

    fn with_folder(mut self, files: u64, bytes: u64, is_alive: bool) -> Self {
        let folder = SharedFolder {
            folder: String::new(),
            files,
            bytes,
            largest: bytes / files,
            typical: bytes / files,
            oldest: 0,
            newest: 1,
            makers: vec![Maker { pid: 7, files, is_alive }],
            of_unknown_makers: 0,
        };
        self.record.trailer.as_mut().expect("it has one").shared_folders = vec![folder];
        self
    }

    /// The mode that is named, or the word of the verdict.
    fn answer(&self) -> &'static str {
        let diagnosis = diagnose(&self.record);
        diagnosis.named().map_or(diagnosis.verdict.word(), |named| named.mode.id)
    }
}

impl Record {
    /// Takes in a line although the run is over.
    fn push_to_the_end(&mut self, line: Line) {
        let trailer = self.trailer.take();
        self.push(line).expect("it fits");
        self.trailer = trailer;
    }
}

/// A value that rises by so much in each hundredth of the run.
fn rising(step: u64) -> impl Fn(u64) -> u64 {
    move |hundredth| MIB + step * hundredth
}

#[test]
fn a_run_in_which_nothing_happens_shows_nothing() {
    assert_eq!(Made::new().answer(), "none");
    let mut short = Made::new();
    short.record.tracks.clear();
    assert_eq!(short.answer(), "too-little");
}

#[test]
fn memory_that_rises_with_announced_tasks_grows_with_the_work() {
    let grown = |tasks| Made::new().with("anon", rising(MIB)).with("cgroup", rising(MIB)).with_tasks(tasks);
    assert_eq!(grown(8).answer(), "anon-growth");
    assert_eq!(
        grown(7).answer(),
        "too-little",
        "whether a program that announces nothing would have gone on to grow, nobody knows"
    );
    let in_steps = |hundredth: u64| MIB * (1 + hundredth.div_ceil(30) * 30);
    let stepwise = Made::new().with("anon", in_steps).with("cgroup", in_steps);
    assert_eq!(stepwise.answer(), "none", "a program that ends by itself needs what it needs");
    let plateau = |hundredth: u64| MIB * hundredth.clamp(1, 50);
    assert_eq!(Made::new().with("anon", plateau).with("cgroup", plateau).with_tasks(50).answer(), "none");
    let churn = |hundredth: u64| MIB * (10 + hundredth % 7 * 20);
    assert_eq!(Made::new().with("anon", churn).with("cgroup", churn).with_tasks(50).answer(), "none");
    let little = rising(MIB / 16);
    assert_eq!(Made::new().with("anon", &little).with("cgroup", &little).with_tasks(50).answer(), "none");
}

#[test]
fn what_waits_for_tasks_grows_until_it_is_made_and_goes_as_they_are_done() {
    let triangle = |t: u64| 10 * MIB + MIB * (4 * t).min((100 - t) * 2);
    let all = || Made::new().with("cgroup", triangle);
    assert_eq!(all().with("anon", triangle).with_tasks(40).answer(), "anon-growth");
    // Without tasks nobody knows what it is that goes.
    assert_eq!(all().with("anon", triangle).answer(), "none");
    // What a program holds until its work is over didn't wait for single tasks.
    let at_once = |t: u64| 10 * MIB + MIB * if t < 95 { (4 * t).min(130) } else { 0 };
    assert_eq!(all().with("anon", at_once).with_tasks(40).answer(), "none");
    // Of a window there is always some.
    let window = |t: u64| 10 * MIB + MIB * if t < 80 { (4 * t).min(130) - t % 7 } else { (100 - t) * 6 };
    assert_eq!(all().with("anon", window).with_tasks(40).answer(), "none");
}

#[test]
fn who_rises_to_a_limit_without_tasks_is_between_two() {
    let risen = Made::new().with("anon", rising(MIB)).with("cgroup", rising(MIB)).killed_at(101 * MIB);
    assert_eq!(risen.answer(), "between");
    let burst = |hundredth: u64| if hundredth < 90 { 10 * MIB } else { 100 * MIB };
    assert_eq!(
        Made::new().with("anon", burst).with("cgroup", burst).killed_at(101 * MIB).answer(),
        "limit-too-small"
    );
}

#[test]
fn a_saw_with_a_flat_floor_is_late_collection_where_it_does_harm() {
    let saw = |hundredth: u64| MIB * (10 + hundredth % 20 * 5);
    let made = || Made::new().with("anon", saw).with("cgroup", saw);
    assert_eq!(made().answer(), "none");
    let mut near = made();
    near.record.header.limits.memory = Some(110 * MIB);
    assert_eq!(near.answer(), "late-collection");
    near.record.header.limits.memory = Some(200 * MIB);
    assert_eq!(near.answer(), "none");
}

#[test]
fn files_that_come_one_by_one_and_stay_are_one_for_each_task() {
    let made = |files: u64| {
        Made::new()
            .with("tmpfs", rising(MIB))
            .with("cgroup", |hundredth| 20 * MIB + rising(MIB)(hundredth))
            .with("shm_files", move |hundredth| files * hundredth / 99)
            .with_folder(files, 100 * MIB, true)
    };
    assert_eq!(made(24).answer(), "shm-per-task");
    assert_eq!(made(23).answer(), "none");
    let mut uneven = made(50);
    uneven.record.trailer.as_mut().unwrap().shared_folders[0].typical = MIB / 10;
    assert_eq!(uneven.answer(), "none");
    let mut full = made(50).event(9_000_000, 1, What::Full("the tmpfs".into()));
    assert_eq!(full.answer(), "none", "it copes with a full tmpfs");
    full = full.ending(Outcome::BusError);
    assert_eq!(full.answer(), "shm-full");
}

#[test]
fn a_tmpfs_without_inodes_is_full_though_its_pages_are_free() {
    let refused = || Made::new().ending(Outcome::Failed { errno: 28, at: "it makes a file".into() });
    let inodes = refused().event(9_000_000, 1, What::Full("inodes of the tmpfs".into()));
    let pages = refused().event(9_000_000, 1, What::Full("the tmpfs".into()));
    for (made, lacks) in [(inodes, true), (pages, false)] {
        assert_eq!(made.answer(), "shm-full");
        let (view, mode) = (View::new(&made.record), &shm_full::MODE);
        let (story, next) = ((mode.story)(&view), (mode.next)(&view).join("; "));
        assert_eq!(story.contains("no inode left"), lacks, "{story}");
        assert_eq!(next.contains("--shm"), !lacks, "{next}");
        assert!(next.contains("df -i"), "{next}");
    }
}

#[test]
fn a_bus_error_without_a_full_tmpfs_is_no_full_tmpfs() {
    let mut made = Made::new().with("tmpfs", |_| 10 * MIB).ending(Outcome::BusError);
    made.record.header.limits.tmpfs = Some(100 * MIB);
    assert_eq!(made.answer(), "none");
    made.record.header.limits.tmpfs = Some(10 * MIB);
    assert_eq!(made.answer(), "shm-full");
}

#[test]
fn files_of_killed_makers_are_left_over_and_those_of_living_ones_are_not() {
    let made = |is_alive| {
        Made::new().with("tmpfs", |_| 40 * MIB).with_folder(1, 40 * MIB, is_alive).killing(1_000_000, 7, 9)
    };
    assert_eq!(made(false).answer(), "shm-leftover");
    assert_eq!(made(true).answer(), "none");
    let gone = Made::new().with("tmpfs", |_| 40 * MIB).with_folder(1, 40 * MIB, false);
    assert_eq!(gone.answer(), "none", "who ends by itself leaves what it means to leave");
}

#[test]
fn memory_files_that_pile_up_are_held() {
    // In so many tenths of a second all are there; before and after that nothing changes.
    let made = |tenths: u64, left: u64| {
        let files = move |hundredth: u64| match hundredth {
            0..30 => 0,
            30..90 => (hundredth - 30).min(tenths) * 100 * MIB / tenths,
            _ => left,
        };
        Made::new()
            .with("memory_files_elsewhere", files)
            .with("cgroup", move |hundredth| 20 * MIB + files(hundredth))
    };
    assert_eq!(made(20, 75 * MIB).answer(), "memfd-held");
    assert_eq!(made(20, 74 * MIB).answer(), "none");
    assert_eq!(made(4, 75 * MIB).answer(), "none");
}

#[test]
fn the_order_of_events_tells_a_dead_worker_from_a_forked_lock() {
    let stuck = || {
        Made::new()
            .forking(2)
            .standing_still(5_000_000, &[(1, "do_wait"), (2, "futex_wait_queue")])
            .ending(Outcome::TimedOut)
    };
    assert_eq!(stuck().answer(), "fork-lock");
    assert_eq!(stuck().killing(4_000_000, 3, 9).answer(), "dead-worker");
    assert_eq!(stuck().killing(9_000_000, 3, 9).answer(), "fork-lock", "it was killed in the standstill");
    let idle = Made::new()
        .forking(2)
        .standing_still(5_000_000, &[(1, "do_wait"), (2, "futex_wait_queue"), (3, "pipe_read")])
        .ending(Outcome::TimedOut);
    assert_eq!(idle.answer(), "none", "somebody waits for something from outside");
    let mut unseen = stuck();
    unseen.record.trailer.as_mut().unwrap().processes = None;
    assert_eq!(unseen.answer(), "too-little", "whether a child was killed, nobody has seen");
    let executed = stuck().event(200, 2, What::Executed("other".into()));
    assert_eq!(executed.answer(), "none");
}

#[test]
fn the_number_of_a_call_is_that_of_the_machine_that_was_recorded() {
    let recorded = |arch: Option<&str>, call: i64| {
        let wait = |pid, channel: &str, call| Wait { pid, thread: pid, channel: Some(channel.into()), call };
        // Where the kernel names no channel, the call is all that is known.
        let child = Wait { channel: None, ..wait(2, "", Some(call)) };
        let waits = vec![wait(1, "do_wait", None), child];
        let still = What::Standstill { since: 1_000_000, cpu: 0, waits };
        let mut made = Made::new().forking(2).event(6_000_000, 1, still).ending(Outcome::TimedOut);
        made.record.header.machine.extend(arch.map(|arch| ("arch".to_owned(), arch.to_owned())));
        made
    };
    let stuck = |arch, call| recorded(arch, call).answer();
    assert_eq!(stuck(Some("x86_64"), 202), "fork-lock");
    assert_eq!(stuck(Some("aarch64"), 98), "fork-lock");
    // There, these are getrusage(2) and accept(2).
    assert_eq!([stuck(Some("x86_64"), 98), stuck(Some("aarch64"), 202)], ["none"; 2]);
    // Without the machine, the record can't show it.
    let unknown = diagnose(&recorded(None, 202).record);
    assert!(unknown.unseen().any(|judged| judged.mode.id == "fork-lock"));
}

#[test]
fn memory_that_rises_while_no_process_grows_was_copied_after_a_fork() {
    let made = |copied: u64| {
        Made::new()
            .forking(2)
            .with("processes", |_| 2)
            .with("anon", |_| 200 * MIB)
            .with("cgroup_anon", move |hundredth| 100 * MIB + copied * hundredth / 99)
            .with("cgroup", move |hundredth| 100 * MIB + copied * hundredth / 99)
    };
    assert_eq!(made(40 * MIB).answer(), "fork-copy");
    assert_eq!(made(15 * MIB).answer(), "none");
    let own = made(40 * MIB).with("anon", |hundredth| 200 * MIB + 40 * MIB * hundredth / 99);
    assert_eq!(own.answer(), "none", "they took memory of their own");
}

#[test]
fn objects_that_are_sent_again_and_again_are_copies_for_each_task() {
    let made = |sent: u64| {
        let saw = |hundredth: u64| MIB * (40 + hundredth % 10 * 4);
        let made = Made::new().with("processes", |_| 2).with("root_anon", saw);
        made.with_process(0, 76 * MIB, (0, sent)).with_process(1, 0, (sent, 0))
    };
    assert_eq!(made(76 * MIB).answer(), "per-task-copy");
    assert_eq!(made(70 * MIB).answer(), "none");
}

#[test]
fn equal_workers_that_fill_a_limit_are_too_many() {
    let made = |count: u32| {
        let steps = |hundredth: u64| if hundredth < 50 { 30 * MIB } else { 100 * MIB };
        let made = Made::new().with("processes", |_| 4).with("anon", steps).with("cgroup", steps);
        let made = made.with("cgroup_anon", steps).killed_at(101 * MIB);
        (0..count).fold(made, |made, n| made.with_process(n, 100 * MIB / u64::from(count), (0, 0)))
    };
    assert_eq!(made(3).answer(), "too-many-workers");
    assert_eq!(made(2).answer(), "limit-too-small");
}

#[test]
fn a_limit_on_address_space_is_told_by_its_use_and_an_error() {
    let made = |used: u64| {
        let mut made = Made::new().with("address_space", move |_| used).ending(Outcome::Exited(1));
        let rlimit = Rlimit { name: "RLIMIT_AS".into(), limit: 1000 * MIB, used: Some(used), pid: 1 };
        made.record.trailer.as_mut().unwrap().rlimits = vec![rlimit];
        made
    };
    assert_eq!(made(500 * MIB).answer(), "address-space");
    // A single request may have been larger than the remaining memory.
    assert_eq!(made(490 * MIB).answer(), "too-little");
    assert_eq!(made(900 * MIB).ending(Outcome::Exited(0)).answer(), "none");
}

#[test]
fn the_kernels_memory_counts_without_what_it_can_drop() {
    let made = |reclaimable: u64| {
        Made::new()
            .with("cgroup", |_| 100 * MIB)
            .with("cgroup_kernel", |_| 80 * MIB)
            .with("cgroup_slab_reclaimable", move |_| reclaimable)
    };
    assert_eq!(made(10 * MIB).answer(), "kernel-memory");
    assert_eq!(made(60 * MIB).answer(), "none");
    // The first version of control groups doesn't say it, so it may be so.
    let mut unsaid = made(10 * MIB);
    unsaid.record.tracks.remove("track of cgroup_slab_reclaimable");
    assert_eq!(unsaid.answer(), "too-little");
    let diagnosis = diagnose(&unsaid.record);
    assert_eq!(diagnosis.candidates().map(|judged| judged.mode.id).collect::<Vec<_>>(), ["kernel-memory"]);
}

#[test]
fn slowing_down_and_swapping_need_their_counters() {
    let throttled = |times: u64| {
        Made::new()
            .with("cgroup_high", move |hundredth| times * hundredth / 99)
            .with("pressure", |hundredth| 20_000 * hundredth)
    };
    assert_eq!(throttled(100).answer(), "throttled");
    assert_eq!(throttled(90).answer(), "none");
    let swapping = |faults: u64| {
        Made::new().with("swap", |_| 50 * MIB).with("major_faults", move |hundredth| faults * hundredth / 99)
    };
    assert_eq!(swapping(1000).answer(), "swap-thrash");
    assert_eq!(swapping(900).answer(), "none");
}

#[test]
fn caches_at_a_limit_are_harmless_and_the_limit_may_be_an_enclosing_groups() {
    let made = |metric: &str, limit: u64| {
        let mut made = Made::new().with("cgroup", |_| 100 * MIB).with(metric, |_| 80 * MIB);
        made = made.with("enclosing_cgroup", |_| 100 * MIB);
        made.record.header.enclosing = Some(EnclosingGroup { path: "/a".into(), limit, current: 0 });
        made
    };
    assert_eq!(made("cgroup_file", 105 * MIB).answer(), "page-cache");
    assert_eq!(made("file", 105 * MIB).answer(), "mapped-file");
    assert_eq!(made("cgroup_file", 200 * MIB).answer(), "none");
    let killed = made("cgroup_file", 105 * MIB).killed_at(105 * MIB);
    assert_ne!(killed.answer(), "page-cache");
}

#[test]
fn far_from_a_limit_it_is_said_what_harmless_thing_the_memory_is() {
    let mostly =
        |made: &Made| diagnose(&made.record).mostly().map(|(judged, bytes)| (judged.mode.id, bytes / MIB));
    let cached =
        |cached| Made::new().with("cgroup_file", move |_| cached * MIB).with("cgroup", |_| 100 * MIB);
    assert_eq!((cached(80).answer(), mostly(&cached(80))), ("none", Some(("page-cache", 80))));
    assert_eq!(mostly(&cached(40)), None);
    // Pages that are mapped are page cache as well, and the map is why they're there.
    let mapped = cached(80).with("file", |_| 80 * MIB);
    assert_eq!(mostly(&mapped), Some(("mapped-file", 80)));
    // Near the limit it has its name.
    let mut near = cached(80);
    near.record.header.limits.memory = Some(105 * MIB);
    assert_eq!((near.answer(), mostly(&near)), ("page-cache", None));
}

#[test]
fn what_only_an_experiment_tells_is_never_named() {
    let mut huge = Made::new().with("cgroup_huge_pages", |_| 90 * MIB).with("cgroup", |_| 100 * MIB);
    huge.record.header.limits.memory = Some(101 * MIB);
    assert_eq!(huge.answer(), "too-little");
    let experiments = ["huge-page-bloat", "thread-arenas", "allocator-retention"];
    for judged in diagnose(&huge.record).modes.iter().filter(|judged| experiments.contains(&judged.mode.id)) {
        let unseen = judged.answers.iter().any(|answer| matches!(answer, Answer::CouldNotLook(_)));
        assert!(unseen && judged.status != Status::Named, "{}", judged.mode.id);
    }
}

#[test]
fn each_mode_is_whole() {
    for mode in MODES {
        assert!(mode.says.ends_with('.') && mode.rules.len() >= 2, "{}", mode.id);
        let all: Vec<&str> = MODES.iter().map(|mode| mode.id).collect();
        assert!(mode.covers.iter().all(|covered| all.contains(covered)), "{}", mode.id);
        let page = format!("{}/../book/src/{}.md", env!("CARGO_MANIFEST_DIR"), mode.chapter);
        assert!(std::path::Path::new(&page).exists(), "{page} is not there");
        for rule in mode.rules {
            let (inside, outside) = match rule.bound {
                Bound::AtLeast(least) => (least, least - 1),
                Bound::AtMost(most) => (most, most + 1),
            };
            assert!(rule.bound.admits(inside) && !rule.bound.admits(outside), "{}", rule.what);
        }
    }
}
