//! Lambda's side of a function: the Runtime API, and the process that asks it for events.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::shop::{CREDENTIALS, Function};

/// A running function.
pub struct Lambda {
    process: Child,
    /// From the start of the process to its first request for an event.
    pub start_up: Duration,
    events: mpsc::Sender<Value>,
    news: mpsc::Receiver<News>,
    /// Ends with this.
    _serving: JoinSet<io::Result<()>>,
}

/// What the function has said.
enum News {
    Ready(Instant),
    Answer(Value),
    Failed(Value),
}

struct Api {
    events: Mutex<mpsc::Receiver<Value>>,
    news: mpsc::Sender<News>,
}

impl Lambda {
    /// Starts a function, and waits until it asks for an event.
    pub async fn start(function: &Function, binary: &Path, endpoint: &str) -> Result<Self> {
        let (events, received) = mpsc::channel(1);
        let (sent, mut news) = mpsc::channel(4);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let api = router(Api { events: Mutex::new(received), news: sent });
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, api).await });

        let mut command = Command::new(binary);
        command.env_clear().envs(&function.environment).envs(lambdas_own(&function.name, &address, endpoint));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let begin = Instant::now();
        let process = command.spawn().with_context(|| format!("{} does not start", binary.display()))?;
        let start_up = match next(&mut news).await? {
            News::Ready(at) => at - begin,
            News::Answer(error) | News::Failed(error) => bail!("{} does not start: {error}", function.name),
        };
        Ok(Self { process, start_up, events, news, _serving: serving })
    }

    /// Gives the function an event, and waits for its answer and until it is ready for the next.
    pub async fn invoke(&mut self, event: Value) -> Result<Value> {
        self.events.send(event).await?;
        let answer = next(&mut self.news).await?;
        let News::Ready(_) = next(&mut self.news).await? else { bail!("the function answers twice") };
        match answer {
            News::Answer(answer) => Ok(answer),
            News::Failed(error) => bail!("the function failed: {error}"),
            News::Ready(_) => bail!("the function asks for an event without an answer to the one before"),
        }
    }

    /// The processor time that the process has taken so far, once it has come to rest.
    pub async fn processor_time(&self) -> Result<Duration> {
        sleep(Duration::from_millis(20)).await;
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.id()?))? {
            let statistics = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += statistics.split(' ').next().context("schedstat is empty")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The most memory that the process has held at once, in MiB.
    pub fn peak_memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(peak.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }

    fn id(&self) -> Result<u32> {
        self.process.id().context("the function has ended")
    }
}

/// The variables that Lambda sets, as far as our functions and their libraries read them.
fn lambdas_own<'a>(name: &'a str, api: &'a str, endpoint: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let own = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", name),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measure"),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_REGION", "us-east-1"),
    ];
    own.into_iter().chain(CREDENTIALS)
}

async fn next(news: &mut mpsc::Receiver<News>) -> Result<News> {
    let news = timeout(Duration::from_secs(30), news.recv()).await.context("the function says nothing for 30 s")?;
    news.context("the Runtime API has ended")
}

fn router(api: Api) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next_event))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failure))
        .route("/2018-06-01/runtime/init/error", post(failure))
        .with_state(Arc::new(api))
}

async fn next_event(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, StatusCode> {
    api.news.send(News::Ready(Instant::now())).await.map_err(|_| StatusCode::GONE)?;
    let event = api.events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let in_half_a_minute = SystemTime::now() + Duration::from_secs(30);
    let deadline = in_half_a_minute.duration_since(UNIX_EPOCH).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let headers = [
        ("lambda-runtime-aws-request-id", Uuid::now_v7().to_string()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:measured".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
    ];
    Ok((AppendHeaders(headers), event.to_string()))
}

async fn answer(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    tell(&api, News::Answer(answer)).await
}

async fn failure(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    tell(&api, News::Failed(String::from_utf8_lossy(&body).into())).await
}

async fn tell(api: &Api, news: News) -> StatusCode {
    match api.news.send(news).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}
