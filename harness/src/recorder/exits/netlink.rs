//! Netlink, the sockets on which the kernel reports processes (netlink(7)): messages in, messages out.
//!
//! The crates for it bring macros that take a quarter of the time from a clone to the first curve. We only need a
//! header of 16 bytes, and attributes with a length and a type.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::socket::{MsgFlags, NetlinkAddr, bind, recvfrom, send, setsockopt, sockopt};

/// A socket to one part of the kernel, which is never waited for.
pub(super) struct Netlink {
    socket: OwnedFd,
    buffer: Vec<u8>,
    /// How often the kernel had more to report than there was room for.
    pub(super) overruns: u64,
}

/// A message without its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) payload: Vec<u8>,
}

/// The kind of a message that answers with an errno, or with 0 if all is well.
pub(super) const ERROR: u16 = 2;

/// How long an answer of the kernel may take, in milliseconds. Usually it's there immediately.
const PATIENCE: u8 = 200;

/// What the kernel may keep for us, in bytes. It is taken only when it is needed.
const ROOM: usize = 8 << 20;

/// Longer than any message on these sockets.
const LONGEST: usize = 16 << 10;

impl Netlink {
    /// A socket of a protocol, in these multicast groups.
    pub(super) fn open(protocol: i32, groups: u32) -> io::Result<Self> {
        let socket = labkit::sys::netlink(protocol)?;
        // An ordinary user gets as much as the machine allows, and less than this does no harm yet.
        if setsockopt(&socket, sockopt::RcvBufForce, &ROOM).is_err() {
            let _ = setsockopt(&socket, sockopt::RcvBuf, &ROOM);
        }
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        Ok(Netlink { socket, buffer: vec![0; LONGEST], overruns: 0 })
    }

    /// Sends a message to the kernel.
    pub(super) fn send(&self, kind: u16, flags: u16, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(HEADER + payload.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend(length.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        // No sequence and no port: the answers are known by what they are.
        bytes.extend([0; 8]);
        bytes.extend(payload);
        send(self.socket.as_raw_fd(), &bytes, MsgFlags::empty())?;
        Ok(())
    }

    /// The messages that are there now, and no more than a bound, so that no flood holds the reader.
    pub(super) fn drain(&mut self) -> Vec<Message> {
        let mut all = Vec::new();
        for _ in 0..BOUND {
            match recvfrom::<NetlinkAddr>(self.socket.as_raw_fd(), &mut self.buffer) {
                // Only the kernel has the port 0: messages from other processes aren't facts.
                Ok((length, Some(from))) if from.pid() == 0 => {
                    all.extend(messages(self.buffer.get(..length).unwrap_or_default()));
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::ENOBUFS) => self.overruns += 1,
                Err(_) => break,
            }
        }
        all
    }

    /// Waits for messages, but not for long; then there are none.
    pub(super) fn answers(&mut self) -> Vec<Message> {
        let mut fds = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, PATIENCE);
        self.drain()
    }
}

/// How many times one drain reads.
const BOUND: usize = 1 << 16;

/// `struct nlmsghdr`: length, kind, flags, sequence and port.
const HEADER: usize = 16;

/// The messages of one read; one that's cut short ends them.
pub(super) fn messages(bytes: &[u8]) -> Vec<Message> {
    split(bytes, HEADER, |bytes| Some((u32_at(bytes, 0)? as usize, u16_at(bytes, 4)?)))
        .map(|(kind, payload)| Message { kind, payload: payload.to_vec() })
        .collect()
}

/// The attributes in a payload (`struct nlattr`: length and kind).
pub(super) fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    // The two highest bits of a kind say how its content is to be read.
    split(bytes, 4, |bytes| Some((usize::from(u16_at(bytes, 0)?), u16_at(bytes, 2)? & 0x3fff)))
}

/// Splits a row of pieces, each of which begins with a header that has its length and kind.
fn split(
    mut rest: &[u8],
    header: usize,
    read: fn(&[u8]) -> Option<(usize, u16)>,
) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (length, kind) = read(rest)?;
        let payload = rest.get(header..length)?;
        // Each begins at a multiple of four bytes; the last need not be filled up.
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, payload))
    })
}

/// One attribute as it is sent.
pub(super) fn attribute(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + content.len()).expect("what lab sends is short");
    let mut bytes = Vec::from(length.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(array_at(bytes, at)?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(array_at(bytes, at)?))
}

pub(super) fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_ne_bytes(array_at(bytes, at)?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(array_at(bytes, at)?))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Netlink {
        /// Leaves the kernel room for next to nothing, so that it must lose messages.
        pub(in crate::recorder::exits) fn narrow(&self) {
            setsockopt(&self.socket, sockopt::RcvBuf, &1).unwrap();
        }
    }

    #[test]
    fn attributes_that_were_written_are_read_again() {
        let both = [attribute(3, b"0-1\0"), attribute(1, b"odd")].concat();
        let read: Vec<_> = attributes(&both).collect();
        assert_eq!(read, [(3, &b"0-1\0"[..]), (1, &b"odd"[..])]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_nothing_is_read_that_is_not_there(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let read: usize = messages(&bytes).iter().map(|message| HEADER + message.payload.len()).sum();
            prop_assert!(read <= bytes.len());
            let read: usize = attributes(&bytes).map(|(_, content)| 4 + content.len()).sum();
            prop_assert!(read <= bytes.len());
        }
    }
}
