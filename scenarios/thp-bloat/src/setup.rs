//! What the variants share: a store in one piece, with a column that is full and the messages of connections.

use std::io;

use labkit::{Bench, Result, checksum, sys};
use memmap2::{Advice, MmapMut};
use ndarray::{Array1, ArrayView1};
use nix::sys::prctl;

/// One map. The column comes first, and the places for messages after it.
pub(crate) struct Store {
    map: MmapMut,
    /// Where the column begins in the map.
    start: usize,
    column_bytes: usize,
    /// Where the places for messages begin.
    places: usize,
    /// How far apart two places are, in bytes.
    stride: usize,
    region: usize,
    connections: usize,
    /// What all messages are made of, and what the column is.
    numbers: Array1<f64>,
    message_bytes: usize,
    kib_written: usize,
}

impl Store {
    /// Places that are as large as a region, so that each message may grow to that.
    pub(crate) fn with_regions(bench: &Bench) -> io::Result<Self> {
        Store::new(bench, region(bench), bench.size("connections") * region(bench))
    }

    /// Places as large as a message: one for each connection.
    pub(crate) fn side_by_side(bench: &Bench) -> io::Result<Self> {
        let message = message(bench);
        Store::new(bench, message, bench.size("connections") * message)
    }

    /// Places as large as a message: as many as there's room for in all regions, and in `spare` more. For the exercises.
    pub(crate) fn full(bench: &Bench, spare: usize) -> io::Result<Self> {
        Store::new(bench, message(bench), (bench.size("connections") + spare) * region(bench))
    }

    fn new(bench: &Bench, stride: usize, places_bytes: usize) -> io::Result<Self> {
        let region = region(bench);
        let column = bench.size("column_mib") << 20;
        // Older kernels map at any page, and a huge page begins at a multiple of its size.
        let map = MmapMut::map_anon(region + column + places_bytes.next_multiple_of(region))?;
        let start = map.as_ptr().align_offset(region);
        Ok(Store {
            map,
            start,
            column_bytes: column,
            places: start + column,
            stride,
            region,
            connections: bench.size("connections"),
            numbers: bench.array(1),
            message_bytes: message(bench),
            kib_written: 0,
        })
    }

    /// Advises the kernel about all of it (madvise(2)).
    pub(crate) fn advise(&self, advice: Advice) -> io::Result<()> {
        self.map.advise_range(advice, self.start, self.map.len() - self.region)
    }

    /// Advises the kernel about the places for messages alone.
    pub(crate) fn advise_messages(&self, advice: Advice) -> io::Result<()> {
        let begin = self.start + self.column_bytes;
        self.map.advise_range(advice, begin, self.map.len() - self.region - self.column_bytes)
    }

    /// Fills the column, every page of it.
    pub(crate) fn fill_column(&mut self) {
        let numbers = self.numbers.iter().cycle().copied();
        write(&mut self.map[self.start..][..self.column_bytes], numbers);
    }

    /// Moves all places a page further, off the beginnings of huge pages.
    pub(crate) fn shift(&mut self) {
        self.places += self.message_bytes;
    }

    /// Writes the message of a connection to a place.
    pub(crate) fn write(&mut self, place: usize, connection: usize) {
        self.write_in_round(place, 0, connection);
    }

    /// Writes the message of a connection in a round to a place. For the exercises.
    pub(crate) fn write_in_round(&mut self, place: usize, round: usize, connection: usize) {
        let begin = self.places + place * self.stride;
        let added = self.added(round, connection);
        write(&mut self.map[begin..][..self.message_bytes], self.numbers.iter().map(|number| number + added));
        self.kib_written += self.message_bytes >> 10;
    }

    /// What a message has that no other one has.
    fn added(&self, round: usize, connection: usize) -> f64 {
        (round * self.connections + connection) as f64
    }

    /// Gives a place back to the kernel, all but the message.
    pub(crate) fn release_rest(&mut self, place: usize) -> io::Result<()> {
        let begin = self.places + place * self.stride;
        // Else khugepaged makes a whole huge page of it again, some seconds or minutes later.
        self.map.advise_range(Advice::NoHugePage, begin, self.stride)?;
        sys::release(&mut self.map, begin + self.message_bytes..begin + self.stride)
    }

    /// Reads the message in a place, and returns its checksum.
    pub(crate) fn read(&self, place: usize) -> u64 {
        sum(&self.map[self.places + place * self.stride..][..self.message_bytes])
    }

    /// States how many of the messages aren't where they were written: another one was written there. For the exercises.
    pub(crate) fn look_for_losses(&self, bench: &Bench, place: impl Fn(usize, usize) -> usize) {
        let is_lost = |round, connection| {
            let begin = self.places + place(round, connection) * self.stride;
            let first = self.numbers[0] + self.added(round, connection);
            !self.map[begin..].starts_with(&first.to_le_bytes())
        };
        let in_round = |round| (0..self.connections).filter(|connection| is_lost(round, *connection)).count();
        bench.fact("messages_lost", (0..rounds(bench)).map(in_round).sum::<usize>() as u64);
    }

    /// Reads the column and these places, the first of each connection, and states what was read.
    pub(crate) fn read_all(&self, bench: &Bench, places: impl IntoIterator<Item = usize>) {
        let messages = places.into_iter().map(|place| self.read(place));
        let checksum = messages.fold(sum(&self.map[self.start..][..self.column_bytes]), u64::wrapping_add);
        bench.fact("message_kib_written", self.kib_written as u64);
        bench.fact("checksum", checksum);
        bench.mark("all read");
    }
}

/// Has the kernel give no huge pages to this process, and to none that it starts (prctl(2)).
pub(crate) fn do_without_huge_pages() -> Result {
    Ok(prctl::set_thp_disable(true)?)
}

/// The size of a region, in bytes: that of a huge page.
fn region(bench: &Bench) -> usize {
    bench.size("region_mib") << 20
}

/// The size of a message, in bytes.
fn message(bench: &Bench) -> usize {
    bench.size("message_kib") << 10
}

fn write(bytes: &mut [u8], numbers: impl Iterator<Item = f64>) {
    for (bytes, number) in bytes.chunks_exact_mut(size_of::<f64>()).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
}

/// The checksum of numbers as they lie in the map.
fn sum(bytes: &[u8]) -> u64 {
    checksum(ArrayView1::from(bytemuck::cast_slice(bytes)))
}

/// How many messages fill a region. For the exercises.
pub(crate) fn rounds(bench: &Bench) -> usize {
    region(bench) / message(bench)
}

/// A session of the first exercise: as long as it is open it needs a place.
pub(crate) struct Session {
    pub(crate) connection: usize,
    /// Whether it stays open when all others are closed.
    pub(crate) lasts: bool,
}

/// All sessions, in the order in which they are opened. One lasts of those that fill a region.
pub(crate) fn sessions(bench: &Bench) -> impl Iterator<Item = Session> {
    let rounds = rounds(bench);
    let all = 0..bench.size("connections") * rounds;
    all.map(move |number| Session { connection: number / rounds, lasts: number % rounds == rounds / 2 })
}

/// Gives places to sessions. A huge page goes back to the kernel when nobody has a place in it any more.
pub(crate) struct Arena {
    pub(crate) store: Store,
    rounds: usize,
    /// How many places of each huge page are taken.
    taken: Vec<usize>,
}

/// The huge page from which places are given, until it is full: how many were given, and the next one.
#[derive(Default)]
pub(crate) struct Shelf {
    given: usize,
    next: usize,
}

impl Arena {
    pub(crate) fn reserve(bench: &Bench) -> io::Result<Self> {
        // Each shelf may have begun a huge page, and there are no more shelves than pages.
        let store = Store::full(bench, bench.size("connections"))?;
        store.advise(Advice::HugePage)?;
        Ok(Arena { store, rounds: rounds(bench), taken: Vec::new() })
    }

    /// Gives a session a place on a shelf, and writes its message there.
    pub(crate) fn open(&mut self, shelf: &mut Shelf, session: &Session) -> usize {
        if shelf.given.is_multiple_of(self.rounds) {
            shelf.next = self.taken.len() * self.rounds;
            self.taken.push(0);
        }
        let place = shelf.next;
        (shelf.given, shelf.next) = (shelf.given + 1, place + 1);
        self.taken[place / self.rounds] += 1;
        self.store.write(place, session.connection);
        place
    }

    /// Takes a place back.
    pub(crate) fn close(&mut self, place: usize) -> io::Result<()> {
        let page = place / self.rounds;
        self.taken[page] -= 1;
        match self.taken[page] {
            0 => self.release(page * self.rounds, self.rounds),
            _ => Ok(()),
        }
    }

    /// Gives so many places back to the kernel.
    pub(crate) fn release(&mut self, place: usize, count: usize) -> io::Result<()> {
        let (begin, len) = (self.store.places + place * self.store.stride, count * self.store.stride);
        sys::release(&mut self.store.map, begin..begin + len)
    }
}
