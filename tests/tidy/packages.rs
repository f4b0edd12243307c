//! What a package may be called, depend on and be excepted from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use crate::{catalog, files, is_code, is_of_tests, manifest, read, root};

#[test]
fn the_harness_names_no_scenario() {
    let slugs: Vec<String> = catalog().scenarios().iter().map(|scenario| scenario.slug.clone()).collect();
    // A bench may race whatever it likes.
    let is_of_benches = |file: &PathBuf| file.components().any(|part| part.as_os_str() == "benches");
    let code = files(&root().join("harness")).into_iter().filter(|file| is_code(file) && !is_of_tests(file));
    // A failure mode names the chapter that explains it, and may be called as a scenario is.
    let is_of_modes = |file: &PathBuf| file.starts_with(root().join("harness/src/diagnosis"));
    for file in code.filter(|file| !is_of_benches(file) && !is_of_modes(file)) {
        // Tests at the end of a file may call their example by a real name.
        let text = read(&file);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for slug in &slugs {
            let line =
                text.lines().position(|line| line.contains(slug) && !line.trim_start().starts_with("//"));
            if let Some(line) = line {
                panic!(
                    "{}:{} names the scenario {slug}. The harness must work for every scenario: \
                     move what is special about this one into its scenario.toml",
                    file.display(),
                    line + 1
                );
            }
        }
    }
}

#[test]
fn no_scenario_depends_on_lab() {
    for scenario in catalog().scenarios() {
        let manifest = manifest(&scenario.folder);
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = manifest.get(table).and_then(toml::Value::as_table).cloned().unwrap_or_default();
            assert!(
                !names.contains_key("lab") && !names.contains_key("whyoom"),
                "{} depends on lab. What crosses between them is text: use labkit alone",
                scenario.slug
            );
        }
    }
}

#[test]
fn folder_package_and_program_have_one_name_and_the_learners_has_it_too() {
    for scenario in catalog().scenarios() {
        let manifest = manifest(&scenario.folder);
        let name = manifest["package"]["name"].as_str();
        assert_eq!(
            name,
            Some(scenario.slug.as_str()),
            "rename the package of {} to its folder",
            scenario.slug
        );
        let bin = manifest.get("bin").and_then(|bins| bins.as_array()?.as_slice().first()?.get("name"));
        assert!(
            bin.and_then(|name| name.as_str()) == Some(format!("my-{}", scenario.slug).as_str())
                && scenario.folder.join("src/main.rs").is_file(),
            "{} must have two programs: src/main.rs, and a [[bin]] my-{} of src/my.rs",
            scenario.slug,
            scenario.slug
        );
    }
}

#[test]
fn what_is_compiled_for_lab_serves_every_scenario() {
    let of_lab = features("lab");
    for scenario in catalog().scenarios() {
        for (package, features) in features(&scenario.slug) {
            let wanted = of_lab.get(&package).unwrap_or(&features);
            assert_eq!(
                &features, wanted,
                "{} has {package} compiled again, with other features than lab: add them to harness/features/Cargo.toml",
                scenario.slug
            );
        }
    }
}

/// The crates that a package is made of, each with its features.
fn features(package: &str) -> BTreeMap<String, String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges=normal,build",
            "--prefix=none",
            "--format={p}\t{f}",
            "--package",
            package,
        ])
        .current_dir(root())
        .output()
        .expect("cargo is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let lines = text.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('\t'));
    lines.map(|(package, features)| (package.to_owned(), features.to_owned())).collect()
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let manifests = files(&root()).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    for path in manifests {
        let inherits = manifest(path.parent().expect("a file is in a folder"))
            .get("lints")
            .and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(inherits, Some(true), "add `[lints] workspace = true` to {}", path.display());
    }
    let lints = &manifest(&root())["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("deny"), "Cargo.toml must deny unsafe_code");
}

#[test]
fn release_is_the_build_that_anybody_expects() {
    let release = manifest(&root())["profile"].get("release").cloned();
    for key in ["opt-level", "package", "build-override"] {
        assert!(
            release.as_ref().is_none_or(|release| release.get(key).is_none()),
            "Cargo.toml sets {key} of the profile release, so `cargo build --release` isn't what it says. \
             What only `make` wants belongs into the profile workshop"
        );
    }
}

#[test]
fn only_sys_rs_may_use_unsafe() {
    let exception = concat!("(unsafe", "_code");
    for file in
        files(&root()).iter().filter(|file| is_code(file) && !file.ends_with("harness/kit/src/sys.rs"))
    {
        assert!(
            !read(file).contains(exception),
            "{} makes an exception from the lint unsafe_code. Put the call into harness/kit/src/sys.rs, \
             behind a safe function",
            file.display()
        );
    }
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    let path = root().join("harness/kit/src/sys.rs");
    let text = read(&path);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("unsafe {")) {
        // The statement may have begun on a line before.
        let statement = |line: &&&str| !line.starts_with("//") && !line.ends_with([';', '{', '}']);
        let before = lines[..number].iter().rev().skip_while(statement);
        let comment = before.take_while(|line| line.starts_with("//"));
        assert!(
            comment.last().is_some_and(|first| first.starts_with("// SAFETY: ")),
            "{}:{} has no comment `// SAFETY: ...` above it that names the fact that makes it sound: {line}",
            path.display(),
            number + 1
        );
    }
}
