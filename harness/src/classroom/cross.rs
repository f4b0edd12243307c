//! Programs for machines of another architecture than this one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::model::UnknownName;
use crate::scenario::Catalog;
use crate::workbench::program::{cargo_path, no_cargo};

/// An architecture that programs are built for, with what links them.
pub(crate) struct Cross {
    /// The target, by the name that rustc has for it.
    target: String,
    /// The linker's variable for cargo, and the linker; none if the user has set one.
    linker: Option<(String, String)>,
}

impl Cross {
    /// Finds what it takes to build for a target.
    ///
    /// # Errors
    ///
    /// Says what to install, if the library of Rust or the linker isn't there.
    pub(crate) fn find(target: &str) -> Result<Self> {
        let known = printed("target-list")?;
        if !known.lines().any(|name| name == target) {
            let known = known.lines().filter(|name| name.contains("-linux-")).map(str::to_owned).collect();
            return Err(UnknownName { what: "target".into(), name: target.to_owned(), known }.into());
        }
        if !target.contains("-linux-") {
            bail!("{target}: a bundle runs on Linux, so its target is one such as aarch64-unknown-linux-gnu");
        }
        if !Path::new(printed("sysroot")?.trim()).join("lib/rustlib").join(target).join("lib").is_dir() {
            bail!("Rust has no library for {target} here. To get it:  rustup target add {target}");
        }
        let variable = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
        if std::env::var_os(&variable).is_some() {
            return Ok(Cross { target: target.to_owned(), linker: None });
        }
        // As Debian and others name the compilers of other architectures.
        let (processor, system) = target.split_once('-').unwrap_or((target, ""));
        let library = system.rsplit('-').next().unwrap_or_default();
        let linker = format!("{processor}-linux-{library}-gcc");
        if !is_there(&linker) {
            let package = format!("gcc-{processor}-linux-{library}").replace('_', "-");
            bail!(
                "there is no linker for {target} ({linker}). To get it on Debian or Ubuntu:  sudo apt install \
                 {package}\nIf you have another one:  {variable}=PATH"
            );
        }
        Ok(Cross { target: target.to_owned(), linker: Some((variable, linker)) })
    }

    /// Builds `lab` and every scenario, and returns where each is.
    ///
    /// # Errors
    ///
    /// When one of them can't be built; cargo's own words go to the terminal.
    pub(crate) fn build(&self, root: &Path, catalog: &Catalog) -> Result<BTreeMap<String, PathBuf>> {
        let mut cargo = Command::new(cargo_path());
        cargo.args([
            "build",
            "--profile",
            "workshop",
            "--message-format=json-render-diagnostics",
            "--target",
        ]);
        cargo.arg(&self.target).args(["--package", LAB]).current_dir(root).stderr(Stdio::inherit());
        for scenario in catalog.scenarios() {
            cargo.args(["--package", &scenario.slug]);
        }
        cargo.envs(self.linker.clone());
        labkit::sys::give_signals(&mut cargo, labkit::sys::inherited_signals());
        let output = cargo.output().with_context(no_cargo)?;
        if !output.status.success() {
            bail!("the programs couldn't be built for {}", self.target);
        }
        let lines = output.stdout.split(|&byte| byte == b'\n');
        let built = lines.filter_map(|line| serde_json::from_slice::<Built>(line).ok());
        Ok(built.filter_map(|built| Some((built.target.name, built.executable?))).collect())
    }
}

/// The package of `lab`.
pub(crate) const LAB: &str = "lab";

/// What rustc prints about itself: the one that cargo will take.
fn printed(what: &str) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let output = Command::new(rustc).args(["--print", what]).output().context("rustc: is Rust installed?")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What cargo says about something that it has built.
#[derive(Deserialize)]
struct Built {
    executable: Option<PathBuf>,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
