//! The gate: it holds jobs in the middle of their work, until the harness has looked.
//!
//! A worker holds memory only while its job runs, and a short job is over before anyone has looked. So some jobs come
//! to a gate with all their arguments, and wait there.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

/// A point that jobs pass together, and only when all of them have come.
///
/// They may be in other threads or in other processes. A gate is a socket with an abstract name, which
/// is in no folder, and is gone with its last descriptor (unix(7)).
///
/// ```
/// let gate = labkit::Gate::new(1)?;
/// let name = gate.name().to_owned();
/// let job = std::thread::spawn(move || labkit::pass_gate(&name));
/// gate.open(|| println!("the job holds what it holds, and waits"));
/// # job.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Gate {
    name: String,
    socket: UnixListener,
    jobs: usize,
}

impl Gate {
    /// A gate for so many jobs.
    ///
    /// # Errors
    ///
    /// Those of socket(2), bind(2) and listen(2).
    pub fn new(jobs: usize) -> io::Result<Self> {
        // The whole machine shares these names, and pids come again in another namespace. Std draws
        // the key of its hasher from the system's random numbers.
        let name = format!("labkit gate {:016x}", RandomState::new().hash_one("gate"));
        let socket = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        Ok(Gate { name, socket, jobs })
    }

    /// The name under which a job finds the gate.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until all jobs have come, then looks, and then lets them pass.
    pub fn open(&self, look: impl FnOnce()) {
        let waiting: Vec<_> = self.socket.incoming().take(self.jobs).collect();
        look();
        drop(waiting);
    }

    /// Does the work, and opens the gate meanwhile, on a separate thread.
    pub fn open_during<R>(&self, look: impl FnOnce() + Send, work: impl FnOnce() -> R) -> R {
        std::thread::scope(|scope| {
            let opener = scope.spawn(|| self.open(look));
            let result = work();
            // The work is over, so a job that hasn't come by now is dead: someone must come for it.
            for _ in 0..self.jobs {
                if !opener.is_finished() {
                    let _ = connect(&self.name);
                }
            }
            result
        })
    }
}

/// Goes to the gate of this name, and waits until it is opened.
///
/// # Errors
///
/// Those of connect(2): no gate has this name, or its program is gone.
pub fn pass_gate(name: &str) -> io::Result<()> {
    // Nothing is ever sent: the end of the stream is the sign to go on.
    connect(name)?.read_to_end(&mut Vec::new()).map(drop)
}

fn connect(name: &str) -> io::Result<UnixStream> {
    UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_job_passes_before_all_have_come_and_were_looked_at() {
        let (gate, passed) = (Gate::new(3).unwrap(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    pass_gate(gate.name()).unwrap();
                    passed.fetch_add(1, Ordering::Relaxed);
                });
            }
            gate.open(|| assert_eq!(passed.load(Ordering::Relaxed), 0));
        });
        assert_eq!(passed.into_inner(), 3);
    }

    #[test]
    fn work_whose_jobs_never_come_ends_all_the_same() {
        let gate = Gate::new(2).unwrap();
        assert_eq!(gate.open_during(|| (), || "dead"), "dead");
    }

    #[test]
    fn two_gates_are_never_taken_for_each_other() {
        assert_ne!(Gate::new(1).unwrap().name(), Gate::new(1).unwrap().name());
    }

    #[test]
    fn a_gate_that_is_gone_holds_nobody() {
        let name = Gate::new(1).unwrap().name().to_owned();
        assert!(pass_gate(&name).is_err());
    }
}
