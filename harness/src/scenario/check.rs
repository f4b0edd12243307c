//! The checks that make a [`Scenario`] of the text of scenario.toml.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::amount::{Amount, Quantity};
use super::claim::{Against, Bound, Claim, ENDS, Measure, Relation, WORK};
use super::exercise::{Diagnosis, Exercise};
use super::figure::{Drawing, drawing};
use super::names::{Flaw, Names, all_different, flaw, known, metric};
use super::peer::peer;
use super::predict::question;
use super::rule::{Order, Rule};
use super::scenario::{Kind, Limits, Scenario, Variant};
use super::sweep::Defined;
use super::text::{
    AmountText, BoundText, ClaimText, DiagnosisText, ExerciseText, FiguresText, MeasureText, Name, RuleText,
    Sizes, SizesText, Text, VariantText,
};
use super::unknown_name::nearest;

/// Reads a scenario from the text of its scenario.toml, and says where in it the number stands.
pub(super) fn scenario(folder: &Path, text: &str) -> Result<(Scenario, Range<usize>), Flaw> {
    let text: Text = toml::from_str(text).map_err(unreadable)?;
    let place = text.number.span();
    let names = Names {
        sizes: text.sizes.smoke.get_ref().keys().cloned().collect(),
        marks: all_different("mark", text.marks.iter())?,
        variants: all_different("variant", text.variant.iter().map(|variant| &variant.name))?,
    };
    all_different("claim", text.claim.iter().map(|claim| &claim.id))?;
    all_different("figure", text.figure.iter().map(|figure| &figure.id))?;
    all_different("question", text.predict.iter().map(|question| &question.id))?;
    let limits = Limits {
        tmpfs: names.limit(&text.limits.tmpfs)?,
        memory: names.limit(&text.limits.memory)?,
        seconds: text.limits.seconds.get(),
        still_ms: None,
    };
    all_different("exercise", text.exercise.iter().map(|exercise| &exercise.name))?;
    let exercises = text
        .exercise
        .into_iter()
        .map(|exercise| names.exercise(exercise, &text.variant))
        .collect::<Result<_, _>>()?;
    all_different("sweep", text.sweep.iter().map(|sweep| &sweep.id))?;
    let rules: Vec<Rule> = text.rule.iter().map(|rule| names.rule(rule)).collect::<Result<_, _>>()?;
    let sizes = sizes(text.sizes)?;
    let claims: Vec<Claim> =
        text.claim.into_iter().map(|claim| names.claim(claim)).collect::<Result<_, _>>()?;
    let defined = Defined { sizes: &sizes, rules: &rules, claims: &claims };
    let sweeps = text.sweep.iter().map(|sweep| names.sweep(sweep, &defined)).collect::<Result<_, _>>()?;
    let mut scenario = Scenario {
        slug: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        folder: folder.to_owned(),
        number: text.number.get_ref().get(),
        title: text.title,
        lesson: text.lesson,
        chapter: PathBuf::from(text.chapter),
        minutes: text.minutes,
        needs: text.needs,
        curve: metric(&text.curve)?,
        rules,
        scale: text.scale.iter().map(|name| known("size", name, &names.sizes)).collect::<Result<_, _>>()?,
        sizes,
        claims,
        sweeps,
        variants: text
            .variant
            .into_iter()
            .map(|variant| names.variant(variant, &limits))
            .collect::<Result<_, _>>()?,
        exercises,
        limits,
        marks: names.marks.clone(),
        figures: Vec::new(),
        questions: Vec::new(),
        peer: None,
    };
    for figure in text.figure {
        if let Some(name) = &figure.scenario {
            return flaw(name.span(), "the figures of a scenario.toml are of that scenario");
        }
        scenario.figures.push(drawing(figure, &scenario)?);
    }
    for predict in text.predict {
        scenario.questions.push(question(predict, &names, &scenario)?);
    }
    scenario.peer = text.peer.map(|text| peer(text, &scenario)).transpose()?.map(Box::new);
    Ok((scenario, place))
}

/// Reads figures that each name their scenario.
pub(super) fn figures<'a>(
    text: &str,
    scenarios: &'a [Scenario],
) -> Result<Vec<(&'a Scenario, Drawing)>, Flaw> {
    let text: FiguresText = toml::from_str(text).map_err(unreadable)?;
    all_different("figure", text.figure.iter().map(|figure| &figure.id))?;
    let slugs: Vec<String> = scenarios.iter().map(|scenario| scenario.slug.clone()).collect();
    let read = text.figure.into_iter().map(|figure| {
        let Some(name) = &figure.scenario else {
            return flaw(figure.id.span(), "which scenario is it of? Add: scenario = \"SLUG\"");
        };
        let slug = known("scenario", name, &slugs)?;
        let scenario = scenarios.iter().find(|scenario| scenario.slug == slug).expect("it is one of theirs");
        Ok((scenario, drawing(figure, scenario)?))
    });
    read.collect()
}

/// What the parser has to say.
fn unreadable(error: toml::de::Error) -> Flaw {
    Flaw { span: error.span().unwrap_or_default(), what: with_nearest(error.message()) }
}

impl Names {
    /// A variant has the limits of its scenario, but for those that it states itself.
    fn variant(&self, text: VariantText, limits: &Limits) -> Result<Variant, Flaw> {
        let limit = |text: &Option<AmountText>, else_: &Amount| match text {
            Some(text) => self.limit(text),
            None => Ok(else_.clone()),
        };
        let limits = Limits {
            tmpfs: limit(&text.tmpfs, &limits.tmpfs)?,
            memory: limit(&text.memory, &limits.memory)?,
            seconds: text.seconds.map_or(limits.seconds, NonZeroU64::get),
            still_ms: text.still_ms.map(NonZeroU64::get),
        };
        let VariantText { name, kind, title, ends, needs, .. } = text;
        Ok(Variant { name: name.into_inner(), kind, title, ends, needs, limits })
    }

    /// An exercise is a variant of that kind, and so is its solution; one that is answered is its own.
    fn exercise(&self, text: ExerciseText, variants: &[VariantText]) -> Result<Exercise, Flaw> {
        let solution = text.solution.as_ref().map(|name| (name, Kind::Solution, "solution"));
        if solution.is_some() == text.diagnosis.is_some() {
            return flaw(text.name.span(), "an exercise has either a 'solution' or a 'diagnosis'");
        }
        for (name, kind, word) in [(&text.name, Kind::Exercise, "exercise")].into_iter().chain(solution) {
            let name_known = known("variant", name, &self.variants)?;
            let is_one =
                |variant: &VariantText| *variant.name.get_ref() == name_known && variant.kind == kind;
            if !variants.iter().any(is_one) {
                return flaw(name.span(), format!("the variant '{name_known}' is no {word}: see its kind"));
            }
        }
        let diagnosis = text.diagnosis.map(diagnosis).transpose()?;
        let ExerciseText { name, solution, asks, minutes, hints, why, .. } = text;
        let name = name.into_inner();
        let solution = solution.map_or_else(|| name.clone(), Spanned::into_inner);
        Ok(Exercise { name, solution, diagnosis, asks, minutes: minutes.get(), hints, why })
    }

    fn rule(&self, text: &RuleText) -> Result<Rule, Flaw> {
        let RuleText { says, amount, more_than, at_least, multiple_of } = text;
        let (order, other) = match (more_than, at_least, multiple_of) {
            (Some(other), None, None) => (Order::MoreThan, other),
            (None, Some(other), None) => (Order::AtLeast, other),
            (None, None, Some(other)) => (Order::MultipleOf, other),
            _ => return flaw(says.span(), "a rule has one of more_than, at_least, multiple_of"),
        };
        let (amount, other) = (self.limit(amount)?, self.limit(other)?);
        Ok(Rule { says: says.get_ref().clone(), amount, order, other })
    }

    pub(super) fn limit(&self, text: &AmountText) -> Result<Amount, Flaw> {
        let factor = *text.factor.get_ref();
        if !(factor.is_finite() && factor > 0.0) {
            return flaw(text.factor.span(), "the factor of a limit is a number above 0");
        }
        Ok(Amount { factor, times: self.times(&text.times, Quantity::Mib)?, plus_mib: text.plus_mib })
    }

    pub(super) fn claim(&self, text: ClaimText) -> Result<Claim, Flaw> {
        if [ENDS, WORK].contains(&text.id.get_ref().as_str()) {
            return flaw(
                text.id.span(),
                format!("every scenario has a claim '{}' already", text.id.get_ref()),
            );
        }
        if text.bounds.is_empty() {
            let id = text.id.get_ref();
            return flaw(
                text.id.span(),
                format!("the claim '{id}' bounds no variant: add one under [claim.bounds]"),
            );
        }
        let measure = self.measure(&text.measure)?;
        let (post, bounds) = (self.posts(text.post)?, self.bounds(text.bounds, measure.quantity())?);
        Ok(Claim { id: text.id.into_inner(), says: text.says, measure, post, bounds })
    }

    /// What the post reports, for variants that are known.
    pub(super) fn posts(&self, text: BTreeMap<Name, String>) -> Result<BTreeMap<String, String>, Flaw> {
        text.into_iter()
            .map(|(name, figure)| Ok((known("variant", &name, &self.variants)?, figure)))
            .collect()
    }

    /// The bounds of a measure of this quantity, for variants that are known.
    pub(super) fn bounds(
        &self,
        text: BTreeMap<Name, Spanned<BoundText>>,
        quantity: Quantity,
    ) -> Result<BTreeMap<String, Bound>, Flaw> {
        let bound = |(name, bound): (Name, Spanned<BoundText>)| {
            let known = known("variant", &name, &self.variants)?;
            Ok((known, self.bound(&bound, name.get_ref(), quantity)?))
        };
        text.into_iter().map(bound).collect()
    }

    pub(super) fn measure(&self, text: &Spanned<MeasureText>) -> Result<Measure, Flaw> {
        let measure = text.get_ref();
        match (measure.keys(), measure) {
            (1, MeasureText { fact: Some(fact), .. }) => Ok(Measure::Fact(fact.clone())),
            (1, MeasureText { peak: Some(peak), .. }) => Ok(Measure::Peak(metric(peak)?)),
            (1, MeasureText { least: Some(least), .. }) => Ok(Measure::Least(metric(least)?)),
            (1, MeasureText { seconds: Some(mark), .. }) => Ok(Measure::Seconds(self.mark(mark)?)),
            (2, MeasureText { seconds: Some(mark), over: Some(over), .. }) => {
                Ok(Measure::SecondsOver { mark: self.mark(mark)?, over: self.mark(over)? })
            }
            (2, MeasureText { at: Some(at), mark: Some(mark), .. }) => {
                Ok(Measure::At { metric: metric(at)?, mark: self.mark(mark)? })
            }
            (3, MeasureText { change: Some(change), from: Some(from), to: Some(to), .. }) => {
                let metric = metric(change)?;
                self.span(from, to).map(|(from, to)| Measure::Change { metric, from, to })
            }
            (3, MeasureText { gain: Some(gain), from: Some(from), to: Some(to), .. }) => {
                let metric = metric(gain)?;
                self.span(from, to).map(|(from, to)| Measure::Gain { metric, from, to })
            }
            (3, MeasureText { line: Some(line), from: Some(from), to: Some(to), .. }) => {
                let metric = metric(line)?;
                self.span(from, to).map(|(from, to)| Measure::Line { metric, from, to })
            }
            _ => flaw(
                text.span(),
                "a measure is one of { fact = NAME }, { peak = METRIC }, { least = METRIC }, \
                 { at = METRIC, mark = MARK }, { change = METRIC, from = MARK, to = MARK }, \
                 { gain = METRIC, from = MARK, to = MARK }, { line = METRIC, from = MARK, to = MARK }, \
                 { seconds = MARK }, { seconds = MARK, over = MARK }",
            ),
        }
    }

    fn bound(&self, text: &Spanned<BoundText>, variant: &str, quantity: Quantity) -> Result<Bound, Flaw> {
        let BoundText { at_least, at_most, exactly, about, within, times, of } = text.get_ref();
        let (relation, factor) = match (at_least, at_most, exactly, about, within) {
            (Some(factor), None, None, None, None) => (Relation::AtLeast, *factor),
            (None, Some(factor), None, None, None) => (Relation::AtMost, *factor),
            (None, None, Some(factor), None, None) => (Relation::Exactly, *factor),
            (None, None, None, Some(factor), Some(within)) => (Relation::About { within: *within }, *factor),
            _ => {
                return flaw(
                    text.span(),
                    "a bound is one of at_least = NUMBER, at_most = NUMBER, exactly = NUMBER, \
                     or about = NUMBER with within = SHARE",
                );
            }
        };
        let numbers = [factor, within.unwrap_or(0.0)];
        if !numbers.iter().all(|number| number.is_finite() && *number >= 0.0) {
            return flaw(text.span(), "the numbers of a bound are 0 or more");
        }
        let against = match of {
            Some(_) if !times.is_empty() => {
                return flaw(text.span(), "a bound has 'times' or 'of', not both");
            }
            Some(of) if of.get_ref() == variant => {
                return flaw(of.span(), format!("'{variant}' can not be held against itself"));
            }
            Some(of) => Against::Variant { factor, name: known("variant", of, &self.variants)? },
            None => Against::Sizes(Amount { factor, times: self.times(times, quantity)?, plus_mib: 0 }),
        };
        Ok(Bound { relation, against })
    }
}

/// The answer of a diagnosis is one of its choices.
fn diagnosis(text: DiagnosisText) -> Result<Diagnosis, Flaw> {
    let words: Vec<String> = text.choices.keys().cloned().collect();
    let answer = known("choice", &text.answer, &words)?;
    let shows = text.shows.iter().map(metric).collect::<Result<_, _>>()?;
    Ok(Diagnosis { answer, choices: text.choices, shows })
}

/// The tables of sizes, which must all have the same names.
fn sizes(text: SizesText) -> Result<BTreeMap<String, BTreeMap<String, u64>>, Flaw> {
    let plain = |sizes: &Sizes| sizes.iter().map(|(name, size)| (name.clone(), size.get())).collect();
    let smoke = text.smoke.get_ref();
    let mut tables = BTreeMap::from([("smoke".to_owned(), plain(smoke))]);
    for (name, table) in [("lab", &text.lab), ("post", &text.post)] {
        let Some(table) = table else { continue };
        if !table.get_ref().keys().eq(smoke.keys()) {
            let names: Vec<&str> = smoke.keys().map(String::as_str).collect();
            return flaw(
                table.span(),
                format!("[sizes.{name}] must have the same names as [sizes.smoke]: {}", names.join(", ")),
            );
        }
        tables.insert(name.to_owned(), plain(table.get_ref()));
    }
    Ok(tables)
}

/// The message of the parser, with the nearest of the names that it allows.
///
/// The parser quotes names in backticks: the wrong one first, then each one that is allowed.
fn with_nearest(message: &str) -> String {
    let message = message.trim_end().replace('\n', "; ");
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let (wrong, allowed) = (quoted.next().unwrap_or_default(), quoted.collect::<Vec<_>>());
    match nearest(&wrong, &allowed) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message,
    }
}
