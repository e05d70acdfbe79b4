//! The folder of the demo: databases, the master key, the keys of the relying parties.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use idp::{entropy::Entropy, secrets::create_master_key, serve::DataLock};
use relying_party::ClientKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::applications::APPLICATIONS;

/// Written last when the folder is filled: without it, filling was cut off and begins anew.
const STATE: &str = "demo.json";
const LOCK: &str = "lock";

/// The folder, held by this process.
pub(crate) struct DataFolder {
    path: PathBuf,
    state: Option<State>,
    _lock: DataLock,
}

/// What the launcher must remember: the portal knows only the public halves of these keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// Issuer that the data were made for.
    pub(crate) issuer: String,
    /// The private keys of the relying parties, as JSON Web Keys by `client_id`.
    client_keys: BTreeMap<String, Value>,
}

impl State {
    /// The key with which a relying party proves who it is.
    ///
    /// # Errors
    /// The folder holds none, or one that cannot be used.
    pub(crate) fn client_key(&self, client_id: &str) -> anyhow::Result<ClientKey> {
        let jwk = self.client_keys.get(client_id).context("an application without a key")?;
        Ok(ClientKey::from_jwk(&jwk.to_string())?)
    }
}

impl DataFolder {
    /// Opens the folder; empties it when asked to, or when it was not filled to the end, or for another issuer.
    pub(crate) fn open(path: &Path, issuer: &str, reset: bool) -> anyhow::Result<Self> {
        let unusable = || format!("the data folder {} cannot be used", path.display());
        fs::create_dir_all(path).with_context(unusable)?;
        let lock = DataLock::take(path)?;
        let state = read_state(&path.join(STATE)).with_context(unusable)?;
        let state = state.filter(|state| !reset && state.issuer == issuer);
        if state.is_none() {
            empty(path).with_context(unusable)?;
        }
        Ok(Self { path: path.to_owned(), state, _lock: lock })
    }

    /// Whether it holds everything already.
    pub(crate) fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the master key and the keys of the relying parties.
    pub(crate) fn begin(&self, issuer: &str, entropy: &dyn Entropy) -> anyhow::Result<State> {
        create_master_key(&self.file("master.key"), entropy)?;
        let own_entropy = relying_party::Entropy::system();
        let client_keys = APPLICATIONS
            .iter()
            .map(|app| {
                let key = ClientKey::generate(&own_entropy);
                Ok((app.client_id.to_owned(), serde_json::from_str(&key.to_private_jwk())?))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(State { issuer: issuer.to_owned(), client_keys })
    }

    /// Marks the folder as filled.
    pub(crate) fn finish(&self, state: &State) -> anyhow::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(self.file(STATE))?;
        file.write_all(&serde_json::to_vec_pretty(state)?)?;
        Ok(())
    }
}

fn read_state(file: &Path) -> anyhow::Result<Option<State>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(
            serde_json::from_slice(&bytes).context("demo.json is not readable; use --reset")?,
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deletes what the demo has written into the folder, and nothing else.
fn empty(path: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name == STATE || name == "master.key" || name.contains(".sqlite");
        if is_ours && name != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use idp::entropy::SystemEntropy;

    use super::*;

    #[test]
    fn a_folder_is_kept_once_it_is_filled_and_emptied_otherwise() {
        let directory = tempfile::tempdir().unwrap();
        let open = |reset| DataFolder::open(directory.path(), "http://localhost:1", reset).unwrap();
        let folder = open(false);
        let state = folder.begin("http://localhost:1", &SystemEntropy).unwrap();
        fs::write(folder.file("portal.sqlite"), "half").unwrap();
        fs::write(folder.file("notes.txt"), "mine").unwrap();
        drop(folder);

        let folder = open(false);
        assert!(folder.state().is_none(), "cut off before the end");
        assert!(!folder.file("portal.sqlite").exists() && folder.file("notes.txt").exists());
        folder.finish(&state).unwrap();
        drop(folder);

        assert!(open(false).state().is_some());
        assert!(open(true).state().is_none());
    }

    #[test]
    fn a_second_process_is_told_in_one_line() {
        let directory = tempfile::tempdir().unwrap();
        let _first = DataFolder::open(directory.path(), "http://localhost:1", false).unwrap();
        let second = DataFolder::open(directory.path(), "http://localhost:1", false);
        let line = format!("{:#}", second.err().unwrap());
        assert!(line.contains("in use by another process") && !line.contains('\n'), "{line}");
    }
}
