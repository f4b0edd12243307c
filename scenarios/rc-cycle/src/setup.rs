//! What the variants share: numbers that are counted while they live, the library that builds from
//! them, and the tasks.

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};

use dumpster::Trace;
use dumpster::unsync::{Gc, collect, default_collect_condition, set_collect_condition};
use labkit::{Bench, Result};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Blocks of this many bytes or more are mapped one by one, and go back to the system one by one.
const MAPPED_FROM: usize = 16 << 10;

/// How the library asks a matrix for its numbers: it gives a sketch, and the callback fills it.
pub(crate) type Next = Box<dyn Fn(&mut Sketch)>;

/// The same for a matrix that any thread may drop.
pub(crate) type NextAnywhere = Box<dyn Fn(&mut Sketch) + Send + Sync>;

/// What the library makes of numbers.
#[derive(Default)]
pub(crate) struct Sketch {
    sum: u64,
}

impl Sketch {
    pub(crate) fn add(&mut self, numbers: &[f64]) {
        self.sum = numbers.iter().fold(self.sum, |sum, number| sum.wrapping_add(number.to_bits()));
    }
}

/// The library: it builds from the numbers that the callback adds, and returns what came of them.
pub(crate) fn sketch(next: impl FnOnce(&mut Sketch)) -> u64 {
    let mut sketch = Sketch::default();
    next(&mut sketch);
    sketch.sum
}

/// A training of the library: before each round it asks its callback whether to go on, and it keeps the callback.
pub(crate) struct Training {
    numbers: Rc<Numbers>,
    rounds: usize,
    go_on: RefCell<Option<Rc<GoOn>>>,
}

/// Whether there is to be this round.
type GoOn = dyn Fn(usize) -> bool;

impl Training {
    pub(crate) fn new(bench: &Bench, numbers: Rc<Numbers>) -> Self {
        Training { numbers, rounds: bench.size("rounds"), go_on: RefCell::default() }
    }

    /// How many rounds there are to be.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds
    }

    /// Keeps a callback, in the place of the one before.
    pub(crate) fn keep(&self, go_on: impl Fn(usize) -> bool + 'static) {
        self.go_on.replace(Some(Rc::new(go_on)));
    }

    /// Drops the callback.
    #[allow(dead_code, reason = "it's for learners: the solution has another way")]
    pub(crate) fn forget(&self) {
        self.go_on.take();
    }

    /// Builds from the numbers, a part of them in each round, until the callback says that it's enough.
    pub(crate) fn run(&self) -> u64 {
        let go_on = self.go_on.borrow().clone().expect("a training has a callback");
        // Who goes on for too long begins with the first part again.
        let parts = self.numbers.chunks(self.numbers.len().div_ceil(self.rounds)).cycle();
        let sum = sketch(|sketch| {
            (0..=self.rounds)
                .zip(parts)
                .take_while(|(round, _)| go_on(*round))
                .for_each(|(_, part)| sketch.add(part));
        });
        let is_kept = self.go_on.borrow().as_ref().is_some_and(|kept| Rc::ptr_eq(kept, &go_on));
        // Only tasks have an entry.
        TRAININGS.fetch_add(u64::from(is_kept && self.numbers.entry.is_some()), Relaxed);
        sum
    }
}

/// The numbers of one matrix. Those of tasks have an entry in the ledger for as long as they live.
#[derive(Trace)]
pub(crate) struct Numbers {
    values: Vec<f64>,
    entry: Option<Entry>,
}

impl Numbers {
    /// A copy of numbers, times `factor`.
    fn times(numbers: &[f64], factor: usize) -> Self {
        // Entered first, so that the ledger never has fewer than the memory.
        let entry = Some(Entry::new());
        Numbers { values: numbers.iter().map(|value| value * factor as f64).collect(), entry }
    }
}

impl Deref for Numbers {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.values
    }
}

/// A handle to numbers that says how many handles there are.
pub(crate) trait Handle: From<Numbers> + Clone + Deref<Target = Numbers> {
    fn handles(&self) -> usize;
}

impl Handle for Rc<Numbers> {
    fn handles(&self) -> usize {
        Rc::strong_count(self)
    }
}

impl Handle for Arc<Numbers> {
    fn handles(&self) -> usize {
        Arc::strong_count(self)
    }
}

impl Handle for Gc<Numbers> {
    fn handles(&self) -> usize {
        Gc::ref_count(self).get()
    }
}

/// One line of the ledger.
#[derive(Trace)]
struct Entry;

impl Entry {
    fn new() -> Self {
        let mut ledger = ledger();
        ledger.alive += 1;
        ledger.most_alive = ledger.most_alive.max(ledger.alive);
        Entry
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut ledger = ledger();
        ledger.alive -= 1;
        ledger.dropped += 1;
    }
}

/// What became of the matrices. A run is a separate process, and this is its only ledger.
struct Ledger {
    alive: u64,
    most_alive: u64,
    dropped: u64,
    tasks: usize,
}

static LEDGER: Mutex<Ledger> = Mutex::new(Ledger { alive: 0, most_alive: 0, dropped: 0, tasks: 0 });

static COLLECTIONS: AtomicU64 = AtomicU64::new(0);

/// Trainings of tasks that have run, and had their callback to the end.
static TRAININGS: AtomicU64 = AtomicU64::new(0);

fn ledger() -> MutexGuard<'static, Ledger> {
    LEDGER.lock().expect("no thread panics while it counts")
}

impl Ledger {
    /// Said again and again, as the run may be killed at any time and what was said by then stays said.
    fn state(&self, bench: &Bench) {
        bench.fact("most_alive", self.most_alive);
        bench.fact("dropped", self.dropped);
    }
}

/// Runs the tasks one after the other. Each of them gives `build` numbers of its own.
pub(crate) fn work<H: Handle>(bench: &Bench, build: impl Fn(H) -> u64) -> Result {
    one_by_one(bench, |_| matrix_bytes(bench), build, || (), |_| Ok(()))
}

/// The same for the exercise, where each task is a training.
pub(crate) fn work_trained(bench: &Bench, train: impl Fn(Rc<Numbers>) -> u64) -> Result {
    work(bench, train)?;
    bench.fact("trainings", TRAININGS.load(Relaxed));
    Ok(())
}

/// Runs the tasks one after the other. After each one the collector is called if `policy` says so.
pub(crate) fn work_collected(bench: &Bench, policy: impl Fn(&Since) -> bool) -> Result {
    collected(bench, |_| matrix_bytes(bench), policy)
}

/// The same for tasks that grow: the last one has all of the numbers, and the first one hardly any.
pub(crate) fn work_growing(bench: &Bench, policy: impl Fn(&Since) -> bool) -> Result {
    collected(bench, |index| matrix_bytes(bench) * index / bench.size("tasks"), policy)
}

fn collected(bench: &Bench, bytes_of: impl Fn(usize) -> usize, policy: impl Fn(&Since) -> bool) -> Result {
    set_collect_condition(|_| false);
    let columns = columns(bench);
    let mut since = Since::default();
    let mut watch = Watch::default();
    one_by_one(
        bench,
        bytes_of,
        |numbers| build_collectable(numbers, &columns),
        collect,
        |bytes| {
            since.tasks += 1;
            since.objects += 1;
            since.bytes += bytes;
            since.growth_seen = watch.look(bench)?;
            if policy(&since) {
                collect();
                COLLECTIONS.fetch_add(1, Relaxed);
                since = Since::default();
            }
            bench.fact("collections", COLLECTIONS.load(Relaxed));
            Ok(())
        },
    )
}

/// Runs the tasks one after the other, and lets the collector decide when it runs.
pub(crate) fn work_self_collected(bench: &Bench) -> Result {
    set_collect_condition(|info| {
        let now = default_collect_condition(info);
        COLLECTIONS.fetch_add(u64::from(now), Relaxed);
        now
    });
    let columns = columns(bench);
    one_by_one(
        bench,
        |_| matrix_bytes(bench),
        |numbers| build_collectable(numbers, &columns),
        collect,
        |_| {
            bench.fact("collections", COLLECTIONS.load(Relaxed));
            Ok(())
        },
    )
}

/// Runs the tasks on many threads at once.
pub(crate) fn work_in_threads(bench: &Bench, build: impl Fn(Arc<Numbers>) -> u64 + Sync) -> Result {
    let data = data(bench);
    count_handles(bench, &data, &build, || ());
    let threads = ThreadPoolBuilder::new().num_threads(bench.size("threads")).build()?;
    bench.mark("tasks begin");
    let tasks = (1..=bench.size("tasks")).into_par_iter().map(|index| task(bench, &data, index, &build));
    let sum = threads.install(|| tasks.reduce(|| 0, u64::wrapping_add));
    bench.fact("checksum", sum);
    bench.mark("tasks done");
    Ok(())
}

/// Each task has as many bytes of numbers as `bytes_of` its index says, and `after_each` is told them.
fn one_by_one<H: Handle>(
    bench: &Bench,
    bytes_of: impl Fn(usize) -> usize,
    build: impl Fn(H) -> u64,
    collect: fn(),
    mut after_each: impl FnMut(usize) -> Result,
) -> Result {
    let data = data(bench);
    count_handles(bench, &data, &build, collect);
    bench.mark("tasks begin");
    let mut sum = 0_u64;
    for index in 1..=bench.size("tasks") {
        let bytes = bytes_of(index);
        let (own, others) = data.split_at(bytes / size_of::<f64>());
        sum = sum.wrapping_add(task(bench, own, index, &build));
        // The work is the same for all: what no matrix has is added where it lies.
        sum = others.iter().fold(sum, |sum, value| sum.wrapping_add((value * index as f64).to_bits()));
        after_each(bytes)?;
    }
    ledger().state(bench);
    bench.fact("checksum", sum);
    bench.mark("tasks done");
    Ok(())
}

/// The numbers that every task begins with.
fn data<H: Handle>(bench: &Bench) -> H {
    labkit::sys::map_large_blocks(MAPPED_FROM);
    let mut values = bench.array(bench.size("matrix_kib").div_ceil(1024)).into_raw_vec_and_offset().0;
    values.truncate(matrix_bytes(bench) / size_of::<f64>());
    bench.mark("data made");
    H::from(Numbers { values, entry: None })
}

/// The evidence: how many handles to the data there are, before and after a matrix is built from it.
fn count_handles<H: Handle>(bench: &Bench, data: &H, build: impl Fn(H) -> u64, collect: fn()) {
    let count = |when: &str| bench.fact(&format!("handles_{when}"), data.handles() as u64);
    count("before");
    // A plain matrix is built from what it is given, and has no callback.
    let plain = data.clone();
    sketch(|sketch| sketch.add(&plain));
    drop(plain);
    count("after_plain");
    build(data.clone());
    count("after_this");
    collect();
    count("after_collection");
}

fn task<H: Handle>(bench: &Bench, data: &[f64], index: usize, build: impl Fn(H) -> u64) -> u64 {
    let numbers = H::from(Numbers::times(data, index));
    ledger().state(bench);
    let sum = build(numbers);
    let mut ledger = ledger();
    ledger.tasks += 1;
    ledger.state(bench);
    // Said while the ledger is held, so that the count never goes back.
    bench.done(ledger.tasks);
    sum
}

/// The matrix of the broken variant, in a form that a collector can follow.
#[derive(Trace)]
struct Matrix {
    numbers: Gc<Numbers>,
    columns: Gc<Columns>,
    next: OnceCell<Callback>,
}

/// A closure written out as what it is, since a collector can't look into a closure.
#[derive(Trace)]
struct Callback {
    me: Gc<Matrix>,
}

/// What all matrices share and what lives all the time, as there is much of in any real program.
///
/// A collector can't know that these live. Each time it looks at a matrix, it looks at all of them.
#[derive(Trace)]
struct Columns {
    names: Vec<Gc<String>>,
}

fn columns(bench: &Bench) -> Gc<Columns> {
    let names = (0..bench.size("columns")).map(|column| Gc::new(format!("column {column}")));
    Gc::new(Columns { names: names.collect() })
}

fn build_collectable(numbers: Gc<Numbers>, columns: &Gc<Columns>) -> u64 {
    let matrix = Gc::new(Matrix { numbers, columns: Gc::clone(columns), next: OnceCell::new() });
    let next = matrix.next.get_or_init(|| Callback { me: matrix.clone() });
    sketch(|sketch| sketch.add(&next.me.numbers))
}

/// What has happened since the last collection.
#[derive(Default)]
pub(crate) struct Since {
    /// Tasks that are done.
    pub(crate) tasks: usize,
    /// Matrices made, and not freed by their counts.
    pub(crate) objects: usize,
    /// Bytes that those matrices own.
    pub(crate) bytes: usize,
    /// Bytes by which the process has grown since the first task, or 0 if nobody has looked.
    pub(crate) growth_seen: usize,
}

/// Looks at the size of the process now and then, as loky does.
///
/// loky looks at most once a second, and a task there takes a while. Tasks here are short and machines
/// differ, so a size says how many tasks make a second: what is seen then depends on no clock.
#[derive(Default)]
struct Watch {
    tasks: usize,
    first: usize,
}

impl Watch {
    /// Called after each task. What the process has grown by, or 0 if it is not time to look.
    fn look(&mut self, bench: &Bench) -> Result<usize> {
        self.tasks += 1;
        if self.tasks == 1 {
            self.first = resident()?;
        }
        if !self.tasks.is_multiple_of(bench.size("tasks_a_second")) {
            return Ok(0);
        }
        Ok(resident()?.saturating_sub(self.first))
    }
}

/// The resident memory of this process in bytes, by proc_pid_status(5).
///
/// It is what the policy under study goes by, and no measurement of the scenario.
fn resident() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(line.ok_or("/proc/self/status has no VmRSS")?.parse::<usize>()? << 10)
}

/// The bytes of so many matrices as the size `name` says.
pub(crate) fn matrices(bench: &Bench, name: &str) -> usize {
    bench.size(name) * matrix_bytes(bench)
}

fn matrix_bytes(bench: &Bench) -> usize {
    bench.size("matrix_kib") << 10
}
