// SPDX-License-Identifier: Apache-2.0
//! A real PostgreSQL for tests: one server for all test processes of a run, a database for each test.
//!
//! The first test process that needs it starts the server; each holds a shared file lock while it
//! lives, which the kernel takes back however the process ends. A guardian, in a session of its own,
//! stops the server and removes its files some seconds after the last lock is gone.
//!
//! The server listens on a socket in a folder of its own: no port can be taken. `fsync` is off:
//! what a crash leaves is tested elsewhere.

#![expect(clippy::unwrap_used, reason = "without a database a test can't go on")]

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// URL of a new, empty database. Panics with a plain sentence where PostgreSQL is missing.
pub fn new_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Server::join);
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let socket = server.folder.join("socket");
    run(Command::new(server.bin.join("psql")).arg("-h").arg(&socket).args([
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-qAtX",
        "-c",
        // Process ids come again: a database of an earlier process by that name goes first.
        &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        "-c",
        &format!("CREATE DATABASE {name}"),
    ]));
    format!("postgres://postgres@localhost/{name}?host={}", socket.display())
}

struct Server {
    folder: PathBuf,
    bin: PathBuf,
    _used: File,
}

impl Server {
    fn join() -> Self {
        let bin = installed();
        let mut hasher = DefaultHasher::new();
        env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
        let folder = std::env::temp_dir().join(format!("voz-test-postgres-{}-{:x}", uid(), hasher.finish()));
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let starting = open(&folder.join("start.lock"));
        starting.lock().unwrap();
        let used = open(&folder.join("used.lock"));
        used.lock_shared().unwrap();
        if !answers(&bin, &folder) {
            start(&bin, &folder);
        }
        if open(&folder.join("guardian.lock")).try_lock().is_ok() {
            guard(&bin, &folder);
        }
        Server { folder, bin, _used: used }
    }
}

/// The newest PostgreSQL that Debian's packages, or others in the PATH, have installed.
fn installed() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    let in_path = std::env::var_os("PATH")
        .and_then(|paths| std::env::split_paths(&paths).find(|folder| folder.join("initdb").exists()));
    found.pop().map(|(_, bin)| bin).or(in_path).expect(
        "PostgreSQL is not installed, and these tests need a real one: run `make setup-test`, or `apt-get install postgresql`",
    )
}

fn open(path: &Path) -> File {
    File::options().create(true).truncate(false).write(true).open(path).unwrap()
}

fn answers(bin: &Path, folder: &Path) -> bool {
    let socket = folder.join("socket");
    quiet(&mut Command::new(bin.join("pg_isready"))).arg("-h").arg(socket).status().unwrap().success()
}

fn start(bin: &Path, folder: &Path) {
    let (data, socket) = (folder.join("data"), folder.join("socket"));
    let mut stop = as_owner(&bin.join("pg_ctl"));
    quiet(stop.arg("-D").arg(&data).args(["-m", "immediate", "-w", "stop"])).status().unwrap();
    for path in [&data, &socket] {
        if path.exists() {
            fs::remove_dir_all(path).unwrap();
        }
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(path));
        }
    }
    run(as_owner(&bin.join("initdb"))
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D"])
        .arg(&data));
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories={} -c fsync=off -c full_page_writes=off \
         -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off",
        socket.display()
    );
    let mut start = as_owner(&bin.join("pg_ctl"));
    start.arg("-D").arg(&data).args(["-w", "-s", "-l"]).arg(data.join("log")).arg("-o").arg(options).arg("start");
    // The server inherits these: a pipe would keep the test's runner waiting for it.
    let status = quiet(&mut start).status().unwrap();
    assert!(status.success(), "PostgreSQL did not start: {}", fs::read_to_string(data.join("log")).unwrap_or_default());
}

/// Stops the server when no test process has used it for three seconds.
fn guard(bin: &Path, folder: &Path) {
    let script = r#"
        exec 7>"$1/guardian.lock" 8>"$1/start.lock" 9>"$1/used.lock"
        flock -n 7 || exit 0
        while :; do
            flock 9; flock -u 9
            sleep 3
            flock 8
            if flock -n 9; then break; fi
            flock -u 8
        done
        shift 1
        folder=$1; shift 1
        "$@" -D "$folder/data" -m immediate -w stop
        rm -rf "$folder/data" "$folder/socket"
    "#;
    let mut guardian = Command::new("setsid");
    guardian.args(["--fork", "sh", "-c", script, "guardian"]).arg(folder).arg(folder);
    let pg_ctl = as_owner(&bin.join("pg_ctl"));
    guardian.arg(pg_ctl.get_program()).args(pg_ctl.get_args());
    let status = quiet(&mut guardian).current_dir("/").status().unwrap();
    assert!(status.success(), "the guardian of the test database did not start");
}

/// PostgreSQL refuses to run as root.
fn as_owner(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

fn is_root() -> bool {
    uid() == 0
}

fn uid() -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid()
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
