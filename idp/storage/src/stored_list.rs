//! Short lists that are kept in one column, as JSON.

use oidc_core::params::Params;
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

/// Writes the parameters of a request for a column: pairs, in their order.
pub(crate) fn write_params(params: &Params) -> Result<String, StorageError> {
    let pairs: Vec<(&str, &str)> = params.pairs().collect();
    write(&pairs)
}

/// Reads the parameters of a request from a column.
pub(crate) fn read_params(text: &str) -> Result<Params, StorageError> {
    let pairs: Vec<(String, String)> = read(text, "request parameters")?;
    Ok(Params::from_pairs(pairs))
}
