//! What a person sees: colours and redrawn lines on a terminal, plain lines everywhere else.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const BUSY: Style = AnsiColor::Cyan.on_default();

/// How many lines of a failed command's output, or of a failed build's log, are shown.
pub const TAIL_LINES: usize = 40;

/// `text` in a style, which plain output drops.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `0.4 s`, `12 s`, `3 min 05 s` or `1 h 02 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How long ago something was, in its largest unit: `just now`, `5 min ago`, `3 days ago`.
pub fn age(age: Duration) -> String {
    let counted = |count: u64, unit: &str| format!("{count} {unit} ago");
    match age.as_secs() {
        0..5 => "just now".to_owned(),
        seconds @ 5..60 => counted(seconds, "s"),
        seconds @ 60..3600 => counted(seconds / 60, "min"),
        seconds @ 3600..86400 => counted(seconds / 3600, "h"),
        seconds if seconds < 2 * 86400 => counted(1, "day"),
        seconds => counted(seconds / 86400, "days"),
    }
}

/// The last `count` of some lines.
pub fn tail(lines: &[String], count: usize) -> &[String] {
    &lines[lines.len().saturating_sub(count)..]
}

/// Lines that stay, and below them on a terminal a few that are redrawn.
pub struct Live {
    terminal: bool,
    drawn: usize,
}

impl Live {
    pub fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), drawn: 0 }
    }

    /// Whether lines are redrawn at all.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Prints a line that stays.
    pub fn line(&mut self, line: impl Display) {
        let up = self.erased();
        anstream::println!("{up}{line}");
    }

    /// Replaces the redrawn lines; each is cut to the terminal's width.
    pub fn redraw(&mut self, lines: &[(Style, String)]) {
        if !self.terminal {
            return;
        }
        let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
        let mut frame = self.erased();
        for (style, line) in lines {
            let cut: String = line.chars().filter(|c| !c.is_control()).take(width.saturating_sub(1)).collect();
            frame += &format!("{style}{cut}{style:#}\n");
        }
        self.drawn = lines.len();
        anstream::print!("{frame}");
        // A redraw that does not show is no error: the next one comes in an instant.
        let _ = anstream::stdout().flush();
    }

    /// What takes the redrawn lines back.
    fn erased(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.redraw(&[]);
    }
}

/// Runs a command that takes a while, with its last line of output in sight; its output is shown only if it fails.
pub async fn run(what: &str, command: &mut Command) -> Result<()> {
    let mut live = Live::new();
    if !live.is_terminal() {
        live.line(format_args!("{what} …"));
    }
    let started = Instant::now();
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot run {program}"))?;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    tokio::spawn(forward(child.stdout.take(), sender.clone()));
    tokio::spawn(forward(child.stderr.take(), sender));

    let mut output = Vec::new();
    let mut clock = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            line = receiver.recv() => match line {
                Some(line) => output.push(line),
                None => break,
            },
            _ = clock.tick() => {
                let elapsed = duration(started.elapsed());
                let last = output.last().map_or("", String::as_str).trim();
                live.redraw(&[(BUSY, format!("{what} … {elapsed}")), (DIM, format!("  {last}"))]);
            }
        }
    }
    let status = child.wait().await.with_context(|| format!("cannot wait for {program}"))?;
    if !status.success() {
        tail(&output, TAIL_LINES).iter().for_each(|line| live.line(format_args!("  {line}")));
        bail!("{what}: {program} failed ({status}); its last lines are above");
    }
    live.line(format_args!("{} {what}, {}", styled(GOOD, "✓"), duration(started.elapsed())));
    Ok(())
}

async fn forward(stream: Option<impl AsyncRead + Unpin>, lines: mpsc::UnboundedSender<String>) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    // The end of the pipe, however it comes, is the end of the output.
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if lines.send(text).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_two_units_at_most() {
        let texts = [350, 9_949, 42_000, 185_000, 3_725_000].map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(texts, ["0.3 s", "9.9 s", "42 s", "3 min 05 s", "1 h 02 min"]);
    }

    #[test]
    fn ages_keep_the_largest_unit() {
        let texts = [2, 59, 60, 7_200, 90_000, 200_000].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(texts, ["just now", "59 s ago", "1 min ago", "2 h ago", "1 day ago", "2 days ago"]);
    }

    #[tokio::test]
    async fn a_command_that_fails_is_named() {
        run("fine", Command::new("sh").args(["-c", "echo out; echo err >&2"])).await.unwrap();
        let error = run("Trying", Command::new("sh").args(["-c", "exit 3"])).await.unwrap_err().to_string();
        assert!(error.contains("Trying: sh failed (exit status: 3)"), "{error}");
        let error = run("Trying", &mut Command::new("no-such-program")).await.unwrap_err().to_string();
        assert_eq!(error, "cannot run no-such-program");
    }
}
