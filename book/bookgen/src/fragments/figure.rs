//! What a figure shows: the runs with their curves, and the levels.

use std::path::PathBuf;

use anyhow::{Context, Result};
use lab::chart::{Curve, Figure, Level};
use lab::model::metric::{Metric, Unit, human};
use lab::model::record::Record;
use lab::model::verdict::Verdict;
use lab::scenario::{Drawing, Quantity};

use crate::workbook::{Lesson, Theirs, Workbook};

/// A figure, with all that its page and its file need.
pub(crate) struct Shown<'a> {
    /// The slug of the scenario and the id of the figure, with a slash between them; in a general
    /// chapter, `book` stands in the place of the slug.
    pub(crate) name: String,
    /// The slug of the scenario.
    pub(crate) slug: &'a str,
    drawing: &'a Drawing,
    /// The headline.
    pub(crate) title: &'a str,
    /// What a reader may look at, what is drawn first.
    pub(crate) metrics: &'a [&'static Metric],
    /// One for each curve, in the order of the legend.
    pub(crate) runs: Vec<Run<'a>>,
    /// Values that are worth a line, each of a metric.
    pub(crate) levels: Vec<(&'static Metric, Level)>,
    /// Whether the curves are metrics of one run, and not runs.
    pub(crate) of_one_run: Option<&'a str>,
}

/// One curve.
pub(crate) struct Run<'a> {
    pub(crate) label: String,
    pub(crate) metric: &'static Metric,
    pub(crate) record: &'a Record,
    pub(crate) whose: Whose,
}

/// Who has made a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// It is one of the recorded results.
    Reference,
    /// The reader has run it.
    Own,
}

/// A figure, and where it is.
pub(crate) struct Placed<'a> {
    pub(crate) figure: Shown<'a>,
    /// The folder of its files, relative to the repository.
    pub(crate) folder: PathBuf,
    /// Where the page has its CSV.
    pub(crate) link: String,
}

/// Every figure of the book: those of the chapters of scenarios, and those of the general ones.
///
/// # Errors
///
/// Names the figure that can't be drawn from the recorded results.
pub(crate) fn placed(workbook: &Workbook) -> Result<Vec<Placed<'_>>> {
    let mut placed = Vec::new();
    for lesson in &workbook.lessons {
        for drawing in &lesson.scenario.figures {
            let folder = lesson.results().join("figures");
            let link = format!("results/figures/{}.csv", drawing.id);
            placed.push(Placed { figure: Shown::of(lesson, drawing)?, folder, link });
        }
        if let Some(theirs) = &lesson.peer {
            for drawing in &theirs.lesson.scenario.figures {
                let folder = lesson.results().join("figures");
                let link = format!("results/figures/{}.csv", drawing.id);
                placed.push(Placed { figure: Shown::with_peer(lesson, theirs, drawing)?, folder, link });
            }
        }
    }
    for (slug, drawing) in &workbook.figures {
        let lesson = workbook.lesson(slug).context("figures.toml was checked against the catalog")?;
        let figure = Shown { name: format!("book/{}", drawing.id), ..Shown::of(lesson, drawing)? };
        let link = format!("figures/{}.csv", drawing.id);
        placed.push(Placed { figure, folder: "book/src/figures".into(), link });
    }
    Ok(placed)
}

impl<'a> Shown<'a> {
    /// A figure of the recorded results.
    ///
    /// # Errors
    ///
    /// Names the variant that has no record or the metric that it lacks.
    pub(crate) fn of(lesson: &'a Lesson, drawing: &'a Drawing) -> Result<Self> {
        let slug = &lesson.scenario.slug;
        let mut runs = Vec::new();
        for variant in &drawing.variants {
            let place = || format!("the figure {} of {slug}", drawing.id);
            let record =
                lesson.record(variant).with_context(|| format!("{}: no record of {variant}", place()))?;
            for metric in drawing.drawn() {
                record.series(metric.name).with_context(|| {
                    format!("{}: the record of {variant} has no {}", place(), metric.name)
                })?;
                runs.push(Run::of(record, metric, drawing, Whose::Reference));
            }
        }
        let first = runs[0].record;
        let mut levels: Vec<(&'static Metric, Level)> = drawing
            .metrics
            .iter()
            .filter_map(|metric| Some((*metric, Level::limit(metric, first)?)))
            .collect();
        levels.extend(bounds(lesson, drawing));
        Ok(Shown {
            name: format!("{slug}/{}", drawing.id),
            slug,
            drawing,
            title: &drawing.title,
            metrics: &drawing.metrics,
            runs,
            levels,
            of_one_run: match drawing.variants.as_slice() {
                [variant] => Some(variant),
                _ => None,
            },
        })
    }

    /// A figure of what is recorded of a peer, where each curve is followed by that of ours.
    ///
    /// # Errors
    ///
    /// As [`Self::of`].
    pub(crate) fn with_peer(lesson: &'a Lesson, theirs: &'a Theirs, drawing: &'a Drawing) -> Result<Self> {
        let mut figure = Shown::of(&theirs.lesson, drawing)?;
        let mut runs: Vec<Run<'a>> = Vec::new();
        for run in figure.runs {
            let like = theirs.like.get(&run.record.header.variant);
            let ours = like.and_then(|like| lesson.record(like));
            let metric = run.metric;
            runs.push(run);
            // Two variants may be like the same one of ours.
            let new = ours.filter(|ours| !runs.iter().any(|run| run.metric == metric && run.record == *ours));
            runs.extend(new.map(|ours| Run::of(ours, metric, drawing, Whose::Reference)));
        }
        figure.runs = runs;
        // Where one variant is shown in two languages, the curves are runs.
        figure.of_one_run = None;
        Ok(figure)
    }

    /// The same figure with the curves of other records after its own, where it shows their variants. No run can be
    /// stacked on another.
    pub(crate) fn with_own(mut self, records: &[&'a Record]) -> Self {
        if self.drawing.stacked {
            return self;
        }
        for variant in &self.drawing.variants {
            for record in records.iter().filter(|record| record.header.variant == *variant) {
                for metric in
                    self.drawing.drawn().iter().filter(|metric| record.series(metric.name).is_some())
                {
                    self.runs.push(Run::of(record, metric, self.drawing, Whose::Own));
                }
            }
        }
        self
    }

    /// Whether a curve of the reader's is among them.
    pub(crate) fn has_own(&self) -> bool {
        self.runs.iter().any(|run| run.whose == Whose::Own)
    }

    /// The total and its parts, if these are what is drawn.
    pub(crate) fn parts(&self) -> Option<(&'static Metric, &'a [&'static Metric])> {
        let (total, parts) = self.metrics.split_first().filter(|_| self.drawing.stacked)?;
        Some((total, parts))
    }

    /// The figure that is drawn, without what can be switched to.
    pub(crate) fn drawn(&self) -> Figure<'a> {
        let curves = self
            .runs
            .iter()
            .map(|run| Curve { label: run.label.clone(), ..Curve::of(run.record, run.metric.name) });
        let drawn = |metric: &Metric| self.runs.iter().any(|run| run.metric == metric);
        let levels = self.levels.iter().filter(|(metric, _)| drawn(metric));
        Figure {
            title: self.title.to_owned(),
            axis: self.axis().to_owned(),
            unit: self.metrics[0].unit,
            curves: curves.collect(),
            levels: levels.map(|(_, level)| level.clone()).collect(),
            in_own_time: self.in_own_time(),
        }
    }

    /// Whether each run has the whole width.
    pub(crate) fn in_own_time(&self) -> bool {
        self.drawing.own_time == Some(true)
    }

    /// Whether it's stated that runs share the time, or that they don't.
    #[cfg(test)]
    pub(crate) fn says_whose_time(&self) -> bool {
        self.drawing.own_time.is_some()
    }

    /// The time of the longest run, in microseconds.
    pub(crate) fn span(&self) -> u64 {
        self.runs.iter().map(|run| run.record.duration()).max().unwrap_or(0)
    }

    /// What the values are of.
    pub(crate) fn axis(&self) -> &'static str {
        match (self.metrics, self.metrics[0].unit) {
            ([metric], _) => human(metric.name),
            ([metric, ..], _) if self.of_one_run.is_none() && !self.is_of_metrics() => human(metric.name),
            (_, unit) => unit.of_several(),
        }
    }

    /// Whether some curves are of different metrics.
    fn is_of_metrics(&self) -> bool {
        self.runs.iter().any(|run| run.metric != self.runs[0].metric)
    }

    /// The metrics that one run of this figure has.
    pub(crate) fn metrics_of(&self, run: &Run<'a>) -> Vec<&'static Metric> {
        match self.of_one_run {
            Some(_) => vec![run.metric],
            None => self.metrics.to_vec(),
        }
    }
}

impl<'a> Run<'a> {
    /// A curve of this record.
    pub(crate) fn of(record: &'a Record, metric: &'static Metric, drawing: &Drawing, whose: Whose) -> Self {
        let name = match drawing.variants.len() {
            1 => human(metric.name),
            _ => &record.header.name(),
        };
        let label = match whose {
            Whose::Reference => name.to_owned(),
            Whose::Own => format!("your {name}"),
        };
        Run { label, metric, record, whose }
    }
}

/// The bounds of the figure's claim, each once. One of nothing is on the axis, and needs no line.
fn bounds<'a>(
    lesson: &'a Lesson,
    drawing: &'a Drawing,
) -> impl Iterator<Item = (&'static Metric, Level)> + use<'a> {
    let claim = lesson.scenario.claims.iter().find(|claim| Some(&claim.id) == drawing.claim.as_ref());
    let metric = claim.and_then(|claim| claim.measure.metric()).unwrap_or(drawing.metrics[0]);
    let of_claim = |verdict: &&Verdict| {
        Some(&verdict.claim) == drawing.claim.as_ref() && drawing.variants.contains(&verdict.variant)
    };
    let mut seen = vec![0];
    lesson.verdicts.iter().filter(of_claim).filter_map(move |verdict| {
        let bound = verdict.bound?;
        let value = match claim?.measure.quantity() {
            Quantity::Mib => bound * f64::from(1 << 20),
            Quantity::Seconds => bound * 1e6,
            Quantity::Count | Quantity::Ratio => bound,
        } as u64;
        let new = !seen.contains(&value);
        seen.push(value);
        new.then(|| (metric, Level { label: format!("bound of {}", verdict.variant), value }))
    })
}

/// The word for a unit in files for programs.
pub(crate) fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "bytes",
        Unit::Count => "count",
        Unit::Microseconds => "microseconds",
    }
}
