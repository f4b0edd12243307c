//! The children of all variants, forked or started afresh, and how they are led through the work.
//!
//! A child does one step at a time and then waits. So it is alive and has all its memory whenever the
//! parent makes a mark.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::rc::Rc;

use bytemuck::{cast_slice, cast_slice_mut};
use labkit::{Bench, Forked, Result, sys};
use ndarray::{Array1, ArrayView1};

use crate::setup::{first_prices, sum};

/// What a fresh child is called, so that it knows what it is.
const CHILD: &str = "fork-cow-child";

/// One child, and the socket to it.
pub(crate) struct Child {
    socket: UnixStream,
    process: Process,
}

enum Process {
    Forked(Forked),
    Fresh(std::process::Child),
}

/// Forks as many children as there are `workers`: each finds in its memory what the parent has.
pub(crate) fn fork(
    bench: &Bench,
    read_array: impl Fn() -> u64,
    read_list: impl Fn() -> u64,
) -> Result<Vec<Child>> {
    let fork = |_| {
        let (socket, theirs) = UnixStream::pair()?;
        let process = Process::Forked(sys::fork(|| obey(theirs, &read_array, &read_list))?);
        Ok(Child { socket, process })
    };
    (0..bench.size("workers")).map(fork).collect()
}

/// Starts as many fresh processes as there are `workers`, and sends each of them the whole array.
pub(crate) fn spawn(bench: &Bench, array: &Array1<f64>) -> Result<Vec<Child>> {
    let bytes = cast_slice(array.as_slice().expect("an array of labkit is in one piece"));
    let mut children = fresh(bench, |command| Ok(command.arg(bytes.len().to_string())))?;
    for child in &mut children {
        child.socket.write_all(bytes)?;
    }
    Ok(children)
}

/// Starts as many fresh processes as there are `workers`, and hands each of them the file to map.
pub(crate) fn spawn_map(bench: &Bench, file: &File) -> Result<Vec<Child>> {
    fresh(bench, |command| Ok(command.arg("--map").stdout(file.try_clone()?)))
}

/// Writes the array to a file in shared memory, and drops it.
///
/// The file has no name, so that it is gone with the last process that holds it.
pub(crate) fn to_file(bench: &Bench, array: Array1<f64>) -> Result<File> {
    let mut file = tempfile::tempfile_in(bench.shm())?;
    file.write_all(cast_slice(array.as_slice().expect("an array of labkit is in one piece")))?;
    Ok(file)
}

/// Leads the children through their work, marks each step, and states what they have read.
pub(crate) fn lead(bench: &Bench, mut children: Vec<Child>) -> Result {
    let mut step = |mark| {
        let mut sum = 0_u64;
        for child in &mut children {
            let mut answer = [0; size_of::<u64>()];
            child.socket.read_exact(&mut answer)?;
            sum = sum.wrapping_add(u64::from_le_bytes(answer));
        }
        bench.mark(mark);
        for child in &mut children {
            child.socket.write_all(&[0])?;
        }
        Ok::<u64, io::Error>(sum)
    };
    step("children started")?;
    let (array, list) = (step("array read")?, step("list read")?);
    for child in children {
        child.process.wait()?;
    }
    bench.fact("checksum", array.wrapping_add(list));
    bench.mark("children gone");
    Ok(())
}

/// The whole life of a fresh child; in every other process it returns at once.
pub(crate) fn serve() {
    let mut words = std::env::args_os();
    if words.next().is_none_or(|name| name != CHILD) {
        return;
    }
    let words: Vec<String> = words.filter_map(|word| word.into_string().ok()).collect();
    let socket = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    let done = socket.and_then(|socket| match words.as_slice() {
        [map] if map == "--map" => serve_map(socket),
        [bytes] => serve_copy(socket, bytes.parse().map_err(io::Error::other)?),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    });
    if let Err(error) = &done {
        eprintln!("a fresh child: {error}");
    }
    std::process::exit(i32::from(done.is_err()))
}

/// Loads a copy of its own, and makes a list of its own.
fn serve_copy(mut socket: UnixStream, bytes: usize) -> io::Result<()> {
    let mut array = vec![0.0; bytes / size_of::<f64>()];
    socket.read_exact(cast_slice_mut(&mut array))?;
    let list: Vec<Rc<f64>> = first_prices(&array).iter().copied().map(Rc::new).collect();
    obey(socket, || checksum(&array), || sum(list.iter().map(Rc::clone)))
}

/// Maps the file, in which a list of objects can not be: it reads the same prices where they lie.
fn serve_map(socket: UnixStream) -> io::Result<()> {
    let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let map = sys::map(&file, 0, len)?;
    let array = cast_slice(&map);
    obey(socket, || checksum(array), || sum(first_prices(array).iter()))
}

/// Starts fresh processes of this program, each with a socket in place of its standard input.
///
/// A file to map comes in place of the standard output.
fn fresh(bench: &Bench, tell: impl Fn(&mut Command) -> io::Result<&mut Command>) -> Result<Vec<Child>> {
    let start = |_| {
        let (socket, theirs) = UnixStream::pair()?;
        let mut command = Command::new("/proc/self/exe");
        tell(command.arg0(CHILD))?.stdin(Stdio::from(OwnedFd::from(theirs)));
        Ok(Child { socket, process: Process::Fresh(command.spawn()?) })
    };
    (0..bench.size("workers")).map(start).collect()
}

/// The life of a child: it says that it is ready, and then does each step when it is told to.
fn obey(mut socket: UnixStream, read_array: impl Fn() -> u64, read_list: impl Fn() -> u64) -> io::Result<()> {
    let mut step = |sum: u64| {
        socket.write_all(&sum.to_le_bytes())?;
        // Its memory is looked at while it waits here.
        socket.read_exact(&mut [0])
    };
    step(0)?;
    step(read_array())?;
    step(read_list())
}

impl Process {
    fn wait(self) -> Result {
        match self {
            Process::Forked(child) => child.wait()?,
            Process::Fresh(mut child) => {
                let status = child.wait()?;
                if !status.success() {
                    return Err(format!("a fresh child failed: {status}").into());
                }
            }
        }
        Ok(())
    }
}

fn checksum(array: &[f64]) -> u64 {
    labkit::checksum(ArrayView1::from(array))
}
