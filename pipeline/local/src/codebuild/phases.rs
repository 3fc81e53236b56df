//! The phases that run a buildspec's commands, in CodeBuild's order.

use anyhow::{Context, Result};

use super::buildspec::{Buildspec, Phase};
use super::log::BuildLog;
use super::on_failure::OnFailure;
use super::record::Record;
use super::shell::Shell;
use super::types::{ExportedVariable, PhaseContext, PhaseType, Status};

/// How far the commands came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub succeeded: bool,
    /// The BUILD phase was reached, so that there may be artifacts even if it failed.
    pub built: bool,
}

/// Runs INSTALL to POST_BUILD. A failure before BUILD ends it there; POST_BUILD follows even a failed BUILD. A phase's
/// `on-failure` says otherwise.
pub async fn run(spec: &Buildspec, shell: &mut Shell, log: &BuildLog, record: &Record) -> Result<Outcome> {
    let mut outcome = Outcome { succeeded: true, built: false };
    let types = [PhaseType::Install, PhaseType::PreBuild, PhaseType::Build, PhaseType::PostBuild];
    for (phase, commands) in types.into_iter().zip(spec.phases.all()) {
        outcome.built |= phase == PhaseType::Build;
        record.begin(phase)?;
        log.line(format!("Entering phase {}", phase.name()));
        let failures = run_with_retries(commands, shell, outcome.succeeded, log).await?;
        let status = if failures.is_empty() { Status::Succeeded } else { Status::Failed };
        outcome.succeeded &= failures.is_empty();
        record.end_logged(log, status, failures)?;
        let goes_on = match (status, &commands.on_failure) {
            (Status::Succeeded, _) | (_, Some(OnFailure::Continue)) => true,
            (_, Some(OnFailure::Abort)) => false,
            _ => phase == PhaseType::Build,
        };
        if !goes_on {
            break;
        }
    }
    let exported = exported_variables(spec, shell, outcome.succeeded, log).await?;
    record.update(|build| build.exported_environment_variables = exported)?;
    Ok(outcome)
}

async fn run_with_retries(
    phase: &Phase,
    shell: &mut Shell,
    succeeding: bool,
    log: &BuildLog,
) -> Result<Vec<PhaseContext>> {
    let mut tries = 0;
    loop {
        let begun = log.length()?;
        let failures = run_phase(phase, shell, succeeding, log).await?;
        let retries = match &phase.on_failure {
            Some(rule) if !failures.is_empty() => rule.retries(&log.since(begun)?),
            _ => 0,
        };
        if tries >= retries {
            return Ok(failures);
        }
        tries += 1;
        log.line(format!("The phase failed and is run again ({tries} of {retries})"));
    }
}

/// The phase fails when a command of either block does; `finally` runs in any case.
async fn run_phase(phase: &Phase, shell: &mut Shell, succeeding: bool, log: &BuildLog) -> Result<Vec<PhaseContext>> {
    let mut failures = Vec::new();
    for block in [&phase.commands, &phase.finally] {
        for command in block {
            log.line(format!("Running command {}", command.trim_end()));
            let status = shell.run(command, succeeding && failures.is_empty(), log).await?;
            if status != 0 {
                log.line(format!("Command did not exit successfully {} exit status {status}", command.trim_end()));
                failures.push(PhaseContext::new(
                    "COMMAND_EXECUTION_ERROR",
                    format!("Error while executing command: {}. Reason: exit status {status}", command.trim_end()),
                ));
                break;
            }
        }
    }
    Ok(failures)
}

/// Asks the shell itself: commands may have changed what the environment said at first.
async fn exported_variables(
    spec: &Buildspec,
    shell: &mut Shell,
    succeeding: bool,
    log: &BuildLog,
) -> Result<Vec<ExportedVariable>> {
    let names = &spec.env.exported_variables;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let values = tempfile::NamedTempFile::new().context("cannot make a file for the exported variables")?;
    let print: String = names.iter().map(|name| format!("printf '%s\\0' \"${{{name}-}}\"\n")).collect();
    shell.run(&format!("{{\n{print}}} > '{}'", values.path().display()), succeeding, log).await?;
    let written = std::fs::read(values.path()).context("cannot read the exported variables")?;
    let values = written.split(|byte| *byte == 0).map(|value| String::from_utf8_lossy(value).into_owned());
    Ok(names.iter().cloned().zip(values).map(|(name, value)| ExportedVariable { name, value }).collect())
}
