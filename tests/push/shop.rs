//! The fixture: a checkout of the book store with a local cloud of its own.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use bookstore_tests::aws::Aws;

pub const PIPELINE: &str = "bookstore-backend";
/// These tests count books, and say which there are.
pub const UP: [&str; 2] = ["up", "--empty"];

pub struct Shop {
    /// The `cargo local` program.
    program: PathBuf,
    tools: PathBuf,
    home: PathBuf,
    kept_cache: PathBuf,
    port: u16,
    folder: TempDir,
    aws: Aws,
}

impl Shop {
    /// Copies the checkout as it stands, uncommitted changes too, and commits it in a repository of its own.
    pub fn open() -> Result<Self> {
        let program = env::var_os("BOOKSTORE_LOCAL_BIN").context("run this by `cargo local test --only end-to-end`")?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the crate stands in the workspace")?;
        let tools = env::var_os("BOOKSTORE_LOCAL_TOOLS").context("run this by `cargo local test --only end-to-end`")?;
        // Where `cargo clean` finds it, too.
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let tools = PathBuf::from(tools);
        let port = free_port()?;
        let shop = Self {
            program: program.into(),
            aws: Aws::start(python(&tools, port))?,
            tools,
            home: scratch.join("cloud"),
            kept_cache: scratch.join("build-cache"),
            port,
            folder: tempfile::tempdir()?,
        };
        copy_checkout(workspace, &shop.checkout())?;
        shop.git(&["init", "--quiet", "--initial-branch=main"])?;
        shop.commit("The checkout under test")?;
        // What an interrupted run left behind. What it compiled is kept: only the first run compiles everything.
        shop.local(&["destroy", "--yes"])?;
        if shop.kept_cache.exists() {
            fs::create_dir_all(&shop.home)?;
            fs::rename(&shop.kept_cache, shop.home.join("cache"))?;
        }
        Ok(shop)
    }

    pub fn close(&self) -> Result<()> {
        self.local(&["down"])?;
        if self.home.join("cache").exists() {
            fs::rename(self.home.join("cache"), &self.kept_cache)?;
        }
        self.local(&["destroy", "--yes"])?;
        if self.home.exists() {
            fs::remove_dir_all(&self.home)?;
        }
        Ok(())
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn checkout(&self) -> PathBuf {
        self.folder.path().join("bookstore")
    }

    pub fn endpoint(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Runs `cargo local` and gives what it printed; an exit code other than 0 is an error with all of it.
    pub fn local(&self, arguments: &[&str]) -> Result<String> {
        let output = self.try_local(arguments)?;
        let printed = printed(&output);
        ensure!(
            output.status.success(),
            "cargo local {} ended with {}:\n{printed}",
            arguments.join(" "),
            output.status
        );
        Ok(printed)
    }

    pub fn try_local(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.checkout())
            .env("BOOKSTORE_LOCAL_HOME", &self.home)
            .env("BOOKSTORE_LOCAL_TOOLS", &self.tools)
            .env("BOOKSTORE_LOCAL_PORT", self.port.to_string())
            // A canary of five minutes is over in ten seconds.
            .env("BOOKSTORE_LOCAL_DEPLOYMENT_MINUTE", "2");
        command.output().with_context(|| format!("{} does not run", self.program.display()))
    }

    pub fn git(&self, arguments: &[&str]) -> Result<String> {
        self.git_in(&self.checkout(), arguments)
    }

    pub fn git_in(&self, folder: &Path, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        command
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments);
        let output = command.output().context("git does not run")?;
        ensure!(output.status.success(), "git {}: {}", arguments.join(" "), printed(&output));
        Ok(printed(&output).trim().to_owned())
    }

    pub fn commit(&self, message: &str) -> Result<String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", message])?;
        self.git(&["rev-parse", "HEAD"])
    }

    /// Replaces a text that stands in a file of the checkout.
    pub fn edit(&self, file: &str, old: &str, new: &str) -> Result<()> {
        let path = self.checkout().join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
        ensure!(text.contains(old), "{file} has no {old:?}: bring this test up to date");
        fs::write(&path, text.replace(old, new))?;
        Ok(())
    }

    /// Pushes HEAD, and gives the id of the execution that git's `remote:` lines name.
    pub fn push(&self) -> Result<String> {
        let said = self.git(&["push", "local", "HEAD:main"])?;
        let words = said.lines().filter(|line| line.starts_with("remote:")).flat_map(str::split_whitespace);
        let id = words.skip_while(|word| *word != "execution").nth(1);
        id.map(str::to_owned).with_context(|| format!("the push names no execution:\n{said}"))
    }

    /// Follows an execution; whether it succeeded, and what was shown.
    pub fn watch(&self, execution: &str) -> Result<(bool, String)> {
        let output = self.try_local(&["watch", execution])?;
        Ok((output.status.success(), printed(&output)))
    }

    /// Pushes HEAD and waits until staging has it, tested, and a person has to decide.
    pub fn deliver_to_staging(&self) -> Result<String> {
        let execution = self.push()?;
        self.wait_for_approval(&execution)?;
        Ok(execution)
    }

    /// The same, and says yes.
    pub fn deliver(&self) -> Result<String> {
        let execution = self.deliver_to_staging()?;
        self.local(&["approve", &execution])?;
        let (succeeded, shown) = self.watch(&execution)?;
        ensure!(succeeded, "the execution {execution} failed:\n{shown}");
        Ok(execution)
    }

    /// Waits until an execution stands before a stage that another one is in.
    pub fn wait_until_it_waits(&self, execution: &str) -> Result<()> {
        loop {
            let state = self.aws("codepipeline", "get_pipeline_state", json!({ "name": PIPELINE }))?;
            let approval =
                state["stageStates"].as_array().into_iter().flatten().find(|stage| stage["stageName"] == "Approval");
            if approval.is_some_and(|stage| stage["inboundExecutions"].to_string().contains(execution)) {
                return Ok(());
            }
            let input = json!({ "pipelineName": PIPELINE, "pipelineExecutionId": execution });
            let state = self.aws("codepipeline", "get_pipeline_execution", input)?;
            ensure!(state["pipelineExecution"]["status"] == "InProgress", "{execution} does not wait: {state}");
            sleep(Duration::from_millis(200));
        }
    }

    pub fn wait_for_approval(&self, execution: &str) -> Result<()> {
        self.wait_for_action(execution, "Approve")
    }

    /// Waits until an action of an execution is at work.
    pub fn wait_for_action(&self, execution: &str, name: &str) -> Result<()> {
        loop {
            let actions = self.actions(execution)?;
            if actions.iter().any(|action| action["actionName"] == name && action["status"] == "InProgress") {
                return Ok(());
            }
            let input = json!({ "pipelineName": PIPELINE, "pipelineExecutionId": execution });
            let state = self.aws("codepipeline", "get_pipeline_execution", input)?;
            let status = &state["pipelineExecution"]["status"];
            if status != "InProgress" {
                let (_, shown) = self.watch(execution)?;
                bail!("the execution {execution} ended as {status}:\n{shown}");
            }
            sleep(Duration::from_millis(200));
        }
    }

    /// The actions of an execution, newest first.
    pub fn actions(&self, execution: &str) -> Result<Vec<Value>> {
        let filter = json!({ "pipelineName": PIPELINE, "filter": { "pipelineExecutionId": execution } });
        let list = self.aws("codepipeline", "list_action_executions", filter)?;
        list["actionExecutionDetails"].as_array().cloned().context("no list of actions")
    }

    /// Calls an AWS API by boto3, as any client would.
    pub fn aws(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        self.aws.call(service, operation, input)
    }

    pub fn python(&self) -> Command {
        python(&self.tools, self.port)
    }

    /// A program that finds the tools which `up` has installed, and the local cloud, by its environment.
    pub fn with_tools(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = env::var("PATH").unwrap_or_default();
        command.envs(aws_environment(self.port)).env("PATH", format!("{}/bin:{path}", self.tools.display()));
        command
    }

    pub fn stack_output(&self, stack: &str, key: &str) -> Result<String> {
        self.aws.stack_output(stack, key)
    }

    pub fn api_url(&self) -> Result<String> {
        self.stack_output("bookstore-staging", "ApiUrl")
    }

    pub fn get(&self, path: &str) -> Result<(u16, Value)> {
        let agent = agent();
        let mut response = agent.get(format!("{}{path}", self.api_url()?)).call()?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// Creates a book with this title, as an administrator, and gives its id.
    pub fn create_book(&self, title: &str) -> Result<String> {
        let book = json!({
            "title": title,
            "author": "Ursula K. Le Guin",
            "category": "science-fiction",
            "price": { "amount": 1299, "currency": "EUR" },
        });
        let request = agent().post(format!("{}/books", self.api_url()?));
        let mut response = request.header("authorization", format!("Bearer {}", self.sign_in()?)).send_json(&book)?;
        let (status, created): (_, Value) = (response.status(), response.body_mut().read_json()?);
        ensure!(status == 201, "POST /books answered {status}: {created}");
        created["id"].as_str().map(str::to_owned).context("the created book has no id")
    }

    /// The access token of an administrator.
    fn sign_in(&self) -> Result<String> {
        let (email, password) = ("push@example.com", "correct-horse-battery");
        self.local(&["admin", email, "--password", password])?;
        let input = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.stack_output("bookstore-staging", "UserPoolClientId")?,
            "AuthParameters": { "USERNAME": email, "PASSWORD": password },
        });
        let answer = self.aws("cognito-idp", "initiate_auth", input)?;
        let token = answer["AuthenticationResult"]["AccessToken"].as_str();
        token.map(str::to_owned).context("no access token")
    }

    /// Runs what the suite of the API asks of the account, as it would run against any other deployment.
    pub fn test_rights(&self) -> Result<String> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(["test", "--locked", "--package", "bookstore-tests", "--test", "integration", "--", "account::"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs(aws_environment(self.port))
            .env("BOOKSTORE_STACK", "bookstore-staging")
            .env("BOOKSTORE_PYTHON", self.tools.join("ministack/bin/python"));
        let output = command.output().context("cargo does not run")?;
        let printed = printed(&output);
        ensure!(output.status.success(), "the suite failed:\n{printed}");
        Ok(printed)
    }

    /// What the function's code is, as Lambda tells it.
    pub fn code_hash(&self, function: &str) -> Result<Value> {
        let resource = json!({ "StackName": "bookstore-staging", "LogicalResourceId": function });
        let name = self.aws("cloudformation", "describe_stack_resource", resource)?;
        let name = &name["StackResourceDetail"]["PhysicalResourceId"];
        let answer = self.aws("lambda", "get_function_configuration", json!({ "FunctionName": name }))?;
        Ok(answer["CodeSha256"].clone())
    }
}

/// A client that gives every status as an answer.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

pub fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Python with boto3 and the settings for the cloud on this port.
fn python(tools: &Path, port: u16) -> Command {
    let mut command = Command::new(tools.join("ministack/bin/python"));
    command.envs(aws_environment(port));
    command
}

fn aws_environment(port: u16) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL", format!("http://localhost:{port}")),
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ("AWS_DEFAULT_REGION", "us-east-1".into()),
    ]
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn copy_checkout(from: &Path, to: &Path) -> Result<()> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").current_dir(from).args(list).output().context("git does not run")?;
    if !output.status.success() {
        bail!("{} is no git checkout: {}", from.display(), printed(&output));
    }
    for file in String::from_utf8(output.stdout)?.split_terminator('\0') {
        let (source, target) = (from.join(file), to.join(file));
        // A file that was deleted and not yet committed.
        if source.exists() {
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            fs::copy(&source, &target).with_context(|| format!("cannot copy {file}"))?;
        }
    }
    Ok(())
}
