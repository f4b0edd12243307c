//! The arguments of a scenario: `<slug> [VARIANT] [--seed N] [--shm DIR] [--disk DIR] [SIZE=NUMBER ...]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Variant;

/// What the command line asks for.
pub(crate) struct Args {
    pub(crate) name: String,
    pub(crate) variant: Variant,
    pub(crate) sizes: BTreeMap<String, u64>,
    pub(crate) seed: u64,
    pub(crate) shm: PathBuf,
    pub(crate) disk: PathBuf,
}

/// Reads the arguments; `None` when only help was asked for.
pub(crate) fn parse(
    scenario: &str,
    variants: &[(&str, Variant)],
    mut words: impl Iterator<Item = String>,
) -> Result<Option<Args>, String> {
    let mut sizes = smoke_sizes(scenario)?;
    let mut chosen = variants.first().copied();
    let mut seed = 1;
    let mut shm = PathBuf::from("/dev/shm");
    let mut disk = std::env::temp_dir();
    while let Some(word) = words.next() {
        let mut value = |what: &str| words.next().ok_or(format!("{what} needs a value"));
        if word == "--help" || word == "-h" {
            println!("{}", usage(variants, &sizes));
            return Ok(None);
        } else if word == "--seed" {
            let text = value("--seed")?;
            seed = text.parse().map_err(|_| format!("--seed takes a whole number, not '{text}'"))?;
        } else if word == "--shm" {
            shm = PathBuf::from(value("--shm")?);
        } else if word == "--disk" {
            disk = PathBuf::from(value("--disk")?);
        } else if let Some((name, text)) = word.split_once('=') {
            let known = sizes.get_mut(name).ok_or_else(|| {
                format!(
                    "no size is called '{name}'\n{}",
                    usage(variants, &smoke_sizes(scenario).unwrap_or_default())
                )
            })?;
            *known =
                text.parse().map_err(|_| format!("the size {name} takes a whole number, not '{text}'"))?;
        } else {
            chosen = Some(
                *variants
                    .iter()
                    .find(|(name, _)| *name == word)
                    .ok_or_else(|| format!("no variant is called '{word}'\n{}", usage(variants, &sizes)))?,
            );
        }
    }
    let (name, variant) = chosen.ok_or("this scenario has no variants")?;
    Ok(Some(Args { name: name.to_owned(), variant, sizes, seed, shm, disk }))
}

/// The sizes of `[sizes.smoke]`: tens of MiB, safe on any machine.
fn smoke_sizes(scenario: &str) -> Result<BTreeMap<String, u64>, String> {
    let table: toml::Table = scenario.parse().map_err(|error| format!("scenario.toml: {error}"))?;
    let smoke = table
        .get("sizes")
        .and_then(|sizes| sizes.get("smoke"))
        .and_then(toml::Value::as_table)
        .ok_or("scenario.toml has no [sizes.smoke]")?;
    smoke
        .iter()
        .map(|(name, value)| {
            let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
            Ok((name.clone(), number.ok_or(format!("scenario.toml: the size {name} isn't a whole number"))?))
        })
        .collect()
}

fn usage(variants: &[(&str, Variant)], sizes: &BTreeMap<String, u64>) -> String {
    let names: Vec<&str> = variants.iter().map(|(name, _)| *name).collect();
    let sizes: Vec<String> = sizes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "usage: [VARIANT] [--seed N] [--shm DIR] [--disk DIR] [SIZE=NUMBER ...]\nvariants: {}\nsizes: {}\n\
         Without lab, it only says where it is; `lab run` measures it and draws the curve.",
        names.join(", "),
        sizes.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str =
        "[sizes.smoke]\narray_mib = 4\nslices = 8\n[sizes.post]\narray_mib = 8192\nslices = 8\n";
    const VARIANTS: &[(&str, Variant)] = &[("broken", |_| Ok(())), ("fixed", |_| Ok(()))];

    fn parsed(words: &str) -> Result<Args, String> {
        parse(SCENARIO, VARIANTS, words.split_whitespace().map(str::to_owned)).map(Option::unwrap)
    }

    #[test]
    fn a_scenario_run_by_hand_uses_smoke_sizes() {
        let args = parsed("").unwrap();
        assert_eq!((args.name.as_str(), args.sizes["array_mib"]), ("broken", 4));
    }

    #[test]
    fn the_harness_states_variant_seed_folder_and_sizes() {
        let args = parsed("fixed --seed 7 --shm /tmp array_mib=32").unwrap();
        assert_eq!((args.name.as_str(), args.seed, args.sizes["array_mib"]), ("fixed", 7, 32));
        assert_eq!(args.shm, PathBuf::from("/tmp"));
    }

    #[test]
    fn a_wrong_word_is_answered_with_what_exists() {
        for words in ["fxied", "array=3", "array_mib=many", "--seed", "--seed x"] {
            assert!(parsed(words).is_err(), "{words} should be refused");
        }
        assert!(parsed("fxied").err().unwrap().contains("broken, fixed"));
    }
}
