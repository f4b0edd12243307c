//! Taskstats: when a thread ends, the kernel reports what it has used (linux/taskstats.h,
//! Documentation/accounting/taskstats.rst), the highest resident memory of its process among it.
//!
//! A listener needs CAP_NET_ADMIN, and has to be in the machine's own user, pid and network namespaces.

use std::fs;
use std::io;

use nix::libc;

use super::netlink::{ERROR, Message, Netlink, attribute, attributes, i32_at, u16_at, u64_at};

/// The report on a thread that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) thread: i32,
    /// The name of its program, as of exec(2) or of prctl(2).
    pub(super) name: String,
    /// The most memory of its process that was resident so far, in bytes; `None` if the kernel
    /// doesn't account it, or it ended without memory.
    pub(super) peak_rss: Option<u64>,
}

/// A socket on which the kernel reports threads that end.
pub(super) struct Taskstats {
    pub(super) socket: Netlink,
    family: u16,
    /// Messages that no known layout explains.
    pub(super) unread: u64,
}

impl Taskstats {
    /// Begins to listen, on all processors.
    ///
    /// # Errors
    ///
    /// Says why that can't be.
    pub(super) fn open() -> Result<Self, String> {
        Self::listen().map_err(|error| match error.raw_os_error() {
            Some(libc::EPERM) => "taskstats needs CAP_NET_ADMIN, as root has it".to_owned(),
            // So it answers who isn't in its first namespaces.
            Some(libc::EINVAL) => "taskstats isn't available in a container".to_owned(),
            Some(libc::ENOENT) => "the kernel is built without CONFIG_TASKSTATS".to_owned(),
            _ => format!("taskstats: {error}"),
        })
    }

    fn listen() -> io::Result<Self> {
        let mut socket = Netlink::open(libc::NETLINK_GENERIC, 0)?;
        let name = attribute(FAMILY_NAME, b"TASKSTATS\0");
        socket.send(CONTROL, REQUEST | ACKNOWLEDGE, &[&[GET_FAMILY, 1, 0, 0], &name[..]].concat())?;
        let answers = socket.answers();
        let family = answers.iter().filter(|answer| answer.kind == CONTROL).find_map(|answer| {
            let mut attributes = attributes(answer.payload.get(GENERIC_HEADER..)?);
            attributes.find(|(kind, _)| *kind == FAMILY_ID).and_then(|(_, id)| u16_at(id, 0))
        });
        let Some(family) = family else {
            return Err(refusal(&answers).unwrap_or_else(|| io::ErrorKind::TimedOut.into()));
        };
        let possible = fs::read_to_string("/sys/devices/system/cpu/possible")?;
        let processors = attribute(REGISTER, format!("{}\0", possible.trim()).as_bytes());
        socket.send(family, REQUEST | ACKNOWLEDGE, &[&[GET, 1, 0, 0], &processors[..]].concat())?;
        match refusal(&socket.answers()) {
            Some(error) => Err(error),
            None => Ok(Taskstats { socket, family, unread: 0 }),
        }
    }

    /// The threads that have ended since the last time.
    pub(super) fn stats(&mut self) -> Vec<Stats> {
        let mut all = Vec::new();
        for message in self.socket.drain() {
            if message.kind == self.family {
                let stats = stats(&message.payload);
                self.unread += u64::from(stats.is_none());
                all.extend(stats);
            }
        }
        all
    }
}

/// GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID and CTRL_ATTR_FAMILY_NAME of linux/genetlink.h.
const CONTROL: u16 = 0x10;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;

/// `struct genlmsghdr`: command, version and two bytes of nothing.
const GENERIC_HEADER: usize = 4;

/// TASKSTATS_CMD_GET, and TASKSTATS_CMD_ATTR_REGISTER_CPUMASK.
const GET: u8 = 1;
const REGISTER: u16 = 3;

/// NLM_F_REQUEST and NLM_F_ACK.
const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;

/// The first errno among the answers that is none of success.
fn refusal(answers: &[Message]) -> Option<io::Error> {
    let mut errors = answers.iter().filter(|answer| answer.kind == ERROR);
    let errno = errors.find_map(|answer| i32_at(&answer.payload, 0).filter(|errno| *errno != 0));
    // The kernel sends them negated.
    errno.map(|errno| io::Error::from_raw_os_error(errno.saturating_neg()))
}

/// TASKSTATS_TYPE_PID, TASKSTATS_TYPE_STATS and TASKSTATS_TYPE_AGGR_PID.
const PID: u16 = 1;
const STATS: u16 = 3;
const AGGREGATE: u16 = 4;

/// Reads the statistics of one thread. Those of its whole process may follow, but say nothing of memory.
fn stats(payload: &[u8]) -> Option<Stats> {
    let content = payload.get(GENERIC_HEADER..)?;
    let (_, inner) = attributes(content).find(|(kind, _)| *kind == AGGREGATE)?;
    let part = |wanted: u16| attributes(inner).find(|(kind, _)| *kind == wanted).map(|(_, bytes)| bytes);
    let thread = i32_at(part(PID)?, 0)?;
    let stats = part(STATS)?;
    // The structure grows at its end, but in version 15 it has grown in the middle as well (fixed by
    // "taskstats: fix struct taskstats breaks backward compatibility since version 15"). It names the
    // thread itself, which shows where it is.
    let shift = [0, 48].into_iter().find(|shift| i32_at(stats, AC_PID + shift) == Some(thread))?;
    let name = stats.get(AC_COMM + shift..)?.get(..32)?.split(|&byte| byte == 0).next()?;
    let peak = u64_at(stats, HIWATER_RSS + shift)?;
    Some(Stats {
        thread,
        name: String::from_utf8_lossy(name).into_owned(),
        peak_rss: peak.checked_mul(1024).filter(|peak| *peak > 0),
    })
}

/// Where `struct taskstats` has its fields since version 8.
const AC_COMM: usize = 80;
const AC_PID: usize = 128;
const HIWATER_RSS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A message with the statistics of thread 9, whose fields come so much later.
    fn message(shift: usize) -> Vec<u8> {
        let mut stats = vec![0; 400];
        stats[AC_COMM + shift..][..4].copy_from_slice(b"true");
        stats[AC_PID + shift..][..4].copy_from_slice(&9_i32.to_ne_bytes());
        stats[HIWATER_RSS + shift..][..8].copy_from_slice(&6656_u64.to_ne_bytes());
        let inner = [attribute(PID, &9_i32.to_ne_bytes()), attribute(STATS, &stats)].concat();
        [vec![2, 1, 0, 0], attribute(AGGREGATE, &inner)].concat()
    }

    #[test]
    fn both_layouts_of_the_kernel_are_read() {
        let expected = Stats { thread: 9, name: "true".into(), peak_rss: Some(6656 << 10) };
        assert_eq!(stats(&message(0)), Some(expected.clone()));
        assert_eq!(stats(&message(48)), Some(expected));
    }

    #[test]
    fn a_layout_that_nobody_knows_is_not_guessed_at() {
        assert_eq!(stats(&message(16)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(payload in proptest::collection::vec(any::<u8>(), 0..600)) {
            stats(&payload);
        }

        #[test]
        fn neither_does_a_message_that_is_cut_short_or_changed(
            cut in 0usize..600, at in 0usize..400, byte in any::<u8>(),
        ) {
            let mut payload = message(0);
            payload[at] = byte;
            payload.truncate(cut);
            stats(&payload);
        }
    }
}
