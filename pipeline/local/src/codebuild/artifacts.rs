//! UPLOAD_ARTIFACTS: what the buildspec calls artifacts, to where the pipeline wants them.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::buildspec::{Artifacts, Buildspec};
use super::log::BuildLog;
use super::selection::Selection;
use super::transfer;
use super::types::ArtifactLocation;
use crate::aws::Session;

/// Packs and uploads each output of the pipeline's action.
pub async fn upload_all(
    session: &Session,
    spec: &Buildspec,
    outputs: &[ArtifactLocation],
    source: &Path,
    cache: &Path,
    log: &BuildLog,
) -> Result<()> {
    for output in outputs {
        let artifacts = of_output(spec, &output.name, outputs.len())?;
        let base = artifacts.base_directory.as_deref();
        log.line(format!("Assembling file list of {} in {}", output.name, base.unwrap_or(".")));
        let selection = Selection {
            files: &artifacts.files,
            base_directory: base,
            exclude_paths: &artifacts.exclude_paths,
            discard_paths: artifacts.discard_paths,
        };
        let members = selection.members(source, cache).with_context(|| format!("artifact {}", output.name))?;
        log.line(format!("Found {} file(s)", members.len()));
        transfer::upload(session, members, output).await?;
    }
    Ok(())
}

/// A single output takes the buildspec's own artifacts; of several, each takes the secondary ones of its name.
fn of_output<'a>(spec: &'a Buildspec, name: &str, outputs: usize) -> Result<&'a Artifacts> {
    let Some(artifacts) = &spec.artifacts else {
        bail!("the pipeline expects the artifact {name}, but the buildspec has no artifacts");
    };
    if outputs > 1 {
        return artifacts.secondary_artifacts.get(name).with_context(|| {
            format!("the pipeline expects the artifact {name}, which is none of the secondary-artifacts")
        });
    }
    if artifacts.files.is_empty() {
        bail!("the pipeline expects the artifact {name}, but the buildspec's artifacts name no files");
    }
    Ok(artifacts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_map_to_artifacts_by_their_number() {
        let spec = |artifacts: &str| Buildspec::parse(&format!("version: 0.2\nphases: {{}}\n{artifacts}")).unwrap();
        let both = spec("artifacts: {files: [a], secondary-artifacts: {Site: {files: [b]}}}");
        assert_eq!(of_output(&both, "Any", 1).unwrap().files, ["a"]);
        assert_eq!(of_output(&both, "Site", 2).unwrap().files, ["b"]);
        assert!(of_output(&both, "Other", 2).unwrap_err().to_string().contains("Other, which is none"));
        assert!(of_output(&spec(""), "Any", 1).unwrap_err().to_string().contains("has no artifacts"));
    }
}
