//! The programs that are recorded: this one in other roles. Each writes what it knows of itself into the
//! file that [`ANSWER`] names.

mod bare;
mod burden;
pub(crate) mod hour;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use memmap2::MmapMut;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::{Pid, getppid};
use procfs::process::Process;
use serde::{Deserialize, Serialize};

pub(crate) use self::burden::Work;

/// The first argument of this program in another role; the role follows.
pub(crate) const ROLE: &str = "watched";

/// The environment variable that names the file for the answer.
pub(crate) const ANSWER: &str = "LAB_BENCH_ANSWER";

/// The environment variable with the number of the process that measures. What stands between it and
/// the program is the recorder.
pub(crate) const JUDGE: &str = "LAB_BENCH_JUDGE";

/// A recorder gets so much time to begin before the program does anything.
const PRELUDE: Duration = Duration::from_millis(300);

/// What the spikes, the family and the burden are made of.
const PAGE: usize = 4096;

/// What the family knows of its memory, in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) pss: u64,
    pub(crate) rss: u64,
}

/// What the recorder took while the program stood still, in seconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Stood {
    pub(crate) wall: f64,
    pub(crate) recorder: f64,
}

/// Plays a role.
pub(crate) fn play(words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["spikes", count, mib] => spikes(count.parse()?, mib.parse()?),
        ["burden", threads, mib, millis] => burden::work(threads.parse()?, mib.parse()?, millis.parse()?),
        ["family", children, mib] => family(children.parse()?, mib.parse()?),
        ["storm", count] => storm(count.parse()?),
        ["brief"] => brief(),
        ["crowd", count, millis] => crowd(count.parse()?, millis.parse()?),
        ["steady", kind, mib, millis] => steady(kind, mib.parse()?, millis.parse()?),
        ["write", path, kind] => hour::write(path.as_ref(), kind),
        ["read", path] => hour::read(path.as_ref()),
        ["bare", millis, output, ref program @ ..] => {
            bare::record(Duration::from_millis(millis.parse()?), output.as_ref(), program)
        }
        _ => bail!("there is no role {words:?}"),
    }
}

pub(crate) fn answer(answer: &impl Serialize) -> Result<()> {
    let path = std::env::var_os(ANSWER).context("nobody waits for an answer")?;
    Ok(fs::write(path, serde_json::to_vec(answer)?)?)
}

/// Spikes 100 ms apart that are held for no time at all.
fn spikes(count: usize, mib: usize) -> Result<()> {
    thread::sleep(PRELUDE);
    for _ in 0..count {
        thread::sleep(Duration::from_millis(100));
        drop(touched(mib)?);
    }
    thread::sleep(PRELUDE);
    answer(&())
}

/// A parent and its forks, which share what it has touched.
fn family(children: usize, mib: usize) -> Result<()> {
    let mut marks = Marks::open();
    let stays = touched(mib)?;
    for _ in 0..children {
        let _ = labkit::sys::fork(|| {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        })?;
    }
    // A recorder that has no marks sees it for as long.
    thread::sleep(Duration::from_secs(2));
    marks.mark("forked")?;
    let mut shared = Shared { pss: 0, rss: 0 };
    let me = Process::myself()?;
    let forks = me.task_main_thread()?.children()?.into_iter().map(|pid| Process::new(pid.cast_signed()));
    for process in forks.chain([Ok(Process::myself()?)]) {
        let rollup = process?.smaps_rollup()?;
        for map in &rollup.memory_map_rollup.0 {
            let field = |name: &str| map.extension.map.get(name).copied().unwrap_or(0);
            shared.pss += field("Pss");
            shared.rss += field("Rss");
        }
    }
    drop(stays);
    // The forks die with their parent.
    answer(&shared)
}

/// Children that live for a moment, four at a time.
fn storm(count: usize) -> Result<()> {
    const AT_ONCE: usize = 4;
    thread::sleep(PRELUDE);
    let mut alive: Vec<Child> = Vec::new();
    for _ in 0..count {
        if alive.len() == AT_ONCE {
            alive.remove(0).wait()?;
        }
        let child = Command::new("/proc/self/exe").args([ROLE, "brief"]).env_remove(ANSWER).spawn();
        alive.push(child?);
    }
    for mut child in alive {
        child.wait()?;
    }
    answer(&())
}

/// One such child: it touches 6.5 MiB, and is gone after some 10 ms. Alone, it answers with its peak.
fn brief() -> Result<()> {
    let mut memory = MmapMut::map_anon(13 << 19)?;
    touch(&mut memory);
    thread::sleep(Duration::from_millis(10));
    match std::env::var_os(ANSWER) {
        Some(_) => answer(&(Process::myself()?.status()?.vmhwm.context("VmHWM")? * 1024)),
        None => Ok(()),
    }
}

/// Processes that stand still.
fn crowd(count: usize, millis: u64) -> Result<()> {
    let mut marks = Marks::open();
    for _ in 0..count {
        let _ = labkit::sys::fork(|| {
            thread::sleep(Duration::from_secs(600));
            Ok(())
        })?;
    }
    marks.mark("all there")?;
    let (begin, recorder) = (Instant::now(), recorder_cpu()?);
    thread::sleep(Duration::from_millis(millis));
    let (wall, recorder) = (begin.elapsed().as_secs_f64(), recorder_cpu()? - recorder);
    marks.mark("over")?;
    answer(&Stood { wall, recorder })
}

/// Memory that stays as it is, while the program sleeps or works on it.
fn steady(kind: &str, mib: usize, millis: u64) -> Result<()> {
    let go_on = |memory: &MmapMut, millis| {
        let end = Instant::now() + Duration::from_millis(millis);
        let mut sum = 0_u64;
        while Instant::now() < end {
            match kind {
                "works" => sum += memory.iter().step_by(PAGE).map(|&byte| u64::from(byte)).sum::<u64>(),
                _ => thread::sleep(end.saturating_duration_since(Instant::now())),
            }
        }
        std::hint::black_box(sum);
    };
    let memory = touched(mib)?;
    // Until the recorder has seen that nothing moves.
    go_on(&memory, 5000);
    let (begin, recorder) = (Instant::now(), recorder_cpu()?);
    go_on(&memory, millis);
    answer(&Stood { wall: begin.elapsed().as_secs_f64(), recorder: recorder_cpu()? - recorder })
}

/// So much memory, every page of it touched.
fn touched(mib: usize) -> Result<MmapMut> {
    let mut memory = MmapMut::map_anon(mib << 20)?;
    touch(&mut memory);
    Ok(memory)
}

fn touch(memory: &mut MmapMut) {
    for page in memory.chunks_mut(PAGE) {
        page[0] = 1;
    }
}

/// Where phases are reported; a recorder without marks has left no channel.
struct Marks(Option<UnixStream>);

impl Marks {
    fn open() -> Self {
        let number = std::env::var(labkit::channel::VARIABLE).ok().and_then(|number| number.parse().ok());
        Marks(number.and_then(labkit::sys::take_fd).map(UnixStream::from))
    }

    /// Begins a phase, and waits until the recorder has looked.
    fn mark(&mut self, name: &str) -> Result<()> {
        let Some(channel) = &mut self.0 else { return Ok(()) };
        channel.write_all(format!("mark {name}\n").as_bytes())?;
        Ok(channel.read_exact(&mut [0])?)
    }
}

/// The processor time of all that stands between this process and the one that measures, in seconds.
fn recorder_cpu() -> Result<f64> {
    let judge: i32 = std::env::var(JUDGE)?.parse()?;
    let mut pid = getppid().as_raw();
    let mut sum = 0.0;
    while pid != judge && pid > 1 {
        sum += Duration::from(clock_gettime(clock_getcpuclockid(Pid::from_raw(pid))?)?).as_secs_f64();
        pid = Process::new(pid)?.stat()?.ppid;
    }
    Ok(sum)
}
