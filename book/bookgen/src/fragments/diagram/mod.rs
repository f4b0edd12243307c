//! Diagrams: pictures of mechanisms, described in lines of text and drawn as one SVG for each step.
//!
//! A scenario describes its own in `diagrams.toml`, and `book/diagrams.toml` has those of the general
//! chapters. Each step has a caption, and the captions together say in words what the pictures show.
//! A number of a run is never typed: `{broken__fact__files_written}` is replaced, as in the prose.

mod frame;
mod shape;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::Deserialize;
use tera::Context;

use super::{Fragments, numbers, template};
use crate::workbook::{Lesson, Workbook};
use shape::Shape;

/// The most steps that the style sheet knows.
const STEPS: usize = 6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    diagram: Vec<Description>,
}

/// One block `[[diagram]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    id: String,
    /// Whose numbers it shows. In a scenario's own file, that is the scenario.
    scenario: Option<String>,
    title: String,
    /// A caption for each step.
    steps: Vec<String>,
    /// What is drawn, a line for each shape.
    draw: String,
}

/// Every diagram, by its path.
///
/// # Errors
///
/// Names the file, the diagram and the line that can't be drawn.
pub(super) fn all(workbook: &Workbook) -> Result<Fragments> {
    let mut made = Fragments::new();
    for lesson in &workbook.lessons {
        let file = lesson.scenario.folder.join("diagrams.toml");
        if file.is_file() {
            let name = |id: &str| format!("{}-{id}", lesson.scenario.slug);
            for (id, html) in of_file(&file, workbook, Some(lesson), name)? {
                made.insert(lesson.results().join("figures").join(id), html);
            }
        }
    }
    let file = workbook.root.join("book/diagrams.toml");
    for (id, html) in of_file(&file, workbook, None, |id| id.to_owned())? {
        made.insert(Path::new("book/src/figures").join(id), html);
    }
    Ok(made)
}

/// The diagrams of one file, each with the name of its fragment.
fn of_file(
    path: &Path,
    workbook: &Workbook,
    own: Option<&Lesson>,
    name: impl Fn(&str) -> String,
) -> Result<Vec<(PathBuf, String)>> {
    let place = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(place)?;
    let file: File = toml::from_str(&text).with_context(place)?;
    let made = file.diagram.iter().map(|diagram| {
        let lesson = match &diagram.scenario {
            Some(slug) => Some(workbook.lesson(slug).with_context(|| format!("no scenario {slug}"))?),
            None => own,
        };
        let html = html(diagram, &name(&diagram.id), lesson)?;
        Ok((PathBuf::from(format!("{}.html", diagram.id)), html))
    });
    let made = made.zip(&file.diagram).map(|(html, diagram): (Result<_>, _)| {
        html.with_context(|| format!("{}: the diagram {}", path.display(), diagram.id))
    });
    made.collect()
}

/// A diagram as one block of a page.
fn html(diagram: &Description, name: &str, lesson: Option<&Lesson>) -> Result<String> {
    let steps = diagram.steps.len();
    ensure!((1..=STEPS).contains(&steps), "it has {steps} steps, and 1 to {STEPS} can be shown");
    let id = format!("diagram-{name}");
    let quantity = |name: &str| number(lesson, name, numbers::quantity);
    let ratio = |one: &str, other: &str| Ok(quantity(one)? / quantity(other)?);
    let shapes = shape::parse(&filled(&diagram.draw, lesson)?, steps, ratio)?;
    let size = frame::size(&shapes);
    let title = filled(&diagram.title, lesson)?;
    let frame = |step| {
        let name = match steps {
            1 => title.clone(),
            _ => format!("Step {step} of {steps}"),
        };
        let seen: Vec<&Shape> = shapes.iter().filter(|shape| shape.steps.contains(&step)).collect();
        frame::svg(&seen, step, size, &name).with_context(|| format!("step {step}"))
    };
    let frames = (1..=steps).map(frame).collect::<Result<Vec<_>>>()?;
    let caption = |text: &String| Ok(template::html(&filled(text, lesson)?));
    let captions = diagram.steps.iter().map(caption).collect::<Result<Vec<_>>>()?;
    let mut context = Context::new();
    context.insert("id", &id);
    context.insert("title", &title);
    context.insert("frames", &frames);
    context.insert("captions", &captions);
    template::block("diagram.html", &context)
}

/// The text with a number in the place of each name in braces.
fn filled(text: &str, lesson: Option<&Lesson>) -> Result<String> {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else { bail!("no }} follows {{{part}") };
        filled += &number(lesson, name, numbers::text)?;
        filled += rest;
    }
    Ok(filled)
}

/// What a name stands for, as `of` gives it.
fn number<T>(
    lesson: Option<&Lesson>,
    name: &str,
    of: impl Fn(&Lesson, &str) -> Result<T, String>,
) -> Result<T> {
    let lesson = lesson.with_context(|| format!("{name}: of which scenario? Add: scenario = \"SLUG\""))?;
    of(lesson, name).map_err(|why| anyhow!("{name}: {why}"))
}
