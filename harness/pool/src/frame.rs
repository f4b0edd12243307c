//! Messages on a stream: eight bytes of length, a header, and a body, the last two as postcard.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

const LENGTH: usize = size_of::<u64>();

/// The header of a message to a worker; the body is the task's arguments.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request<'a> {
    pub(crate) id: u64,
    pub(crate) task: &'a str,
}

/// The header of a message from a worker; the body is the task's result, if it has one.
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
    postcard::to_extend(header, vec![0; LENGTH])
}

/// Ends a message whose body has been added: its length is known now.
pub(crate) fn seal(mut message: Vec<u8>) -> Vec<u8> {
    let length = (message.len() - LENGTH) as u64;
    message[..LENGTH].copy_from_slice(&length.to_le_bytes());
    message
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

/// Takes the first whole message out of what has arrived so far.
pub(crate) fn take(arrived: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = size(*arrived.first_chunk()?);
    if arrived.len() - LENGTH < length {
        return None;
    }
    let rest = arrived.split_off(LENGTH + length);
    let mut message = std::mem::replace(arrived, rest);
    message.drain(..LENGTH);
    Some(message)
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
    fn a_message_can_be_taken_once_its_last_byte_is_there() {
        let whole = message(7);
        let mut arrived = Vec::new();
        for byte in &whole {
            assert_eq!(take(&mut arrived), None);
            arrived.push(*byte);
        }
        let taken = take(&mut arrived).unwrap();
        let (request, body): (Request<'_>, _) = postcard::take_from_bytes(&taken).unwrap();
        assert_eq!((request.id, request.task), (7, "sum"));
        assert_eq!(postcard::from_bytes::<[f64; 2]>(body).unwrap(), [1.5, 2.5]);
        assert!(arrived.is_empty());
    }

    #[test]
    fn the_start_of_the_next_message_stays_behind() {
        let mut arrived = [message(1), message(2)].concat();
        assert_eq!(take(&mut arrived).unwrap(), message(1)[LENGTH..]);
        assert_eq!(arrived, message(2));
    }

    #[test]
    fn a_reader_sees_what_was_written_and_then_the_end() {
        let mut stream = io::Cursor::new(message(3));
        assert_eq!(read(&mut stream).unwrap().unwrap(), message(3)[LENGTH..]);
        assert!(read(&mut stream).unwrap().is_none());
    }
}
