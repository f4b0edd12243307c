//! What the variants share: the prices and how they are read, and the children that read them.
//!
//! A child does one step at a time and then waits. So it is alive and has all its memory whenever the
//! parent makes a mark.

use std::cell::Cell;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::rc::Rc;

use bytemuck::{cast_slice, cast_slice_mut};
use labkit::{Bench, Child, Result, sys};
use ndarray::{Array1, ArrayView1};

/// What an `Rc<f64>` takes, in bytes: two counts and the number, and what malloc(3) adds.
///
/// It is also what a float of CPython takes, but for eight bytes.
const OBJECT: usize = 32;

/// How many prices a mutant passes over for each one that it clones: half of what a page holds.
pub(crate) const SAMPLE: usize = 64;

/// The prices for the list: the first of the array, as many as make objects of the array's size.
pub(crate) fn prices(array: &Array1<f64>) -> impl Iterator<Item = f64> {
    first_prices(array.as_slice().expect("an array of labkit is in one piece")).iter().copied()
}

/// The same for an array in any memory.
fn first_prices(array: &[f64]) -> &[f64] {
    &array[..size_of_val(array) / OBJECT]
}

/// The sum of the bits of all prices, wrapping, as [`labkit::checksum`] has it.
///
/// Each price is handed over as whatever leads to it, and the compiler must not see through that:
/// it would leave out a clone that is dropped again at once.
pub(crate) fn sum<P: Deref<Target = f64>>(prices: impl Iterator<Item = P>) -> u64 {
    prices.fold(0, |sum, price| sum.wrapping_add(black_box(price).to_bits()))
}

/// What a fresh child is called, so that it knows what it is.
const CHILD: &str = "fork-cow-child";

/// The children, each with the socket to it.
pub(crate) type Crew = Vec<(UnixStream, Child)>;

/// Forks as many children as there are `workers`: each finds in its memory what the parent has.
pub(crate) fn fork(bench: &Bench, read_array: impl Fn() -> u64, read_list: impl Fn() -> u64) -> Result<Crew> {
    let fork = |_| {
        let (socket, theirs) = UnixStream::pair()?;
        Ok((socket, sys::fork(|| obey(theirs, &read_array, &read_list))?))
    };
    (0..bench.size("workers")).map(fork).collect()
}

/// Starts as many fresh processes as there are `workers`, and sends each of them the whole array.
pub(crate) fn spawn(bench: &Bench, array: &Array1<f64>) -> Result<Crew> {
    let bytes = cast_slice(array.as_slice().expect("an array of labkit is in one piece"));
    let mut crew = fresh(bench, |command| Ok(command.arg(bytes.len().to_string())))?;
    for (socket, _) in &mut crew {
        socket.write_all(bytes)?;
    }
    Ok(crew)
}

/// Starts as many fresh processes as there are `workers`, and hands each of them the file to map.
pub(crate) fn spawn_map(bench: &Bench, file: &File) -> Result<Crew> {
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
pub(crate) fn lead(bench: &Bench, mut crew: Crew) -> Result {
    let mut step = |mark| {
        let mut sum = 0_u64;
        for (socket, _) in &mut crew {
            let mut answer = [0; size_of::<u64>()];
            socket.read_exact(&mut answer)?;
            sum = sum.wrapping_add(u64::from_le_bytes(answer));
        }
        bench.mark(mark);
        for (socket, _) in &mut crew {
            socket.write_all(&[0])?;
        }
        Ok::<u64, io::Error>(sum)
    };
    step("children started")?;
    let (array, list) = (step("array read")?, step("list read")?);
    for (_, child) in crew {
        child.wait()?;
    }
    bench.fact("checksum", array.wrapping_add(list));
    bench.mark("children gone");
    Ok(())
}

/// The whole life of a fresh child; in every other process it returns at once.
#[expect(clippy::disallowed_methods, reason = "a child in this role has no main to return to")]
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

/// Loads its own copy, and makes its own list.
fn serve_copy(mut socket: UnixStream, bytes: usize) -> io::Result<()> {
    let mut array = vec![0.0; bytes / size_of::<f64>()];
    socket.read_exact(cast_slice_mut(&mut array))?;
    let list: Vec<Rc<f64>> = first_prices(&array).iter().copied().map(Rc::new).collect();
    obey(socket, || checksum(&array), || sum(list.iter().map(Rc::clone)))
}

/// Maps the file, in which a list of objects can't be: it reads the same prices where they lie.
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
fn fresh(bench: &Bench, tell: impl Fn(&mut Command) -> io::Result<&mut Command>) -> Result<Crew> {
    let start = |_| {
        let (socket, theirs) = UnixStream::pair()?;
        let mut command = Command::new("/proc/self/exe");
        tell(command.arg0(CHILD))?.stdin(Stdio::from(OwnedFd::from(theirs)));
        Ok((socket, Child::from(command.spawn()?)))
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

fn checksum(array: &[f64]) -> u64 {
    labkit::checksum(ArrayView1::from(array))
}

/// Prices that are counted, with the counts in a table of their own.
pub(crate) struct Ledger {
    prices: Vec<f64>,
    counts: Vec<Cell<u32>>,
}

impl Ledger {
    /// A clone of each price in turn: it is counted while it is held.
    pub(crate) fn clones(&self) -> impl Iterator<Item = OpenMemoryFiles<'_>> {
        self.prices.iter().zip(&self.counts).map(|(price, count)| {
            count.set(count.get() + 1);
            OpenMemoryFiles { price, count }
        })
    }
}

impl FromIterator<f64> for Ledger {
    fn from_iter<I: IntoIterator<Item = f64>>(prices: I) -> Self {
        let prices: Vec<f64> = prices.into_iter().collect();
        Ledger { counts: vec![Cell::new(1); prices.len()], prices }
    }
}

/// One price of a [`Ledger`], held and counted.
pub(crate) struct OpenMemoryFiles<'a> {
    price: &'a f64,
    count: &'a Cell<u32>,
}

impl Deref for OpenMemoryFiles<'_> {
    type Target = f64;

    fn deref(&self) -> &f64 {
        self.price
    }
}

impl Drop for OpenMemoryFiles<'_> {
    fn drop(&mut self) {
        self.count.set(self.count.get() - 1);
    }
}

/// The order that follows the one at `place`, for the exercise: one of the next few, by its price.
///
/// Many orders lead to the same one, and the last lead out of the list.
pub(crate) fn next(place: usize, price: f64) -> usize {
    place + 1 + (price * 64.0) as usize
}
