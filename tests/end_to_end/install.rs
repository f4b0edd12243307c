//! What a release publishes, installed and run as a stranger would: the wheel with pip and with uv, the archive in a
//! folder with nothing else and in other systems, the package for Debian.
//!
//! `.ci/package` makes it all, and `.ci/roots` the other systems; where they haven't run, these are ignored and say so.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;
use nix::unistd::geteuid;
use tempfile::TempDir;

use crate::common::{NOBODY, Said, said};
use crate::trials_where_possible;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        install_the_wheel_with_pip_and_it_says_what_happened,
        install_the_wheel_with_uv_and_it_says_what_happened,
        install_by_uvx_without_an_environment,
        install_the_static_program_where_there_is_nothing_else,
        install_the_static_program_beside_an_old_glibc,
        install_the_static_program_beside_musl,
        install_by_binstall_finds_the_archive,
        install_and_walk_to_a_name_as_the_book_does,
        install_is_small_and_its_checksums_are_right,
        install_has_a_page_and_completions_for_each_verb,
    ]
}

/// The verbs of the recorder alone.
const VERBS: [&str; 8] = ["record", "gather", "diagnose", "show", "ls", "compare", "doctor", "clean"];

/// The most bytes that the program may have.
const MOST: u64 = 8 << 20;

/// The one file in the folder of what is published whose name ends like this, or why there is none.
fn published(end: &str) -> Result<PathBuf, String> {
    let folder = built().join("publish");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found = entries.filter(|path| path.to_string_lossy().ends_with(end));
    found.next().ok_or_else(|| format!("there is no {end} in {}: .ci/package makes it", folder.display()))
}

/// The folder of what is built.
fn built() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the folder of what is built")
}

/// A folder that an ordinary user may write to, who has nothing else.
struct Stranger {
    folder: TempDir,
}

impl Stranger {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder of our own");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("a folder of our own");
        Stranger { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Brings a file here, since the user may not read what root has built. Returns its path.
    fn given(&self, file: &Path) -> String {
        let name = file.file_name().expect("a file").to_string_lossy();
        let here = self.path(&name);
        fs::copy(file, &here).expect("room for a copy");
        fs::set_permissions(&here, Permissions::from_mode(0o755)).expect("a file of our own");
        here
    }

    /// Runs words as an ordinary user, with an empty environment.
    fn run(&self, words: &[&str]) -> Said {
        let mut command = Command::new("timeout");
        command.args(["--preserve-status", "--verbose", "--signal=ALRM", "--kill-after=10", "300"]);
        if geteuid().is_root() {
            command.args(NOBODY);
        }
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")]);
        command.env("HOME", self.folder.path()).env("UV_OFFLINE", "1").env("PIP_NO_INDEX", "1");
        said(command)
    }

    /// The same, which must end with 0.
    fn must(&self, words: &[&str]) -> Said {
        let said = self.run(words);
        assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
        said
    }
}

fn install_the_wheel_with_pip_and_it_says_what_happened() -> Option<String> {
    let wheel = match published(".whl") {
        Ok(wheel) => wheel,
        Err(why) => return Some(why),
    };
    let stranger = Stranger::new();
    let environment = stranger.path("env");
    let made = stranger.run(&["/usr/bin/python3", "-m", "venv", &environment]);
    if made.code != Some(0) {
        return Some(format!("python3 makes no environment (Debian: python3-venv): {}", made.stdout.trim()));
    }
    let wheel = stranger.given(&wheel);
    stranger.must(&[&format!("{environment}/bin/pip"), "install", "--quiet", "--no-deps", &wheel]);
    says_what_happened(&stranger, &format!("{environment}/bin/whyoom"));
    None
}

fn install_the_wheel_with_uv_and_it_says_what_happened() -> Option<String> {
    let (stranger, uv, wheel) = match with_uv() {
        Ok(found) => found,
        Err(why) => return Some(why),
    };
    let environment = stranger.path("env");
    stranger.must(&[&uv, "venv", "--quiet", "--python", "/usr/bin/python3", &environment]);
    let python = format!("{environment}/bin/python");
    stranger.must(&[&uv, "pip", "install", "--quiet", "--python", &python, &wheel]);
    says_what_happened(&stranger, &format!("{environment}/bin/whyoom"));
    None
}

fn install_by_uvx_without_an_environment() -> Option<String> {
    let (stranger, uv, wheel) = match with_uv() {
        Ok(found) => found,
        Err(why) => return Some(why),
    };
    let from = ["--python", "/usr/bin/python3", "--from", &wheel];
    let record = ["whyoom", "record", "--", "sh", "-c", "exit 3"];
    let said = stranger.run(&[&[uv.as_str(), "tool", "run"][..], &from, &record].concat());
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("exited with 3"), "{said:?}");
    None
}

fn install_and_walk_to_a_name_as_the_book_does() -> Option<String> {
    let wheel = match published(".whl") {
        Ok(wheel) => wheel,
        Err(why) => return Some(why),
    };
    let stranger = Stranger::new();
    let made = stranger.run(&["/usr/bin/python3", "-m", "venv", "env"]);
    if made.code != Some(0) {
        return Some(format!("python3 makes no environment (Debian: python3-venv): {}", made.stdout.trim()));
    }
    let wheel = stranger.given(&wheel);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/from-pip.md");
    let page = fs::read_to_string(page).expect("a page of the book");
    let blocks = |language: &str| -> Vec<String> {
        let begin = format!("```{language}\n");
        let begun = page.split(&begin).skip(1);
        begun.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
    };
    fs::write(stranger.path("serve.py"), &blocks("python")[0]).expect("room for it");
    let mut walked = 0;
    for step in blocks("console").iter().flat_map(|block| block.split("$ ").skip(1)) {
        let (line, expected) = step.split_once('\n').expect("a line for each command");
        let installed = format!("pip install --quiet --no-deps {wheel}");
        let line = line.replace("pip install whyoom", &installed);
        let said = stranger.run(&["env", "COLUMNS=80", "sh", "-c", &line]);
        let code = if line.contains(" record ") { 137 } else { 0 };
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        let mut rest = format!("\n{}{}", said.stdout, said.stderr);
        for part in expected.split('…').map(str::trim_end).filter(|part| !part.is_empty()) {
            let (_, behind) = rest
                .split_once(part)
                .unwrap_or_else(|| panic!("{line} doesn't print '{part}' here: {said:?}"));
            rest = behind.to_owned();
        }
        walked += 1;
    }
    assert_eq!(walked, 5, "the commands of the page");
    None
}

/// Somebody with uv and the wheel.
fn with_uv() -> Result<(Stranger, String, String), String> {
    let wheel = published(".whl")?;
    let uv = built().join("tools/bin/uv");
    if !uv.is_file() {
        return Err(format!("there is no {}: .ci/package installs it", uv.display()));
    }
    let stranger = Stranger::new();
    let (uv, wheel) = (stranger.given(&uv), stranger.given(&wheel));
    Ok((stranger, uv, wheel))
}

/// Records one command that fails and one that takes too much, and reads why.
fn says_what_happened(stranger: &Stranger, whyoom: &str) {
    let failed = stranger.run(&[whyoom, "record", "--", "/usr/bin/python3", "-c", "raise SystemExit(3)"]);
    assert_eq!(failed.code, Some(3), "{failed:?}");
    assert!(failed.stderr.contains("exited with 3"), "{failed:?}");

    let takes = "x = bytearray(200 << 20); import time; time.sleep(60)";
    let killed = stranger.run(&[whyoom, "record", "--memory", "64M", "--", "/usr/bin/python3", "-c", takes]);
    assert_eq!(killed.code, Some(137), "{killed:?}");
    let is_named =
        ["OOM killer (SIGKILL)", "whyoom's watchdog (SIGKILL)"].map(|end| killed.stderr.contains(end));
    assert!(is_named.contains(&true), "it says which of the two has ended it: {killed:?}");

    let why = stranger.must(&[whyoom, "diagnose", "-1"]);
    assert!(why.stdout.contains("limit-too-small"), "{why:?}");
    // Whoever has installed it under one name never reads the other.
    for said in [&killed.stderr, &why.stdout] {
        assert!(!said.contains("lab "), "{said}");
    }
    let listed = stranger.must(&[whyoom, "ls"]);
    assert_eq!(listed.stdout.matches("python3 -c").count(), 2, "{listed:?}");
    let refused = stranger.run(&[whyoom, "exercise", "1"]);
    assert_eq!(refused.code, Some(3), "the workbook isn't in it: {refused:?}");
}

/// A root file system with the program and little else, in which it runs as its first process. There is no /dev in it, and
/// no /sys.
struct Root {
    folder: TempDir,
}

impl Root {
    /// With the program of the archive alone, or with a copy of a system of `.ci/roots` too; or why there is none.
    fn new(system: Option<&str>) -> Result<Self, String> {
        let archive = published(".tar.gz")?;
        let folder = tempfile::tempdir().expect("a folder of our own");
        if let Some(system) = system {
            let from = built().join("roots").join(system);
            if !from.is_dir() {
                return Err(format!("there is no {}: .ci/roots makes it", from.display()));
            }
            let mut copy = Command::new("cp");
            copy.arg("--archive").arg(from.join(".")).arg(folder.path());
            let copied = said(copy);
            assert_eq!(copied.code, Some(0), "{copied:?}");
        }
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--strip-components=1", "--file"]).arg(&archive);
        tar.arg("--directory").arg(folder.path());
        assert_eq!(said(tar).code, Some(0), "tar(1) reads it");
        for name in ["proc", "tmp"] {
            fs::create_dir_all(folder.path().join(name)).expect("a folder of our own");
        }
        let root = Root { folder };
        let possible = root.run(&["--version"]);
        if possible.code != Some(0)
            && ["unshare: ", "mount: "].iter().any(|who| possible.stderr.contains(who))
        {
            return Err(format!("nobody may make namespaces here: {}", possible.stderr.trim()));
        }
        assert_eq!(possible.code, Some(0), "{possible:?}");
        Ok(root)
    }

    /// What the program says to these words in there.
    fn run(&self, words: &[&str]) -> Said {
        let script = "mount -t proc proc \"$0/proc\" && exec chroot \"$0\" /whyoom \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "sh", "-ec", script]);
        command.arg(self.folder.path()).args(words).env("HOME", "/tmp").env("LANG", "C.UTF-8");
        said(command)
    }
}

fn install_the_static_program_where_there_is_nothing_else() -> Option<String> {
    let root = match Root::new(None) {
        Ok(root) => root,
        Err(why) => return Some(why),
    };
    // The only program in there, so it records itself.
    for limits in [&[][..], &["--timeout", "60s"]] {
        let recorded = root.run(&[&["record"], limits, &["--", "/whyoom", "show", "/none"]].concat());
        assert_eq!(recorded.code, Some(3), "{recorded:?}");
        assert!(recorded.stderr.contains("exited with 3"), "{recorded:?}");
    }
    let lines = root.run(&["ls"]);
    assert!(lines.stdout.contains("/whyoom show /none"), "{lines:?}");
    None
}

/// Keeps what each of its tasks makes, `400 MiB` in all.
const KEEPS: &str = "import time
kept = []
for task in range(2000):
    kept.append(b'x' * 200_000)
    time.sleep(0.005)
";

fn install_the_static_program_beside_an_old_glibc() -> Option<String> {
    let root = match Root::new(Some("glibc")) {
        Ok(root) => root,
        Err(why) => return Some(why),
    };
    let failed = root.run(&["record", "--memory", "64M", "--", "/bin/busybox", "sh", "-c", "exit 3"]);
    assert_eq!(failed.code, Some(3), "{failed:?}");
    let killed = root.run(&["record", "--memory", "64M", "--", "/usr/bin/python3.9", "-c", KEEPS]);
    assert_eq!(killed.code, Some(137), "{killed:?}");
    assert!(killed.stderr.contains("whyoom's watchdog (SIGKILL)"), "{killed:?}");
    let why = root.run(&["diagnose", "-1"]);
    assert_eq!(why.code, Some(0), "{why:?}");
    for mode in ["anon-growth", "limit-too-small"] {
        assert!(why.stdout.contains(&format!("\n{mode}: it explains")), "{mode}: {why:?}");
    }
    None
}

fn install_the_static_program_beside_musl() -> Option<String> {
    let root = match Root::new(Some("musl")) {
        Ok(root) => root,
        Err(why) => return Some(why),
    };
    for limits in [&[][..], &["--memory", "256M"]] {
        let recorded = root.run(&[&["record"], limits, &["--", "/program"]].concat());
        assert_eq!(recorded.code, Some(3), "{recorded:?}");
        let json = root.run(&["show", "-1", "--json"]).json();
        // After the fork the parent's 24 MiB are the child's too, which takes 40 MiB more.
        let anon = json["peaks"]["anon"].as_u64().expect("a peak");
        assert!((64 << 20..128 << 20).contains(&anon), "{anon}: {recorded:?}");
        assert_eq!(json["process_tracks"].as_array().map(Vec::len), Some(2), "{json}");
    }
    None
}

fn install_by_binstall_finds_the_archive() -> Option<String> {
    let archive = match published(".tar.gz") {
        Ok(archive) => archive,
        Err(why) => return Some(why),
    };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/Cargo.toml");
    let manifest: toml::Table =
        fs::read_to_string(manifest).expect("a file of the repository").parse().expect("a manifest");
    let all = manifest["package"]["metadata"]["binstall"].as_table().expect("a table for cargo-binstall");
    assert_eq!(all["pkg-fmt"].as_str(), Some("tgz"));
    let mut listed = Command::new("tar");
    listed.args(["--list", "--file"]).arg(&archive);
    let listed = said(listed).stdout;
    for libc in ["gnu", "musl"] {
        let target = format!("{}-unknown-linux-{libc}", std::env::consts::ARCH);
        let instead = all["overrides"].get(&target);
        let of = |key: &str| {
            let text =
                instead.and_then(|table| table.get(key)).unwrap_or(&all[key]).as_str().expect("a text");
            let words = [("name", "whyoom"), ("version", env!("CARGO_PKG_VERSION")), ("target", &target)];
            let others = [("bin", "whyoom"), ("binary-ext", ""), ("repo", "https://host/repository")];
            let fill =
                |text: String, (word, with): &(&str, &str)| text.replace(&format!("{{ {word} }}"), with);
            words.iter().chain(&others).fold(text.to_owned(), fill)
        };
        let name = archive.file_name().expect("a file").to_string_lossy();
        let release = concat!("https://host/repository/releases/download/v", env!("CARGO_PKG_VERSION"));
        assert_eq!(of("pkg-url"), format!("{release}/{name}"), "{target}");
        assert!(listed.lines().any(|line| line == of("bin-dir")), "{target}: {listed}");
    }
    None
}

fn install_is_small_and_its_checksums_are_right() -> Option<String> {
    let archive = match published(".tar.gz") {
        Ok(archive) => archive,
        Err(why) => return Some(why),
    };
    let mut listed = Command::new("tar");
    listed.args(["--list", "--verbose", "--file"]).arg(&archive);
    let listed = said(listed).stdout;
    let program = listed.lines().find(|line| line.ends_with("/whyoom")).expect("it is in the archive");
    let bytes: u64 = program.split_whitespace().nth(2).and_then(|size| size.parse().ok()).expect("its size");
    assert!(bytes <= MOST, "the program has {bytes} bytes, which is more than {MOST}");
    let mut sums = Command::new("sha256sum");
    sums.args(["--check", "--quiet", "SHA256SUMS"]).current_dir(built().join("publish"));
    let sums = said(sums);
    assert_eq!(sums.code, Some(0), "{sums:?}");
    None
}

fn install_has_a_page_and_completions_for_each_verb() -> Option<String> {
    let package = match published(".deb") {
        Ok(package) => package,
        Err(why) => return Some(why),
    };
    let folder = tempfile::tempdir().expect("a folder of our own");
    let mut extract = Command::new("dpkg-deb");
    extract.arg("--extract").arg(&package).arg(folder.path());
    let extracted = said(extract);
    assert_eq!(extracted.code, Some(0), "{extracted:?}");
    let usr = folder.path().join("usr");
    let completions =
        fs::read_to_string(usr.join("share/bash-completion/completions/whyoom")).expect("for bash");
    for verb in VERBS {
        assert!(usr.join(format!("share/man/man1/whyoom-{verb}.1.gz")).is_file(), "{verb} has no page");
        assert!(completions.contains(&format!("whyoom,{verb})")), "{verb} isn't completed");
    }
    let mut version = Command::new(usr.join("bin/whyoom"));
    version.arg("--version");
    assert_eq!(said(version).stdout, format!("whyoom {}\n", env!("CARGO_PKG_VERSION")));
    None
}
