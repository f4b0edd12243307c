//! Messages on a stream: eight bytes of length, a header, and a body, the last two as postcard.
//!
//! Tasks travel in batches. A batch is one message after the other, and an empty one at its end: then
//! the worker answers, to all of them at once.

use std::io::{self, Read};
use std::time::Duration;

use serde::{Deserialize, Serialize};

const LENGTH: usize = size_of::<u64>();

/// The room that a message begins with: one of a short task shouldn't have to ask for more.
const SHORT: usize = 64;

/// The empty message at the end of a batch.
pub(crate) const END: [u8; LENGTH] = [0; LENGTH];

/// The header of a message to a worker; the body is the task's arguments.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request<'a> {
    pub(crate) id: u64,
    pub(crate) task: &'a str,
}

/// The header of a message from a worker; the body is the task's result, if it has one. After it come
/// eight bytes more: how long the task [took].
#[derive(Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) id: u64,
    pub(crate) outcome: Result<(), Failure>,
}

/// Why a task has no result.
#[derive(Serialize, Deserialize)]
pub(crate) enum Failure {
    Panicked(String),
    Translation(String),
}

/// Begins a message.
pub(crate) fn begin(header: &impl Serialize) -> postcard::Result<Vec<u8>> {
    let mut message = Vec::with_capacity(SHORT);
    message.extend([0; LENGTH]);
    postcard::to_extend(header, message)
}

/// Ends a message whose body has been added: its length is known now.
pub(crate) fn seal(mut message: Vec<u8>) -> Vec<u8> {
    let length = (message.len() - LENGTH) as u64;
    message[..LENGTH].copy_from_slice(&length.to_le_bytes());
    message
}

/// Ends a message from a worker.
pub(crate) fn seal_reply(mut reply: Vec<u8>, took: Duration) -> Vec<u8> {
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    reply.extend(nanoseconds.to_le_bytes());
    seal(reply)
}

/// How long the task of a reply took.
pub(crate) fn took(reply: &[u8]) -> Duration {
    let nanoseconds = reply.last_chunk().expect("a reply ends with its time");
    Duration::from_nanos(u64::from_le_bytes(*nanoseconds))
}

/// Waits for a whole message; `None` at the end of the stream.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; LENGTH];
    match stream.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let mut message = vec![0; size(length)];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}

/// The first message among the bytes that have arrived, if it's complete, and the rest.
pub(crate) fn first(arrived: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = arrived.split_first_chunk()?;
    rest.split_at_checked(size(*length))
}

fn size(length: [u8; LENGTH]) -> usize {
    usize::try_from(u64::from_le_bytes(length)).expect("a message fits the memory of its sender")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u64) -> Vec<u8> {
        let begun = begin(&Request { id, task: "sum" }).unwrap();
        seal(postcard::to_extend(&[1.5, 2.5], begun).unwrap())
    }

    #[test]
    fn a_message_is_there_with_its_last_byte() {
        let whole = message(7);
        for end in 0..whole.len() {
            assert_eq!(first(&whole[..end]), None);
        }
        let (taken, rest) = first(&whole).unwrap();
        let (request, body): (Request<'_>, _) = postcard::take_from_bytes(taken).unwrap();
        assert_eq!((request.id, request.task), (7, "sum"));
        assert_eq!(postcard::from_bytes::<[f64; 2]>(body).unwrap(), [1.5, 2.5]);
        assert!(rest.is_empty());
    }

    #[test]
    fn what_comes_after_a_message_stays_behind() {
        let arrived = [message(1), END.to_vec(), message(2)].concat();
        let (one, rest) = first(&arrived).unwrap();
        assert_eq!(one, &message(1)[LENGTH..]);
        assert_eq!(first(rest), Some((&[][..], &message(2)[..])));
    }

    #[test]
    fn a_reader_sees_what_was_written_and_then_the_end() {
        let mut stream = io::Cursor::new(message(3));
        assert_eq!(read(&mut stream).unwrap().unwrap(), message(3)[LENGTH..]);
        assert!(read(&mut stream).unwrap().is_none());
    }
}
