//! A variant's view of its run: sizes, marks, facts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array1, ArrayView1};

use crate::channel::Channel;

/// The workbench of one run: its sizes, its seed, and the channel to the harness.
pub struct Bench {
    sizes: BTreeMap<String, u64>,
    seed: u64,
    shm: PathBuf,
    disk: PathBuf,
    channel: Channel,
}

impl Bench {
    pub(crate) fn new(sizes: BTreeMap<String, u64>, seed: u64, shm: PathBuf, disk: PathBuf) -> Self {
        Bench { sizes, seed, shm, disk, channel: Channel::open() }
    }

    /// A size of scenario.toml, in the unit that its name ends with.
    ///
    /// # Panics
    ///
    /// When scenario.toml has no such size: a mistake of the scenario's author.
    pub fn size(&self, name: &str) -> usize {
        let size =
            self.sizes.get(name).unwrap_or_else(|| panic!("scenario.toml has no size called '{name}'"));
        usize::try_from(*size).expect("a size fits the machine's word")
    }

    /// The folder for shared memory files: /dev/shm, or what the harness gives in its place.
    pub fn shm(&self) -> &Path {
        &self.shm
    }

    /// A folder on a disk, which the harness removes after the run: the system's temporary folder if there's no
    /// harness.
    pub fn disk(&self) -> &Path {
        &self.disk
    }

    /// An array of `mib` MiB of random float64 numbers in `0.0..1.0`, every page of it touched.
    ///
    /// The numbers follow from the seed that the harness draws for each run, so that a checksum over
    /// them proves that the work was done.
    pub fn array(&self, mib: usize) -> Array1<f64> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let len = mib * (1 << 20) / size_of::<f64>();
        // An exact size, so that the allocator takes it from mmap(2) and gives it back whole.
        (0..len).map(|_| random.f64()).collect()
    }

    /// Says that a phase begins, and waits until the harness has looked at the memory.
    pub fn mark(&self, name: &str) {
        self.channel.mark(name);
    }

    /// Says that `count` tasks are done by now.
    pub fn done(&self, count: usize) {
        self.channel.done(count);
    }

    /// States a count that only the program knows: files written, bytes sent, a checksum.
    ///
    /// The harness also hears which source file states it.
    #[track_caller]
    pub fn fact(&self, name: &str, value: u64) {
        self.channel.fact(name, value);
    }

    pub(crate) fn report_failure(&self, error: &(dyn std::error::Error + 'static)) {
        let mut cause = Some(error);
        while let Some(inner) = cause {
            if let Some(errno) = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error)
            {
                return self.channel.failed(errno, &error.to_string());
            }
            cause = inner.source();
        }
        self.channel.failed(0, &error.to_string());
    }
}

/// The sum of the bits of all numbers, wrapping: exact, and the same in any order of addition.
pub fn checksum(numbers: ArrayView1<'_, f64>) -> u64 {
    numbers.iter().fold(0, |sum, number| sum.wrapping_add(number.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    fn bench(seed: u64) -> Bench {
        Bench::new(BTreeMap::from([("array_mib".to_owned(), 1)]), seed, "/dev/shm".into(), "/tmp".into())
    }

    #[test]
    fn the_same_seed_gives_the_same_array() {
        assert_eq!(bench(3).array(1), bench(3).array(1));
        assert_ne!(bench(3).array(1), bench(4).array(1));
        assert_eq!(bench(3).array(1).len(), (1 << 20) / 8);
    }

    #[test]
    fn the_checksum_of_the_parts_adds_up_to_that_of_the_whole() {
        let array = bench(5).array(1);
        let (left, right) = (array.slice(s![..1000]), array.slice(s![1000..]));
        assert_eq!(checksum(left).wrapping_add(checksum(right)), checksum(array.view()));
    }
}
