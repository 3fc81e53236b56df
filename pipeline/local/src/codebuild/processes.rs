//! The processes of a build: all of them, even those that left its process group.

use std::fs;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Ends every process of a build; `shell` is the leader of its process group, when known.
///
/// A process belongs to the build when its environment says so: a build that an earlier, killed service started can be
/// ended too, and never a stranger that has got an old process number.
pub fn kill_all(build_id: &str, shell: Option<u32>) {
    if let Some(group) = shell.and_then(|pid| Pid::from_raw(pid as i32)) {
        // Fails only when the group is empty.
        let _ = kill_process_group(group, Signal::KILL);
    }
    // A process may be forking while it is looked for.
    for _ in 0..10 {
        let found = of_build(build_id);
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The processes whose environment carries the build's id.
fn of_build(build_id: &str) -> Vec<Pid> {
    let entry = format!("CODEBUILD_BUILD_ID={build_id}");
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?))
        .filter(|pid| {
            // Other users' processes cannot be read; a zombie's environment is empty.
            let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == entry.as_bytes())
        })
        .collect()
}

#[cfg(test)]
pub fn count(build_id: &str) -> usize {
    of_build(build_id).len()
}
