//! Which files a buildspec means: globs below a base directory of the source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::archive::Member;

/// The files of an artifact or a report.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    pub files: &'a [String],
    /// Below the source folder; patterns and names are relative to it.
    pub base_directory: Option<&'a str>,
    pub exclude_paths: &'a [String],
    /// Keep only the files' own names.
    pub discard_paths: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    #[error("no matching base directory path found for {0}")]
    NoBase(String),
    #[error("no matching artifact paths found for {0}")]
    NoFiles(String),
    #[error("two artifact files are named {0}: with discard-paths, names must differ")]
    SameName(String),
    #[error("{0:?} leads out of the source folder")]
    Outside(String),
    #[error(transparent)]
    Glob(#[from] globset::Error),
    #[error(transparent)]
    Walk(#[from] walkdir::Error),
}

impl Selection<'_> {
    /// The selected files, sorted by name. Selecting nothing is an error.
    /// Links lead to files of the source or of the project's `cache`: others are no files of the build.
    pub fn members(&self, source: &Path, cache: &Path) -> Result<Vec<Member>, SelectionError> {
        let base_name = relative(self.base_directory.unwrap_or("."))?;
        let base = source.join(base_name);
        let roots = [source, cache].map(|root| root.canonicalize().unwrap_or_else(|_| root.to_owned()));
        if !base.is_dir() {
            return Err(SelectionError::NoBase(base_name.to_owned()));
        }
        let mut excluded = GlobSetBuilder::new();
        for pattern in self.exclude_paths {
            excluded.add(glob(relative(pattern)?)?);
        }
        let excluded = excluded.build()?;
        let mut members = BTreeMap::new();
        for pattern in self.files {
            for (path, file) in matching(&base, relative(pattern)?, &excluded, &roots)? {
                let name = match path.file_name() {
                    Some(name) if self.discard_paths => name.to_string_lossy().into_owned(),
                    _ => path.to_string_lossy().into_owned(),
                };
                if let Some(other) = members.insert(name.clone(), file.clone()).filter(|other| *other != file) {
                    tracing::debug!("{} and {} are both {name}", other.display(), file.display());
                    return Err(SelectionError::SameName(name));
                }
            }
        }
        if members.is_empty() {
            return Err(SelectionError::NoFiles(self.files.join(", ")));
        }
        Ok(members.into_iter().map(|(name, file)| Member { name, file }).collect())
    }
}

/// The files below `base` that `pattern` means, each with its path relative to `base`.
fn matching(
    base: &Path,
    pattern: &str,
    excluded: &GlobSet,
    roots: &[PathBuf],
) -> Result<Vec<(PathBuf, PathBuf)>, SelectionError> {
    let matcher = glob(pattern)?.compile_matcher();
    // The folders before the first wildcard need no search: a build's target folder holds many files.
    let fixed: PathBuf = pattern.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let start = base.join(&fixed);
    let inside =
        |path: &Path| path.canonicalize().is_ok_and(|target| roots.iter().any(|root| target.starts_with(root)));
    if !inside(&start) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let walk = WalkDir::new(start).follow_links(true).into_iter();
    for entry in walk.filter_entry(|entry| !entry.path_is_symlink() || inside(entry.path())) {
        let entry = match entry {
            Err(error) if leads_nowhere(&error) => continue,
            entry => entry?,
        };
        let path = entry.path().strip_prefix(base).unwrap_or(entry.path());
        if entry.file_type().is_file() && matcher.is_match(path) && !excluded.is_match(path) {
            found.push((path.to_owned(), entry.path().to_owned()));
        }
    }
    Ok(found)
}

/// A link to what is not there, or to itself, or to a folder that it is in.
fn leads_nowhere(error: &walkdir::Error) -> bool {
    let code = error.io_error().and_then(std::io::Error::raw_os_error);
    let links = [Errno::NOENT, Errno::LOOP].map(Errno::raw_os_error);
    error.loop_ancestor().is_some() || code.is_some_and(|code| links.contains(&code))
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

fn relative(path: &str) -> Result<&str, SelectionError> {
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(SelectionError::Outside(path.to_owned()));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(selection: &Selection) -> Result<Vec<String>, String> {
        let source = tempfile::tempdir().unwrap();
        for file in ["packaged.yaml", "out/index.html", "out/assets/a.js", "out/assets/b/c.js", "out/other/a.js"] {
            let path = source.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        let members = selection.members(source.path(), Path::new("/none")).map_err(|error| error.to_string())?;
        Ok(members.into_iter().map(|member| member.name).collect())
    }

    fn globs(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|pattern| (*pattern).to_owned()).collect()
    }

    #[test]
    fn patterns_select_below_the_base_directory() {
        let check = |files: &[&str], base_directory, excluded: &[&str], expected: &[&str]| {
            let (files, exclude_paths) = (globs(files), globs(excluded));
            let selection =
                Selection { files: &files, base_directory, exclude_paths: &exclude_paths, discard_paths: false };
            assert_eq!(select(&selection).unwrap(), expected, "{files:?}");
        };
        check(&["packaged.yaml"], None, &[], &["packaged.yaml"]);
        check(&["./packaged.yaml", "missing"], None, &[], &["packaged.yaml"]);
        check(&["**/*"], Some("out"), &[], &["assets/a.js", "assets/b/c.js", "index.html", "other/a.js"]);
        check(&["assets/**/*"], Some("out"), &[], &["assets/a.js", "assets/b/c.js"]);
        check(&["out/*"], None, &[], &["out/index.html"]);
        check(&["**/*"], Some("out"), &["assets/**/*", "other/*"], &["index.html"]);
    }

    #[test]
    fn discarded_paths_leave_names_that_must_differ() {
        let one = globs(&["out/assets/**/*"]);
        let names = select(&Selection { files: &one, discard_paths: true, ..Selection::default() });
        assert_eq!(names.unwrap(), ["a.js", "c.js"]);
        let two = globs(&["out/**/a.js"]);
        let error = select(&Selection { files: &two, discard_paths: true, ..Selection::default() });
        assert!(error.unwrap_err().contains("two artifact files are named a.js"));
    }

    #[test]
    fn links_that_lead_nowhere_or_out_are_no_files() {
        let root = tempfile::tempdir().unwrap();
        let (source, cache) = (root.path().join("src"), root.path().join("cache"));
        for file in ["src/a", "cache/b", "other/c"] {
            std::fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(file), file).unwrap();
        }
        let links = [("none", "dangling"), ("self", "self"), (".", "up"), ("a", "again"), ("../cache", "kept")];
        for (target, link) in links.into_iter().chain([("../other", "out"), ("../other/c", "c")]) {
            std::os::unix::fs::symlink(target, source.join(link)).unwrap();
        }
        let names = |pattern: &str| {
            let selection = Selection { files: &globs(&[pattern]), ..Selection::default() };
            let members = selection.members(&source, &cache);
            members.map(|members| members.into_iter().map(|member| member.name).collect::<Vec<_>>())
        };
        assert_eq!(names("**/*").unwrap(), ["a", "again", "kept/b"]);
        assert!(names("out/*").is_err());
        assert!(names("c").is_err());
    }

    #[test]
    fn what_is_not_there_is_named() {
        let missing = globs(&["dist/app.zip"]);
        let error = select(&Selection { files: &missing, ..Selection::default() }).unwrap_err();
        assert_eq!(error, "no matching artifact paths found for dist/app.zip");
        let error = select(&Selection { files: &missing, base_directory: Some("web"), ..Selection::default() });
        assert_eq!(error.unwrap_err(), "no matching base directory path found for web");
        let outside = globs(&["../secret"]);
        assert!(select(&Selection { files: &outside, ..Selection::default() }).unwrap_err().contains("leads out"));
    }
}
