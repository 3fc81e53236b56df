//! The variables that a build sees: CodeBuild's own, the project's and the buildspec's, and of the user's environment
//! only what a tool needs to work on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;

use super::types::Build;
use crate::aws::{ACCOUNT, CONFIRMATION_CODE, PASSWORD_CODE, REGION};

/// Where builds run on this machine.
#[derive(Debug, Clone)]
pub struct BuildHost {
    /// Scratch: the folders of running builds.
    pub work: PathBuf,
    /// The local caches, a folder for each project.
    pub cache: PathBuf,
    /// The tools that an AWS image has and this machine may lack; in `PATH` before the machine's own.
    pub tools_bin: PathBuf,
    /// `HOME` of builds, so that they never meet the user's own settings and credentials.
    pub home: PathBuf,
}

impl BuildHost {
    /// A build's scratch folder. With a local cache it is the same for each build of the project, one after the other:
    /// cargo takes crates at another path for other crates.
    pub fn folder(&self, build: &Build) -> PathBuf {
        let name = if build.cache.keeps_custom_paths() {
            build.project_name.clone()
        } else {
            format!("{}-{}", build.project_name, build.uuid())
        };
        self.work.join(name)
    }

    pub fn source(&self, build: &Build) -> PathBuf {
        self.folder(build).join("src")
    }
}

/// How a machine reaches the network: passed on, so that builds work behind a company's proxy.
const NETWORK: [&str; 17] = [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "NODE_EXTRA_CA_CERTS",
    "npm_config_registry",
];

/// The machine's share: `inherited` looks a variable up in the service's own environment. `folder` is the build's own,
/// where it may install programs.
pub fn of_machine(
    host: &BuildHost,
    folder: &Path,
    inherited: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, String> {
    let user_home = PathBuf::from(inherited("HOME").unwrap_or_else(|| "/root".to_owned()));
    let tool_home = |name: &str, folder: &str| inherited(name).map_or_else(|| user_home.join(folder), PathBuf::from);
    let cargo_home = tool_home("CARGO_HOME", ".cargo");
    let system_path = inherited("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let show = |path: &Path| path.display().to_string();

    let mut variables: BTreeMap<String, String> = [
        (
            "PATH",
            [&show(&folder.join("bin")), &show(&host.tools_bin), &show(&cargo_home.join("bin")), &system_path]
                .map(String::as_str)
                .join(":"),
        ),
        ("HOME", show(&host.home)),
        ("CARGO_HOME", show(&cargo_home)),
        ("RUSTUP_HOME", show(&tool_home("RUSTUP_HOME", ".rustup"))),
        ("CARGO_INSTALL_ROOT", show(host.tools_bin.parent().unwrap_or(&host.tools_bin))),
        // Browsers that `npx playwright install` has put on this machine.
        ("PLAYWRIGHT_BROWSERS_PATH", show(&tool_home("PLAYWRIGHT_BROWSERS_PATH", ".cache/ms-playwright"))),
        // `npm install --global` is for the build alone.
        ("NPM_CONFIG_PREFIX", show(folder)),
        ("CARGO_TERM_COLOR", "never".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("TERM", "dumb".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    variables.extend(NETWORK.iter().filter_map(|name| Some(((*name).to_owned(), inherited(name)?))));
    // No proxy knows the way to the local cloud.
    for name in ["no_proxy", "NO_PROXY"] {
        let others = variables.get(name).map(|hosts| format!("{hosts},")).unwrap_or_default();
        variables.insert(name.to_owned(), format!("{others}localhost,127.0.0.1"));
    }
    variables
}

/// The cloud's share: the service role's session, and nothing of the user's.
pub fn of_cloud(endpoint: &str, credentials: &Credentials) -> BTreeMap<String, String> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
        ("AWS_SESSION_TOKEN", credentials.session_token().unwrap_or_default()),
        ("CONFIRMATION_CODES", &format!("{CONFIRMATION_CODE} {PASSWORD_CODE}")),
        // No SDK waits for an address that is not there.
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The build's share. `secondary` are the other inputs of a pipeline action: name, folder and S3 location.
pub fn of_build(build: &Build, source: &Path, secondary: &[(String, PathBuf, String)]) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> = [
        // The user guide does not list these two, but builds have them, and tools tell CodeBuild by them.
        ("CI", "true".to_owned()),
        ("CODEBUILD_CI", "true".to_owned()),
        ("CODEBUILD_BUILD_ARN", build.arn.clone()),
        ("CODEBUILD_BUILD_ID", build.id.clone()),
        ("CODEBUILD_BUILD_IMAGE", build.environment.image.clone()),
        ("CODEBUILD_BUILD_NUMBER", build.build_number.to_string()),
        ("CODEBUILD_BUILD_SUCCEEDING", "1".to_owned()),
        // The console's page: there is none here.
        ("CODEBUILD_BUILD_URL", String::new()),
        ("CODEBUILD_INITIATOR", build.initiator.clone()),
        ("CODEBUILD_KMS_KEY_ID", build.encryption_key.clone().unwrap_or_default()),
        ("CODEBUILD_PROJECT_ARN", format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{}", build.project_name)),
        ("CODEBUILD_RESOLVED_SOURCE_VERSION", build.resolved_source_version.clone().unwrap_or_default()),
        ("CODEBUILD_SOURCE_REPO_URL", String::new()),
        ("CODEBUILD_SOURCE_VERSION", build.source_version.clone().unwrap_or_default()),
        ("CODEBUILD_SRC_DIR", source.display().to_string()),
        ("CODEBUILD_START_TIME", build.start_time.millis().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (name, folder, location) in secondary {
        variables.insert(format!("CODEBUILD_SRC_DIR_{name}"), folder.display().to_string());
        variables.insert(format!("CODEBUILD_SOURCE_VERSION_{name}"), location.clone());
        variables.insert(format!("CODEBUILD_SOURCE_REPO_URL_{name}"), String::new());
    }
    variables
}

/// Everything by precedence: a later map wins. Only the names of CodeBuild itself cannot be overridden.
pub fn merge(maps: impl IntoIterator<Item = BTreeMap<String, String>>) -> BTreeMap<String, String> {
    maps.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_sees_the_tools_of_the_machine_and_nothing_private_of_its_user() {
        let host = BuildHost {
            work: "/w".into(),
            cache: "/c".into(),
            tools_bin: "/tools/bin".into(),
            home: "/scratch/home".into(),
        };
        let user = |name: &str| match name {
            "HOME" => Some("/home/ada".to_owned()),
            "PATH" => Some("/usr/bin".to_owned()),
            "RUSTUP_HOME" => Some("/opt/rustup".to_owned()),
            "HTTPS_PROXY" => Some("http://proxy:1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_PROFILE" | "GITHUB_TOKEN" | "RUSTUP_TOOLCHAIN" => Some("private".to_owned()),
            _ => None,
        };
        let variables = of_machine(&host, Path::new("/w/p"), user);
        assert_eq!(variables["PATH"], "/w/p/bin:/tools/bin:/home/ada/.cargo/bin:/usr/bin");
        assert_eq!(variables["HOME"], "/scratch/home");
        assert_eq!(variables["CARGO_HOME"], "/home/ada/.cargo");
        assert_eq!(variables["RUSTUP_HOME"], "/opt/rustup");
        assert_eq!(variables["CARGO_INSTALL_ROOT"], "/tools");
        assert_eq!(variables["HTTPS_PROXY"], "http://proxy:1");
        assert!(variables.values().all(|value| value != "private"), "{variables:?}");
    }
}
