//! The AWS APIs, as any client sees them: one process with boto3 that lives as long as this, shared by both suites.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

pub struct Aws {
    process: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Aws {
    /// Starts it with this Python, in the environment that the command carries: endpoint, region and credentials.
    pub fn start(mut python: Command) -> Result<Self> {
        let process = python.args(["-c", include_str!("aws.py")]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.with_context(|| format!("{} does not run", python.get_program().display()))?;
        let input = process.stdin.take().context("no pipe to boto3")?;
        let output = process.stdout.take().context("no pipe from boto3")?;
        Ok(Self { process, pipes: Mutex::new((input, BufReader::new(output))) })
    }

    /// One call; the operation and the shapes as boto3 names them.
    pub fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        let request = json!({ "service": service, "operation": operation, "input": input });
        let mut line = String::new();
        {
            let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
            writeln!(pipes.0, "{request}").context("boto3 has ended")?;
            pipes.1.read_line(&mut line)?;
        }
        let mut answer: Value = serde_json::from_str(&line).context("boto3 has ended; is it installed?")?;
        match answer["error"].as_str() {
            Some(error) => bail!("{service} {operation}: {error}"),
            None => Ok(answer["answer"].take()),
        }
    }

    /// An output of a stack.
    pub fn stack_output(&self, stack: &str, key: &str) -> Result<String> {
        let answer = self.call("cloudformation", "describe_stacks", json!({ "StackName": stack }))?;
        let mut outputs = answer["Stacks"][0]["Outputs"].as_array().into_iter().flatten();
        let output = outputs.find(|output| output["OutputKey"] == key);
        let value = output.and_then(|output| output["OutputValue"].as_str());
        value.map(str::to_owned).with_context(|| format!("the stack {stack} has no output {key}"))
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // It holds nothing that a killed process would lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
