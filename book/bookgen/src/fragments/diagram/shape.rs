//! The language of a diagram: a line for each shape.
//!
//! ```text
//! STEPS KIND NUMBERS STYLES | TEXT
//!
//!       box   8 20 100 34 shm      | one file // 4 MiB
//! 2-    arrow 108 37 150 37
//! 2-3,5 pages 150 24 8 2 own
//! ```
//!
//! Without STEPS a shape is in all of them; `2-` is from the second one on. A picture is 360 wide,
//! and as high as it needs to be. What comes later covers what came before. ` // ` breaks a line.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

/// A point, to the right and down.
pub(super) type Point = (f64, f64);

/// One shape, as its line says.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) steps: BTreeSet<usize>,
    pub(super) kind: Kind,
    /// The class of its colour; that of the text has none.
    pub(super) ink: &'static str,
    pub(super) dashed: bool,
    pub(super) anchor: Anchor,
    pub(super) code: bool,
    pub(super) lines: Vec<String>,
    /// The page to which it leads.
    pub(super) link: Option<String>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// `box X Y WIDTH HEIGHT`, with its text in the middle.
    Box(Area),
    /// `bar X Y WIDTH HEIGHT ONE/OTHER`: as much of the width as one number is of the other.
    Bar(Area),
    /// `pages X Y COLUMNS ROWS`: a grid of squares.
    Pages(Point, (u8, u8)),
    /// `arrow X Y X Y …`, with its head at the last point.
    Arrow(Vec<Point>),
    /// `line X Y X Y …`
    Line(Vec<Point>),
    /// `cross X Y`: what fails or is killed.
    Cross(Point),
    /// `text X Y`
    Text(Point),
}

/// A rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where a text stands at its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// All shapes of a diagram. `ratio` knows how many times the one number the other is.
///
/// # Errors
///
/// Shows the line that says nothing that can be drawn.
pub(super) fn parse(
    text: &str,
    steps: usize,
    ratio: impl Fn(&str, &str) -> Result<f64>,
) -> Result<Vec<Shape>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| shape(line, steps, &ratio).with_context(|| format!("in `{line}`"))).collect()
}

fn shape(line: &str, steps: usize, ratio: &impl Fn(&str, &str) -> Result<f64>) -> Result<Shape> {
    let (what, text) = line.split_once(" | ").unwrap_or((line, ""));
    let mut words = what.split_whitespace().peekable();
    let when = words.next_if(|word| word.starts_with(|char: char| char.is_ascii_digit()));
    let kind = words.next().context("it draws nothing")?;
    let mut numbers = Vec::new();
    while let Some(number) = words.peek().and_then(|word| word.parse::<f64>().ok()) {
        numbers.push(number);
        words.next();
    }
    let mut shape = Shape {
        steps: seen(when, steps)?,
        kind: Kind::Text((0.0, 0.0)),
        ink: "",
        dashed: false,
        anchor: Anchor::Start,
        code: false,
        lines: text
            .split(" // ")
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
        link: None,
    };
    let mut part = 1.0;
    for word in words {
        match word.split_once(['/', '=']) {
            None => style(&mut shape, word)?,
            Some(("to", link)) => shape.link = Some(link.to_owned()),
            Some((one, other)) => part = ratio(one, other)?,
        }
    }
    shape.kind = match (kind, numbers.as_slice()) {
        ("box", &[x, y, width, height]) => Kind::Box(Area { x, y, width, height }),
        // What is there is seen, however small it is.
        ("bar", &[x, y, width, height]) => Kind::Bar(Area { x, y, width: (width * part).max(1.0), height }),
        ("pages", &[x, y, columns, rows]) => Kind::Pages((x, y), (columns as u8, rows as u8)),
        ("arrow", points) => Kind::Arrow(pairs(points)?),
        ("line", points) => Kind::Line(pairs(points)?),
        ("cross", &[x, y]) => Kind::Cross((x, y)),
        ("text", &[x, y]) => Kind::Text((x, y)),
        (kind, numbers) => bail!("no `{kind}` has {} numbers", numbers.len()),
    };
    Ok(shape)
}

fn style(shape: &mut Shape, word: &str) -> Result<()> {
    match word {
        "own" => shape.ink = "lab-own",
        "shm" => shape.ink = "lab-shm",
        "disk" => shape.ink = "lab-disk",
        "bad" => shape.ink = "lab-bad",
        "other" => shape.ink = "lab-other",
        "faint" => shape.ink = "lab-quiet",
        "dashed" => shape.dashed = true,
        "code" => shape.code = true,
        "middle" => shape.anchor = Anchor::Middle,
        "end" => shape.anchor = Anchor::End,
        _ => bail!("`{word}` isn't a style: own, shm, disk, bad, other, faint, dashed, code, middle, end"),
    }
    Ok(())
}

/// `2`, `2-`, `2-3`, or several of these with commas; nothing is all steps.
fn seen(text: Option<&str>, steps: usize) -> Result<BTreeSet<usize>> {
    let Some(text) = text else { return Ok((1..=steps).collect()) };
    let mut seen = BTreeSet::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.parse().with_context(|| format!("`{text}` isn't a step"));
        let (from, to) = (number(from)?, if to.is_empty() { steps } else { number(to)? });
        ensure!((1..=to).contains(&from) && to <= steps, "there are {steps} steps");
        seen.extend(from..=to);
    }
    Ok(seen)
}

fn pairs(numbers: &[f64]) -> Result<Vec<Point>> {
    ensure!(numbers.len() >= 4 && numbers.len().is_multiple_of(2), "a line needs two points or more");
    Ok(numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Shape> {
        Ok(parse(line, 4, |one, _| Ok(one.len() as f64))?.remove(0))
    }

    #[test]
    fn a_line_says_in_which_steps_what_is_drawn_where_and_how() {
        let shape = one("2-3 box 1 2 30 40 shm dashed code | one // two").unwrap();
        assert_eq!(shape.steps, [2, 3].into());
        assert!(matches!(shape.kind, Kind::Box(Area { x: 1.0, y: 2.0, width: 30.0, height: 40.0 })));
        assert_eq!((shape.ink, shape.dashed, shape.code), ("lab-shm", true, true));
        assert_eq!(shape.lines, ["one", "two"]);
        assert_eq!(one("cross 1 2").unwrap().steps, [1, 2, 3, 4].into());
        assert_eq!(one("1,3- cross 1 2").unwrap().steps, [1, 3, 4].into());
        assert_eq!(one("box 1 2 3 4 to=a/b.html#c | text").unwrap().link.unwrap(), "a/b.html#c");
    }

    #[test]
    fn a_bar_is_as_long_as_its_numbers_say_and_is_seen() {
        let width = |line| match one(line).unwrap().kind {
            Kind::Bar(area) => area.width,
            other => panic!("{other:?}"),
        };
        assert_eq!(width("bar 0 0 10 5 abc/a"), 30.0);
        assert_eq!(width("bar 0 0 0.1 5 abc/a"), 1.0);
    }

    #[test]
    fn a_line_that_says_nothing_is_shown() {
        for (line, why) in [
            ("box 1 2 3", "no `box` has 3 numbers"),
            ("circle 1 2", "no `circle` has 2 numbers"),
            ("5 cross 1 2", "there are 4 steps"),
            ("3-2 cross 1 2", "there are 4 steps"),
            ("arrow 1 2 3", "two points"),
            ("box 1 2 3 4 red", "`red` isn't a style"),
        ] {
            let error = format!("{:#}", one(line).unwrap_err());
            assert!(error.contains(why) && error.contains(line), "{error}");
        }
    }
}
