//! From the checkout to an execution of the pipeline.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::pipeline::Pipeline;
use super::short;
use super::stack::{Delivery, Part};
use crate::codepipeline::types::{ExecutionStatus, ExecutionSummary, ExecutionType};
use crate::console::{BUSY, styled};

/// How long a push may take to start an execution.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a part of HEAD.
pub enum Delivered {
    /// This execution delivers it.
    By(String),
    /// It was delivered before.
    Already,
}

/// Pushes what HEAD has of a part, unless its repository has that, and finds the execution that delivers it.
pub async fn deliver(checkout: &Path, delivery: &Delivery, pipeline: &Pipeline) -> Result<Delivered> {
    let head = head(checkout)?;
    set_remote(checkout, delivery.part.remote(), &delivery.clone_url)?;

    let executions = pipeline.executions().await?;
    let before = pipeline.branch_head(&delivery.repository, &delivery.branch).await?;
    match delivery.part {
        Part::BackEnd => {
            explain_what_is_pushed(checkout, delivery, &head)?;
            if before.as_deref() != Some(&head) {
                push(checkout, delivery, before.as_deref())?;
            }
        }
        Part::Website => push_website(checkout, delivery)?,
    }
    let pushed = pipeline.branch_head(&delivery.repository, &delivery.branch).await?;
    let head = pushed.with_context(|| format!("{} has no branch {}", delivery.repository, delivery.branch))?;
    if before.as_ref() != Some(&head) {
        return Ok(Delivered::By(started(pipeline, &head, &executions).await?));
    }
    match executions.iter().find(|execution| may_deliver(execution, &head)) {
        Some(execution) if execution.status == ExecutionStatus::Succeeded => Ok(Delivered::Already),
        Some(execution) if !execution.status.is_final() => Ok(Delivered::By(execution.pipeline_execution_id.clone())),
        found => {
            let why = if found.is_some() { "did not succeed" } else { "was never delivered" };
            anstream::println!("{} was pushed before but {why}; starting the pipeline again", short(&head));
            pipeline.start().await.map(Delivered::By)
        }
    }
}

/// Removes those remotes that point to the local cloud at `endpoint`, and answers their names.
pub fn remove_remotes(checkout: &Path, endpoint: &str) -> Result<Vec<&'static str>> {
    let mut removed = Vec::new();
    for remote in Part::ALL.map(Part::remote) {
        if remote_url(checkout, remote).is_some_and(|url| url.starts_with(&format!("{endpoint}/"))) {
            git(checkout, &["remote", "remove", remote])?;
            removed.push(remote);
        }
    }
    Ok(removed)
}

fn head(checkout: &Path) -> Result<String> {
    if git(checkout, &["rev-parse", "--git-dir"]).is_err() {
        bail!(
            "{} is not a Git repository; make it one: git init && git add -A && git commit -m Start",
            checkout.display()
        );
    }
    let head = git(checkout, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
    head.map_err(|_| anyhow::anyhow!("there is no commit to push yet; make one: git add -A && git commit -m Start"))
}

fn set_remote(checkout: &Path, remote: &str, url: &str) -> Result<()> {
    match remote_url(checkout, remote) {
        Some(found) if found == url => {}
        Some(_) => {
            git(checkout, &["remote", "set-url", remote, url])?;
            anstream::println!("The git remote `{remote}` now points to {url}");
        }
        None => {
            git(checkout, &["remote", "add", remote, url])?;
            anstream::println!("Added the git remote `{remote}`: {url}");
        }
    }
    // A proxy for the outside world would not find this machine's own port.
    git(checkout, &["config", &format!("remote.{remote}.proxy"), ""])?;
    Ok(())
}

fn remote_url(checkout: &Path, remote: &str) -> Option<String> {
    git(checkout, &["remote", "get-url", remote]).ok()
}

fn explain_what_is_pushed(checkout: &Path, delivery: &Delivery, head: &str) -> Result<()> {
    let head = short(head);
    if !git(checkout, &["status", "--porcelain"])?.is_empty() {
        anstream::println!("Note: there are uncommitted changes; they are not in {head}, which is what is delivered.");
    }
    let branch =
        git(checkout, &["symbolic-ref", "--quiet", "--short", "HEAD"]).unwrap_or_else(|_| "no branch".to_owned());
    if branch != delivery.branch {
        anstream::println!(
            "Note: you are on {branch}; its {head} goes to `{}` of the local repository.",
            delivery.branch
        );
    }
    Ok(())
}

fn push(checkout: &Path, delivery: &Delivery, remote_head: Option<&str>) -> Result<()> {
    let (remote, refspec) = (delivery.part.remote(), format!("HEAD:refs/heads/{}", delivery.branch));
    anstream::println!("{}", styled(BUSY, format_args!("git push {remote} {refspec}")));
    let mut command = git_command(checkout, &["push", remote, &refspec]);
    let status = command.env("GIT_TERMINAL_PROMPT", "0").status().context("cannot run git")?;
    if status.success() {
        return Ok(());
    }
    let is_ancestor = |commit: &str| git(checkout, &["merge-base", "--is-ancestor", commit, "HEAD"]).is_ok();
    if remote_head.is_some_and(|commit| !is_ancestor(commit)) {
        bail!(
            "the local repository has commits that HEAD does not follow (another branch was pushed, or history was \
             rewritten); to replace them: git push --force {remote} {refspec}"
        );
    }
    bail!("git push failed; its message is above")
}

/// Makes a commit of the folder `frontend` in the website's own repository, unless that has it.
fn push_website(checkout: &Path, delivery: &Delivery) -> Result<()> {
    let (script, remote) = ("pipeline/push-website.sh", delivery.part.remote());
    anstream::println!("{}", styled(BUSY, format_args!("{script} {remote}")));
    let mut command = Command::new(checkout.join(script));
    let command = command.current_dir(checkout).arg(remote).env("GIT_TERMINAL_PROMPT", "0");
    let status = command.status().with_context(|| format!("cannot run {script}"))?;
    if !status.success() {
        bail!("{script} failed; its message is above");
    }
    Ok(())
}

/// The execution that the push of `head` started.
async fn started(pipeline: &Pipeline, head: &str, before: &[ExecutionSummary]) -> Result<String> {
    let known: BTreeSet<_> = before.iter().map(|execution| &execution.pipeline_execution_id).collect();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let executions = pipeline.executions().await?;
        let new = executions.into_iter().filter(|execution| !known.contains(&execution.pipeline_execution_id));
        if let Some(execution) = new.into_iter().find(|execution| may_deliver(execution, head)) {
            return Ok(execution.pipeline_execution_id);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!(
        "the push started no execution of the pipeline; the event rule beside it in pipeline/ should, see the service's log"
    )
}

/// Whether an execution delivers a commit, as far as is known before its source action has run.
///
/// The one that a new pipeline starts by itself found the repository as it was before the push.
fn may_deliver(execution: &ExecutionSummary, commit: &str) -> bool {
    let revisions = &execution.source_revisions;
    let is_open = || !execution.status.is_final() && execution.trigger.trigger_type != "CreatePipeline";
    let is_standard = execution.execution_type == ExecutionType::Standard;
    is_standard
        && (revisions.iter().any(|revision| revision.revision_id == commit) || revisions.is_empty() && is_open())
}

fn git_command(checkout: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(checkout).args(arguments);
    command
}

/// What git prints, trimmed; its own message when it fails.
fn git(checkout: &Path, arguments: &[&str]) -> Result<String> {
    let output = git_command(checkout, arguments).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("git {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_are_added_corrected_and_removed_only_when_they_are_ours() {
        let folder = tempfile::tempdir().unwrap();
        let checkout = folder.path();
        assert!(head(checkout).unwrap_err().to_string().contains("git init"));
        git(checkout, &["init", "--quiet"]).unwrap();
        assert!(head(checkout).unwrap_err().to_string().contains("git commit"));

        let [local, website] = Part::ALL.map(Part::remote);
        set_remote(checkout, local, "http://localhost:4566/v1/repos/bookstore").unwrap();
        set_remote(checkout, local, "http://localhost:4570/v1/repos/bookstore").unwrap();
        assert_eq!(remote_url(checkout, local).unwrap(), "http://localhost:4570/v1/repos/bookstore");

        assert!(remove_remotes(checkout, "http://localhost:4566").unwrap().is_empty());
        assert_eq!(remove_remotes(checkout, "http://localhost:4570").unwrap(), [local]);
        assert!(remove_remotes(checkout, "http://localhost:4570").unwrap().is_empty());
        assert_eq!(remote_url(checkout, local), None);
        for remote in [local, website] {
            set_remote(checkout, remote, "http://localhost:4570/v1/repos/bookstore").unwrap();
        }
        assert_eq!(remove_remotes(checkout, "http://localhost:4570").unwrap(), [local, website]);
    }

    #[test]
    fn an_execution_without_revisions_may_deliver_anything_while_it_runs() {
        let execution = |status: &str, revisions: serde_json::Value| -> ExecutionSummary {
            serde_json::from_value(serde_json::json!({
                "pipelineExecutionId": "e", "status": status, "startTime": 0.0, "lastUpdateTime": 0.0,
                "sourceRevisions": revisions, "trigger": { "triggerType": "CloudWatchEvent" }, "executionMode": "QUEUED",
            }))
            .unwrap()
        };
        let revision = serde_json::json!([{ "actionName": "Source", "revisionId": "c1" }]);
        assert!(may_deliver(&execution("Succeeded", revision.clone()), "c1"));
        assert!(!may_deliver(&execution("InProgress", revision), "c2"));
        assert!(may_deliver(&execution("InProgress", serde_json::json!([])), "c2"));
        assert!(!may_deliver(&execution("Failed", serde_json::json!([])), "c2"));
    }
}
