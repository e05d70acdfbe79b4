//! Accounts that are over, or will be: invitations that nobody used, personal data of people who were deleted a month
//! ago, accounts past their last day, and those that nobody uses (domain.md 2.4, O17, O19).

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, expiry::ExpirationDate, lapse, permission::Actor};
use storage::{StorageError, UnusedSearch};

use crate::{
    App,
    administration::{Administration, AdministrationError, ERASED_AFTER_DAYS},
    web::error::source_chain,
};

/// How often it is looked for such accounts.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// An invitation that is not used for so long is deleted; a deleted account is erased after as long.
const MONTH_SECONDS: i64 = ERASED_AFTER_DAYS * 24 * 60 * 60;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        look.tick().await;
        if let Err(error) = end_accounts_that_lapse(&app).await {
            tracing::warn!(reason = source_chain(&error), "accounts that lapse are unknown");
        }
        match end_accounts_that_are_over(&app).await {
            Ok(count) => tracing::debug!(count, "accounts ended"),
            Err(error) => {
                tracing::warn!(reason = source_chain(&error), "accounts that are over stay");
            }
        }
    }
}

/// Deletes unused invitations and erases deleted accounts. Returns how many; one that fails does not stop the others.
///
/// # Errors
/// [`StorageError`] when they cannot be listed.
pub async fn end_accounts_that_are_over(app: &App) -> Result<usize, StorageError> {
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    let before = app.now().plus_seconds(-MONTH_SECONDS);
    let (store, by, mut count) = (&app.store, &administration, 0);
    let mut after = None;
    while let Some(people) = more(store.list_unused_invitations(before, after).await?) {
        for (invited, user) in people {
            count += done(by.delete_unused(user).await);
            after = Some((invited, user));
        }
    }
    after = None;
    while let Some(people) = more(store.list_users_to_erase(before, after).await?) {
        for (deleted, user) in people {
            count += done(by.erase_user(user).await);
            after = Some((deleted, user));
        }
    }
    Ok(count)
}

/// Tells of accounts that end soon, deletes those that ended long ago, and tells of or suspends those that nobody uses.
/// Returns how many; one that cannot be looked at does not stop the others.
///
/// # Errors
/// [`StorageError`] when they cannot be listed.
pub async fn end_accounts_that_lapse(app: &App) -> Result<usize, StorageError> {
    let now = app.now();
    let (today, horizon) =
        (ExpirationDate::days_from(now, 0), ExpirationDate::days_from(now, lapse::TOLD_WITHIN));
    let (Some(today), Some(horizon), Some(kept)) = (today, horizon, lapse::kept_since(now)) else {
        return Ok(0);
    };
    let administration =
        Administration { store: &app.store, actor: &Actor::Setup, now, origin: Origin::default() };
    let (store, by, mut count) = (&app.store, &administration, 0);
    let mut after = None;
    while let Some(people) = more(store.list_people_ending((today, horizon), after).await?) {
        for (day, user) in people {
            count += done(by.tell_of_end(user).await);
            after = Some((day, user));
        }
    }
    after = None;
    while let Some(people) = more(store.list_people_ended_before(kept, after).await?) {
        for (day, user) in people {
            count += done(by.delete_ended(user).await);
            after = Some((day, user));
        }
    }
    let unused = UnusedSearch {
        before: lapse::warned_before(now),
        not_told_since: lapse::waits_since(now),
        today,
    };
    let mut after = None;
    while let Some(people) = more(store.list_people_unused(unused, after).await?) {
        for (last_use, user) in people {
            count += done(by.end_disuse(user).await);
            after = Some((last_use, user));
        }
    }
    Ok(count)
}

/// A batch, unless it is empty.
fn more<T>(people: Vec<T>) -> Option<Vec<T>> {
    Some(people).filter(|people| !people.is_empty())
}

fn done(result: Result<bool, AdministrationError>) -> usize {
    match result {
        Ok(is_done) => usize::from(is_done),
        Err(error) => {
            tracing::warn!(
                reason = source_chain(&error),
                "an account that is over, or lapses, stays as it is"
            );
            0
        }
    }
}
