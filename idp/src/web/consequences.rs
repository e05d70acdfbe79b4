//! What ends with an account, as the pages say it that suspend or delete it.

use storage::{Account, StorageError};

use crate::web::{asking::Asking, role_name::role_name};

/// What a person holds, by its names.
pub(crate) struct Consequences {
    /// Groups, in the order of their names.
    pub(crate) memberships: Vec<String>,
    /// Delegated roles, in the manual's words.
    pub(crate) roles: Vec<String>,
}

impl Consequences {
    /// For the person of this account, as it stands now.
    pub(crate) async fn of(asking: &Asking, account: &Account) -> Result<Self, StorageError> {
        let (store, user) = (&asking.app.store, account.user.id);
        let roles = store.list_delegated_roles(user).await?;
        let applications =
            if roles.is_empty() { Vec::new() } else { store.list_applications().await? };
        Ok(Self {
            memberships: store.list_group_names_of(user).await?,
            roles: roles.iter().map(|role| role_name(role.kind, &applications)).collect(),
        })
    }
}
