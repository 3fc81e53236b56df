//! Tags of applications and deployment groups, by ARN.

use serde::Deserialize;
use serde_json::json;

use super::groups::{application_arn, group_arn, no_such_application};
use super::types::Tag;
use super::{CodeDeploy, State};
use crate::api::{ApiError, Call, Reply};

const FILE: &str = "tags.json";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    resource_arn: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl CodeDeploy {
    pub(super) fn list_tags(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { resource_arn, .. } = call.input()?;
        let state = self.lock();
        state.check_taggable(&resource_arn)?;
        Ok(call.reply(&json!({ "Tags": state.tags.get(&resource_arn).map_or(&[][..], Vec::as_slice) })))
    }

    pub(super) fn tag(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { resource_arn, tags, .. } = call.input()?;
        self.change_tags(&resource_arn, |known| {
            known.retain(|old| tags.iter().all(|new| new.key != old.key));
            known.extend(tags);
        })?;
        Ok(call.done())
    }

    pub(super) fn untag(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { resource_arn, tag_keys, .. } = call.input()?;
        self.change_tags(&resource_arn, |known| known.retain(|old| !tag_keys.contains(&old.key)))?;
        Ok(call.done())
    }

    fn change_tags(&self, arn: &str, change: impl FnOnce(&mut Vec<Tag>)) -> Result<(), ApiError> {
        let mut state = self.lock();
        state.check_taggable(arn)?;
        let mut tags = state.tags.get(arn).cloned().unwrap_or_default();
        change(&mut tags);
        self.put_tags(&mut state, arn, tags)
    }

    /// Gives a resource exactly these tags.
    pub(super) fn put_tags(&self, state: &mut State, arn: &str, tags: Vec<Tag>) -> Result<(), ApiError> {
        let changed = match tags.is_empty() {
            true => state.tags.remove(arn).is_some(),
            false => state.tags.insert(arn.to_owned(), tags).is_none_or(|_| true),
        };
        if changed {
            self.store.put(FILE, &state.tags)?;
        }
        Ok(())
    }

    pub(super) fn stored_tags(store: &crate::store::Store) -> anyhow::Result<super::Tags> {
        Ok(store.get(FILE)?.unwrap_or_default())
    }
}

impl State {
    fn check_taggable(&self, arn: &str) -> Result<(), ApiError> {
        let is_known = self.applications.keys().any(|name| application_arn(name) == arn)
            || self.groups.keys().any(|(application, name)| group_arn(application, name) == arn);
        if is_known { Ok(()) } else { Err(no_such_application(arn)) }
    }
}
