//! Brings mails: those of notices, and those to signatories. What a gateway did not take is tried again, later each
//! time, for some hours.

use std::{sync::Arc, time::Duration};

use portal_core::Timestamp;
use storage::{DueMail, MailTry, StorageError};
use tokio::time::MissedTickBehavior;

use crate::{
    App, nomination_mail,
    notify::{Message, notice_mail},
    texts::Texts,
    web::error::source_chain,
};

/// How often it is looked for mails.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Most mails of one look.
const BATCH: u64 = 50;
/// Tries after which a mail is given up; a notice stays in the portal.
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
        let to_signatories = app.store.list_due_signatory_mails(app.now(), BATCH).await?;
        if due.is_empty() && to_signatories.is_empty() {
            return Ok(brought);
        }
        for mail in due {
            brought += usize::from(deliver(app, mail).await?);
        }
        for mail in to_signatories {
            brought += usize::from(nomination_mail::deliver(app, mail, None).await?);
        }
    }
}

async fn deliver(app: &App, due: DueMail) -> Result<bool, StorageError> {
    let tx = app.store.begin().await?;
    let is_mine = tx.take_mail(due.mail, next_try(due.mail.tries + 1, app.now())).await?;
    tx.commit().await?;
    if !is_mine {
        return Ok(false);
    }
    let message = notice_mail(&Texts::for_locale(&due.locale), &due.notice, due.to);
    bring(app, due.mail, message).await
}

/// Hands over a mail that was taken for this try; whether the gateway took it. A try is written down before it is
/// made: two nodes do not send the same mail, and a crash costs a pause.
pub(crate) async fn bring(
    app: &App,
    mail: MailTry,
    message: Message,
) -> Result<bool, StorageError> {
    if let Err(error) = app.gateway.send(message).await {
        let (given_up, tries) = (is_last(mail), mail.tries + 1);
        tracing::warn!(mail = ?mail.id, tries, given_up, reason = %error, "a mail was not taken");
        return Ok(false);
    }
    let tx = app.store.begin().await?;
    tx.finish_mail(mail.id, app.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether the next try is the last one.
pub(crate) const fn is_last(mail: MailTry) -> bool {
    mail.tries + 1 >= TRIES
}

/// When a mail is due again after so many tries; `None` when it is given up.
pub(crate) fn next_try(tries: i32, now: Timestamp) -> Option<Timestamp> {
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
