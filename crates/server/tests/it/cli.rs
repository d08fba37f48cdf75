// SPDX-License-Identifier: Apache-2.0
//! The `voz` binary: a server as a process, and administration beside it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Instance, PASSWORD, Program};

fn voz(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voz"));
    command.args(arguments).arg("--data-dir").arg(data);
    command.env("VOZ_VOICE_ADVERTISE", "127.0.0.1");
    command
}

/// Whether it succeeded, standard output, standard error.
fn run(mut command: Command) -> (bool, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// A server as a process; killed when it is dropped.
struct Process {
    child: Child,
    /// The last line with an address in it that was waited for.
    link: String,
}

impl Process {
    /// Starts it and reads what it prints until a link that ends as asked.
    fn start(data: &Path, is_last: impl Fn(&str) -> bool) -> Self {
        Self::of(voz(data, &["serve", "--listen", "127.0.0.1:0"]), is_last)
    }

    fn of(mut command: Command, is_last: impl Fn(&str) -> bool) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut links = lines.map(|line| line.trim().to_owned()).filter(|line| line.starts_with("http://"));
        let link = links.find(|link| is_last(link)).expect("it ended without a link");
        Process { child, link }
    }

    fn program(&self) -> Program {
        let url = self.link.split("/setup#").next().unwrap().to_owned();
        Program { http: reqwest::Client::new(), url, token: None }
    }

    fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn token(link: &str) -> &str {
    link.trim().rsplit_once("/setup#").unwrap().1
}

#[tokio::test]
async fn a_process_prints_its_address_and_link_stops_when_asked_and_comes_back_on_its_data() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Process::start(data.path(), |link| link.contains("/setup#"));
    let anyone = first.program();
    assert_eq!(anyone.get("/readyz").await.status, StatusCode::OK);
    let request = json!({
        "token": token(&first.link), "username": "ana", "password": PASSWORD, "instance_name": "Voz",
        "sign_up": "invite", "transport": "bearer",
        "community": { "name": "Escola", "text_channel": "geral", "room": "Sala 1", "rules": "Respeito." },
    });
    let set_up = anyone.post("/api/v1/setup", request).await;
    assert_eq!(set_up.status, StatusCode::CREATED, "{}", set_up.body);
    assert!(first.terminate());

    // Set up: the address is all it prints. And a process that is killed leaves nothing in the way of the next.
    for _ in 0..2 {
        let mut again = Process::start(data.path(), |_| true);
        let owner = again.program().with_token(&set_up);
        assert_eq!(owner.get("/api/v1/me").await.text("/user/username"), "ana");
        again.child.kill().unwrap();
        again.child.wait().unwrap();
    }
}

#[tokio::test]
async fn two_servers_cannot_work_on_one_folder() {
    let instance = Instance::start().await;
    let (succeeded, printed, told) = run(voz(&instance.config.data_dir, &["serve", "--listen", "127.0.0.1:0"]));
    assert!(!succeeded && printed.is_empty(), "{printed}");
    assert!(told.contains("voz could not start"), "{told}");
}

#[tokio::test]
async fn a_new_link_beside_a_running_server_replaces_the_old_one() {
    let instance = Instance::start().await;
    let (succeeded, printed, told) = run(voz(&instance.config.data_dir, &["admin", "setup-link"]));
    assert!(succeeded, "{told}");
    let prefix = format!("{}/setup#", instance.running.url);
    assert!(printed.starts_with(&prefix) && printed.trim().lines().count() == 1, "{printed}");

    let anyone = instance.anyone();
    let check = async |token: &str| anyone.post("/api/v1/setup/check", json!({ "token": token })).await;
    assert_eq!(check(instance.setup_token()).await.code(), "setup_token_invalid");
    assert_eq!(check(token(&printed)).await.status, StatusCode::NO_CONTENT);

    let mut request = instance.setup_request();
    request["token"] = json!(token(&printed));
    assert_eq!(anyone.post("/api/v1/setup", request).await.status, StatusCode::CREATED);
    let (succeeded, printed, told) = run(voz(&instance.config.data_dir, &["admin", "setup-link"]));
    assert!(!succeeded && printed.is_empty(), "{printed}");
    assert!(told.contains("set up already"), "{told}");
}

#[tokio::test]
async fn a_link_can_be_had_without_a_running_server_and_on_no_data_at_all() {
    let data = tempfile::tempdir().unwrap();
    let (succeeded, printed, told) = run(voz(data.path(), &["admin", "setup-link"]));
    assert!(succeeded, "{told}");
    assert!(printed.starts_with("http://127.0.0.1:8080/setup#"), "{printed}");
}

#[tokio::test]
async fn an_account_is_made_beside_a_running_server_and_signs_in() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let password_file = instance.config.data_dir.join("password");
    std::fs::write(&password_file, format!("{PASSWORD}\nsecond line\n")).unwrap();
    let create = |name: &str| {
        let mut command = voz(&instance.config.data_dir, &["admin", "create-user", "--username", name]);
        command.arg("--password-file").arg(&password_file);
        run(command)
    };
    let (succeeded, printed, told) = create("bia");
    assert!(succeeded, "{told}");
    let request = json!({ "username": "bia", "password": PASSWORD, "transport": "bearer" });
    let signed_in = instance.anyone().post("/api/v1/sessions", request).await;
    assert_eq!((signed_in.status, signed_in.text("/me/user/id").as_str()), (StatusCode::CREATED, printed.trim()));

    let (succeeded, _, told) = create("BIA");
    assert!(!succeeded && told.contains("someone has this user name"), "{told}");
    let (succeeded, _, told) = create("b");
    assert!(!succeeded && told.contains("username"), "{told}");
    std::fs::write(&password_file, "hush").unwrap();
    let (succeeded, _, told) = create("caio");
    assert!(!succeeded && told.contains("password is too short") && !told.contains("hush"), "{told}");
}

#[test]
fn no_account_is_made_where_there_is_no_database() {
    let place = tempfile::tempdir().unwrap();
    let password_file = place.path().join("password");
    std::fs::write(&password_file, PASSWORD).unwrap();
    let data = place.path().join("data");
    let mut command = voz(&data, &["admin", "create-user", "--username", "bia"]);
    command.arg("--password-file").arg(&password_file);
    let (succeeded, printed, told) = run(command);
    assert!(!succeeded && printed.is_empty(), "{printed}");
    assert!(told.contains("no instance") && told.contains("--data-dir"), "{told}");
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn configuration_is_checked_by_name_and_migrations_run_alone() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("voz.toml"), "lissten = '127.0.0.1:1'\n").unwrap();
    let (succeeded, _, told) = run(voz(data.path(), &["config", "check"]));
    assert!(!succeeded && told.contains("lissten"), "{told}");

    std::fs::write(data.path().join("voz.toml"), "[limits.rates]\nmessage_per_user = '5/10s'\n").unwrap();
    let (succeeded, printed, told) = run(voz(data.path(), &["config", "check"]));
    assert!(succeeded && printed.starts_with("ok"), "{told}");
    let mut command = voz(data.path(), &["config", "check"]);
    command.env("VOZ_LISTEN", "nonsense");
    let (succeeded, _, told) = run(command);
    assert!(!succeeded && told.contains("VOZ_LISTEN"), "{told}");

    for _ in 0..2 {
        let (succeeded, printed, told) = run(voz(data.path(), &["migrate"]));
        assert!(succeeded && printed == "ok\n", "{told}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_named() {
    let data = tempfile::tempdir().unwrap();
    let mut command = voz(data.path(), &["config", "check"]);
    command.env("VOZ_LISTEEN", "127.0.0.1:1");
    let (succeeded, printed, told) = run(command);
    assert!(succeeded && printed.starts_with("ok"), "{printed}");
    assert!(told.contains("VOZ_LISTEEN is not a setting"), "{told}");
}

#[test]
fn a_failure_is_told_once_and_in_words() {
    let (succeeded, _, told) = run(voz(Path::new("/proc/nowhere"), &["migrate"]));
    assert!(!succeeded && told.matches("No such file").count() == 1, "{told}");

    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("password"), "a long enough one\n").unwrap();
    let password = data.path().join("password").to_str().unwrap().to_owned();
    let arguments = ["admin", "create-user", "--username", "João", "--password-file", &password];
    let (_, printed, told) = run(voz(data.path(), &["admin", "setup-link"]));
    assert!(printed.contains("/setup#") && told.contains("There was no instance"), "{told}");
    let (succeeded, _, told) = run(voz(data.path(), &arguments));
    assert!(!succeeded && told.contains("username has characters that it may not have"), "{told}");
}

#[test]
fn a_data_folder_that_the_server_makes_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let database = voz_testkit::postgres::new_database();
    for (name, url) in [("sqlite", None), ("postgresql", Some(database))] {
        let data = folder.path().join(name);
        let mut command = voz(&data, &["serve", "--listen", "127.0.0.1:0"]);
        command.envs(url.map(|url| ("VOZ_DATABASE_URL", url)));
        let _process = Process::of(command, |link| link.contains("/setup#"));
        let mode = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}

#[test]
fn secrets_come_from_a_file_and_their_text_is_never_told() {
    let data = tempfile::tempdir().unwrap();
    let secret = data.path().join("url");
    std::fs::write(&secret, "postgres://voz:hush@127.0.0.1:1/voz\n").unwrap();
    let mut command = voz(data.path(), &["migrate"]);
    command.env("VOZ_DATABASE_URL_FILE", &secret);
    let (succeeded, _, told) = run(command);
    assert!(!succeeded && !told.contains("hush"), "{told}");
    assert!(!std::fs::exists(data.path().join("voz.sqlite3")).unwrap(), "it did not look at PostgreSQL");
}

#[test]
fn a_server_asks_for_as_many_open_files_as_the_system_allows() {
    let data = tempfile::tempdir().unwrap();
    let voz = env!("CARGO_BIN_EXE_voz");
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -S -n 512; exec "$0" serve --listen 127.0.0.1:0 --data-dir "$1""#, voz]);
    command.arg(data.path()).env("VOZ_VOICE_ADVERTISE", "127.0.0.1");
    let process = Process::of(command, |link| link.contains("/setup#"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.child.id())).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let [soft, hard, _] = files.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{files}") };
    assert_eq!(soft, hard);
    assert_ne!(soft, "512");
}
