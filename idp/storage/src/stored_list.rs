//! Short lists that are kept in one column, as JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::StorageError;

/// Writes a list for a column.
pub(crate) fn write<T: Serialize>(items: &[T]) -> Result<String, StorageError> {
    serde_json::to_string(items).map_err(|_| StorageError::Corrupt("list"))
}

/// Reads a list from a column. `what` names it, should it not be readable.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    what: &'static str,
) -> Result<Vec<T>, StorageError> {
    serde_json::from_str(text).map_err(|_| StorageError::Corrupt(what))
}
