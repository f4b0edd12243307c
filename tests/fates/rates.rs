//! How many cases come out right, for each way of running them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use libtest_mimic::{Completion, Failed};

#[derive(Default)]
struct Rate {
    right: usize,
    of: usize,
    ignored: usize,
    open: usize,
}

static RATES: Mutex<BTreeMap<String, Rate>> = Mutex::new(BTreeMap::new());

/// Counts one trial of a way that is known to be open, and says so.
pub(crate) fn open(way: String, missing: &str) -> Result<Completion, Failed> {
    RATES.lock().expect("nobody panics while counting").entry(way).or_default().open += 1;
    Ok(Completion::ignored_with(format!("not yet: {missing}")))
}

/// Counts one result of a way, and passes it on.
pub(crate) fn counted(way: String, result: Result<Completion, Failed>) -> Result<Completion, Failed> {
    let right = usize::from(matches!(result, Ok(Completion::Completed)));
    let ignored = usize::from(matches!(result, Ok(Completion::Ignored { .. })));
    add(way, right, 1 - ignored, ignored);
    result
}

/// Adds results that were counted elsewhere.
pub(crate) fn add(way: String, right: usize, of: usize, ignored: usize) {
    let mut rates = RATES.lock().expect("nobody panics while counting");
    let rate = rates.entry(way).or_default();
    rate.right += right;
    rate.of += of;
    rate.ignored += ignored;
}

/// Prints a line for each way that was tried.
pub(crate) fn print() {
    for (way, Rate { right, of, ignored, open }) in RATES.lock().expect("nobody panics while counting").iter()
    {
        let count = |count: usize, word| if count > 0 { format!(", {count} {word}") } else { String::new() };
        println!("{way}: {right} of {of} right{}{}", count(*ignored, "ignored"), count(*open, "open"));
    }
}
