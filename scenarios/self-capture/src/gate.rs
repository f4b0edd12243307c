//! The gate: it holds the first jobs in the middle of their work, until the harness has looked.
//!
//! What a worker holds is there only while its job runs, and a job may be over before anyone has
//! looked. So the first job of each worker comes to the gate with all that it was given, and waits.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use labkit::{Bench, Result};
use serde::{Deserialize, Serialize};

/// The way to the gate, for a job in any thread or process of the run.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Way(String);

impl Way {
    /// Goes to the gate, and waits until it is opened.
    pub(crate) fn pass(&self) {
        let mut line = self.connect().expect("the gate stands for as long as there are jobs");
        // Nothing is ever sent: the end of the stream is the sign to go on.
        let _ = line.read_to_end(&mut Vec::new());
    }

    /// The name is an abstract one, which is in no folder and goes with its socket (unix(7)).
    fn address(&self) -> io::Result<SocketAddr> {
        SocketAddr::from_abstract_name(&self.0)
    }

    fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&self.address()?)
    }
}

/// The gate itself, in the program.
pub(crate) struct Gate {
    way: Way,
    socket: UnixListener,
    workers: usize,
}

impl Gate {
    /// A gate for one job of each worker.
    pub(crate) fn new(bench: &Bench) -> Result<Self> {
        // Abstract names are known to the whole machine, and pids may come again in a namespace: std
        // draws the key of its hasher from the system's random numbers.
        let way = Way(format!("self-capture {:016x}", RandomState::new().hash_one("gate")));
        let socket = UnixListener::bind_addr(&way.address()?)?;
        Ok(Gate { way, socket, workers: bench.size("workers") })
    }

    /// The way to this gate for the job of this number; `None` for all but the first of each worker.
    pub(crate) fn way(&self, job: usize) -> Option<Way> {
        (job < self.workers).then(|| self.way.clone())
    }

    /// Waits until every worker is at the gate, has the harness look, and lets them pass.
    pub(crate) fn open(&self, bench: &Bench) {
        let waiting: Vec<_> = self.socket.incoming().take(self.workers).collect();
        bench.mark("workers hold their jobs");
        drop(waiting);
    }

    /// Does what `work` does, and opens the gate meanwhile.
    pub(crate) fn during<R>(&self, bench: &Bench, work: impl FnOnce() -> R) -> R {
        std::thread::scope(|scope| {
            scope.spawn(|| self.open(bench));
            let result = work();
            // Who has not come by now has died: someone must come in its place, or none will pass.
            (0..self.workers).for_each(|_| drop(self.way.connect()));
            result
        })
    }
}
