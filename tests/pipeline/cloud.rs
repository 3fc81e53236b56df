//! A local cloud without a book store: only the services, for pipelines of these tests' own.

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use bookstore_tests::aws::Aws;

/// A minute of CodeDeploy and one of an approval's time-out, in seconds.
const MINUTES: [(&str, &str); 2] =
    [("BOOKSTORE_LOCAL_DEPLOYMENT_MINUTE", "0.2"), ("BOOKSTORE_LOCAL_APPROVAL_MINUTE", "0.4")];
/// How long anything may take that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Cloud {
    program: PathBuf,
    tools: PathBuf,
    home: PathBuf,
    port: u16,
    aws: Aws,
    service: Mutex<Option<Child>>,
}

impl Cloud {
    /// Starts an empty one, in a folder of this name below Cargo's folder for tests.
    pub fn start(name: &str) -> Result<Self> {
        let asked =
            |name: &str| env::var_os(name).map(PathBuf::from).context("run this by `cargo local test --only pipeline`");
        let tools = asked("BOOKSTORE_LOCAL_TOOLS")?;
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if home.exists() {
            fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
        }
        fs::create_dir_all(&home)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut python = Command::new(tools.join("ministack/bin/python"));
        python
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        let program = asked("BOOKSTORE_LOCAL_BIN")?;
        let cloud = Self { program, tools, home, port, aws: Aws::start(python)?, service: Mutex::new(None) };
        cloud.serve()?;
        Ok(cloud)
    }

    /// Starts the background service, and waits until it answers.
    pub fn serve(&self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.home.join("service.log"))?;
        let mut command = Command::new(&self.program);
        command
            .arg("--home")
            .arg(&self.home)
            .arg("--tools-dir")
            .arg(&self.tools)
            .args(["--port", &self.port.to_string(), "serve"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs(MINUTES)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        *lock(&self.service) =
            Some(command.spawn().with_context(|| format!("{} does not run", self.program.display()))?);
        eventually("the local cloud does not answer", || Ok(self.aws("sts", "get_caller_identity", json!({})).ok()))?;
        Ok(())
    }

    /// Ends the service as `kill -9` does: nothing of it gets a chance to say goodbye.
    pub fn kill(&self) -> Result<()> {
        let mut service = lock(&self.service).take().context("the service does not run")?;
        service.kill()?;
        service.wait()?;
        // MiniStack notices that its parent is gone.
        eventually("MiniStack does not end", || Ok(TcpListener::bind(("127.0.0.1", self.port)).ok()))?;
        Ok(())
    }

    /// Ends the service as `cargo local down` does.
    pub fn stop(&self) -> Result<()> {
        let mut service = lock(&self.service).take().context("the service does not run")?;
        let told = Command::new("kill").arg(service.id().to_string()).status()?;
        ensure!(told.success(), "the service cannot be told to end");
        let ended = service.wait()?;
        ensure!(ended.success(), "the service ended with {ended}");
        Ok(())
    }

    pub fn aws(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        self.aws.call(service, operation, input)
    }

    /// What fails from now on, as the local cloud's glue/faults.py has it.
    pub fn fail(&self, faults: &Value) -> Result<()> {
        let answer = ureq::post(format!("http://127.0.0.1:{}/_local/faults", self.port)).send_json(faults);
        answer.map(drop).with_context(|| format!("the faults {faults} were refused"))
    }

    pub fn stack_output(&self, stack: &str, key: &str) -> Result<String> {
        self.aws.stack_output(stack, key)
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets a command find the AWS CLI of the tools, which calls this cloud.
    pub fn with_cli<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let path = format!("{}:{}", self.tools.join("bin").display(), env::var("PATH").unwrap_or_default());
        command
            .env("PATH", path)
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
    }

    pub fn scratch(&self) -> PathBuf {
        self.home.join("checkouts")
    }

    /// Creates a stack, or updates it, and waits for the end.
    pub fn deploy(&self, stack: &str, template: &str, parameters: &[(&str, &str)]) -> Result<()> {
        let parameters = parameters.iter().map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value }));
        let input = json!({
            "StackName": stack,
            "TemplateBody": template,
            "Parameters": parameters.collect::<Vec<_>>(),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        });
        self.aws("cloudformation", "create_stack", input)?;
        let status = eventually(&format!("the stack {stack} does not settle"), || {
            let status = self.stack_status(stack)?;
            Ok(Some(status).filter(|status| !status.ends_with("_IN_PROGRESS")))
        })?;
        if status != "CREATE_COMPLETE" {
            let events = self.aws("cloudformation", "describe_stack_events", json!({ "StackName": stack }))?;
            bail!("the stack {stack} ended as {status}: {events}");
        }
        Ok(())
    }

    pub fn stack_status(&self, stack: &str) -> Result<String> {
        let stacks = self.aws("cloudformation", "describe_stacks", json!({ "StackName": stack }))?;
        let status = stacks["Stacks"][0]["StackStatus"].as_str();
        status.map(str::to_owned).with_context(|| format!("the stack {stack} has no status"))
    }

    pub fn close(&self) -> Result<()> {
        if lock(&self.service).is_some() {
            self.kill()?;
        }
        Ok(fs::remove_dir_all(&self.home)?)
    }
}

/// A test that panics or fails to start leaves no service behind.
impl Drop for Cloud {
    fn drop(&mut self) {
        if let Some(mut service) = lock(&self.service).take() {
            // It may have ended by itself.
            let _ = service.kill();
            let _ = service.wait();
        }
    }
}

/// Looks until there is something, or patience ends.
pub fn eventually<T>(complaint: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        ensure!(begun.elapsed() < PATIENCE, "{complaint} within {} s", PATIENCE.as_secs());
        sleep(Duration::from_millis(100));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
