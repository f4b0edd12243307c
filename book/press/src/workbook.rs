//! The scenarios with their recorded results, as the book needs them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lab::catalog::{Catalog, Drawing, Kind, Scenario};
use lab::claim::{Status, Verdict, judge};
use lab::record::Record;

/// All that the book is made of, but for its prose.
pub(crate) struct Workbook {
    /// The repository.
    pub(crate) root: PathBuf,
    /// The scenarios, in the order of their numbers.
    pub(crate) lessons: Vec<Lesson>,
    /// The figures of the general chapters, each with the slug of its scenario.
    pub(crate) figures: Vec<(String, Drawing)>,
}

/// A scenario with its recorded results.
pub(crate) struct Lesson {
    pub(crate) scenario: Scenario,
    /// One for each variant that is broken or fixed, in the order of scenario.toml.
    pub(crate) records: Vec<Record>,
    /// What the records are judged to show.
    pub(crate) verdicts: Vec<Verdict>,
    /// How often each claim held, in the words of `lab soak`.
    pub(crate) soak: String,
}

impl Workbook {
    /// Reads every scenario, its records, and the figures of the general chapters.
    ///
    /// # Errors
    ///
    /// Names the file that is wrong, or the result that does not fit its scenario.toml.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let catalog = Catalog::load(root)?;
        let lessons =
            catalog.scenarios().iter().map(|scenario| Lesson::open(scenario, root)).collect::<Result<_>>()?;
        let figures = catalog.figures(&root.join("book/figures.toml"))?;
        let figures =
            figures.into_iter().map(|(scenario, drawing)| (scenario.slug.clone(), drawing)).collect();
        Ok(Workbook { root: root.to_owned(), lessons, figures })
    }

    /// The scenario of this slug, which is one of theirs.
    pub(crate) fn lesson(&self, slug: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.scenario.slug == slug)
    }
}

impl Lesson {
    fn open(scenario: &Scenario, root: &Path) -> Result<Self> {
        let slug = &scenario.slug;
        let results = root.join("scenarios").join(slug).join("results");
        let remedy = format!("record it again: lab run {slug} --reference");
        let mut records = Vec::new();
        for variant in &scenario.variants {
            let path = results.join(format!("{}.jsonl", variant.name));
            if path.is_file() {
                records.push(Record::read(&path)?);
            } else if matches!(variant.kind, Kind::Broken | Kind::Fixed) {
                bail!("{} is missing; {remedy}", path.display());
            }
        }
        for record in &records {
            let header = &record.header;
            if scenario.sizes(&header.size).ok() != Some(&header.sizes) {
                bail!(
                    "{slug}: {} was recorded with other sizes than scenario.toml has; {remedy}",
                    header.variant
                );
            }
        }
        let verdicts = judge(scenario, &records);
        if let Some(Verdict { claim, variant, status, measured_text, bound_text, .. }) =
            verdicts.iter().find(|verdict| verdict.status != Status::Holds)
        {
            let told = status.word();
            bail!(
                "{slug}: by the recorded results the claim {claim} {told} on {variant} ({measured_text}; \
                 it must be {bound_text}); {remedy}"
            );
        }
        let path = results.join("soak.txt");
        let soak = fs::read_to_string(&path)
            .with_context(|| format!("{} (`lab soak {slug} --reference` writes it)", path.display()))?;
        Ok(Lesson { scenario: scenario.clone(), records, verdicts, soak })
    }

    /// The record of this variant.
    pub(crate) fn record(&self, variant: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.header.variant == variant)
    }
}

/// When and on which machine a record was made, in one line.
pub(crate) fn stamp(record: &Record) -> String {
    let machine = |name: &str| record.header.machine.get(name).map_or("unknown", String::as_str);
    format!(
        "{} on {}, {}, {} processors, {} MiB of memory, memory limit: {}, user: {}",
        day(record),
        machine("kernel"),
        machine("arch"),
        machine("processors"),
        machine("memory_mib"),
        machine("memory_limit"),
        machine("user"),
    )
}

/// The day of a record.
pub(crate) fn day(record: &Record) -> &str {
    record.header.started.split('T').next().unwrap_or_default()
}
