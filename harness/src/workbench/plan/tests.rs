//! Plans for other machines than this one.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;
use crate::scenario::{Amount, Catalog};

const SCENARIO: &str = r#"number = 1
title = "t"
lesson = "l"
minutes = { teach = 1, do = 1, debrief = 1 }
needs = ["tmpfs"]
marks = ["begin"]
curve = "tmpfs"
scale = ["array_mib", "threshold_kib"]
[sizes.smoke]
array_mib = 4
repeats = 20
threshold_kib = 256
[sizes.lab]
array_mib = 32
repeats = 20
threshold_kib = 1024
[sizes.post]
array_mib = 8192
repeats = 20
threshold_kib = 1024
[limits]
tmpfs = { factor = 22, times = ["array_mib"] }
memory = { factor = 24, times = ["array_mib"], plus_mib = 128 }
[[rule]]
says = "An array must be larger than the threshold"
amount = { factor = 1, times = ["array_mib"] }
more_than = { factor = 1, times = ["threshold_kib"] }
[[variant]]
name = "broken"
kind = "broken"
title = "t"
[[variant]]
name = "fixed"
kind = "fixed"
title = "t"
needs = ["memory-limit"]
memory = { factor = 2, times = ["array_mib"] }
seconds = 3
[[variant]]
name = "exercise"
kind = "exercise"
title = "t"
"#;

static TOY: LazyLock<Scenario> = LazyLock::new(|| read(SCENARIO));

fn read(text: &str) -> Scenario {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("scenarios/toy");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("scenario.toml"), text).unwrap();
    Catalog::load(root.path()).unwrap().find("toy").unwrap().clone()
}

/// A machine with this much available memory, where root may do everything.
fn machine(available_mib: u64) -> Machine {
    Machine {
        stamp: BTreeMap::new(),
        namespaces: Namespaces::Root,
        no_namespaces: None,
        cgroup: Ok(cgroup::CgroupParent {
            version: cgroup::version::Version::V2,
            home: PathBuf::from("/sys/fs/cgroup"),
        }),
        pids: pids::PidLimit::Group,
        shm_free: Some(64 << 20),
        available: available_mib << 20,
        is_container: false,
        huge_pages: || Ok(()),
    }
}

fn shared(available_mib: u64) -> Machine {
    Machine { namespaces: Namespaces::None, cgroup: Err("refused".into()), ..machine(available_mib) }
}

fn request(size: &str) -> Request<'static> {
    Request { seed: Some(7), ..Request::new(&TOY, size) }
}

fn planned(request: &Request<'_>, machine: &Machine) -> Result<Plan, Stop> {
    plan(request, machine, Path::new("/"))
}

#[test]
fn every_limit_is_the_arithmetic_of_its_sizes() {
    let plan = planned(&request("lab"), &machine(4096)).unwrap();
    let limits = |tmpfs: u64, memory: u64, seconds: u64| Limits {
        tmpfs: Some(tmpfs << 20),
        tmpfs_inodes: None,
        memory: Some(memory << 20),
        processes: Some(PROCESSES),
        deadline_ms: Some(seconds * 1000),
        no_progress_ms: None,
        silent_ms: None,
    };
    assert_eq!(plan.runs[0].limits, limits(704, 896, 120));
    assert_eq!(plan.runs[1].limits, limits(704, 64, 3));
    assert_eq!((plan.seed, plan.notes.len(), plan.sizes["array_mib"]), (7, 0, 32));
}

#[test]
fn a_number_of_inodes_is_a_limit_and_is_named() {
    let inodes = Amount { factor: 2.0, times: vec!["repeats".into()], plus: 1 };
    let mut scenario = TOY.clone();
    scenario.variants[0].limits.tmpfs_inodes = Some(inodes);
    let plan = planned(&Request::new(&scenario, "smoke"), &machine(4096)).unwrap();
    let [with, without] = &plan.runs[..] else { panic!("{plan:?}") };
    assert_eq!((with.limits.tmpfs_inodes, without.limits.tmpfs_inodes), (Some(41), None));
    assert!(with.confinement[0].contains("tmpfs of 88 MiB and 41 inodes"), "{:?}", with.confinement);
}

#[test]
fn more_processes_than_any_run_may_have_are_refused_with_the_arithmetic() {
    let mut scenario = TOY.clone();
    let processes = Amount { factor: 2.0, times: vec!["repeats".into()], plus: 8 };
    scenario.variants[0].limits.processes = Some(processes);
    let asked = |repeats: u64| {
        let set = vec![("repeats".to_owned(), repeats)];
        planned(&Request { set, ..Request::new(&scenario, "smoke") }, &machine(4096))
    };
    assert!(asked(496).is_ok());
    let Err(Stop::BadRequest(why)) = asked(497) else { panic!("1002 processes are planned") };
    assert!(why.contains("1002") && why.contains("at most 1000"), "{why}");
}

#[test]
fn without_names_the_broken_variants_and_the_fixes_run() {
    let names = |plan: Plan| plan.runs.into_iter().map(|run| run.variant.name).collect::<Vec<_>>();
    assert_eq!(names(planned(&request("lab"), &machine(4096)).unwrap()), ["broken", "fixed"]);
    let chosen = Request { variants: vec!["exercise".into()], ..request("lab") };
    assert_eq!(names(planned(&chosen, &machine(4096)).unwrap()), ["exercise"]);
}

#[test]
fn sizes_are_halved_together_until_they_fit_a_shared_dev_shm() {
    let plan = planned(&request("lab"), &shared(4096)).unwrap();
    // 22 x 2 MiB fit into 80 % of 64 MiB, and 22 x 4 MiB don't.
    assert_eq!((plan.sizes["array_mib"], plan.sizes["threshold_kib"], plan.sizes["repeats"]), (2, 64, 20));
    assert!(plan.notes[0].contains("array_mib = 2 in place of 32"), "{}", plan.notes[0]);
}

#[test]
fn what_is_not_run_needs_no_room() {
    let mut scenario = TOY.clone();
    scenario.variants[0].needs = vec![Need::PrivateTmpfs];
    let request = Request { variants: vec!["broken".into()], ..Request::new(&scenario, "lab") };
    let plan = planned(&request, &shared(4096)).unwrap();
    assert!(plan.runs[0].lack.is_some());
    assert_eq!((plan.sizes["array_mib"], plan.notes.len()), (32, 0));
}

#[test]
fn sizes_are_halved_only_as_long_as_they_go_together() {
    let rule = "[[rule]]\nsays = \"so it is\"\namount = { factor = 1, times = [\"array_mib\"] }\n";
    let scenario =
        read(&SCENARIO.replacen("[[rule]]", &format!("{rule}multiple_of = {{ factor = 4 }}\n[[rule]]"), 1));
    let refusal = planned(&Request::new(&scenario, "lab"), &shared(4096)).unwrap_err();
    assert!(matches!(&refusal, Stop::NotHere(why) if why.contains("64 MiB are free")), "{refusal}");
    assert!(planned(&Request::new(&scenario, "lab"), &machine(800)).is_ok());
}

#[test]
fn a_tmpfs_has_the_size_that_is_asked_for_in_whole_pages_of_any_machine() {
    let tmpfs = |factor: &str| {
        let scenario = read(&SCENARIO.replacen("factor = 22,", &format!("factor = {factor},"), 1));
        let set = vec![("array_mib".into(), 2)];
        let plan = planned(&Request { set, ..Request::new(&scenario, "lab") }, &machine(4096)).unwrap();
        (plan.runs[0].limits.tmpfs.unwrap() >> 10, plan.runs[0].confinement[0].clone())
    };
    let (kib, confinement) = tmpfs("15.75");
    assert_eq!(kib, 31 * 1024 + 512);
    assert!(confinement.contains("tmpfs of 31.5 MiB"), "{confinement}");
    assert_eq!(tmpfs("0.51").0, 1088);
}

#[test]
fn a_small_machine_is_given_smaller_sizes() {
    let plan = planned(&request("lab"), &machine(800)).unwrap();
    assert_eq!(plan.sizes["array_mib"], 16);
}

#[test]
fn sizes_that_the_user_chose_are_refused_and_not_changed() {
    let post = planned(&request("post"), &machine(24_000)).unwrap_err();
    let Stop::NotHere(why) = post else { panic!("{post}") };
    assert!(why.contains("192.12 GiB = 24.00 x 8192 MiB array + 128 MiB"), "{why}");
    assert!(why.contains("24000 MiB are available") && why.contains("--size smoke"), "{why}");
    let set = Request { set: vec![("array_mib".into(), 100)], ..request("lab") };
    assert!(matches!(planned(&set, &machine(800)), Err(Stop::NotHere(_))));
}

#[test]
fn sizes_that_do_not_exist_or_are_zero_are_no_request() {
    for (name, value, said) in
        [("arary_mib", 4, "array_mib, repeats, threshold_kib"), ("repeats", 0, "at least 1")]
    {
        let set = Request { set: vec![(name.into(), value)], ..request("lab") };
        let refusal = planned(&set, &machine(4096)).unwrap_err();
        assert!(matches!(&refusal, Stop::BadRequest(why) if why.contains(said)), "{refusal}");
    }
}

#[test]
fn sizes_that_do_not_go_together_are_refused_with_what_works() {
    let set = Request { set: vec![("threshold_kib".into(), 4096)], ..request("smoke") };
    let refusal = planned(&set, &machine(4096)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "An array must be larger than the threshold; this is array_mib = 4, threshold_kib = 4096. \
         What works: array_mib = 4, threshold_kib = 256"
    );
}

#[test]
fn what_one_variant_needs_is_no_reason_not_to_run_the_others() {
    let plan = planned(&request("smoke"), &shared(4096)).unwrap();
    assert_eq!(plan.runs[0].lack, None);
    assert!(plan.runs[1].lack.as_ref().is_some_and(|lack| lack.contains("control group")));
}

#[test]
fn a_machine_without_huge_pages_can_not_show_what_needs_them() {
    let scenario = Scenario { needs: vec![Need::HugePages], ..TOY.clone() };
    let request = Request::new(&scenario, "smoke");
    let machine = Machine { huge_pages: || Err("they are switched off".into()), ..machine(4096) };
    assert!(matches!(planned(&request, &machine), Err(Stop::NotHere(why)) if why.contains("switched off")));
}

#[test]
fn a_machine_without_shared_memory_can_not_show_it() {
    let machine = Machine { shm_free: None, ..shared(4096) };
    assert!(
        matches!(planned(&request("smoke"), &machine), Err(Stop::NotHere(why)) if why.contains("/dev/shm"))
    );
}

#[test]
fn the_posts_sizes_are_refused_where_there_is_no_room_and_taken_where_there_is() {
    let catalog = Catalog::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap();
    for scenario in catalog.scenarios() {
        let on = |mib: u64| planned(&Request::new(scenario, "post"), &machine(mib));
        let refusal = on(300).unwrap_err();
        let Stop::NotHere(why) = &refusal else { panic!("{}: {refusal}", scenario.slug) };
        assert!(why.contains("iB = ") && why.contains("300 MiB are available"), "{}: {why}", scenario.slug);
        // All of the post's 300 matrices of 3 GiB, and some air.
        assert_eq!(on(2 << 20).unwrap().sizes, scenario.sizes["post"]);
    }
}
