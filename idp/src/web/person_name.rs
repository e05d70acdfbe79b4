//! What people are called on pages.

use portal_core::account::UserStatus;
use storage::Account;

use crate::texts::Texts;

/// The name of a person; whoever is deleted has none any more.
pub(crate) fn name_of(account: &Account, texts: &Texts) -> String {
    if account.user.status == UserStatus::Deleted {
        texts.msg("former-user")
    } else {
        account.user.display_name()
    }
}
