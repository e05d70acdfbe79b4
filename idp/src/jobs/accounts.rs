//! Accounts that are over: invitations that nobody used, and personal data of people who were deleted a month ago
//! (domain.md 2.4, O19).

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor};

use crate::{
    App,
    administration::{Administration, AdministrationError},
    web::error::source_chain,
};

/// How often it is looked for such accounts.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// An invitation that is not used for so long is deleted; a deleted account is erased after as long. 30 days.
const MONTH_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        look.tick().await;
        match end_accounts_that_are_over(&app).await {
            Ok(count) => tracing::debug!(count, "accounts ended"),
            Err(error) => {
                tracing::warn!(reason = source_chain(&error), "accounts that are over stay");
            }
        }
    }
}

/// Deletes unused invitations and erases deleted accounts. Returns how many.
///
/// # Errors
/// [`AdministrationError`]; what was done before it stays done.
pub async fn end_accounts_that_are_over(app: &App) -> Result<usize, AdministrationError> {
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    let before = app.now().plus_seconds(-MONTH_SECONDS);
    let mut count = 0;
    for user in app.store.list_unused_invitations(before).await? {
        count += usize::from(administration.delete_unused(user).await?);
    }
    for user in app.store.list_users_to_erase(before).await? {
        count += usize::from(administration.erase_user(user).await?);
    }
    Ok(count)
}
