//! How many trials come out right, for each kind of what is tried and each way of running it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

use libtest_mimic::{Completion, Failed};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Rate {
    right: usize,
    of: usize,
    /// The machine lacks what they need.
    ignored: usize,
    /// They come out wrong, and that is known.
    open: usize,
}

/// By the kind, and then by the way.
type Rates = BTreeMap<String, BTreeMap<String, Rate>>;

static RATES: Mutex<Rates> = Mutex::new(BTreeMap::new());

/// If this variable is set, the rates are written to [`RESULT`], of which the book makes a page. What wasn't tried
/// this time stays there.
const VARIABLE: &str = "FATES_REFERENCE";

const RESULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/results/fates.json");

/// Counts one result, and passes it on. `missing` says what is known to be open.
pub(crate) fn counted(
    kind: &str,
    way: &str,
    missing: Option<&str>,
    result: Result<Completion, Failed>,
) -> Result<Completion, Failed> {
    let (rate, result) = match (missing, result) {
        (Some(missing), Err(_)) => {
            (Rate { open: 1, ..Rate::default() }, Ok(Completion::ignored_with(format!("open: {missing}"))))
        }
        (_, Ok(Completion::Completed)) => {
            (Rate { right: 1, of: 1, ..Rate::default() }, Ok(Completion::Completed))
        }
        (_, Ok(ignored)) => (Rate { ignored: 1, ..Rate::default() }, Ok(ignored)),
        (_, Err(failed)) => (Rate { of: 1, ..Rate::default() }, Err(failed)),
    };
    add(kind, way, rate);
    result
}

/// Counts one trial that was tried more than once.
pub(crate) fn count(kind: &str, way: &str, is_right: bool) {
    add(kind, way, Rate { right: usize::from(is_right), of: 1, ..Rate::default() });
}

fn add(kind: &str, way: &str, more: Rate) {
    let mut rates = RATES.lock().expect("nobody panics while counting");
    let rate = rates.entry(kind.to_owned()).or_default().entry(way.to_owned()).or_default();
    rate.right += more.right;
    rate.of += more.of;
    rate.ignored += more.ignored;
    rate.open += more.open;
}

/// Prints a line for each kind and way that was tried, and writes them if that is asked for.
pub(crate) fn print() {
    let rates = RATES.lock().expect("nobody panics while counting");
    for (kind, ways) in rates.iter() {
        for (way, Rate { right, of, ignored, open }) in ways {
            let count =
                |count: usize, word| if count > 0 { format!(", {count} {word}") } else { String::new() };
            let (ignored, open) = (count(*ignored, "ignored"), count(*open, "open"));
            println!("{kind}, {way}: {right} of {of} right{ignored}{open}");
        }
    }
    if std::env::var_os(VARIABLE).is_some() {
        write(rates.clone());
    }
}

fn write(rates: Rates) {
    let before =
        fs::read(RESULT).ok().and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    let before = before.and_then(|before| serde_json::from_value(before["rates"].clone()).ok());
    let mut all: Rates = before.unwrap_or_default();
    rates.into_iter().for_each(|(kind, ways)| all.entry(kind).or_default().extend(ways));
    let uname = nix::sys::utsname::uname().expect("a kernel has a name");
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let name = |field: &std::ffi::OsStr| field.to_string_lossy().into_owned();
    let result = serde_json::json!({
        "recorded": humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        "machine": format!(
            "{} {}, {}, {processors} processors", name(uname.sysname()), name(uname.release()), std::env::consts::ARCH
        ),
        "rates": all,
    });
    let text = serde_json::to_string_pretty(&result).expect("it is plain data") + "\n";
    fs::create_dir_all(Path::new(RESULT).parent().expect("it is in a folder"))
        .expect("a folder of the project");
    fs::write(RESULT, text).unwrap_or_else(|error| panic!("{RESULT}: {error}"));
}
