//! Test reports, in the formats of many tools, to CodeBuild's test cases.
//!
//! Source: "Test reports" of the user guide; the formats themselves are those of the tools.

use anyhow::{Context, Result, bail, ensure};
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use super::buildspec::ReportFormat;
use super::types::{TestCase, TestReportSummary, TestStatus};

/// Reads one element; `None` for one that is no test.
type Read = fn(Node) -> Option<TestCase>;

/// The test cases in the report file with this content; `path` is its name in messages and answers.
pub fn parse(path: &str, format: ReportFormat, content: &str) -> Result<Vec<TestCase>> {
    if format == ReportFormat::Cucumber {
        let features: Vec<Value> =
            serde_json::from_str(content).with_context(|| format!("{path} is no Cucumber JSON"))?;
        return Ok(features.iter().flat_map(|feature| cucumber(path, feature)).collect());
    }
    let (roots, element, read): (&[&str], _, Read) = match format {
        ReportFormat::Junit => (&["testsuites", "testsuite"], "testcase", junit),
        ReportFormat::Nunit => (&["test-results"], "test-case", nunit),
        ReportFormat::Nunit3 => (&["test-run"], "test-case", nunit),
        ReportFormat::TestNg => (&["testng-results"], "test-method", testng),
        ReportFormat::Trx => (&["TestRun"], "UnitTestResult", trx),
        other => bail!("{other:?} is a format of code coverage"),
    };
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(content, options).with_context(|| format!("{path} is no XML"))?;
    let root = document.root_element().tag_name().name();
    ensure!(roots.contains(&root), "{path} begins with {root}, not with {}: it is another format", roots[0]);
    let cases = document.descendants().filter(|node| node.tag_name().name() == element).filter_map(read);
    Ok(cases.map(|case| TestCase { test_raw_data_path: path.to_owned(), ..case }).collect())
}

/// A case of which only the name and the status are known.
fn case(name: &str, status: TestStatus) -> TestCase {
    TestCase {
        report_arn: String::new(),
        test_raw_data_path: String::new(),
        prefix: None,
        name: name.to_owned(),
        status,
        duration_in_nano_seconds: 0,
        message: None,
        test_suite_name: None,
    }
}

fn junit(node: Node) -> Option<TestCase> {
    let outcomes = [("failure", TestStatus::Failed), ("error", TestStatus::Error), ("skipped", TestStatus::Skipped)];
    let outcome = outcomes.iter().find_map(|(name, status)| Some((child(node, name)?, *status)));
    let suite = node.parent().filter(|parent| parent.has_tag_name("testsuite"));
    Some(TestCase {
        prefix: attribute(node, "classname"),
        duration_in_nano_seconds: seconds(node.attribute("time")),
        message: outcome.and_then(|(said, _)| joined([said.attribute("message"), said.text()])),
        test_suite_name: suite.and_then(|suite| attribute(suite, "name")),
        ..case(node.attribute("name")?, outcome.map_or(TestStatus::Succeeded, |(_, status)| status))
    })
}

/// Both generations: the old one has its words for what became of a test, and its time.
fn nunit(node: Node) -> Option<TestCase> {
    let status = match (node.attribute("result")?, node.attribute("label")) {
        ("Failed", Some("Error")) => TestStatus::Error,
        ("Passed" | "Success" | "Warning", _) => TestStatus::Succeeded,
        ("Failed" | "Failure", _) => TestStatus::Failed,
        ("Error" | "NotRunnable", _) => TestStatus::Error,
        ("Skipped" | "Ignored", _) => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let said = child(node, "failure").or_else(|| child(node, "reason"));
    let text = |name: &str| said.and_then(|said| child(said, name)?.text());
    Some(TestCase {
        prefix: attribute(node, "classname"),
        duration_in_nano_seconds: seconds(node.attribute("duration").or_else(|| node.attribute("time"))),
        message: joined([text("message"), text("stack-trace")]),
        ..case(node.attribute("name")?, status)
    })
}

fn testng(node: Node) -> Option<TestCase> {
    // What prepares tests is none.
    if node.attribute("is-config") == Some("true") {
        return None;
    }
    let status = match node.attribute("status")? {
        "PASS" => TestStatus::Succeeded,
        "FAIL" => TestStatus::Failed,
        "SKIP" => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let message = child(node, "exception").and_then(|thrown| child(thrown, "message")?.text());
    let milliseconds: u64 = node.attribute("duration-ms").and_then(|text| text.parse().ok()).unwrap_or_default();
    Some(TestCase {
        prefix: node.parent().and_then(|class| attribute(class, "name")),
        duration_in_nano_seconds: milliseconds.saturating_mul(1_000_000),
        message: joined([message, None]),
        ..case(node.attribute("name")?, status)
    })
}

fn trx(node: Node) -> Option<TestCase> {
    let status = match node.attribute("outcome")? {
        "Passed" => TestStatus::Succeeded,
        "Failed" => TestStatus::Failed,
        "Error" | "Timeout" | "Aborted" => TestStatus::Error,
        "NotExecuted" | "NotRunnable" => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let said = child(node, "Output").and_then(|output| child(output, "ErrorInfo"));
    let text = |name: &str| said.and_then(|said| child(said, name)?.text());
    // 00:01:02.5000000
    let parts = node.attribute("duration").unwrap_or_default().split(':').map(|part| part.parse().unwrap_or(0.0));
    Some(TestCase {
        duration_in_nano_seconds: (parts.fold(0.0, |sum: f64, part: f64| sum * 60.0 + part) * 1e9) as u64,
        message: joined([text("Message"), text("StackTrace")]),
        ..case(node.attribute("testName")?, status)
    })
}

/// A feature's scenarios: each ended as the worst of its steps and hooks.
fn cucumber(path: &str, feature: &Value) -> Vec<TestCase> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let scenarios = list(&feature["elements"]).into_iter().filter(|element| element["type"] != "background");
    let of_scenario = |scenario: Value| {
        let parts = ["before", "steps", "after"].map(|part| list(&scenario[part])).concat();
        let results = parts.iter().map(|part| &part["result"]);
        let worst = |statuses: &[&str]| {
            results.clone().find(|result| statuses.iter().any(|status| result["status"] == *status))
        };
        let (status, result) = match (worst(&["failed"]), worst(&["skipped", "pending", "undefined", "ambiguous"])) {
            (Some(failed), _) => (TestStatus::Failed, Some(failed)),
            (None, Some(skipped)) => (TestStatus::Skipped, Some(skipped)),
            (None, None) => (TestStatus::Succeeded, None),
        };
        TestCase {
            test_raw_data_path: path.to_owned(),
            prefix: text(&feature["name"]),
            duration_in_nano_seconds: results
                .clone()
                .filter_map(|result| result["duration"].as_u64())
                .fold(0, u64::saturating_add),
            message: result.and_then(|result| text(&result["error_message"])),
            ..case(scenario["name"].as_str().unwrap_or_default(), status)
        }
    };
    scenarios.map(of_scenario).collect()
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.tag_name().name() == name)
}

fn attribute(node: Node, name: &str) -> Option<String> {
    node.attribute(name).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Some tools write thousands with a comma.
fn seconds(text: Option<&str>) -> u64 {
    (text.and_then(|text| text.replace(',', "").parse::<f64>().ok()).unwrap_or_default() * 1e9) as u64
}

fn joined(parts: [Option<&str>; 2]) -> Option<String> {
    let parts = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

pub fn summary(cases: &[TestCase]) -> TestReportSummary {
    // AWS names every status, also one that no test has.
    let status_counts = TestStatus::ALL.map(|status| (status, 0)).into();
    let mut summary = TestReportSummary { total: cases.len() as u64, status_counts, ..TestReportSummary::default() };
    for case in cases {
        *summary.status_counts.entry(case.status).or_default() += 1;
        summary.duration_in_nano_seconds =
            summary.duration_in_nano_seconds.saturating_add(case.duration_in_nano_seconds);
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cargo-nextest writes it, and Node.js, whose cases need no suite.
    const JUNIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="run" tests="3" failures="1" errors="0" time="1.5">
  <testsuite name="bookstore" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="first" classname="page" time="0.500"/>
    <testcase name="last" classname="page" time="0.250">
      <failure message="not &amp; equal" type="test failure with exit code 101">left: 1</failure>
      <system-out>running 1 test</system-out>
    </testcase>
  </testsuite>
  <testcase name="later" time="0"><skipped/></testcase>
</testsuites>"#;

    const NUNIT: &str = r#"<test-results><test-suite><results>
  <test-case name="first" classname="page" result="Success" time="0.500"/>
  <test-case name="last" classname="page" result="Failure" time="0.250"><failure><message>not &amp; equal</message>
    <stack-trace>left: 1</stack-trace></failure></test-case>
  <test-case name="later" result="Ignored"><reason><message/></reason></test-case></results></test-suite></test-results>"#;

    const NUNIT3: &str = r#"<test-run><test-suite>
  <test-case name="first" classname="page" result="Passed" duration="0.500"/>
  <test-case name="last" classname="page" result="Failed" duration="0.250"><failure><message>not &amp; equal</message>
    <stack-trace>left: 1</stack-trace></failure></test-case>
  <test-case name="later" result="Skipped" label="Ignored"/></test-suite></test-run>"#;

    const TESTNG: &str = r#"<testng-results><suite><test><class name="page">
  <test-method name="setUp" is-config="true" status="PASS" duration-ms="9"/>
  <test-method name="first" status="PASS" duration-ms="500"/>
  <test-method name="last" status="FAIL" duration-ms="250"><exception><message><![CDATA[not & equal
left: 1]]></message></exception></test-method>
  <test-method name="later" status="SKIP"/></class></test></suite></testng-results>"#;

    const TRX: &str = r#"<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
  <UnitTestResult testName="first" outcome="Passed" duration="00:00:00.5000000"/>
  <UnitTestResult testName="last" outcome="Failed" duration="00:00:00.2500000"><Output><ErrorInfo>
    <Message>not &amp; equal</Message><StackTrace>left: 1</StackTrace></ErrorInfo></Output></UnitTestResult>
  <UnitTestResult testName="later" outcome="NotExecuted"/></Results></TestRun>"#;

    const CUCUMBER: &str = r#"[{"name": "page", "elements": [{"type": "background", "name": "a shop", "steps": []},
  {"type": "scenario", "name": "first", "steps": [{"result": {"status": "passed", "duration": 500000000}}]},
  {"type": "scenario", "name": "last", "steps": [{"result": {"status": "skipped"}},
    {"result": {"status": "failed", "duration": 250000000, "error_message": "not & equal\nleft: 1"}}]},
  {"type": "scenario", "name": "later", "steps": [{"result": {"status": "undefined"}}]}]}]"#;

    #[test]
    fn each_format_gives_the_same_cases() {
        let formats = [
            (ReportFormat::Junit, JUNIT),
            (ReportFormat::Nunit, NUNIT),
            (ReportFormat::Nunit3, NUNIT3),
            (ReportFormat::TestNg, TESTNG),
            (ReportFormat::Trx, TRX),
            (ReportFormat::Cucumber, CUCUMBER),
        ];
        for (format, content) in formats {
            let cases = parse("out/report", format, content).unwrap();
            let found: Vec<_> = cases.iter().map(|case| (case.name.as_str(), case.status)).collect();
            let expected =
                [("first", TestStatus::Succeeded), ("last", TestStatus::Failed), ("later", TestStatus::Skipped)];
            assert_eq!(found, expected, "{format:?}");
            assert_eq!(cases[1].message.as_deref(), Some("not & equal\nleft: 1"), "{format:?}");
            if format != ReportFormat::Trx {
                assert_eq!(cases[0].prefix.as_deref(), Some("page"), "{format:?}");
            }
            let summary = summary(&cases);
            assert_eq!((summary.total, summary.status_counts[&TestStatus::Failed]), (3, 1), "{format:?}");
            assert_eq!(summary.duration_in_nano_seconds, 750_000_000, "{format:?}");
        }
        let suites =
            parse("out/report", ReportFormat::Junit, JUNIT).unwrap().into_iter().map(|case| case.test_suite_name);
        assert_eq!(suites.collect::<Vec<_>>(), [Some("bookstore".to_owned()), Some("bookstore".to_owned()), None]);
    }

    #[test]
    fn no_number_is_too_large() {
        let formats = [
            (
                ReportFormat::Junit,
                r#"<testsuite><testcase name="a" time="1e12"/><testcase name="b" time="1e12"/></testsuite>"#,
            ),
            (
                ReportFormat::TestNg,
                r#"<testng-results><test-method name="a" status="PASS" duration-ms="18446744073709551615"/></testng-results>"#,
            ),
            (
                ReportFormat::Cucumber,
                r#"[{"elements": [{"name": "a", "steps": [{"result": {"duration": 18446744073709551615}},
                   {"result": {"duration": 1}}]}]}]"#,
            ),
        ];
        for (format, content) in formats {
            let cases = parse("out/report", format, content).unwrap();
            assert_eq!(summary(&cases).duration_in_nano_seconds, u64::MAX, "{format:?}");
        }
    }

    #[test]
    fn another_format_than_said_is_named() {
        for (format, content, expected) in [
            (ReportFormat::Junit, "<html></html>", "out/x begins with html, not with testsuites: it is another format"),
            (ReportFormat::Nunit, NUNIT3, "out/x begins with test-run, not with test-results: it is another format"),
            (ReportFormat::Junit, "TAP version 13", "out/x is no XML"),
            (ReportFormat::Cucumber, JUNIT, "out/x is no Cucumber JSON"),
        ] {
            assert_eq!(parse("out/x", format, content).unwrap_err().to_string(), expected);
        }
    }
}
