//! `reports` of a buildspec: which files they are made of, and in which format.

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer};

use crate::codebuild::types::ReportType;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReportSpec {
    pub files: Vec<String>,
    pub base_directory: Option<String>,
    /// Every path in a report is its file's name already, so there is nothing to discard.
    #[serde(default)]
    #[allow(dead_code)]
    discard_paths: bool,
    #[serde(default, deserialize_with = "in_any_case")]
    pub file_format: ReportFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ReportFormat {
    #[default]
    #[serde(rename = "JUNITXML")]
    Junit,
    #[serde(rename = "CUCUMBERJSON")]
    Cucumber,
    #[serde(rename = "NUNITXML")]
    Nunit,
    #[serde(rename = "NUNIT3XML")]
    Nunit3,
    #[serde(rename = "TESTNGXML")]
    TestNg,
    #[serde(rename = "VISUALSTUDIOTRX")]
    Trx,
    #[serde(rename = "COBERTURAXML")]
    Cobertura,
    #[serde(rename = "CLOVERXML")]
    Clover,
    #[serde(rename = "JACOCOXML")]
    Jacoco,
    #[serde(rename = "SIMPLECOV")]
    SimpleCov,
}

/// The user guide: "This value is not case sensitive."
fn in_any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReportFormat, D::Error> {
    let name = String::deserialize(deserializer)?.to_ascii_uppercase();
    let name: StrDeserializer<D::Error> = name.as_str().into_deserializer();
    ReportFormat::deserialize(name)
}

impl ReportFormat {
    pub fn report_type(self) -> ReportType {
        match self {
            Self::Cobertura | Self::Clover | Self::Jacoco | Self::SimpleCov => ReportType::CodeCoverage,
            _ => ReportType::Test,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::codebuild::buildspec::Buildspec;

    #[test]
    fn a_format_has_any_case() {
        let parse = |format: &str| {
            Buildspec::parse(&format!(
                "version: 0.2\nphases: {{}}\nreports: {{r: {{files: [a], file-format: {format}}}}}"
            ))
        };
        for (format, expected) in
            [("JunitXml", super::ReportFormat::Junit), ("simplecov", super::ReportFormat::SimpleCov)]
        {
            assert_eq!(parse(format).unwrap().reports["r"].file_format, expected);
        }
        assert!(parse("TAP").unwrap_err().to_string().contains("TAP"));
    }
}
