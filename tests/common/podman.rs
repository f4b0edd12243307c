//! A container of podman: a root file system that is made here, and the tools of this machine. No image is pulled.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// Why there are no containers here; `None` when there are.
pub(crate) fn missing() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("a container is started by root here".into());
    }
    if !fs::symlink_metadata("/bin").is_ok_and(|data| data.is_symlink()) {
        return Some("a container has /usr of this machine, whose /bin isn't in it".into());
    }
    let absent = |tool: &&&str| {
        let version =
            Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        !version.is_ok_and(|status| status.success())
    };
    let missing = ["podman", "crun", "unshare"].iter().find(absent);
    missing.map(|tool| format!("there is no {tool} here (Debian: podman, crun)"))
}

/// The words that run a script in a container, whose root, images and states are in a folder of ours.
pub(crate) fn words(folder: &Path, options: &[&str], script: &str) -> Vec<String> {
    let root = folder.join("root");
    let made = |path: &Path| fs::create_dir_all(path).expect("a folder of our own");
    ["proc", "sys", "dev", "tmp", "etc", "run", "usr", "programs"]
        .iter()
        .for_each(|name| made(&root.join(name)));
    for name in ["bin", "sbin", "lib", "lib64"] {
        let link = root.join(name);
        let _ = fs::remove_file(&link);
        symlink(format!("usr/{name}"), link).expect("a link of our own");
    }
    // crun refuses machines that have both versions of control groups, so here the second one is hidden.
    // And podman leaves a file of locks in /dev/shm, so it has one of its own.
    let hide = "umount /sys/fs/cgroup/unified 2> /dev/null; mount -t tmpfs shm /dev/shm; exec \"$@\"";
    let podman = ["unshare", "--mount", "sh", "-c", hide, "sh", "podman", "--cgroup-manager=cgroupfs"];
    let state = folder.join("podman").display().to_string();
    let places = ["root", "runroot", "tmpdir"].map(|name| format!("--{name}={state}/{name}"));
    let run = ["--storage-driver=vfs", "--events-backend=none", "run", "--rm", "--network=none"];
    let has = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000", "--volume=/usr:/usr:ro"];
    let root = root.display().to_string();
    let ends = ["--rootfs", &root, "sh", "-c", script];
    let rest = ["--env=HOME=/tmp"].iter().chain(options).chain(&ends);
    let before = podman.iter().map(|&word| word.to_owned()).chain(places);
    before.chain(run.iter().chain(&has).chain(rest).map(|&word| word.to_owned())).collect()
}
