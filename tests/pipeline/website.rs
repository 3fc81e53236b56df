//! The website's hosting and its delivery, as `frontend/` has them, for a site of two files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::Test;
use crate::cloud::Cloud;
use crate::delivery::Delivery;
use crate::stages::{any, source, stage, with};

pub const TESTS: &[(&str, Test)] = &[
    ("cloudfront_serves_releases_from_a_push_to_a_rollback", cloudfront),
    ("an_s3_website_serves_the_same_with_its_limits", s3_website),
];

fn cloudfront(cloud: &Cloud) -> Result<()> {
    let site = Site { cloud, stack: "website-site".to_owned(), back_end: "website-back-end".to_owned() };
    site.make_back_end()?;
    let delivery = Delivery::new(cloud, "website", &site.stages("website"))?;
    for (role, statements) in [
        ("deploy", json!([{ "Effect": "Allow", "Action": ["s3:*", "cloudfront:*"], "Resource": "*" }])),
        (
            "build",
            json!([{ "Effect": "Allow", "Action": ["s3:*", "cloudformation:DescribeStacks", "ssm:GetParameter"], "Resource": "*" }]),
        ),
    ] {
        let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let input = json!({ "RoleName": format!("website-{role}"), "PolicyName": "site", "PolicyDocument": document });
        cloud.aws("iam", "put_role_policy", input)?;
    }
    let mut files = project()?;
    files.push(("app.js".to_owned(), "document.title = 'first'".to_owned()));
    deliver(&delivery, &files)?;

    let home = site.get("/")?;
    let first = asset(&home.body)?;
    ensure!(home.status == 200 && home.header("cache-control") == "no-cache", "{home:?}");
    let policy = home.header("content-security-policy");
    ensure!(policy.contains("connect-src 'self' https://accounts.example.com;"), "{policy}");
    ensure!(policy.contains("img-src 'self' https://covers.example.com blob:;"), "{policy}");
    ensure!(home.header("x-frame-options") == "DENY", "{home:?}");
    let deep = site.get("/books/b1?tab=reviews")?;
    ensure!(deep.status == 200 && deep.body == home.body, "a deep link is no page: {deep:?}");
    let script = site.get(&first)?;
    ensure!(script.body.contains("first") && script.header("cache-control").contains("immutable"), "{script:?}");
    let missing = site.get("/assets/missing.js")?;
    ensure!(missing.status == 404, "{missing:?}");
    let api = site.get("/api/books/b1")?;
    ensure!(api.status == 200 && api.body == "/books/b1", "the API is not on the same origin: {api:?}");
    let config = site.get("/config.json")?;
    ensure!(config.body.contains(r#""apiUrl":"/api""#) && config.header("cache-control") == "no-cache", "{config:?}");

    deliver(&delivery, &[("app.js".to_owned(), "document.title = 'second'".to_owned())])?;
    let second = asset(&site.get("/")?.body)?;
    ensure!(second != first && site.get(&second)?.body.contains("second"), "the second release does not serve");
    ensure!(site.get(&first)?.status == 200, "an open tab lost its script with the next release");

    site.run("roll-back.sh", &scripts())?;
    ensure!(asset(&site.get("/")?.body)? == first, "the site did not go back");
    Ok(())
}

fn s3_website(cloud: &Cloud) -> Result<()> {
    let site = Site { cloud, stack: "workshop-site".to_owned(), back_end: "workshop-back-end".to_owned() };
    site.make_back_end()?;
    let parameters = site.parameters("S3Website");
    let parameters = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    cloud.deploy(&site.stack, &fs::read_to_string(scripts().join("../hosting.yaml"))?, &parameters)?;

    // What its build would have made.
    let folder = cloud.scratch().join("workshop");
    fs::create_dir_all(folder.join("dist/assets"))?;
    fs::create_dir_all(folder.join("delivery"))?;
    for script in fs::read_dir(scripts())? {
        let script = script?;
        fs::copy(script.path(), folder.join("delivery").join(script.file_name()))?;
    }
    fs::write(folder.join("release.txt"), "1\n")?;
    fs::write(folder.join("dist/assets/app-1.js"), "1")?;
    fs::write(folder.join("dist/index.html"), "<script src=/assets/app-1.js>")?;
    site.run("deploy.sh", &folder.join("delivery"))?;

    let home = site.get("/")?;
    ensure!(home.status == 200 && home.header("content-type") == "text/html", "{home:?}");
    ensure!(home.header("content-security-policy").is_empty(), "S3 sends no headers of one's own: {home:?}");
    let deep = site.get("/books/b1")?;
    ensure!(deep.status == 404 && deep.body == home.body, "a deep link is the page, with 404: {deep:?}");
    ensure!(site.get("/assets/app-1.js")?.header("cache-control").contains("immutable"), "assets may change");
    let api = cloud.stack_output(&site.back_end, "ApiUrl")?;
    let config = site.get("/config.json")?;
    ensure!(config.body.contains(&api), "the site does not know the API {api}: {config:?}");
    Ok(())
}

/// A stack of `frontend/hosting.yaml`, and the one that writes down what it needs to know.
struct Site<'a> {
    cloud: &'a Cloud,
    stack: String,
    back_end: String,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// Empty if there is none.
    fn header(&self, wanted: &str) -> &str {
        self.headers.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
    }
}

impl Site<'_> {
    fn make_back_end(&self) -> Result<()> {
        self.cloud.deploy(&self.back_end, include_str!("projects/website/api.yaml"), &[])
    }

    fn parameters(&self, hosting: &str) -> Vec<(&'static str, String)> {
        let written = |name: &str| format!("/{}/website{name}", self.back_end);
        vec![
            ("Hosting", hosting.to_owned()),
            ("Configuration", written("")),
            ("Api", written("/api")),
            ("Images", written("/images")),
            ("Connections", written("/connections")),
        ]
    }

    /// The hosting first, then what it serves.
    fn stages(&self, name: &str) -> [serde_json::Value; 2] {
        let overrides = self.parameters("CloudFront").into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        let overrides = serde_json::Value::Object(overrides.collect());
        let hosting = any(
            "Hosting",
            "Deploy",
            "CloudFormation",
            json!({
                "ActionMode": "CREATE_UPDATE", "StackName": self.stack, "TemplatePath": "Source::hosting.yaml",
                "RoleArn": format!("arn:aws:iam::000000000000:role/{name}-deploy"),
                "ParameterOverrides": overrides.to_string(),
            }),
        );
        let variables = json!([{ "name": "STACK", "value": self.stack }]);
        let configuration = json!({ "ProjectName": name, "EnvironmentVariables": variables.to_string() });
        let publish = any("Publish", "Build", "CodeBuild", configuration);
        let input = json!({ "inputArtifacts": [{ "name": "Source" }] });
        let publish = with(with(publish, input.clone()), json!({ "runOrder": 2 }));
        [source(name), stage("Site", &[with(hosting, input), publish])]
    }

    /// As a browser gets it, which takes every *.localhost to this machine.
    fn get(&self, path: &str) -> Result<Answer> {
        let url = self.cloud.stack_output(&self.stack, "SiteUrl")?;
        let host = url.strip_prefix("http://").with_context(|| format!("{url} is not for browsers of this machine"))?;
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let asked = agent.get(format!("{}{path}", self.cloud.endpoint())).header("Host", host);
        let mut answer = asked.call().with_context(|| format!("{host} does not answer"))?;
        let headers = answer.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            body: answer.body_mut().read_to_string()?,
        })
    }

    /// Runs a script of `frontend/delivery`, as a person does who has the AWS CLI.
    fn run(&self, script: &str, folder: &Path) -> Result<()> {
        let output = self.cloud.with_cli(Command::new("bash").arg(folder.join(script)).arg(&self.stack)).output();
        let output = output.with_context(|| format!("{script} does not run"))?;
        ensure!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/delivery")
}

/// The tiny site with the real hosting and its scripts.
fn project() -> Result<Vec<(String, String)>> {
    let mut files = vec![
        ("index.html".to_owned(), include_str!("projects/website/index.html").to_owned()),
        ("buildspec.yml".to_owned(), include_str!("projects/website/buildspec.yml").to_owned()),
        ("hosting.yaml".to_owned(), fs::read_to_string(scripts().join("../hosting.yaml"))?),
    ];
    for script in fs::read_dir(scripts())? {
        let script = script?;
        let name = format!("delivery/{}", script.file_name().to_string_lossy());
        files.push((name, fs::read_to_string(script.path())?));
    }
    Ok(files)
}

fn deliver(delivery: &Delivery, files: &[(String, String)]) -> Result<()> {
    let files = files.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect::<Vec<_>>();
    let execution = delivery.deliver(&files)?;
    delivery.ends_as(&execution, "Succeeded")
}

/// The address of the script in a page.
fn asset(page: &str) -> Result<String> {
    let address = page.split('"').find(|part| part.starts_with("/assets/"));
    address.map(str::to_owned).with_context(|| format!("the page has no script: {page}"))
}
