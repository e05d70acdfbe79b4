//! Logging. A line for each request, with its id; never a body, a query, a code or a password (security.md 129). A line
//! is a JSON object, and nothing that anybody sends begins another one (security.md 130).

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use portal_core::plain_text::is_hidden;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt as _};

/// Starts logging to standard error; `RUST_LOG` chooses what. A second start changes nothing. Of a panic it is logged
/// where it was: its message could hold what somebody typed.
pub fn start(default_filter: &str) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    if lines(filter, io::stderr).try_init().is_err() {
        tracing::debug!("logging was started before");
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at = at.as_deref(), "panicked");
    }));
}

/// Writes each event as one line of JSON.
pub fn lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(OneLines(writer)).finish()
}

/// Makes a [`OneLine`] of each writer.
struct OneLines<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneLines<M> {
    type Writer = OneLine<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine(self.0.make_writer())
    }
}

/// JSON writes control characters as escapes, but not those that are none in ASCII: a terminal obeys some, and some
/// programs begin a line at others. Outside its texts JSON has no such character.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let is_odd = |letter: char| is_hidden(letter) && letter != '\n';
        if text.contains(is_odd) {
            let mut escaped = String::with_capacity(line.len() * 2);
            for letter in text.chars() {
                if is_odd(letter) {
                    let mut units = [0; 2];
                    for unit in letter.encode_utf16(&mut units) {
                        write!(escaped, "\\u{unit:04x}").map_err(io::Error::other)?;
                    }
                } else {
                    escaped.push(letter);
                }
            }
            self.0.write_all(escaped.as_bytes())?;
        } else {
            self.0.write_all(text.as_bytes())?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_nothing_else() {
        let mut written = Vec::new();
        let line = "{\"a\":\"b\u{2028}c\u{9b}d\u{e0041}é\"}\n";
        OneLine(&mut written).write_all(line.as_bytes()).unwrap();
        let escaped = r#"{"a":"b\u2028c\u009bd\udb40\udc41é"}"#;
        assert_eq!(String::from_utf8(written).unwrap(), format!("{escaped}\n"));
        let read: serde_json::Value = serde_json::from_str(escaped).unwrap();
        assert_eq!(read["a"], "b\u{2028}c\u{9b}d\u{e0041}é");
    }
}
