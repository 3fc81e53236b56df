//! JUnit XML to CodeBuild's test cases.

use anyhow::{Context, Result};
use junit_parser::{TestStatus as Junit, TestSuite};

use super::types::{TestCase, TestReportSummary, TestStatus};

/// The test cases in the report file whose content is `xml`; `path` is its name in messages and answers.
pub fn parse(path: &str, xml: &[u8]) -> Result<Vec<TestCase>> {
    let suites = junit_parser::from_reader(xml).with_context(|| format!("{path} is no JUnit XML"))?;
    let mut cases = Vec::new();
    suites.suites.iter().for_each(|suite| collect(path, suite, &mut cases));
    Ok(cases)
}

fn collect(path: &str, suite: &TestSuite, cases: &mut Vec<TestCase>) {
    suite.suites.iter().for_each(|nested| collect(path, nested, cases));
    cases.extend(suite.cases.iter().map(|case| {
        let (status, message) = match &case.status {
            Junit::Success => (TestStatus::Succeeded, None),
            Junit::Failure(failure) => (TestStatus::Failed, Some(reason(&failure.message, &failure.text))),
            Junit::Error(error) => (TestStatus::Error, Some(reason(&error.message, &error.text))),
            Junit::Skipped(skipped) => (TestStatus::Skipped, Some(reason(&skipped.message, &skipped.text))),
        };
        TestCase {
            report_arn: String::new(),
            test_raw_data_path: path.to_owned(),
            prefix: case.classname.clone(),
            name: case.original_name.clone(),
            status,
            duration_in_nano_seconds: (case.time * 1e9) as u64,
            message: message.filter(|message| !message.is_empty()),
            test_suite_name: Some(suite.name.clone()).filter(|name| !name.is_empty()),
        }
    }));
}

fn reason(message: &str, text: &str) -> String {
    [message.trim(), text.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

pub fn summary(cases: &[TestCase]) -> TestReportSummary {
    // AWS names every status, also one that no test has.
    let status_counts = TestStatus::ALL.map(|status| (status, 0)).into();
    let mut summary = TestReportSummary { total: cases.len() as u64, status_counts, ..TestReportSummary::default() };
    for case in cases {
        *summary.status_counts.entry(case.status).or_default() += 1;
        summary.duration_in_nano_seconds += case.duration_in_nano_seconds;
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cargo-nextest writes it.
    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" time="1.5">
  <testsuite name="bookstore" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="page::first" classname="bookstore" time="0.500"/>
    <testcase name="page::last" classname="bookstore" time="0.250">
      <failure message="assertion failed &amp; more" type="test failure with exit code 101">left: 1</failure>
      <system-out>running 1 test</system-out>
    </testcase>
    <testcase name="page::later" classname="bookstore" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>"#;

    #[test]
    fn each_case_has_its_status_and_reason() {
        let cases = parse("target/junit.xml", REPORT.as_bytes()).unwrap();
        let statuses: Vec<_> = cases.iter().map(|case| (case.name.as_str(), case.status)).collect();
        let expected = [
            ("page::first", TestStatus::Succeeded),
            ("page::last", TestStatus::Failed),
            ("page::later", TestStatus::Skipped),
        ];
        assert_eq!(statuses, expected);
        assert_eq!(cases[1].message.as_deref(), Some("assertion failed & more\nleft: 1"));
        assert_eq!(cases[1].test_suite_name.as_deref(), Some("bookstore"));

        let summary = summary(&cases);
        assert_eq!((summary.total, summary.status_counts[&TestStatus::Failed]), (3, 1));
        assert_eq!(summary.duration_in_nano_seconds, 750_000_000);
    }

    #[test]
    fn what_is_no_junit_is_named() {
        let error = parse("out/x.xml", b"<html></html").unwrap_err();
        assert_eq!(error.to_string(), "out/x.xml is no JUnit XML");
    }
}
