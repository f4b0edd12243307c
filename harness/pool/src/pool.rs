//! The pool itself: its processes and its files.

use std::cell::RefCell;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread::available_parallelism;

use crate::batch::{Batch, Pace};
use crate::connection::Connection;
use crate::folder::{self, Folder};
use crate::frame::{self, Request};
use crate::results::{Order, Results};
use crate::store::{Store, handing_over};
use crate::{Error, Keep, Key, Task, task, wire};

/// How many batches for each worker are on their way: one that it works on, and one that waits, so
/// that it never has to wait for the pool.
const AHEAD: usize = 2;

/// How a pool works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many worker processes there are.
    pub workers: usize,
    /// Arrays of more than so many bytes are handed over as files; `None`: never.
    pub threshold: Option<usize>,
    /// Which arrays count as the same.
    pub key: Key,
    /// How long the file of an array stays.
    pub keep: Keep,
    /// Where the pool makes its folder; `None`: in /dev/shm if it is large enough.
    pub folder: Option<PathBuf>,
    /// How many bytes /dev/shm must have to spare to be used.
    pub shm_minimum: u64,
    /// Where a file goes that the folder has no room for, asked again for each; `None`: nowhere.
    pub spill: Option<PathBuf>,
}

impl Default for Options {
    /// Those of joblib: 1 MiB, the weak identity, and /dev/shm from 2 GB on; and two workers.
    fn default() -> Self {
        Options {
            workers: 2,
            threshold: Some(1 << 20),
            key: Key::default(),
            keep: Keep::default(),
            folder: None,
            shm_minimum: 2_000_000_000,
            spill: None,
        }
    }
}

/// Worker processes, and the files that they map.
///
/// The files live as long as the pool, whether anyone still wants them or not: this is joblib's
/// way, and half of its trouble (joblib issue 1298); [`Keep`] has another. When the pool is dropped
/// the workers are ended and the folder is gone. It also goes when the program panics or is killed: see the
/// [page of the crate](crate).
///
/// A pool stays on the thread that has started it, since the kernel ends the workers when that
/// thread ends (PR_SET_PDEATHSIG(2const)):
///
/// ```compile_fail
/// let pool = labpool::Pool::start(labpool::Options::default())?;
/// std::thread::spawn(move || pool.files_written());
/// # Ok::<(), labpool::Error>(())
/// ```
pub struct Pool {
    // Fields are dropped in this order: first the workers, then their files.
    pub(crate) workers: Vec<Connection>,
    /// How many processors this program may use.
    pub(crate) processors: usize,
    pub(crate) store: Rc<RefCell<Store>>,
    /// How many tasks are sent at a time.
    pub(crate) pace: Pace,
    folder: Folder,
    /// Where files go that the folder has no room for. It is held so that it is removed.
    _spill: Option<Folder>,
    /// How many tasks have been sent; the next one has this number.
    pub(crate) sent: u64,
    bytes_sent: u64,
}

impl Pool {
    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// [`Error::NotServed`] when `main` doesn't begin with [`serve`](crate::serve);
    /// [`Error::Folder`] and [`Error::Start`] when the system refuses.
    ///
    /// # Panics
    ///
    /// When no worker is asked for.
    pub fn start(options: Options) -> Result<Self, Error> {
        assert!(options.workers > 0, "a pool without workers would wait forever");
        task::named().ok_or(Error::NotServed)?;
        let parent = options.folder.unwrap_or_else(|| folder::choose(options.shm_minimum));
        // The workers come up while the folder is made.
        let workers: Result<_, _> = (0..options.workers).map(|_| Connection::start()).collect();
        let workers = workers.map_err(Error::Start)?;
        let folder = Folder::make(&parent)?;
        let spill = options.spill.as_deref().map(Folder::make).transpose()?;
        let store = Store::new(
            folder.path().to_owned(),
            spill.as_ref().map(|spill| spill.path().to_owned()),
            options.threshold,
            options.key,
            options.keep,
        );
        Ok(Pool {
            workers,
            processors: available_parallelism().map_or(1, NonZero::get),
            store: Rc::new(RefCell::new(store)),
            folder,
            _spill: spill,
            pace: Pace::new(),
            sent: 0,
            bytes_sent: 0,
        })
    }

    /// Runs a task for each of `args`, and gives the results in the same order.
    ///
    /// Nothing happens until the first result is asked for. Then arguments are taken as they are
    /// needed: at most two batches for each worker are on their way at any time (joblib's
    /// `pre_dispatch`). A batch is one task; only if tasks have been so short that the way to the
    /// worker takes longer, it is more. The arrays of a task are written when it is sent, and its
    /// arguments are dropped right after that.
    ///
    /// The first error is the last item. Tasks that were already sent are still done, but their results
    /// are thrown away. The same is so when the results are dropped early.
    pub fn run<T: Task>(
        &mut self,
        args: impl IntoIterator<Item = T::Args>,
    ) -> impl Iterator<Item = Result<T::Output, Error>> {
        let first = self.sent;
        Results::<T, _>::new(self, first, args.into_iter(), Order::Sent)
    }

    /// The same as [`run`](Self::run), but gives each result as soon as its task has ended (joblib's
    /// `generator_unordered`), so that one slow worker doesn't hold back the results of the others.
    pub fn run_unordered<T: Task>(
        &mut self,
        args: impl IntoIterator<Item = T::Args>,
    ) -> impl Iterator<Item = Result<T::Output, Error>> {
        let first = self.sent;
        Results::<T, _>::new(self, first, args.into_iter(), Order::Done)
    }

    /// Runs a task once in each worker, and waits until all have done it: the initializer of
    /// Python's pools.
    ///
    /// A task has no memory of the one before it, but its process has. The task can put its arguments
    /// into a `static` of the program, and later tasks find them there. The arguments are put into a
    /// message once for each worker. The results come in the order of the [pids](Pool::pids).
    ///
    /// # Errors
    ///
    /// The first error of any worker, as from [`run`](Pool::run).
    pub fn run_in_each_worker<T: Task>(&mut self, args: &T::Args) -> Result<Vec<T::Output>, Error> {
        let first = self.sent;
        for worker in 0..self.workers.len() {
            let mut batch = Batch::default();
            batch.add(self.message::<T>(args)?);
            self.workers[worker].send(batch)?;
        }
        Results::<T, _>::new(self, first, std::iter::empty(), Order::Sent).collect()
    }

    /// How many bytes of messages have been sent to the workers so far; files aren't among them.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent
    }

    /// What it takes for the same array.
    pub fn key(&self) -> Key {
        self.store.borrow().key()
    }

    /// How many files have been written so far.
    pub fn files_written(&self) -> u64 {
        self.store.borrow().files
    }

    /// How many of the files went where [`Options::spill`] says.
    pub fn files_spilled(&self) -> u64 {
        self.store.borrow().spilled
    }

    /// How many bytes have been written to files so far.
    pub fn bytes_written(&self) -> u64 {
        self.store.borrow().bytes
    }

    /// The pool's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process ids of the workers.
    pub fn pids(&self) -> impl Iterator<Item = u32> {
        self.workers.iter().map(Connection::pid)
    }

    /// Whether another batch may be sent. Tasks that have a file are never more than they would be
    /// without batches: files take room.
    pub(crate) fn has_room(&self) -> bool {
        let in_flight: usize = self.workers.iter().map(|worker| worker.in_flight).sum();
        let batches = AHEAD * self.workers.len();
        in_flight + self.pace.tasks <= batches * self.pace.tasks && self.store.borrow().with_files() < batches
    }

    /// Sends a batch to the worker that has the least to do.
    pub(crate) fn send(&mut self, batch: Batch) -> Result<(), Error> {
        let idlest = self.workers.iter_mut().min_by_key(|worker| worker.in_flight);
        idlest.expect("a pool has workers").send(batch)
    }

    /// Makes the message that has a worker run a task, and counts it as sent.
    pub(crate) fn message<T: Task>(&mut self, args: &T::Args) -> Result<Vec<u8>, Error> {
        let tasks = task::named().ok_or(Error::NotServed)?;
        if !tasks.iter().any(|task| task.name == T::NAME) {
            return Err(Error::UnknownTask { name: T::NAME });
        }
        let request = Request { id: self.sent, task: T::NAME };
        let message = handing_over(&self.store, || postcard::to_extend(args, frame::begin(&request)?));
        let message = frame::seal(message.map_err(|error| {
            let failure = self.store.borrow_mut().not_sent();
            failure.unwrap_or_else(|| Error::Translation { task: T::NAME, reason: wire::reason(&error) })
        })?);
        self.store.borrow_mut().sent(self.sent);
        self.sent += 1;
        self.bytes_sent += message.len() as u64;
        Ok(message)
    }
}
