//! A watch over a stream: each batch is compared with the ones just before it.

use std::collections::VecDeque;

use labkit::{Bench, Result};
use labpool::{Array, Keep, Options, Pool};

use crate::setup;

/// Counts the batches whose mean is above the mean of those before them.
#[derive(Default)]
struct Watch {
    window: VecDeque<f64>,
    rising: u64,
}

impl Watch {
    fn see(&mut self, batch: &Array, width: usize) {
        let mean = setup::mean(batch);
        let before: f64 = self.window.iter().sum();
        self.rising += u64::from(mean * self.window.len() as f64 > before);
        // Fixed: the window keeps the one number that it needs of a batch, and not the batch.
        self.window.push_back(mean);
        if self.window.len() > width {
            self.window.pop_front();
        }
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(Options { keep: Keep::WhileWanted, ..setup::options(bench) })?;
    bench.mark("tasks begin");
    let (mut watch, width) = (Watch::default(), bench.size("slices"));
    let batches = setup::batches(bench, &array).inspect(|batch| watch.see(batch, width));
    let sum = setup::work(bench, &mut pool, batches);
    bench.fact("batches_rising", watch.rising);
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
