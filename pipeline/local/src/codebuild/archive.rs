//! Artifacts as zips: execute bits and times travel with the files, and nothing unpacks outside of its folder.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use time::{OffsetDateTime, PrimitiveDateTime};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipArchive, ZipWriter};

/// A file and its path inside an artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    pub name: String,
    pub file: PathBuf,
}

/// Writes `members` as a zip to `archive`, in their order.
pub fn zip(archive: &Path, members: &[Member]) -> Result<()> {
    let file = File::create(archive).with_context(|| format!("cannot write {}", archive.display()))?;
    let mut writer = ZipWriter::new(BufWriter::new(file));
    for member in members {
        add(&mut writer, member).with_context(|| format!("cannot add {} to the artifact", member.name))?;
    }
    writer.finish().context("cannot finish the artifact")?;
    Ok(())
}

fn add(writer: &mut ZipWriter<BufWriter<File>>, member: &Member) -> Result<()> {
    let mut content = File::open(&member.file)?;
    let metadata = content.metadata()?;
    let modified = OffsetDateTime::from(metadata.modified()?);
    let options = SimpleFileOptions::default()
        .unix_permissions(metadata.permissions().mode() & 0o777)
        .large_file(metadata.len() > u64::from(u32::MAX))
        // A zip's times are UTC by our convention, and begin in 1980.
        .last_modified_time(PrimitiveDateTime::new(modified.date(), modified.time()).try_into().unwrap_or_default());
    writer.start_file(&member.name, options)?;
    io::copy(&mut content, writer)?;
    Ok(())
}

/// Unpacks `archive` into the folder `into`; a member that would land outside of it is an error.
pub fn unzip(archive: &Path, into: &Path) -> Result<()> {
    let file = File::open(archive).with_context(|| format!("cannot read {}", archive.display()))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).context("the artifact is no zip")?;
    fs::create_dir_all(into).with_context(|| format!("cannot create {}", into.display()))?;
    archive.extract(into).context("cannot unpack the artifact")?;
    for index in 0..archive.len() {
        let member = archive.by_index(index)?;
        let Some(path) = member.enclosed_name().filter(|_| member.is_file()) else { continue };
        if let Some(modified) = member.last_modified().and_then(system_time) {
            File::options()
                .write(true)
                .open(into.join(&path))
                .or_else(|_| File::open(into.join(&path)))?
                .set_modified(modified)?;
        }
    }
    Ok(())
}

fn system_time(time: DateTime) -> Option<SystemTime> {
    PrimitiveDateTime::try_from(time).ok().map(|time| time.assume_utc().into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::*;

    #[test]
    fn execute_bits_and_times_survive_the_journey() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("run.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        File::open(&script).unwrap().set_modified(modified).unwrap();

        let archive = folder.path().join("a.zip");
        zip(&archive, &[Member { name: "bin/run.sh".to_owned(), file: script }]).unwrap();
        unzip(&archive, &folder.path().join("out")).unwrap();

        let unpacked = fs::metadata(folder.path().join("out/bin/run.sh")).unwrap();
        assert_eq!(unpacked.permissions().mode() & 0o777, 0o755);
        assert_eq!(unpacked.modified().unwrap(), modified);
    }

    #[test]
    fn a_member_that_climbs_out_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../evil", "a/../../evil"] {
            let archive = folder.path().join("evil.zip");
            let mut writer = ZipWriter::new(File::create(&archive).unwrap());
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(b"evil").unwrap();
            writer.finish().unwrap();
            assert!(unzip(&archive, &folder.path().join("out")).is_err(), "{name} is unpacked");
            assert!(!folder.path().join("evil").exists());
        }
    }

    #[test]
    fn a_link_that_leads_out_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("link.zip");
        let mut writer = ZipWriter::new(File::create(&archive).unwrap());
        writer.add_symlink("out", "../..", SimpleFileOptions::default()).unwrap();
        writer.finish().unwrap();
        assert!(unzip(&archive, &folder.path().join("into")).is_err());
    }
}
