//! The end of what a program prints.

use std::io::Read;

/// How much of it is kept, in bytes.
const KEPT: usize = 64 << 10;

/// The end of what a program prints.
#[derive(Default)]
pub(super) struct Output(Vec<u8>);

impl Output {
    /// Reads what there is from a source that doesn't block.
    pub(super) fn take(&mut self, source: &mut impl Read) {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = source.read(&mut chunk) {
            self.add(&chunk[..count]);
        }
    }

    pub(super) fn add(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
        if self.0.len() > 2 * KEPT {
            self.0.drain(..self.0.len() - KEPT);
        }
    }

    /// The end of it, as text.
    pub(super) fn tail(&self) -> String {
        let start = self.0.len().saturating_sub(KEPT);
        String::from_utf8_lossy(&self.0[start..]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_the_end_is_kept() {
        let mut output = Output::default();
        let flood = b"a line that nobody asked for\n".repeat(100_000);
        output.take(&mut flood.chain(&b"the last words\n"[..]));
        let tail = output.tail();
        assert!(tail.ends_with("asked for\nthe last words\n") && tail.len() <= KEPT, "{} bytes", tail.len());
        assert!(output.0.len() <= 2 * KEPT);
    }
}
