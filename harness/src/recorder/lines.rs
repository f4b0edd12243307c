//! Lines from a pipe or socket that nobody may block on.

use std::io::Read;

use labkit::channel::MAX_LINE;

/// Splits what arrives into lines; what isn't yet a whole line waits.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    is_over: bool,
}

/// So many bytes are held at most before some are taken.
const FULL: usize = 1 << 20;

impl<R: Read> Lines<R> {
    /// The lines of a source that doesn't block.
    pub(super) fn new(source: R) -> Self {
        Lines { source, buffer: Vec::new(), is_over: false }
    }

    /// Reads the bytes there now, up to a limit, so a flood can't hold the reader forever.
    pub(super) fn fill(&mut self) {
        if self.buffer.len() >= FULL {
            return;
        }
        let mut chunk = [0; 16 << 10];
        for _ in 0..64 {
            match self.source.read(&mut chunk) {
                Ok(0) => {
                    self.is_over = true;
                    return;
                }
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
                Err(_) => return,
            }
        }
    }

    /// Whether the other end has said that nothing more will come.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The next whole line, without its newline. A line that is too long is cut into pieces.
    pub(super) fn next_line(&mut self) -> Option<String> {
        let window = &self.buffer[..self.buffer.len().min(MAX_LINE)];
        let (end, skip) = match window.iter().position(|&byte| byte == b'\n') {
            Some(newline) => (newline, 1),
            None if window.len() == MAX_LINE => (MAX_LINE, 0),
            None => return None,
        };
        let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end + skip);
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(bytes);
        lines.fill();
        std::iter::from_fn(|| lines.next_line()).collect()
    }

    #[test]
    fn half_a_line_waits_for_its_end() {
        assert_eq!(all(b"mark a\ndone 1\nfac"), ["mark a", "done 1"]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_no_line_is_too_long(bytes in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            // A byte that isn't UTF-8 becomes three.
            prop_assert!(all(&bytes).iter().all(|line| line.len() <= 3 * MAX_LINE));
        }
    }
}
