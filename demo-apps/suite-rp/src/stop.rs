//! Why a run ended early.

/// The relying party stopped, or was told something that it cannot do. One line, for the log that a
/// certification asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop(String);

impl Stop {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into().replace(['\n', '\r'], " "))
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stop {}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::new(why)
    }
}
