//! Brings notices by mail. What a gateway did not take is tried again, later each time, for a day.

use std::{sync::Arc, time::Duration};

use portal_core::Timestamp;
use storage::{DueMail, StorageError};
use tokio::time::MissedTickBehavior;

use crate::{App, notify::notice_mail, texts::Texts, web::error::source_chain};

/// How often it is looked for mails.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Most mails of one look.
const BATCH: u64 = 50;
/// Tries after which a mail is given up; the notice stays in the portal.
const TRIES: i32 = 10;
/// Seconds until the second try; then twice as long each time.
const FIRST_PAUSE: i64 = 60;

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = deliver_due(&app).await {
            tracing::warn!(reason = source_chain(&error), "notices cannot be mailed");
        }
    }
}

/// Brings every mail that is due. Returns how many a gateway took.
///
/// # Errors
/// [`StorageError`]; what was brought before it is brought.
pub async fn deliver_due(app: &App) -> Result<usize, StorageError> {
    let mut brought = 0;
    loop {
        let due = app.store.list_due_mails(app.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(brought);
        }
        for mail in due {
            brought += usize::from(deliver(app, mail).await?);
        }
    }
}

/// A try is written down before it is made: two nodes do not send the same mail, and a crash costs a pause.
async fn deliver(app: &App, mail: DueMail) -> Result<bool, StorageError> {
    let tx = app.store.begin().await?;
    let is_mine = tx.take_mail(&mail, next_try(mail.tries + 1, app.now())).await?;
    tx.commit().await?;
    if !is_mine {
        return Ok(false);
    }
    let texts = Texts::for_locale(&mail.locale);
    let message = notice_mail(&texts, &mail.notice, mail.to);
    if let Err(error) = app.gateway.send(message).await {
        tracing::warn!(notice = %mail.notice.id, reason = %error, "a notice was not mailed");
        return Ok(false);
    }
    let tx = app.store.begin().await?;
    tx.finish_mail(mail.notice.id, app.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// When a mail is due again after so many tries; `None` when it is given up.
fn next_try(tries: i32, now: Timestamp) -> Option<Timestamp> {
    let doublings = u32::try_from(tries - 1).ok()?;
    let pause = FIRST_PAUSE.checked_mul(2_i64.checked_pow(doublings)?)?;
    (tries < TRIES).then(|| now.plus_seconds(pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_later_each_time_and_then_given_up() {
        let now = Timestamp::from_millis(0);
        assert_eq!(next_try(1, now), Some(now.plus_seconds(60)));
        assert_eq!(next_try(2, now), Some(now.plus_seconds(120)));
        assert_eq!(next_try(9, now), Some(now.plus_seconds(60 * 256)));
        assert_eq!(next_try(10, now), None);
    }
}
