//! The picture while a variant runs: a growing curve on a terminal, plain lines elsewhere.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::chart::terminal::draw;
use crate::chart::{Figure, Level, amount, clean};
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::screen::Screen;

/// How often the curve is drawn again.
pub(crate) const REDRAW: Duration = Duration::from_millis(100);
/// How often a plain line says where a run is.
const PLAIN: Duration = Duration::from_secs(2);
/// The curve leaves the lines above it to earlier output.
const HEIGHT: u16 = 20;

/// The view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// A curve that grows in one place of the terminal.
    Curve,
    /// Lines, one after the other.
    Lines,
    /// The same without the titles of the variants, one of which may say how the others are fixed.
    Names,
    /// Nothing.
    Nothing,
}

/// What of a run is to be seen.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The name of the scenario or command.
    pub(crate) name: String,
    /// The metrics, all of one unit. Of several, the curves of the run that goes on are drawn alone.
    pub(crate) metrics: Vec<&'static Metric>,
}

/// The view of a run that goes on.
pub(crate) struct Live {
    shown: Shown,
    screen: Screen,
    view: View,
    /// Lines of the picture that is on the screen now.
    drawn: usize,
    printed: Instant,
}

impl Live {
    /// A view on this screen.
    pub(crate) fn new(shown: Shown, screen: Screen, view: View) -> Self {
        Live { shown, screen, view, drawn: 0, printed: Instant::now() }
    }

    /// Whether there is anything to be seen.
    pub(crate) fn is_seen(&self) -> bool {
        self.view != View::Nothing
    }

    /// A run begins, of this name.
    pub(crate) fn begin(&mut self, name: &str, title: &str) {
        self.printed = Instant::now();
        match self.view {
            View::Lines => self.screen.print(&format!("{}: {} ...\n", clean(name), clean(title))),
            View::Names => self.screen.print(&format!("{} ...\n", clean(name))),
            View::Curve | View::Nothing => {}
        }
    }

    /// Shows the runs that are done, and the one that goes on.
    pub(crate) fn show(&mut self, done: &[Record], now: &Record) {
        match self.view {
            View::Curve => {
                let picture = self.picture(done, now);
                self.replace(&picture);
            }
            View::Lines | View::Names if self.printed.elapsed() >= PLAIN => {
                self.printed = Instant::now();
                self.screen.print(&format!("  {}\n", progress(&self.shown, now)));
            }
            View::Lines | View::Names | View::Nothing => {}
        }
    }

    /// A run is over.
    pub(crate) fn end(&mut self, record: &Record) {
        if matches!(self.view, View::Lines | View::Names) {
            let curve = self.shown.metrics[0];
            let peak = record.peak(curve.name);
            let peak = peak
                .map_or(String::new(), |peak| format!("{} peak {}, ", curve.name, amount(curve.unit, peak)));
            let seconds = record.duration() as f64 / 1e6;
            self.screen.print(&format!("  {}; {peak}{seconds:.2} s\n", record.outcome().in_short()));
        }
    }

    /// Takes the picture off the screen.
    pub(crate) fn clear(&mut self) {
        self.replace(&[]);
    }

    fn picture(&self, done: &[Record], now: &Record) -> Vec<String> {
        let records: Vec<&Record> = done.iter().chain([now]).collect();
        let mut figure = match self.shown.metrics[..] {
            [metric] => Figure::of(&records, metric.name, metric.unit),
            _ => Figure::of_metrics(now, &self.shown.metrics),
        };
        figure.title = format!("{}: {}", self.shown.name, progress(&self.shown, now));
        figure.levels.extend(self.shown.metrics.iter().filter_map(|metric| Level::limit(metric, now)));
        let height = HEIGHT.min(self.screen.height.saturating_sub(1));
        draw(&figure, self.screen.width.saturating_sub(1), height, self.screen.palette, self.screen.charset)
    }

    /// Draws over the picture before it: up to its first line, and clear to the end of the screen.
    ///
    /// No mode of the terminal is changed, so there is none to restore, however this ends.
    fn replace(&mut self, lines: &[String]) {
        let mut text = String::new();
        if self.drawn > 0 {
            write!(text, "\x1b[{}A\r\x1b[J", self.drawn).expect("a string takes all text");
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        self.drawn = lines.len();
        self.screen.print(&text);
    }
}

/// Where a run is, in words.
fn progress(shown: &Shown, record: &Record) -> String {
    let phase = record.marks.last().map_or("starting", |mark| &mark.name);
    let tasks = record.progress.last().map(|progress| format!(", {} tasks done", progress.count));
    let curve = shown.metrics[0];
    let now = record.series(curve.name).and_then(|series| series.v.last().copied()).unwrap_or(0);
    let (variant, now) = (&record.header.variant, amount(curve.unit, now));
    clean(&format!("{variant}, {phase}{}, {} {now}", tasks.unwrap_or_default(), curve.name))
}
