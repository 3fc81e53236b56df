//! The local cache (`LOCAL_CUSTOM_CACHE`): folders that outlive the source folder, linked into it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::log::BuildLog;

/// Links each cache path into `source`. Content stays in `cache`, from one build to the next.
pub fn link(paths: &[String], source: &Path, cache: &Path, log: &BuildLog) -> Result<()> {
    for path in paths {
        match folder(path, source)? {
            Some(folder) => link_one(&folder, source, cache).with_context(|| format!("cannot cache {path}"))?,
            None => log.line(format!("{path} is the machine's own and stays as it is")),
        }
    }
    Ok(())
}

/// The folder that a cache path means, relative to the source; `None` for one outside of it.
fn folder(path: &str, source: &Path) -> Result<Option<PathBuf>> {
    let trimmed = ["/**/*", "/**", "/*"].iter().find_map(|suffix| path.strip_suffix(suffix)).unwrap_or(path);
    let folder = Path::new(trimmed.trim_start_matches("./").trim_end_matches('/'));
    let folder = match folder.strip_prefix(source) {
        Ok(inside) => inside,
        Err(_) if folder.is_absolute() || folder.starts_with("~") => return Ok(None),
        Err(_) => folder,
    };
    let plain = folder.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || folder.as_os_str().is_empty() || trimmed.contains(['*', '?', '[', '{']) {
        bail!("cache/paths: {path} is no folder inside the source: a local cache keeps whole folders");
    }
    Ok(Some(folder.to_owned()))
}

fn link_one(folder: &Path, source: &Path, cache: &Path) -> Result<()> {
    let kept = cache.join(folder);
    let link = source.join(folder);
    fs::create_dir_all(&kept)?;
    fs::create_dir_all(link.parent().unwrap_or(source))?;
    if link.symlink_metadata().is_ok() {
        bail!("the source has a file or folder of that name");
    }
    std::os::unix::fs::symlink(&kept, &link)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_inside_the_source_outlive_it() {
        let folder = tempfile::tempdir().unwrap();
        let log = BuildLog::create(folder.path().join("log")).unwrap();
        let (source, cache) = (folder.path().join("src"), folder.path().join("cache"));
        let paths = ["target/**/*", "web/node_modules", "/root/.cargo/registry/**/*"].map(str::to_owned);
        for run in ["first", "second"] {
            fs::create_dir_all(source.join("web")).unwrap();
            link(&paths, &source, &cache, &log).unwrap();
            let kept = fs::read_dir(source.join("target")).unwrap().count();
            assert_eq!(kept, usize::from(run == "second"), "{run} build");
            fs::write(source.join("target/artifact"), "built").unwrap();
            assert!(source.join("web/node_modules").is_dir());
            fs::remove_dir_all(&source).unwrap();
        }
        assert!(fs::read_to_string(log.path()).unwrap().contains("/root/.cargo/registry/**/* is the machine's own"));
    }

    #[test]
    fn paths_that_are_no_folder_of_the_source_are_refused() {
        let source = Path::new("/w/src");
        assert_eq!(folder("/w/src/target/**/*", source).unwrap(), Some(PathBuf::from("target")));
        for path in ["../up", "**/*", "a/*/b", ""] {
            assert!(folder(path, source).is_err(), "{path:?}");
        }
    }
}
