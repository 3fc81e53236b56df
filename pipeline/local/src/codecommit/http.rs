//! Git's smart HTTP, served by git's own CGI program.

use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio_util::io::ReaderStream;

use super::CodeCommit;
use super::api::is_name;
use super::git::Git;

/// The path under which repositories are cloned, as in CodeCommit's own URLs.
pub const PREFIX: &str = "/v1/repos/";

impl CodeCommit {
    /// Answers a git client. `hook` is the environment that tells the repository's hook whom to report a push to.
    pub async fn serve_git(self: Arc<Self>, request: Request, hook: &[(String, String)]) -> Response {
        let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let name = name.strip_suffix(".git").unwrap_or(name);
        let climbs = rest.split('/').any(|segment| segment == "..");
        if climbs || !is_name(name) || self.repository(name).is_err() {
            return (StatusCode::NOT_FOUND, format!("there is no repository named {name}\n")).into_response();
        }
        let path_info = format!("/{name}.git/{rest}");
        let mut command = self.backend(&request, &path_info);
        command.envs(hook.iter().cloned()).env("BOOKSTORE_REPOSITORY", name);
        match answer(command, request.into_body()).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!("git http-backend failed: {error:#}");
                (StatusCode::INTERNAL_SERVER_ERROR, "git failed; the service's log says why\n").into_response()
            }
        }
    }

    fn backend(&self, request: &Request, path_info: &str) -> Command {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut command = Git::command();
        command
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.folder)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("PATH_INFO", path_info)
            .env("QUERY_STRING", request.uri().query().unwrap_or_default())
            .env("REQUEST_METHOD", request.method().as_str())
            .env("REMOTE_USER", "local")
            .env("REMOTE_ADDR", "127.0.0.1")
            .env("CONTENT_TYPE", header("content-type"))
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        match header("content-length") {
            // A chunked body ends where it ends.
            "" => command.env_remove("CONTENT_LENGTH"),
            length => command.env("CONTENT_LENGTH", length),
        };
        command
    }
}

async fn answer(mut command: Command, body: Body) -> Result<Response> {
    let mut child = command.spawn().context("git does not run")?;
    let stdin = child.stdin.take().context("git has no standard input")?;
    let mut stdout = BufReader::new(child.stdout.take().context("git has no standard output")?);
    tokio::spawn(feed(body, stdin));

    let mut response = Response::builder();
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).await? == 0 {
            bail!("git http-backend ended before its answer's body");
        }
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().unwrap_or_default();
            response = response.status(StatusCode::from_bytes(code.as_bytes())?);
        } else {
            response = response.header(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        }
    }
    // The child lives as long as its output is read, and is killed when the client goes away before.
    let output = ReaderStream::new(stdout).map(move |chunk| {
        let _ = &child;
        chunk
    });
    Ok(response.header(header::CACHE_CONTROL, "no-cache").body(Body::from_stream(output))?)
}

async fn feed(body: Body, mut stdin: ChildStdin) {
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        // A client that went away or a git that has read enough: the answer tells which.
        let Ok(chunk) = chunk else { return };
        if stdin.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
