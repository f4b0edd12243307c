//! Our side of the race, and the limits of the machine. It takes a word from its standard input and does
//! what the word says. It answers with the seconds that it took and a checksum of the result.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use labpool::{Array, Entry, Pool, Task};
use ndarray::s;

use crate::Sizes;
use crate::work::{Echo, Look, Nothing, numbers, results, started, timed};

/// What the workers can do.
pub(crate) const TASKS: &[Entry] = &[Entry::of::<Nothing>(), Entry::of::<Look>(), Entry::of::<Checksum>()];

/// How often a byte goes through a pipe and comes back through another.
const TRIPS: u32 = 2000;

/// Reads every number: the sum of their bits, wrapping.
struct Checksum;

impl Task for Checksum {
    const NAME: &'static str = "checksum";
    type Args = Array;
    type Output = u64;

    fn run(piece: Array) -> u64 {
        labkit::checksum(piece.view())
    }
}

/// The pool, and the work of the race.
struct Side {
    sizes: Sizes,
    folder: PathBuf,
    pool: Option<Pool>,
    array: Array,
}

/// Serves words until there are no more.
pub(crate) fn serve(sizes: Sizes, folder: PathBuf) {
    let array = Array::from(numbers(size(&sizes, "array_mib")));
    let mut side = Side { sizes, folder, pool: None, array };
    for word in std::io::stdin().lines() {
        let (time, sum) = side.answer(&word.expect("a word is text"));
        println!("{} {sum}", time.as_secs_f64());
    }
}

impl Side {
    fn answer(&mut self, word: &str) -> (Duration, u64) {
        match word {
            "start" => timed(|| self.start()),
            "tiny" => timed(|| self.tiny()),
            "fixed" => timed(|| self.fixed()),
            "hand_over" => self.hand_over(),
            "maps" => self.maps(),
            "threads" => timed(|| self.threads()),
            "write" => self.write(),
            "copy" => self.copy(),
            "trip" => trip(),
            _ => panic!("there is no work called '{word}'"),
        }
    }

    /// Starts the workers; they have started when they have answered.
    fn start(&mut self) -> u64 {
        self.pool = Some(self.started());
        0
    }

    /// Many tasks that do nothing.
    fn tiny(&mut self) -> u64 {
        let tasks = self.size("tasks");
        results::<Nothing>(self.pool(), (0..tasks).map(|_| ())).count() as u64
    }

    /// The work of the variant `fixed`: each slice is made once.
    fn fixed(&mut self) -> u64 {
        let repeats = self.size("repeats");
        let pieces = self.pieces();
        let tasks = pieces.iter().flat_map(|piece| (0..repeats).map(|_| piece.clone()));
        results::<Checksum>(self.pool(), tasks).fold(0, u64::wrapping_add)
    }

    /// A large array for one task, in a pool of its own that is up already.
    fn hand_over(&mut self) -> (Duration, u64) {
        let array = Array::from(numbers(self.size("large_mib")));
        let mut pool = self.started();
        timed(|| results::<Look>(&mut pool, [array]).sum::<f64>() as u64)
    }

    /// What the kernel does in [`fixed`](Side::fixed), with no pool at all: each piece is written once, and
    /// mapped and read for each task. It is done in turn, and the time is shared among the workers.
    fn maps(&self) -> (Duration, u64) {
        let folder = self.folder.join("maps");
        std::fs::create_dir(&folder).expect("it is our own");
        let (time, sum) = timed(|| {
            let mut sum = 0_u64;
            for (n, piece) in self.pieces().iter().enumerate() {
                let path = folder.join(n.to_string());
                piece.write_file(&path).expect("there is room for the pieces");
                for _ in 0..self.size("repeats") {
                    let mapped = Array::map_file(&path, 0, piece.view().raw_dim()).expect("it is there");
                    sum = sum.wrapping_add(Checksum::run(mapped));
                }
            }
            sum
        });
        std::fs::remove_dir_all(&folder).expect("it is our own");
        (time / self.size("workers") as u32, sum)
    }

    /// The same sums as in [`fixed`](Side::fixed) with no pool at all: threads that share one heap.
    fn threads(&self) -> u64 {
        let (repeats, workers) = (self.size("repeats"), self.size("workers"));
        let pieces = self.pieces();
        let share = &|first: usize| {
            let own =
                pieces.iter().skip(first).step_by(workers).cycle().take(pieces.len() / workers * repeats);
            own.map(|piece| Checksum::run(piece.clone())).fold(0, u64::wrapping_add)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|first| scope.spawn(move || share(first))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a sum ends")).fold(0, u64::wrapping_add)
        })
    }

    /// One write(2) of what [`hand_over`](Side::hand_over) hands over, to the same file system.
    fn write(&self) -> (Duration, u64) {
        let array = Array::from(numbers(self.size("large_mib")));
        let path = self.folder.join("written");
        let answer = timed(|| array.write_file(&path).map_or(0, |()| self.sizes["large_mib"]));
        std::fs::remove_file(&path).expect("it is our own");
        answer
    }

    /// One copy of the same numbers to memory that is there already (memcpy(3)).
    fn copy(&self) -> (Duration, u64) {
        let (from, mut to) = (numbers(self.size("large_mib")), numbers(self.size("large_mib")));
        timed(|| {
            to.as_slice_mut()
                .expect("it lies in one piece")
                .copy_from_slice(from.as_slice().expect("so does it"));
            std::hint::black_box(&to)[0] as u64
        })
    }

    fn started(&self) -> Pool {
        started(self.size("workers"), self.folder.clone(), Some(self.size("threshold_kib") << 10))
    }

    fn size(&self, name: &str) -> usize {
        size(&self.sizes, name)
    }

    fn pool(&mut self) -> &mut Pool {
        self.pool.as_mut().expect("the first word is 'start'")
    }

    fn pieces(&self) -> Vec<Array> {
        let (slices, len) = (self.size("slices"), self.array.view().len());
        (0..slices).map(|n| self.array.slice(s![n * len / slices..(n + 1) * len / slices])).collect()
    }
}

/// The time of one byte from this process to another thread and back, as a mean of many.
fn trip() -> (Duration, u64) {
    let mut echo = Echo::start();
    let (time, ()) = timed(|| (0..TRIPS).for_each(|_| echo.trip()));
    (time / TRIPS, 0)
}

fn size(sizes: &Sizes, name: &str) -> usize {
    usize::try_from(sizes[name]).expect("a size fits the machine's word")
}
