//! A small emulated machine with cgroup v2 alone, as most users have it, and an ordinary user. It's like this one, or
//! an arm64 one.
//!
//! Its file system is a folder packed into the kernel's initial RAM disk: busybox, the workshop, and
//! the shared libraries that its programs need. Emulated means correct and slow.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What kind of machine it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// The user who runs the command; 0 is root.
    pub(crate) uid: u32,
    /// Whether that user may make control groups.
    pub(crate) delegated: bool,
    /// Its first process.
    pub(crate) init: Init,
    /// What it's made of.
    pub(crate) hardware: Hardware,
}

/// What sets the machine up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Init {
    /// A script for busybox, which makes the control groups that `Kind` asks for.
    Script,
    /// The systemd of this machine, which makes control groups of its own. The command is root's.
    Systemd,
}

/// What a machine is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hardware {
    /// As this machine: x86-64, with its kernel and its programs.
    Native,
    /// arm64, with what `.ci/arm64` has fetched.
    Arm64(Pages),
}

/// How large a page of memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    Of4K,
    Of16K,
}

impl Hardware {
    /// The emulator, and the options that say what machine it is.
    fn emulator(self) -> (PathBuf, &'static [&'static str]) {
        match self {
            Hardware::Native => ("qemu-system-x86_64".into(), &["-cpu", "max"]),
            // A real processor that has both sizes of pages, and no signed pointers, which take long to emulate.
            Hardware::Arm64(_) => {
                (fetched().join("bin/qemu-system-aarch64"), &["-machine", "virt", "-cpu", "neoverse-n1"])
            }
        }
    }

    /// The name that the kernel has for the first serial port.
    fn console(self) -> &'static str {
        match self {
            Hardware::Native => "ttyS0",
            Hardware::Arm64(_) => "ttyAMA0",
        }
    }

    /// A program by its name in this machine's search path, and by its path below what was fetched.
    fn program(self, name: &str, of_arm64: &str) -> PathBuf {
        match self {
            Hardware::Native => name.into(),
            Hardware::Arm64(_) => fetched().join(of_arm64),
        }
    }

    /// A kernel that can be started.
    fn kernel(self) -> Option<PathBuf> {
        let (folder, end) = match self {
            Hardware::Native => ("/boot".into(), ""),
            Hardware::Arm64(Pages::Of4K) => (fetched().join("kernels/boot"), "-cloud-arm64"),
            Hardware::Arm64(Pages::Of16K) => (fetched().join("kernels/boot"), "-arm64-16k"),
        };
        let boot = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
        let is_kernel = |path: &PathBuf| {
            let name = path.to_string_lossy();
            name.contains("vmlinuz") && name.ends_with(end) && fs::File::open(path).is_ok()
        };
        boot.filter(is_kernel).max()
    }

    /// The module of disks that are in memory, of that kernel: they can hold swap. Newer kernels have it compressed.
    pub(crate) fn ram_disk(self) -> Option<Vec<u8>> {
        let kernel = self.kernel()?;
        let version = kernel.file_name()?.to_str()?.strip_prefix("vmlinuz-")?;
        let modules = kernel.parent()?.with_file_name("lib/modules");
        let module = modules.join(version).join("kernel/drivers/block/brd.ko");
        let compressed = module.with_extension("ko.xz");
        fs::read(module).ok().or_else(|| {
            let output =
                Command::new("xz").args(["--decompress", "--stdout"]).arg(compressed).output().ok()?;
            output.status.success().then_some(output.stdout)
        })
    }
}

/// The folder of what `.ci/arm64` has fetched.
pub(crate) fn fetched() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("arm64")
}

/// What the command came to.
pub(crate) struct Ran {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) output: String,
}

/// The programs that the emulation needs, and the Debian packages that they come in.
const TOOLS: [(&str, &str); 2] = [("cpio", "cpio"), ("ldd", "libc-bin")];

/// For a machine like this one, these too.
const NATIVE_TOOLS: [(&str, &str); 2] =
    [("qemu-system-x86_64", "qemu-system-x86"), ("busybox", "busybox-static")];

/// The programs of systemd that are copied.
const SYSTEMD: [&str; 4] = [
    "/usr/lib/systemd/systemd",
    "/usr/lib/systemd/systemd-shutdown",
    "/usr/bin/systemctl",
    "/usr/bin/systemd-run",
];

/// How many processors it has.
pub(crate) const PROCESSORS: usize = 2;

/// What is missing for a machine of this kind; `None` when nothing is.
pub(crate) fn missing(kind: Kind) -> Option<String> {
    if !cfg!(target_arch = "x86_64") {
        return Some("machines are emulated on x86-64".into());
    }
    let is_native = kind.hardware == Hardware::Native;
    if !is_native && !fetched().join("ready").exists() {
        return Some("the emulated arm64 machine needs what .ci/arm64 fetches".into());
    }
    let absent = |tool: &str| Command::new(tool).arg("--version").stdin(Stdio::null()).output().is_err();
    let tools = TOOLS.iter().chain(NATIVE_TOOLS.iter().filter(|_| is_native));
    let tool = tools.into_iter().find(|(tool, _)| absent(tool)).map(|(_, package)| *package);
    let systemd = || kind.init == Init::Systemd && !SYSTEMD.iter().all(|path| Path::new(path).is_file());
    let kernel = if is_native { "linux-image-cloud-amd64" } else { "linux-image-arm64-16k" };
    let package = tool
        .or_else(|| kind.hardware.kernel().is_none().then_some(kernel))
        .or_else(|| systemd().then_some("systemd"))?;
    Some(format!("the emulated machine needs the Debian package {package}"))
}

/// For the commands: prints which of our control groups are left. Those of others may go while it looks.
const GROUPS_LEFT: &str = "groups_left() { find /sys/fs/cgroup -name 'lab-*' 2> /dev/null; }\n";

/// Starts a machine of this kind, and runs a command for the shell in a copy of the workshop.
pub(crate) fn run(kind: Kind, workshop: &Path, command: &str) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = disk(kind, workshop, command, &folder);
    let (emulator, options) = kind.hardware.emulator();
    // A machine that hangs is ended; nothing else takes so long, on a busy host either.
    let output = Command::new("timeout")
        .args(["--kill-after=10", "1200"])
        .arg(emulator)
        .args(options)
        .args(["-accel", "tcg,thread=multi", "-smp", &PROCESSORS.to_string(), "-m", "1024"])
        .args(["-nographic", "-nic", "none", "-no-reboot", "-append"])
        // The kernel's own words, as when its OOM killer strikes, stay out of what the command prints.
        .arg(format!("console={} loglevel=1 panic=-1 rdinit={}", kind.hardware.console(), first(kind.init)))
        .arg("-kernel")
        .arg(kind.hardware.kernel().expect("it was looked for before"))
        .arg("-initrd")
        .arg(disk)
        .stdin(Stdio::null())
        .output()
        .expect("it was looked for before");
    let console = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let printed = console.split_once("@@ begin\n").and_then(|(_, printed)| printed.split_once("@@ code "));
    let (output, code) = printed.unwrap_or_else(|| panic!("the machine did not get to its end:\n{console}"));
    let code = code.lines().next().and_then(|code| code.parse().ok()).expect("a number after `@@ code`");
    Ran { code, output: output.to_owned() }
}

/// The first program, and what the kernel is to say to it.
fn first(init: Init) -> &'static str {
    match init {
        Init::Script => "/init",
        Init::Systemd => {
            "/usr/lib/systemd/systemd systemd.unified_cgroup_hierarchy=1 systemd.show_status=no \
             systemd.log_level=err"
        }
    }
}

/// The unit that runs the command, and all that it needs; and what a user's manager needs to begin.
const UNITS: [(&str, &str); 4] = [
    ("etc/systemd/system/default.target", "[Unit]\nRequires=command.service\n"),
    ("etc/systemd/user/default.target", "[Unit]\nDefaultDependencies=no\n"),
    (
        "etc/systemd/system/command.service",
        "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/sh /start\n\
         StandardOutput=tty\nStandardError=inherit\nTTYPath=/dev/ttyS0\n",
    ),
    (
        "start",
        "/bin/busybox --install -s /bin 2> /dev/null\nexport PATH=/bin:/usr/bin HOME=/home/user LANG=C.UTF-8\n\
         mkdir -p /dev/shm; mount -t tmpfs -o mode=1777 shm /dev/shm 2> /dev/null\n\
         chmod 1777 /tmp; chown -R 1000 /workshop /home/user; cd /workshop\necho '@@ begin'\n\
         sh /command 2>&1\necho \"@@ code $?\"\npoweroff -f\n",
    ),
];

/// Puts systemd into the machine.
fn add_systemd(root: &Path) {
    let script = "
        root=$1; shift
        cp --dereference --parents \"$@\" \"$root\"
        ldd \"$@\" | grep --only-matching '/[^ ]*\\.so[^ ]*' | sort --unique |
            while read -r library; do cp --dereference --parents \"$library\" \"$root\"; done
        ln --symbolic busybox \"$root/bin/sh\"
    ";
    let paths: Vec<&Path> = [root].into_iter().chain(SYSTEMD.iter().map(Path::new)).collect();
    shell(script, &paths);
    for manager in ["system", "user"] {
        fs::create_dir_all(root.join("etc/systemd").join(manager)).expect("a folder of our own");
    }
    UNITS.iter().for_each(|(name, text)| write(root, name, text));
}

/// The initial RAM disk: everything that the machine has.
fn disk(kind: Kind, workshop: &Path, command: &str, folder: &TempDir) -> PathBuf {
    let root = folder.path().join("root");
    for name in ["bin", "dev", "etc", "home/user", "proc", "sys", "tmp"] {
        fs::create_dir_all(root.join(name)).expect("a folder of our own");
    }
    let script = "
        cp \"$(command -v \"$3\")\" \"$1/bin/busybox\"
        cp --recursive --dereference \"$2\" \"$1/workshop\"
        # What a debugger would need is two thirds of what has to be unpacked.
        \"$4\" --strip-debug \"$1/workshop/lab\" \"$1/workshop\"/bin/* 2> /dev/null || true
        ldd \"$2/lab\" \"$2\"/bin/* | grep --only-matching '/[^ ]*\\.so[^ ]*' | sort --unique |
            while read -r library; do cp --dereference --parents \"$library\" \"$1\"; done
    ";
    let busybox = kind.hardware.program("busybox", "unpacked/bin/busybox");
    let strip = kind.hardware.program("strip", "bin/aarch64-linux-gnu-strip");
    shell(script, &[&root, workshop, &busybox, &strip]);
    if let Some(module) = kind.hardware.ram_disk() {
        fs::write(root.join("brd.ko"), module).expect("a file of our own");
    }
    let user = kind.uid.max(1);
    write(&root, "etc/passwd", &format!("root:x:0:0::/:/bin/sh\nuser:x:{user}:{user}::/home/user:/bin/sh\n"));
    let Kind { uid, delegated, init, .. } = kind;
    let settings = format!("uid={uid}\ndelegated={}\n", if delegated { "yes" } else { "no" });
    write(&root, "settings", &settings);
    write(&root, "command", &format!("{GROUPS_LEFT}{command}"));
    write(&root, "init", include_str!("init.sh"));
    if init == Init::Systemd {
        add_systemd(&root);
    }
    let disk = folder.path().join("disk");
    shell(
        "cd \"$1\" && find . | cpio --quiet --create --format=newc --owner=+0:+0 | gzip -1 > \"$2\"",
        &[&root, &disk],
    );
    disk
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::write(&path, text).expect("a file of our own");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file of our own");
}

fn shell(script: &str, args: &[&Path]) {
    let output =
        Command::new("sh").args(["-ec", script, "sh"]).args(args).output().expect("there is a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
