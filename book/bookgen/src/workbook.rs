//! The scenarios with their recorded results and the prose around them, as the book needs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lab::chart::amount;
use lab::judge::judge;
use lab::model::metric::Unit;
use lab::model::record::Record;
use lab::model::verdict::{Status, Verdict};
use lab::peer::{Agreement, Beside, Row, beside};
use lab::reference::PEER;
use lab::scenario::{Catalog, Drawing, Kind, Peer, Scenario};
use mdbook_driver::MDBook;
use mdbook_driver::book::{Book, Chapter};

use crate::soak::Soak;

/// All that the book is made of.
pub(crate) struct Workbook {
    /// The repository.
    pub(crate) root: PathBuf,
    /// The scenarios, in the order of their numbers.
    pub(crate) lessons: Vec<Lesson>,
    /// The figures of the general chapters, each with the slug of its scenario.
    pub(crate) figures: Vec<(String, Drawing)>,
    /// The chapters, with their includes as commands.
    pub(crate) prose: Book,
}

/// A scenario with its recorded results.
pub(crate) struct Lesson {
    pub(crate) scenario: Scenario,
    /// One for each variant that is broken or fixed, in the order of scenario.toml.
    pub(crate) records: Vec<Record>,
    /// What the records are judged to show.
    pub(crate) verdicts: Vec<Verdict>,
    /// How often each claim held, run after run.
    pub(crate) soak: Soak,
    /// The same of the peer, as soon as that is recorded.
    pub(crate) peer: Option<Box<Theirs>>,
}

/// What a peer has shown.
pub(crate) struct Theirs {
    /// The scenario as the peer shows it, with the peer's records.
    pub(crate) lesson: Lesson,
    /// Its numbers next to ours.
    pub(crate) rows: Vec<Row>,
    /// For each of its variants the one of ours that it stands next to.
    pub(crate) like: BTreeMap<String, String>,
}

impl Workbook {
    /// Reads every scenario, its records, the figures of the general chapters, and the prose.
    ///
    /// # Errors
    ///
    /// Names the file that is wrong, or the result that does not fit its scenario.toml.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let catalog = Catalog::load(root)?;
        let lessons = catalog
            .scenarios()
            .iter()
            .map(|scenario| Lesson::open(scenario, catalog.peer(scenario)))
            .collect::<Result<_>>()?;
        let figures = catalog.figures(&root.join("book/figures.toml"))?;
        let figures =
            figures.into_iter().map(|(scenario, drawing)| (scenario.slug.clone(), drawing)).collect();
        let prose = MDBook::load(root.join("book"))?.book;
        Ok(Workbook { root: root.to_owned(), lessons, figures, prose })
    }

    /// The scenario of this slug, which is one of theirs.
    pub(crate) fn lesson(&self, slug: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.scenario.slug == slug)
    }

    /// The chapter of a scenario.
    ///
    /// # Errors
    ///
    /// Says that SUMMARY.md does not list it.
    pub(crate) fn chapter(&self, scenario: &Scenario) -> Result<&Chapter> {
        let path = Path::new("scenarios").join(&scenario.slug).join(&scenario.chapter);
        let chapter = self.prose.chapters().find(|chapter| chapter.source_path.as_ref() == Some(&path));
        chapter.with_context(|| format!("book/src/SUMMARY.md does not list {}", path.display()))
    }
}

impl Lesson {
    fn open(scenario: &Scenario, peer: Option<&Peer>) -> Result<Self> {
        let slug = &scenario.slug;
        let results = scenario.results();
        let remedy = format!("record it again: lab run {slug} --reference");
        let records = recorded(scenario, &results, &remedy, |_| false)?;
        let verdicts = judge(scenario, &records);
        all_hold(slug, &verdicts, &remedy)?;
        let path = results.join("soak.txt");
        let soak = fs::read_to_string(&path)
            .with_context(|| format!("{} (`lab soak {slug} --reference` writes it)", path.display()))?;
        let soak = Soak::parse(&soak);
        let peer = match peer {
            Some(peer) if results.join(PEER).is_dir() => {
                Some(Box::new(Theirs::open(scenario, peer, &results, &records)?))
            }
            _ => None,
        };
        Ok(Lesson { scenario: scenario.clone(), records, verdicts, soak, peer })
    }

    /// The record of this variant.
    pub(crate) fn record(&self, variant: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.header.variant == variant)
    }

    /// The folder of its results, relative to the repository.
    pub(crate) fn results(&self) -> PathBuf {
        Path::new("scenarios").join(&self.scenario.slug).join("results")
    }
}

impl Theirs {
    /// Reads what is recorded of a peer; where its numbers differ from ours, scenario.toml must say why.
    fn open(scenario: &Scenario, peer: &Peer, results: &Path, ours: &[Record]) -> Result<Self> {
        let slug = &peer.scenario.slug;
        let remedy = format!("record it again: lab peer {slug} --reference");
        // Not every machine has every CPython.
        let may_lack = |variant: &str| peer.python(variant).is_some();
        let records = recorded(&peer.scenario, &results.join(PEER), &remedy, may_lack)?;
        let Beside { verdicts, rows } = beside(scenario, peer, &records, ours);
        all_hold(slug, &verdicts, &remedy)?;
        for Row { theirs: Verdict { claim, variant, measured_text, .. }, ours, agreement, why } in &rows {
            if matches!(agreement, Agreement::Differs(_)) && why.is_none() {
                let ours = ours.as_ref().map_or("nothing", |(_, measured)| measured);
                bail!(
                    "{slug}: {claim} is {measured_text} in Python for {variant}, and {ours} in Rust. Say why in \
                     its [[peer.claim]]: why = \"...\""
                );
            }
        }
        let lesson =
            Lesson { scenario: peer.scenario.clone(), records, verdicts, soak: Soak::default(), peer: None };
        Ok(Theirs { lesson, rows, like: peer.like.clone() })
    }
}

/// The records of a scenario in a folder: one for each variant that is broken or fixed, unless that may be missing.
fn recorded(
    scenario: &Scenario,
    results: &Path,
    remedy: &str,
    may_lack: impl Fn(&str) -> bool,
) -> Result<Vec<Record>> {
    let slug = &scenario.slug;
    let mut records = Vec::new();
    for variant in &scenario.variants {
        let path = results.join(format!("{}.jsonl", variant.name));
        if path.is_file() {
            records.push(Record::read(&path)?);
        } else if matches!(variant.kind, Kind::Broken | Kind::Fixed) && !may_lack(&variant.name) {
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
    Ok(records)
}

/// Checks that every claim holds.
fn all_hold(slug: &str, verdicts: &[Verdict], remedy: &str) -> Result<()> {
    if let Some(Verdict { claim, variant, status, measured_text, bound_text, .. }) =
        verdicts.iter().find(|verdict| verdict.status != Status::Holds)
    {
        let word = status.word();
        bail!(
            "{slug}: by the recorded results the claim {claim} {word} on {variant} ({measured_text}; \
                 it must be {bound_text}); {remedy}"
        );
    }
    Ok(())
}

/// When and on which machine a record was made, in one line.
pub(crate) fn stamp(record: &Record) -> String {
    let machine = |name: &str| record.header.machine.get(name).map_or("unknown", String::as_str);
    let memory = machine("memory_mib").parse::<u64>().map(|mib| amount(Unit::Bytes, mib << 20));
    format!(
        "{} on {}, {}, {} processors, {} of memory, memory limit: {}, user: {}",
        day(record),
        machine("kernel"),
        machine("arch"),
        machine("processors"),
        memory.unwrap_or_else(|_| "unknown".into()),
        machine("memory_limit"),
        machine("user"),
    )
}

/// The day of a record.
pub(crate) fn day(record: &Record) -> &str {
    record.header.started.split('T').next().unwrap_or_default()
}
