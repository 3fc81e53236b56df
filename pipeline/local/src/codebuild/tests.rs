//! Buildspecs, run for real by the machine's shells.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Uri};
use serde_json::json;
use uuid::Uuid;

use super::buildspec::Buildspec;
use super::log::BuildLog;
use super::phases::{self, Outcome};
use super::projects::host_environment_type;
use super::record::Record;
use super::shell::Shell;
use super::types::{Build, PhaseType, Status};
use super::{BuildHost, CodeBuild, environment, page, processes, reports};
use crate::api::Call;
use crate::aws::Cloud;
use crate::store::Store;

struct Bench {
    folder: tempfile::TempDir,
    log: BuildLog,
    record: Record,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        let id = format!("bench:{}", Uuid::new_v4());
        let build: Build = serde_json::from_value(json!({
            "id": id, "arn": "arn", "buildNumber": 1, "startTime": 0.0, "currentPhase": "QUEUED",
            "buildStatus": "IN_PROGRESS", "projectName": "bench", "phases": [], "source": {"type": "CODEPIPELINE"},
            "artifacts": {}, "cache": {"type": "NO_CACHE"}, "serviceRole": "role", "logs": {},
            "environment": {"type": "ARM_CONTAINER", "image": "aws/codebuild/image:1", "computeType": "BUILD_GENERAL1_SMALL"},
            "timeoutInMinutes": 60, "queuedTimeoutInMinutes": 60, "buildComplete": false, "initiator": "test"
        }))
        .unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let log = BuildLog::create(folder.path().join("log")).unwrap();
        Self { record: Record::new(store, build).unwrap(), log, folder }
    }

    fn host(&self) -> BuildHost {
        let root = self.folder.path();
        BuildHost {
            work: root.join("work"),
            cache: root.join("cache"),
            tools_bin: root.join("tools/bin"),
            home: root.join("home"),
        }
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("src")
    }

    fn shell(&self, spec: &Buildspec, variables: &[(&str, &str)]) -> Shell {
        let project = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let machine = BTreeMap::from([("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())]);
        let own = environment::of_build(&self.record.build(), &self.source(), &[]);
        let variables = environment::merge([machine, spec.env.variables.clone(), project, own]);
        let script = self.folder.path().join("script.sh");
        Shell::new(spec.env.shell, &self.record.build().id, variables, &self.source(), script)
    }

    async fn run(&self, spec: &str) -> Outcome {
        let spec = Buildspec::parse(spec).unwrap();
        let mut shell = self.shell(&spec, &[]);
        phases::run(&spec, &mut shell, &self.log, &self.record).await.unwrap()
    }

    /// What the commands printed, without the service's own lines.
    fn output(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log.path()).unwrap();
        log.lines().filter(|line| !line.starts_with("[Container]")).map(str::to_owned).collect()
    }

    fn phases(&self) -> Vec<(PhaseType, Status)> {
        let phases = self.record.build().phases;
        phases.iter().map(|phase| (phase.phase_type, phase.phase_status.unwrap())).collect()
    }

    fn exported(&self) -> Vec<String> {
        self.record.build().exported_environment_variables.into_iter().map(|variable| variable.value).collect()
    }
}

const BASH: &str = "version: 0.2\nenv: {shell: bash}\n";

#[tokio::test]
async fn phases_flow_as_on_aws() {
    use PhaseType::*;
    let (ok, failed) = (Status::Succeeded, Status::Failed);
    let cases = [
        (
            "build: {commands: [echo b], finally: [echo f]}",
            vec![(Install, ok), (PreBuild, ok), (Build, ok), (PostBuild, ok)],
            vec!["b", "f"],
        ),
        (
            "pre_build: {commands: [echo one, 'exit 3', echo two], finally: [echo f]}\n  build: {commands: [echo b]}",
            vec![(Install, ok), (PreBuild, failed)],
            vec!["one", "f"],
        ),
        ("install: {commands: ['false']}\n  post_build: {commands: [echo p]}", vec![(Install, failed)], vec![]),
        (
            "build: {commands: ['(exit 2)']}\n  post_build: {commands: ['echo succeeding $CODEBUILD_BUILD_SUCCEEDING']}",
            vec![(Install, ok), (PreBuild, ok), (Build, failed), (PostBuild, ok)],
            vec!["succeeding 0"],
        ),
        (
            "build: {commands: ['true'], finally: ['false']}\n  post_build: {commands: ['echo p']}",
            vec![(Install, ok), (PreBuild, ok), (Build, failed), (PostBuild, ok)],
            vec!["p"],
        ),
        (
            "build: {commands: ['false'], finally: ['echo $CODEBUILD_BUILD_SUCCEEDING']}",
            vec![(Install, ok), (PreBuild, ok), (Build, failed), (PostBuild, ok)],
            vec!["0"],
        ),
    ];
    for shell in ["bash", "/bin/sh"] {
        for (text, phases, output) in &cases {
            let bench = Bench::new();
            let outcome = bench.run(&format!("version: 0.2\nenv: {{shell: {shell}}}\nphases:\n  {text}")).await;
            assert_eq!(bench.phases(), *phases, "{shell}: {text}");
            assert_eq!(bench.output(), *output, "{shell}: {text}");
            assert_eq!(outcome.succeeded, phases.iter().all(|(_, status)| *status == ok), "{shell}: {text}");
        }
    }
}

#[tokio::test]
async fn on_failure_decides_what_follows() {
    let cases = [
        ("build: {commands: ['false'], on-failure: ABORT}\n  post_build: {commands: [echo p]}", vec![], false),
        ("pre_build: {commands: ['false'], on-failure: CONTINUE}\n  build: {commands: [echo b]}", vec!["b"], false),
        (
            "build: {commands: ['echo x >> tries', 'cat tries', '[ $(wc -l < tries) = 3 ]'], on-failure: RETRY-5}",
            vec!["x"; 6],
            true,
        ),
        (
            "build: {commands: ['echo no network', 'false'], on-failure: RETRY-1-.*network.*}",
            vec!["no network"; 2],
            false,
        ),
        ("build: {commands: ['echo no luck', 'false'], on-failure: RETRY-.*network.*}", vec!["no luck"], false),
    ];
    for (text, output, succeeded) in cases {
        let bench = Bench::new();
        let outcome = bench.run(&format!("{BASH}phases:\n  {text}")).await;
        assert_eq!(bench.output(), output, "{text}");
        assert_eq!(outcome.succeeded, succeeded, "{text}");
    }
}

#[tokio::test]
async fn a_failure_says_which_command_and_its_status() {
    let bench = Bench::new();
    bench.run("version: 0.2\nphases: {pre_build: {commands: ['sh -c \"exit 101\"']}}").await;
    let phase = bench.record.build().phases.pop().unwrap();
    assert_eq!(phase.contexts[0].status_code, "COMMAND_EXECUTION_ERROR");
    let expected = "Error while executing command: sh -c \"exit 101\". Reason: exit status 101";
    assert_eq!(phase.contexts[0].message, expected);
    let log = std::fs::read_to_string(bench.log.path()).unwrap();
    assert!(log.contains("Phase complete: PRE_BUILD State: FAILED"), "{log}");
}

#[tokio::test]
async fn one_shell_runs_every_command() {
    let bench = Bench::new();
    let outcome = bench
        .run(&format!(
            r#"{BASH}phases:
  install: {{commands: ['mkdir deep && cd deep', 'export MADE=here', 'greet() {{ echo "hello $1"; }}', 'set -o pipefail']}}
  build: {{commands: ['basename "$PWD"', 'echo $MADE', 'greet you', 'cat', 'echo to stderr >&2', 'false | true']}}"#
        ))
        .await;
    assert_eq!(bench.output(), ["deep", "here", "hello you", "to stderr"]);
    assert!(!outcome.succeeded, "pipefail lasts, too");
}

#[tokio::test]
async fn commands_that_end_the_shell_end_nothing_else() {
    let cases = [
        ("exit 0", true),
        ("exit 7", false),
        ("set -e\n        false\n        true", false),
        ("(sleep 30) & exit 0", true),
        ("if then", false),
        ("kill -9 $$", false),
    ];
    for (command, succeeds) in cases {
        let bench = Bench::new();
        let started = Instant::now();
        let outcome = bench
            .run(&format!("{BASH}phases:\n  build:\n    commands:\n      - |\n        {command}\n  post_build: {{commands: [echo after]}}"))
            .await;
        assert_eq!(outcome.succeeded, succeeds, "{command}");
        assert_eq!(bench.output().last().map(String::as_str), Some("after"), "{command}");
        assert!(started.elapsed() < Duration::from_secs(10), "{command} hangs");
    }
}

#[tokio::test]
async fn exported_variables_have_their_last_values() {
    let bench = Bench::new();
    bench
        .run(
            "version: 0.2\nenv:\n  variables: {A: first, B: kept}\n  exported-variables: [A, B, NONE]\n\
             phases:\n  build: {commands: [export A=second]}\n  post_build: {commands: ['A=\"two words\"']}",
        )
        .await;
    assert_eq!(bench.exported(), ["two words", "kept", ""]);
}

#[tokio::test]
async fn the_environment_is_the_builds_own_by_precedence() {
    let bench = Bench::new();
    let spec = Buildspec::parse(
        "version: 0.2\nenv: {variables: {FROM: buildspec, ONLY: buildspec}}\nphases: {build: {commands: [env]}}",
    )
    .unwrap();
    let mut shell = bench.shell(&spec, &[("FROM", "project"), ("CODEBUILD_BUILD_ID", "forged")]);
    phases::run(&spec, &mut shell, &bench.log, &bench.record).await.unwrap();
    let output = bench.output();
    let has = |line: &str| output.iter().any(|other| other == line);
    assert!(has("FROM=project") && has("ONLY=buildspec") && has("CODEBUILD_BUILD_SUCCEEDING=1"), "{output:?}");
    assert!(has(&format!("CODEBUILD_BUILD_ID={}", bench.record.build().id)), "{output:?}");
    assert!(has(&format!("CODEBUILD_SRC_DIR={}", bench.source().display())));
    // The test's own process has these, as a user's shell would.
    assert!(!output.iter().any(|line| line.starts_with("HOME=") || line.starts_with("CARGO_PKG_NAME=")), "{output:?}");
}

#[test]
fn builds_of_a_killed_service_end_as_faults_with_their_processes() {
    let bench = Bench::new();
    let (root, host) = (bench.folder.path(), bench.host());
    std::fs::create_dir_all(host.source(&bench.record.build())).unwrap();
    let id = bench.record.build().id;
    bench.record.begin(PhaseType::Build).unwrap();
    let log = root.join(format!("store/builds/{}.log", bench.record.build().uuid()));
    std::fs::write(&log, "plough").unwrap();
    let mut left_over = std::process::Command::new("sleep").arg("304").env("CODEBUILD_BUILD_ID", &id).spawn().unwrap();
    while processes::count(&id) == 0 {
        std::thread::sleep(Duration::from_millis(5)); // until it has its environment
    }

    let store = Store::open(root.join("store")).unwrap();
    CodeBuild::open(store.clone(), Cloud::new("http://127.0.0.1:1"), host.clone()).unwrap();

    assert!(!left_over.wait().unwrap().success());
    assert!(!host.folder(&bench.record.build()).exists() && !log.exists());
    let build: Build = store.get(format!("builds/{}.json", bench.record.build().uuid())).unwrap().unwrap();
    assert_eq!((build.build_status, build.build_complete), (Status::Fault, true));
    assert_eq!(build.phases[0].phase_status, Some(Status::Fault));
    assert!(build.phases[0].contexts[0].message.contains("was killed"));
}

#[tokio::test]
async fn stopping_ends_grandchildren_that_left_the_process_group() {
    let bench = Bench::new();
    let spec = Buildspec::parse(&format!(
        "{BASH}phases: {{build: {{commands: ['setsid sleep 301 & setsid -f sleep 302; sleep 303']}}}}"
    ))
    .unwrap();
    let id = bench.record.build().id;
    let mut shell = bench.shell(&spec, &[]);
    let run = phases::run(&spec, &mut shell, &bench.log, &bench.record);
    assert!(tokio::time::timeout(Duration::from_millis(700), run).await.is_err());
    assert!(processes::count(&id) >= 3, "{} processes run", processes::count(&id));
    drop(shell);
    for _ in 0..50 {
        if processes::count(&id) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} processes are left", processes::count(&id));
}

#[tokio::test]
async fn stopping_ends_processes_that_dropped_their_environment() {
    let bench = Bench::new();
    let spec = Buildspec::parse(&format!(
        "{BASH}phases: {{build: {{commands: ['env -i sleep 305 & echo $! > pid; sleep 306']}}}}"
    ))
    .unwrap();
    let mut shell = bench.shell(&spec, &[]);
    let run = phases::run(&spec, &mut shell, &bench.log, &bench.record);
    assert!(tokio::time::timeout(Duration::from_millis(700), run).await.is_err());
    let pid = std::fs::read_to_string(bench.source().join("pid")).unwrap();
    // A process that nobody has waited for yet has an empty command line.
    let command = || std::fs::read_to_string(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
    assert!(command().starts_with("sleep"), "{}", command());
    drop(shell);
    for _ in 0..50 {
        if command().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the process is left");
}

#[test]
fn pages_have_sizes_and_ends() {
    let items = || vec!["a", "b", "c"];
    assert_eq!(page(items(), None, 2).unwrap(), (vec!["a", "b"], Some("2".to_owned())));
    assert_eq!(page(items(), Some("2"), 2).unwrap(), (vec!["c"], None));
    assert_eq!(page(items(), Some("18446744073709551615"), 2).unwrap(), (vec![], None));
    for size in [0, 101] {
        assert!(page(items(), None, size).is_err(), "{size}");
    }
}

#[tokio::test]
async fn report_groups_are_no_paths() {
    let bench = Bench::new();
    let store = Store::open(bench.folder.path().join("store")).unwrap();
    let spec = "version: 0.2\nphases: {}\nreports: {../../up: {files: [a]}}";
    let root = Cloud::new("http://127.0.0.1:1").root();
    let spec = Buildspec::parse(spec).unwrap();
    let source = bench.source();
    let failures = reports::process(&store, &root, &spec, &bench.record, &source, &source).await.unwrap();
    assert!(failures[0].message.contains("\"bench-../../up\" is no report group name"), "{}", failures[0].message);
}

#[tokio::test]
async fn a_project_limits_its_builds() {
    let bench = Bench::new();
    let store = Store::open(bench.folder.path().join("own-store")).unwrap();
    let codebuild = CodeBuild::open(store, Cloud::new("http://127.0.0.1:1"), bench.host()).unwrap();
    let call = |operation: &str, input: serde_json::Value| {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", format!("CodeBuild_20161006.{operation}").parse().unwrap());
        Call::parse(&Uri::from_static("/"), headers, input.to_string().into()).unwrap()
    };
    let project = json!({
        "name": "bench", "source": {"type": "S3", "location": "bucket/key"}, "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {"type": host_environment_type(), "image": "image", "computeType": "BUILD_GENERAL1_SMALL"},
        "serviceRole": "role", "concurrentBuildLimit": 1
    });
    codebuild.create_project(&call("CreateProject", project)).unwrap();
    // No build comes to its end before the test waits for something.
    let start = || codebuild.start_build(&call("StartBuild", json!({"projectName": "bench"})));
    start().unwrap();
    assert_eq!(start().unwrap_err().code, "AccountLimitExceededException");
}
