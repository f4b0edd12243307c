//! The results of a run, as they are asked for.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::batch::Batch;
use crate::frame::{self, Failure, Reply};
use crate::receive::receive;
use crate::{Error, Pool, Task, wire};

pub(crate) struct Results<'pool, T, I: Iterator> {
    pool: &'pool mut Pool,
    args: I,
    /// Whether all arguments are used up.
    exhausted: bool,
    /// Tasks before this one belong to an earlier run that was given up.
    first: u64,
    order: Order,
    /// The task whose result comes next, if they come as they were sent.
    next: u64,
    /// Results that came and weren't asked for yet.
    early: BTreeMap<u64, Message>,
    over: bool,
    task: PhantomData<T>,
}

/// The order of the results.
pub(crate) enum Order {
    /// As the tasks were sent.
    Sent,
    /// As the tasks end.
    Done,
}

/// A message from a worker, and where its body begins.
struct Message {
    bytes: Vec<u8>,
    body: usize,
    outcome: Result<(), Failure>,
}

impl<'pool, T: Task, I: Iterator<Item = T::Args>> Results<'pool, T, I> {
    /// The results of the tasks from `first` on: those that are sent already, and one for each of `args`.
    pub(crate) fn new(pool: &'pool mut Pool, first: u64, args: I, order: Order) -> Self {
        Results {
            pool,
            args,
            exhausted: false,
            first,
            order,
            next: first,
            early: BTreeMap::new(),
            over: false,
            task: PhantomData,
        }
    }

    fn advance(&mut self) -> Result<Option<T::Output>, Error> {
        loop {
            self.send()?;
            let message = match self.order {
                Order::Sent => self.early.remove(&self.next),
                Order::Done => self.early.pop_first().map(|(_, message)| message),
            };
            if let Some(message) = message {
                self.next += 1;
                return message.result::<T>().map(Some);
            }
            if self.exhausted && self.next == self.pool.sent {
                return Ok(None);
            }
            self.receive()?;
        }
    }

    fn send(&mut self) -> Result<(), Error> {
        while !self.exhausted && self.pool.has_room() {
            let mut batch = Batch::default();
            let filled = self.fill(&mut batch);
            if batch.tasks > 0 {
                self.pool.send(batch)?;
            }
            filled?;
        }
        Ok(())
    }

    /// Puts tasks into a batch, up to the first that has a file.
    fn fill(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let with_files = |pool: &Pool| pool.store.borrow().with_files();
        let before = with_files(self.pool);
        while batch.tasks < self.pool.pace.tasks && !batch.is_large() && with_files(self.pool) == before {
            match self.args.next() {
                Some(args) => batch.add(self.pool.message::<T>(&args)?),
                None => {
                    self.exhausted = true;
                    break;
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), Error> {
        let messages = receive(&mut self.pool.workers, self.pool.processors)?;
        self.pool.pace.saw(messages.len(), messages.iter().map(|reply| frame::took(reply)).sum());
        for bytes in messages {
            let (Reply { id, outcome }, body): (_, &[u8]) =
                postcard::take_from_bytes(&bytes).expect("pool and worker are the same program");
            self.pool.store.borrow_mut().done(id);
            if id >= self.first {
                let body = bytes.len() - body.len();
                self.early.insert(id, Message { bytes, body, outcome });
            }
        }
        Ok(())
    }
}

impl<T: Task, I: Iterator<Item = T::Args>> Iterator for Results<'_, T, I> {
    type Item = Result<T::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let item = self.advance().transpose();
        self.over = !matches!(item, Some(Ok(_)));
        item
    }
}

impl Message {
    fn result<T: Task>(self) -> Result<T::Output, Error> {
        let translation = |reason: String| Error::Translation { task: T::NAME, reason };
        match self.outcome {
            Ok(()) => postcard::from_bytes(&self.bytes[self.body..])
                .map_err(|error| translation(wire::reason(&error))),
            Err(Failure::Panicked(message)) => Err(Error::Panicked { task: T::NAME, message }),
            Err(Failure::Translation(reason)) => Err(translation(reason)),
        }
    }
}
