//! Records a command again, with one change in its environment.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::prctl;
use nix::unistd::Pid;

use super::Request;
use crate::diagnosis::Change;
use crate::host::place;
use crate::model::record::{Record, Writer};
use crate::name::program;
use crate::recorder::{self, Kept, Subject, Task};
use crate::report::diagnosis;
use crate::sandbox::Word;
use crate::sandbox::signals::Signals;

/// What this record is of, to be recorded again within the same limits.
///
/// # Errors
///
/// When it isn't of a command that could be started here.
pub(crate) fn request(record: &Record) -> Result<Request> {
    let command = record.header.command.as_ref().filter(|command| command.attached.is_none());
    let command =
        command.with_context(|| format!("this record isn't of a command that {} has started", program()))?;
    let here = std::env::current_dir().unwrap_or_default();
    if here != Path::new(&command.folder) {
        bail!("it ran in another folder: `cd {}` first", command.folder);
    }
    if command.words.iter().any(|word| word.contains(char::REPLACEMENT_CHARACTER)) {
        bail!("its arguments aren't UTF-8, so the record doesn't have them all: give the command after `--`");
    }
    let limits = &record.header.limits;
    let time = |milliseconds: Option<u64>| milliseconds.map(Duration::from_millis);
    Ok(Request {
        memory: limits.memory,
        shm: limits.tmpfs,
        processes: limits.processes,
        timeout: time(limits.deadline_ms),
        no_progress: time(limits.no_progress_ms),
        ..Request::watching(command.words.iter().map(Into::into).collect())
    })
}

/// Records the request with this change into a file. Changes of the memory are a part of the request.
///
/// # Errors
///
/// When the change can't be made, or the record can't be written.
pub(crate) fn record(
    request: &Request,
    change: Option<Change>,
    signals: &Signals,
    path: &Path,
) -> Result<(Record, PathBuf)> {
    let machine = request.machine();
    let (header, mut spec) = (request.header(&machine, place::here())?, request.spec(&machine)?);
    if let Some(Change::Variable(name, value)) = change {
        spec.env.insert(name.to_owned(), Word::from(value));
    }
    let live = &Mutex::default();
    let (subject, rates, diagnose) = (Subject::Started(&spec), request.rates(), Some(diagnosis::json as _));
    let task = Task { subject, rates, files: &[], live, signals, diagnose };
    let writer = Ok(Writer::create(path)?);
    let kept = within(change, || recorder::record(&task, header, writer))?;
    let record = live.lock().expect("no thread panics with the record").take().context("no record")?;
    match kept {
        Kept::Whole(path) | Kept::Elsewhere(path, _) => Ok((record, path)),
        Kept::Lost(why) => bail!("the record is lost: {why}"),
    }
}

/// Does something while this process, and all that it starts, has what the change asks for.
fn within<T>(change: Option<Change>, run: impl FnOnce() -> Result<T>) -> Result<T> {
    match change {
        Some(Change::NoHugePages) => {
            prctl::set_thp_disable(true).context("prctl PR_SET_THP_DISABLE")?;
            let done = run();
            prctl::set_thp_disable(false).context("prctl PR_SET_THP_DISABLE")?;
            done
        }
        Some(Change::HalfTheProcessors) => {
            let me = Pid::from_raw(0);
            let all = sched_getaffinity(me).context("sched_getaffinity(2)")?;
            sched_setaffinity(me, &half(&all)?).context("sched_setaffinity(2)")?;
            let done = run();
            sched_setaffinity(me, &all).context("sched_setaffinity(2)")?;
            done
        }
        _ => run(),
    }
}

/// The first half of some processors.
fn half(all: &CpuSet) -> Result<CpuSet> {
    let count = available_parallelism().map_or(1, NonZero::get);
    if count < 2 {
        bail!("there is one processor, which has no half");
    }
    let mut half = CpuSet::new();
    let ours = (0..CpuSet::count()).filter(|&number| all.is_set(number).unwrap_or(false));
    ours.take(count / 2).try_for_each(|number| half.set(number))?;
    Ok(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_has_no_huge_pages_and_this_process_has_them_again() {
        let is_off = || Ok(prctl::get_thp_disable()?);
        let before = is_off().unwrap();
        assert!(within(Some(Change::NoHugePages), is_off).unwrap());
        assert!(!within(None, is_off).unwrap() && !before);
    }

    #[test]
    fn half_of_the_processors_are_the_first_of_those_that_may_be_used() {
        let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let count = |set: &CpuSet| (0..CpuSet::count()).filter(|&number| set.is_set(number).unwrap()).count();
        match half(&all) {
            Ok(half) => assert_eq!(count(&half), count(&all) / 2),
            Err(_) => assert_eq!(count(&all), 1),
        }
    }
}
