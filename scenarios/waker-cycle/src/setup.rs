//! What the variants share: the requests, the slot for an answer, and two executors that fit on a page.

use std::collections::{BTreeMap, VecDeque};
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Wake, Waker};

use labkit::{Bench, Result, checksum};
use ndarray::ArrayView1;
use tokio::runtime::{self, Runtime};
use tokio::task::yield_now;

/// Blocks of this many bytes or more are mapped one by one, and go back to the system one by one.
const MAPPED_FROM: usize = 1 << 16;

/// What a task runs.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One request: what it has read, and whether its client waits for the answer.
pub(crate) struct Request {
    pub(crate) number: usize,
    pub(crate) is_answered: bool,
    pub(crate) buffer: Buffer,
}

/// The numbers that a request has read. It's counted for as long as it lives.
pub(crate) struct Buffer {
    numbers: Vec<f64>,
    _counted: Counted,
}

impl Buffer {
    /// Handles the request, but for the answer.
    pub(crate) fn read(&self) {
        SUM.fetch_add(checksum(ArrayView1::from(&self.numbers)), Relaxed);
    }
}

/// What has become of the requests. A run is a separate process, and this is its only ledger.
static SUM: AtomicU64 = AtomicU64::new(0);
static ANSWERED: AtomicU64 = AtomicU64::new(0);
static BUFFERS: AtomicU64 = AtomicU64::new(0);
static TASKS: AtomicU64 = AtomicU64::new(0);

/// The task of the last request, whose client is always gone: to ask in the end how many handles it has.
static LAST: Mutex<Option<Weak<Task>>> = Mutex::new(None);

/// Adds one to a count for as long as it lives.
struct Counted(&'static AtomicU64);

impl Counted {
    fn new(count: &'static AtomicU64) -> Self {
        count.fetch_add(1, Relaxed);
        Counted(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Counts a request that got its answer, and none whose client is gone.
pub(crate) fn count(answer: Option<usize>) {
    ANSWERED.fetch_add(u64::from(answer.is_some()), Relaxed);
}

/// What runs tasks, and can say how many it has.
pub(crate) trait Tasks {
    fn tasks(&self) -> u64 {
        TASKS.load(Relaxed)
    }
}

/// Gives all requests to `serve`, one after the other, and takes down what runs the tasks in the end.
pub(crate) fn serve<T: Tasks>(bench: &Bench, tasks: T, serve: impl Fn(&T, Request)) -> Result {
    labkit::sys::map_large_blocks(MAPPED_FROM);
    let kib = bench.size("buffer_kib");
    let mut data = bench.array(kib.div_ceil(1024)).into_raw_vec_and_offset().0;
    data.truncate((kib << 10) / size_of::<f64>());
    let [answered, abandoned] = ["answered", "abandoned"].map(|name| bench.size(name));
    let every = answered / abandoned + 1;
    bench.mark("requests begin");
    for number in 1..=answered + abandoned {
        // Counted first, so that there are never more in memory than in the ledger.
        let _counted = Counted::new(&BUFFERS);
        let numbers = data.iter().map(|value| value * number as f64).collect();
        let buffer = Buffer { numbers, _counted };
        serve(&tasks, Request { number, is_answered: !number.is_multiple_of(every), buffer });
        bench.done(number);
    }
    bench.fact("buffers_left", BUFFERS.load(Relaxed));
    bench.fact("tasks_left", tasks.tasks());
    bench.fact("answered", ANSWERED.load(Relaxed));
    if let Some(task) = &*lock(&LAST) {
        bench.fact("handles_left", task.strong_count() as u64);
    }
    bench.fact("checksum", SUM.load(Relaxed));
    bench.mark("requests done");
    drop(tasks);
    bench.fact("buffers_in_the_end", BUFFERS.load(Relaxed));
    bench.mark("executor gone");
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while it holds this")
}

/// The place for one answer, and the waker of the task that waits for it.
#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<usize>,
    is_closed: bool,
    waker: Option<Waker>,
}

impl Slot {
    /// Waits for the answer. `None` if the slot is closed before there is one.
    pub(crate) async fn answer(&self) -> Option<usize> {
        future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<usize>> {
        let mut state = lock(&self.state);
        if state.answer.is_some() || state.is_closed {
            return Poll::Ready(state.answer);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Puts the answer in, and wakes the task that waits for it.
    pub(crate) fn put(&self, answer: usize) {
        lock(&self.state).answer = Some(answer);
        self.wake();
    }

    /// Says that there will be no answer, and wakes the task that waits for one.
    pub(crate) fn close(&self) {
        lock(&self.state).is_closed = true;
        self.wake();
    }

    /// Wakes the task that waits.
    pub(crate) fn wake(&self) {
        let waker = lock(&self.state).waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Throws the waker away.
    fn clear(&self) {
        // Dropped when nothing is locked: the task may go with it, and the slot with the task.
        let waker = lock(&self.state).waker.take();
        drop(waker);
    }
}

/// The server's end of a slot: when it is dropped, nobody is to be woken any more.
pub(crate) struct Connection(pub(crate) Arc<Slot>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// Tasks that are to run now. It's all that the first executor keeps.
#[derive(Default)]
struct Queue {
    ready: Mutex<VecDeque<Arc<Task>>>,
}

/// A future, and the queue into which it goes when it's woken.
pub(crate) struct Task {
    future: Mutex<Option<Work>>,
    queue: Arc<Queue>,
    _counted: Counted,
}

impl Task {
    /// Drops the future, however many handles to the task there are.
    pub(crate) fn cancel(&self) {
        // Dropped when nothing is locked, since the future may own wakers of this task.
        let future = lock(&self.future).take();
        drop(future);
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = Arc::clone(&self.queue);
        lock(&queue.ready).push_back(self);
    }
}

/// Makes a waker that owns its task.
pub(crate) fn strong(task: &Arc<Task>) -> Waker {
    Waker::from(Arc::clone(task))
}

/// Makes a waker that only knows its task.
pub(crate) fn weak(task: &Arc<Task>) -> Waker {
    Waker::from(Arc::new(Bell(Arc::downgrade(task))))
}

struct Bell(Weak<Task>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Nobody is to be woken if the task is gone.
        if let Some(task) = self.0.upgrade() {
            task.wake();
        }
    }
}

/// The executor of many a tutorial: a queue of tasks that can go on. It has no list of those that wait.
pub(crate) struct Executor {
    queue: Arc<Queue>,
    waker: fn(&Arc<Task>) -> Waker,
}

impl Executor {
    pub(crate) fn new(waker: fn(&Arc<Task>) -> Waker) -> Self {
        Executor { queue: Arc::default(), waker }
    }

    /// Makes a task, and lets it run for the first time.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Arc<Task> {
        let (future, queue) = (Mutex::new(Some(Box::pin(work) as Work)), Arc::clone(&self.queue));
        let task = Arc::new(Task { future, queue, _counted: Counted::new(&TASKS) });
        *lock(&LAST) = Some(Arc::downgrade(&task));
        Arc::clone(&task).wake();
        self.run();
        task
    }

    /// Polls all tasks that can go on, until none can.
    pub(crate) fn run(&self) {
        while let Some(task) = self.next() {
            let waker = (self.waker)(&task);
            let mut future = lock(&task.future);
            let polled = future.as_mut().map(|work| work.as_mut().poll(&mut Context::from_waker(&waker)));
            if polled.is_some_and(|polled| polled.is_ready()) {
                *future = None;
            }
        }
    }

    fn next(&self) -> Option<Arc<Task>> {
        lock(&self.queue.ready).pop_front()
    }
}

impl Tasks for Executor {}

/// An executor that owns all its futures. A waker has the number of one, and owns none.
#[derive(Default)]
pub(crate) struct Owner {
    places: Mutex<BTreeMap<u64, Place>>,
    ready: Arc<Mutex<VecDeque<u64>>>,
    spawned: AtomicU64,
}

struct Place {
    work: Work,
    _counted: Counted,
}

/// The number of a future. No number is given twice, so an old one can't wake somebody else.
struct Ticket {
    number: u64,
    ready: Arc<Mutex<VecDeque<u64>>>,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        lock(&self.ready).push_back(self.number);
    }
}

impl Owner {
    /// Takes a future in, lets it run for the first time, and returns its number.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> u64 {
        let number = self.spawned.fetch_add(1, Relaxed);
        lock(&self.places).insert(number, Place { work: Box::pin(work), _counted: Counted::new(&TASKS) });
        lock(&self.ready).push_back(number);
        self.run();
        number
    }

    /// Drops the future of this number.
    pub(crate) fn cancel(&self, number: u64) {
        let place = lock(&self.places).remove(&number);
        drop(place);
    }

    /// Polls all futures that can go on, until none can.
    pub(crate) fn run(&self) {
        while let Some(number) = self.next() {
            // A number may outlive its future.
            let Some(mut place) = lock(&self.places).remove(&number) else { continue };
            let waker = Waker::from(Arc::new(Ticket { number, ready: Arc::clone(&self.ready) }));
            if place.work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                lock(&self.places).insert(number, place);
            }
        }
    }

    fn next(&self) -> Option<u64> {
        lock(&self.ready).pop_front()
    }
}

impl Tasks for Owner {}

/// Makes a runtime of tokio that runs its tasks on this thread.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(runtime::Builder::new_current_thread().build()?)
}

/// Lets the runtime poll all tasks that can go on.
pub(crate) fn turn(runtime: &Runtime) {
    runtime.block_on(async {
        // A task that is spawned or woken has had its turn when this one comes round again.
        yield_now().await;
        yield_now().await;
    });
}

impl Tasks for Runtime {
    fn tasks(&self) -> u64 {
        self.metrics().num_alive_tasks() as u64
    }
}

/// Where all tasks wait that want the same news, each under its number. For the second exercise.
#[derive(Default)]
pub(crate) struct Board {
    waiting: Mutex<BTreeMap<usize, Waker>>,
    news: Mutex<BTreeMap<usize, usize>>,
}

impl Board {
    /// Waits for the news of this number.
    pub(crate) async fn news(&self, number: usize) -> Option<usize> {
        future::poll_fn(|context| {
            if let Some(news) = lock(&self.news).remove(&number) {
                return Poll::Ready(Some(news));
            }
            lock(&self.waiting).insert(number, context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Pins up the news of this number, and wakes the task that waits for them.
    pub(crate) fn post(&self, number: usize, news: usize) {
        lock(&self.news).insert(number, news);
        if let Some(waker) = self.take(number) {
            waker.wake();
        }
    }

    /// Takes the waker of this number from the board.
    pub(crate) fn take(&self, number: usize) -> Option<Waker> {
        lock(&self.waiting).remove(&number)
    }

    /// States how many wakers and news are on the board.
    pub(crate) fn state(&self, bench: &Bench) {
        let entries = lock(&self.waiting).len() + lock(&self.news).len();
        bench.fact("entries_left", entries as u64);
    }
}
