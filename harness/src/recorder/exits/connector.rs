//! The proc connector: the kernel reports every fork, exec and exit (linux/cn_proc.h,
//! Documentation/driver-api/connector.rst).
//!
//! It reports all processes of the machine, in the numbers of its first pid namespace, and only to listeners in that
//! one. Since Linux 6.6 an ordinary user may listen too.

use std::io;

use nix::libc;

use super::netlink::{Message, Netlink, i32_at, u32_at, u64_at};

/// NETLINK_CONNECTOR of linux/netlink.h.
const PROTOCOL: i32 = 11;

/// Both halves of the connector's address for processes, and the multicast group: CN_IDX_PROC.
const PROC: u32 = 1;

/// What happened to a process or a thread, with the numbers that the kernel itself uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// CLOCK_MONOTONIC in nanoseconds.
    pub(super) at: u64,
    pub(super) what: Reported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reported {
    /// The answer to who begins to listen, with an errno.
    Answer(i32),
    /// A process was started by another one.
    Fork { parent: i32, child: i32 },
    /// A process got one more thread.
    Thread { process: i32, thread: i32 },
    /// A process runs another program now, with one thread.
    Exec { process: i32 },
    /// A thread has ended, with the status of wait(2); the process ends with the last of them.
    Exit { thread: i32, status: i32 },
}

/// A socket on which the kernel reports processes. It is informed when nobody listens any more.
pub(super) struct Connector(pub(super) Netlink);

impl Connector {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Says why that can't be.
    pub(super) fn open() -> Result<Self, String> {
        let mut connector = Connector(Netlink::open(PROTOCOL, PROC).map_err(describe)?);
        // Answers to other new listeners arrive on this socket too. Of an answer, the kernel sets the acknowledgement
        // to one more than that of the question, and the sequence to one of its own.
        let mine = fastrand::u32(1..u32::MAX);
        connector.ask(LISTEN, mine).map_err(describe)?;
        let answers = connector.0.answers();
        let ours = answers.iter().filter(|answer| u32_at(&answer.payload, 12) == Some(mine + 1));
        let answer = ours.filter_map(event).find_map(|event| match event.what {
            Reported::Answer(errno) => Some(errno),
            _ => None,
        });
        match answer {
            Some(0) => Ok(connector),
            Some(errno) => Err(describe(io::Error::from_raw_os_error(errno))),
            None => Err("the proc connector doesn't answer".into()),
        }
    }

    /// The events since the last time.
    pub(super) fn events(&mut self) -> Vec<Event> {
        self.0.drain().iter().filter_map(event).collect()
    }

    fn ask(&self, what: u32, acknowledgement: u32) -> io::Result<()> {
        // `struct cn_msg`: address, sequence and acknowledgement, length of what follows, flags.
        let mut payload: Vec<u8> =
            [PROC, PROC, 0, acknowledgement].into_iter().flat_map(u32::to_ne_bytes).collect();
        payload.extend([4_u16, 0].into_iter().flat_map(u16::to_ne_bytes));
        payload.extend(what.to_ne_bytes());
        self.0.send(DONE, 0, &payload)
    }
}

/// Why the kernel doesn't report, in words.
fn describe(error: io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EPERM) => "the proc connector needs CAP_NET_ADMIN, or Linux 6.6".to_owned(),
        Some(libc::ECONNREFUSED) => {
            "the proc connector works only in the machine's first network namespace".to_owned()
        }
        Some(libc::EPROTONOSUPPORT) => "the kernel is built without CONFIG_PROC_EVENTS".to_owned(),
        _ => format!("the proc connector: {error}"),
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        // Before Linux 6.6 the kernel counts listeners, and only this takes one off.
        let _ = self.ask(IGNORE, 0);
    }
}

/// PROC_CN_MCAST_LISTEN and PROC_CN_MCAST_IGNORE.
const LISTEN: u32 = 1;
const IGNORE: u32 = 2;

/// NLMSG_DONE, the kind of all messages of connectors.
const DONE: u16 = 3;

/// Reads `struct proc_event`, which follows `struct cn_msg`.
fn event(message: &Message) -> Option<Event> {
    let payload = &message.payload;
    if message.kind != DONE || (u32_at(payload, 0)?, u32_at(payload, 4)?) != (PROC, PROC) {
        return None;
    }
    let event = payload.get(20..)?;
    let number = |at: usize| i32_at(event, 16 + 4 * at);
    let what = match u32_at(event, 0)? {
        0 => Reported::Answer(number(0)?),
        0x1 => match (number(1)?, number(2)?, number(3)?) {
            (parent, child, process) if child == process => Reported::Fork { parent, child },
            (_, thread, process) => Reported::Thread { process, thread },
        },
        0x2 => Reported::Exec { process: number(1)? },
        0x8000_0000 => Reported::Exit { thread: number(0)?, status: number(2)? },
        // Users, sessions, names, tracers and core dumps.
        _ => return None,
    };
    Some(Event { at: u64_at(event, 8)?, what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(what: u32, numbers: [i32; 6]) -> Message {
        let mut payload: Vec<u8> = [PROC, PROC, 0, 0, 40].into_iter().flat_map(u32::to_ne_bytes).collect();
        payload.extend([what, 0].into_iter().flat_map(u32::to_ne_bytes));
        payload.extend(7_u64.to_ne_bytes());
        payload.extend(numbers.into_iter().flat_map(i32::to_ne_bytes));
        Message { kind: DONE, payload }
    }

    #[test]
    fn a_new_thread_is_no_new_process() {
        let fork = event(&message(0x1, [10, 9, 11, 11, 0, 0]));
        assert_eq!(fork, Some(Event { at: 7, what: Reported::Fork { parent: 9, child: 11 } }));
        let thread = event(&message(0x1, [1, 1, 12, 11, 0, 0]));
        assert_eq!(thread, Some(Event { at: 7, what: Reported::Thread { process: 11, thread: 12 } }));
    }

    #[test]
    fn an_exit_carries_the_status_of_wait() {
        let exit = event(&message(0x8000_0000, [11, 11, 3 << 8, 17, 9, 9]));
        assert_eq!(exit, Some(Event { at: 7, what: Reported::Exit { thread: 11, status: 3 << 8 } }));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in 0u16..5, payload in proptest::collection::vec(any::<u8>(), 0..80)) {
            event(&Message { kind, payload });
        }

        #[test]
        fn neither_do_events_of_any_kind(what in any::<u32>(), numbers in any::<[i32; 6]>(), cut in 0usize..60) {
            let mut message = message(what, numbers);
            message.payload.truncate(cut);
            event(&message);
        }
    }
}
