//! What a build's reports say, in a line for each: `cargo local watch`, `status` and `logs` show them.

use crate::codebuild::types::{CodeCoverageSummary, Report, ReportStatus, TestReportSummary, TestStatus};
use crate::console::{BAD, GOOD, styled};

/// A line for each report, by their names.
pub fn lines<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Vec<String> {
    let mut lines: Vec<_> = reports.into_iter().map(|report| (&report.name, line(report))).collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn line(report: &Report) -> String {
    let tests = report.test_summary.as_ref().map(tests);
    let coverage = report.code_coverage_summary.as_ref().map(coverage);
    let said = tests.or(coverage).unwrap_or_else(|| "empty".to_owned());
    let style = if report.status == ReportStatus::Succeeded { GOOD } else { BAD };
    format!("report {}: {}", report.name, styled(style, said))
}

fn tests(summary: &TestReportSummary) -> String {
    let words = [
        (TestStatus::Succeeded, "passed"),
        (TestStatus::Failed, "failed"),
        (TestStatus::Error, "ended in an error"),
        (TestStatus::Skipped, "skipped"),
        (TestStatus::Unknown, "unknown"),
    ];
    let counts = words.iter().filter_map(|(status, word)| {
        let count = summary.status_counts.get(status).copied().filter(|count| *count > 0)?;
        Some(format!("{count} {word}"))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let tests = if summary.total == 1 { "test" } else { "tests" };
    format!("{} {tests}{}{counts}", summary.total, if counts.is_empty() { "" } else { ": " })
}

fn coverage(summary: &CodeCoverageSummary) -> String {
    let of = |what: &str, percentage: f64, covered: u64, missed: u64| {
        format!("{percentage:.1} % of {what} covered ({covered} of {})", covered + missed)
    };
    let lines = of("lines", summary.line_coverage_percentage, summary.lines_covered, summary.lines_missed);
    // Many tools do not look at branches.
    if summary.branches_covered + summary.branches_missed == 0 {
        return lines;
    }
    let percentage = summary.branch_coverage_percentage;
    format!("{lines}, {}", of("branches", percentage, summary.branches_covered, summary.branches_missed))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn report(name: &str, status: &str, summary: Value) -> Report {
        let mut report = json!({
            "arn": "a", "type": "TEST", "name": name, "reportGroupArn": "g", "executionId": "b", "status": status,
            "created": 0.0,
        });
        report.as_object_mut().unwrap().extend(summary.as_object().unwrap().clone());
        serde_json::from_value(report).unwrap()
    }

    #[test]
    fn a_report_is_a_line_with_its_numbers() {
        let reports = [
            report(
                "shop-unit",
                "FAILED",
                json!({ "testSummary": { "total": 7, "durationInNanoSeconds": 1,
                    "statusCounts": { "SUCCEEDED": 4, "FAILED": 2, "SKIPPED": 1, "ERROR": 0 } } }),
            ),
            report(
                "shop-coverage",
                "SUCCEEDED",
                json!({ "codeCoverageSummary": { "lineCoveragePercentage": 66.666, "linesCovered": 2, "linesMissed": 1,
                    "branchCoveragePercentage": 100.0, "branchesCovered": 0, "branchesMissed": 0 } }),
            ),
            report(
                "a-branchy",
                "SUCCEEDED",
                json!({ "codeCoverageSummary": { "lineCoveragePercentage": 50.0,
                "linesCovered": 1, "linesMissed": 1, "branchCoveragePercentage": 25.0, "branchesCovered": 1,
                "branchesMissed": 3 } }),
            ),
            report(
                "z-none",
                "SUCCEEDED",
                json!({ "testSummary": { "total": 0, "durationInNanoSeconds": 0,
                "statusCounts": {} } }),
            ),
        ];
        let plain: Vec<_> = lines(&reports).iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert_eq!(
            plain,
            [
                "report a-branchy: 50.0 % of lines covered (1 of 2), 25.0 % of branches covered (1 of 4)",
                "report shop-coverage: 66.7 % of lines covered (2 of 3)",
                "report shop-unit: 7 tests: 4 passed, 2 failed, 1 skipped",
                "report z-none: 0 tests",
            ]
        );
    }
}
