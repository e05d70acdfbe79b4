//! Somebody who is named, as the reviewer sees the person: for what, with which address and number, and how that agrees
//! with an account that is there already (E56).

use std::collections::HashMap;

use portal_core::{
    access::Application,
    account::UserStatus,
    email::EmailKey,
    nomination::{
        Nominee,
        appointment::{self, NotAppointed},
        is_namesake, is_of_other_domain,
    },
    permission::Action,
};
use storage::Account;

use super::Seen;
use crate::{
    administration::object_of,
    web::{asking::Asking, error::PageError, role_name::role_name},
};

/// A row of the table of those who are named.
pub(super) struct NomineeView {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) roles: Vec<String>,
    /// The mail domain is another one than the signatory's.
    pub(super) is_of_other_domain: bool,
    /// The name is that of the signatory.
    pub(super) is_namesake: bool,
    pub(super) account: Option<AccountFound>,
}

/// The account that has the address already: the person keeps its name and number, whatever the nomination says.
pub(super) struct AccountFound {
    /// Its page, if the reviewer may open it.
    pub(super) page: Option<String>,
    /// Its name, if that is another one.
    pub(super) other_name: Option<String>,
    /// Its number, if that is another one.
    pub(super) other_phone: Option<String>,
    /// Why it gets no role as it stands.
    pub(super) fault: Option<String>,
}

/// Those who are named, with what is to be known of their accounts while it matters.
pub(super) async fn views(
    asking: &Asking,
    seen: &Seen,
    all: &[Application],
) -> Result<Vec<NomineeView>, PageError> {
    let store = &asking.app.store;
    let nominees = store.list_nominees(seen.nomination.id).await?;
    let accounts = if seen.nomination.status.is_final() {
        Vec::new()
    } else {
        let keys: Vec<EmailKey> = nominees.iter().map(|one| one.email.key().clone()).collect();
        store.list_accounts_of(&keys).await?
    };
    let accounts: HashMap<EmailKey, Account> =
        accounts.into_iter().map(|account| (EmailKey::of(&account.user.email), account)).collect();
    let signatory = &seen.nomination.signatory;
    let view = |of: &Nominee| NomineeView {
        name: of.display_name(),
        email: of.email.as_str().to_owned(),
        phone: of.phone.grouped(),
        roles: of.roles().map(|kind| role_name(kind, all)).collect(),
        is_of_other_domain: is_of_other_domain(of.email.as_str(), &signatory.email),
        is_namesake: is_namesake(of, &signatory.name),
        account: accounts.get(of.email.key()).map(|account| found(asking, seen, (of, account))),
    };
    Ok(nominees.iter().map(view).collect())
}

/// A lock is told on confirming. Of an account elsewhere nothing is told but that it is there.
fn found(asking: &Asking, seen: &Seen, (nominee, account): (&Nominee, &Account)) -> AccountFound {
    let (user, texts) = (&account.user, asking.texts());
    let is_own = account.third_party.as_ref().is_some_and(|own| own.id == seen.third_party.id);
    let fault = if is_own {
        appointment::appoint(user, false, asking.app.now()).err().map(account_key)
    } else {
        Some("nomination-account-elsewhere")
    };
    let is_shown = is_own && fault != Some(account_key(NotAppointed::Deleted));
    let other = |is_other: bool, text: String| Some(text).filter(|_| is_shown && is_other);
    // Whoever is only named so far has an account by this.
    let is_in_use = user.status != UserStatus::Nominated;
    let may_open = is_own && is_in_use && asking.is_allowed(Action::ViewUser, &object_of(account));
    AccountFound {
        page: may_open.then(|| format!("/users/{}", user.id)),
        other_name: other(user.display_name() != nominee.display_name(), user.display_name()),
        other_phone: other(user.phone != nominee.phone, user.phone.grouped()),
        fault: fault.map(|key| texts.msg(key)),
    }
}

const fn account_key(why: NotAppointed) -> &'static str {
    match why {
        NotAppointed::Deleted => "nomination-account-deleted",
        NotAppointed::Suspended => "nomination-account-suspended",
        NotAppointed::Expired => "nomination-account-expired",
        NotAppointed::Locked => "nomination-account-locked",
    }
}
