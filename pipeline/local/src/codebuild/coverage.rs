//! Code coverage reports, in the formats of four tools, to CodeBuild's numbers.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use roxmltree::{Document, Node};
use serde::Deserialize;

use super::buildspec::ReportFormat;
use super::types::{CodeCoverage, CodeCoverageSummary};

/// What a report file says of each source file.
pub fn parse(path: &str, format: ReportFormat, content: &str) -> Result<Vec<CodeCoverage>> {
    if format == ReportFormat::SimpleCov {
        let suites: SimpleCov =
            serde_json::from_str(content).with_context(|| format!("{path} is no .resultset.json of SimpleCov"))?;
        let files = suites.values().flat_map(|suite| &suite.coverage);
        return Ok(files.map(|(file, lines)| lines.counts().of_file(file)).collect());
    }
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = Document::parse_with_options(content, options).with_context(|| format!("{path} is no XML"))?;
    let (element, read): (_, fn(Node) -> Counts) = match format {
        ReportFormat::Cobertura => ("class", cobertura),
        ReportFormat::Clover => ("file", clover),
        ReportFormat::Jacoco => ("sourcefile", jacoco),
        other => anyhow::bail!("{other:?} is a format of test reports"),
    };
    let files = document.descendants().filter(|node| node.has_tag_name(element)).map(|node| {
        let name = ["filename", "path", "name"].iter().find_map(|name| node.attribute(*name)).unwrap_or_default();
        read(node).of_file(name)
    });
    let files = files.collect::<Vec<_>>();
    anyhow::ensure!(!files.is_empty(), "{path} has no {element}: is it another format than the buildspec says?");
    Ok(files)
}

pub fn summary(files: &[CodeCoverage]) -> CodeCoverageSummary {
    let sum = |count: fn(&CodeCoverage) -> u64| files.iter().map(count).fold(0, u64::saturating_add);
    let (covered, missed) = (sum(|file| file.lines_covered), sum(|file| file.lines_missed));
    let (branches_covered, branches_missed) = (sum(|file| file.branches_covered), sum(|file| file.branches_missed));
    CodeCoverageSummary {
        line_coverage_percentage: percentage(covered, missed),
        lines_covered: covered,
        lines_missed: missed,
        branch_coverage_percentage: percentage(branches_covered, branches_missed),
        branches_covered,
        branches_missed,
    }
}

#[derive(Default)]
struct Counts {
    lines: (u64, u64),
    branches: (u64, u64),
}

impl Counts {
    fn of_file(self, path: &str) -> CodeCoverage {
        let Self { lines, branches } = self;
        CodeCoverage {
            id: uuid::Uuid::new_v4().to_string(),
            report_arn: String::new(),
            file_path: path.to_owned(),
            line_coverage_percentage: percentage(lines.0, lines.1),
            lines_covered: lines.0,
            lines_missed: lines.1,
            branch_coverage_percentage: percentage(branches.0, branches.1),
            branches_covered: branches.0,
            branches_missed: branches.1,
        }
    }
}

/// Hundred when there is nothing to cover.
fn percentage(covered: u64, missed: u64) -> f64 {
    let all = covered.saturating_add(missed);
    if all == 0 { 100.0 } else { 100.0 * covered as f64 / all as f64 }
}

fn count(node: Node, attribute: &str) -> u64 {
    node.attribute(attribute).and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn cobertura(class: Node) -> Counts {
    let mut counts = Counts::default();
    // Lines stand below the class and, once more, below its methods.
    let lines = class.children().filter(|node| node.has_tag_name("lines")).flat_map(|lines| lines.children());
    for line in lines.filter(|node| node.has_tag_name("line")) {
        *(if count(line, "hits") > 0 { &mut counts.lines.0 } else { &mut counts.lines.1 }) += 1;
        // "50% (1/2)"
        let of = line
            .attribute("condition-coverage")
            .and_then(|text| text.split_once('(')?.1.strip_suffix(')')?.split_once('/'));
        if let Some((Ok(covered), Ok(all))) = of.map(|(covered, all)| (covered.parse::<u64>(), all.parse::<u64>())) {
            counts.branches.0 = counts.branches.0.saturating_add(covered);
            counts.branches.1 = counts.branches.1.saturating_add(all.saturating_sub(covered));
        }
    }
    counts
}

fn clover(file: Node) -> Counts {
    let mut counts = Counts::default();
    for line in file.children().filter(|node| node.has_tag_name("line")) {
        match line.attribute("type") {
            Some("cond") => {
                for side in ["truecount", "falsecount"] {
                    *(if count(line, side) > 0 { &mut counts.branches.0 } else { &mut counts.branches.1 }) += 1;
                }
            }
            _ => *(if count(line, "count") > 0 { &mut counts.lines.0 } else { &mut counts.lines.1 }) += 1,
        }
    }
    counts
}

fn jacoco(file: Node) -> Counts {
    let of = |kind: &str| {
        let counter = file.children().find(|node| node.has_tag_name("counter") && node.attribute("type") == Some(kind));
        counter.map_or((0, 0), |counter| (count(counter, "covered"), count(counter, "missed")))
    };
    Counts { lines: of("LINE"), branches: of("BRANCH") }
}

/// The results of several suites, by the suites' names.
type SimpleCov = BTreeMap<String, Suite>;

#[derive(Deserialize)]
struct Suite {
    coverage: BTreeMap<String, RubyFile>,
}

#[derive(Deserialize)]
struct RubyFile {
    /// How often each line ran; `null` where there is nothing to run.
    lines: Vec<Option<u64>>,
    /// How often each way of a condition was taken.
    #[serde(default)]
    branches: BTreeMap<String, BTreeMap<String, u64>>,
}

impl RubyFile {
    fn counts(&self) -> Counts {
        let count = |runs: &[u64]| {
            let covered = runs.iter().filter(|runs| **runs > 0).count() as u64;
            (covered, runs.len() as u64 - covered)
        };
        let lines = self.lines.iter().flatten().copied().collect::<Vec<_>>();
        let branches = self.branches.values().flat_map(|ways| ways.values().copied()).collect::<Vec<_>>();
        Counts { lines: count(&lines), branches: count(&branches) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_gives_the_same_numbers() {
        let cases = [
            (
                ReportFormat::Cobertura,
                r#"<!DOCTYPE coverage SYSTEM "x.dtd"><coverage><packages><package><classes><class filename="src/page.rs"><methods/><lines>
                   <line number="1" hits="2"/><line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/>
                   <line number="3" hits="0"/></lines></class></classes></package></packages></coverage>"#,
            ),
            (
                ReportFormat::Clover,
                r#"<coverage><project><file name="page.rs" path="src/page.rs"><line num="1" count="2" type="stmt"/>
                   <line num="2" count="1" type="method"/><line num="2" truecount="1" falsecount="0" type="cond"/>
                   <line num="3" count="0" type="stmt"/></file></project></coverage>"#,
            ),
            (
                ReportFormat::Jacoco,
                r#"<report><package><sourcefile name="src/page.rs"><counter type="LINE" missed="1" covered="2"/>
                   <counter type="BRANCH" missed="1" covered="1"/></sourcefile></package></report>"#,
            ),
            (
                ReportFormat::SimpleCov,
                r#"{"RSpec": {"coverage": {"src/page.rs": {"lines": [null, 2, 1, 0],
                   "branches": {"[:if, 0, 3, 6]": {"[:then, 1, 4]": 1, "[:else, 2, 5]": 0}}}}, "timestamp": 1}}"#,
            ),
        ];
        for (format, xml) in cases {
            let files = parse("coverage.xml", format, xml).unwrap();
            let summary = summary(&files);
            assert_eq!(files[0].file_path, "src/page.rs");
            assert_eq!((summary.lines_covered, summary.lines_missed), (2, 1), "{format:?}");
            assert_eq!((summary.branches_covered, summary.branches_missed), (1, 1), "{format:?}");
            assert_eq!(summary.branch_coverage_percentage, 50.0);
        }
    }

    #[test]
    fn no_number_is_too_large() {
        let line = r#"<line hits="1" condition-coverage="50% (18446744073709551615/18446744073709551615)"/>"#;
        let cobertura = format!("<coverage><class><lines>{line}{line}</lines></class></coverage>");
        let counter = r#"<counter type="LINE" missed="18446744073709551615" covered="18446744073709551615"/>"#;
        let jacoco = format!("<report><sourcefile>{counter}</sourcefile><sourcefile>{counter}</sourcefile></report>");
        let files = parse("c", ReportFormat::Cobertura, &cobertura).unwrap();
        assert_eq!(summary(&files).branches_covered, u64::MAX);
        let files = parse("c", ReportFormat::Jacoco, &jacoco).unwrap();
        assert_eq!(summary(&files).lines_missed, u64::MAX);
    }

    #[test]
    fn another_format_than_said_is_named() {
        for (format, content, expected) in [
            (ReportFormat::Jacoco, "<coverage/>", "another format"),
            (ReportFormat::SimpleCov, "{\"metrics\": {}}", "c is no .resultset.json"),
        ] {
            let error = parse("c", format, content).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
