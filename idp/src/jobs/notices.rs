//! Brings mails: those of notices, and those to signatories. What a gateway did not take is tried again, later each
//! time, for some hours.

use std::{sync::Arc, time::Duration};

use futures_util::stream::{self, StreamExt as _};
use portal_core::{Timestamp, account::Standing};
use storage::{DueMail, MailTry, StorageError};
use tokio::time::MissedTickBehavior;

use crate::{
    App, nomination_mail,
    notify::{Gateway, Message, NotSent, notice_mail},
    texts::Texts,
    web::{error::source_chain, pages},
};

/// How often it is looked for mails.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Most mails of one look.
const BATCH: u64 = 50;
/// Mails that are on their way at once.
const AT_ONCE: usize = 8;
/// What a gateway does not take within this time, it has not taken. It is below the first pause.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);
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

/// Brings every mail that is due, several at once. Returns how many a gateway took; one that fails does not stop the
/// others.
///
/// # Errors
/// [`StorageError`] of one of them; what was brought is brought.
pub async fn deliver_due(app: &App) -> Result<usize, StorageError> {
    let mut brought = 0;
    loop {
        let due = app.store.list_due_mails(app.now(), BATCH).await?;
        let to_signatories = app.store.list_due_signatory_mails(app.now(), BATCH).await?;
        if due.is_empty() && to_signatories.is_empty() {
            return Ok(brought);
        }
        let notices = each(due, |mail| deliver(app, mail)).await;
        let others = each(to_signatories, |mail| nomination_mail::deliver(app, mail, None)).await;
        brought += notices? + others?;
    }
}

/// Brings several mails at once. Counts those that were taken, once each was tried.
async fn each<M, T: Future<Output = Result<bool, StorageError>>>(
    mails: Vec<M>,
    bring: impl Fn(M) -> T,
) -> Result<usize, StorageError> {
    let tries = stream::iter(mails).map(bring).buffer_unordered(AT_ONCE);
    let tries: Vec<_> = tries.collect().await;
    tries.into_iter().try_fold(0, |count, is_taken| Ok(count + usize::from(is_taken?)))
}

async fn deliver(app: &App, due: DueMail) -> Result<bool, StorageError> {
    let tx = app.store.begin().await?;
    let is_mine = tx.take_mail(due.mail, next_try(due.mail.tries + 1, app.now())).await?;
    tx.commit().await?;
    if !is_mine {
        return Ok(false);
    }
    let link = link(app, &due).await?;
    let message = notice_mail(&Texts::for_locale(&due.locale), &due.notice, (due.to, &link));
    let is_taken = bring(app, due.mail, message).await?;
    if !is_taken && is_last(due.mail) {
        let tx = app.store.begin().await?;
        tx.give_up_mail(due.mail).await?;
        tx.commit().await?;
    }
    Ok(is_taken)
}

/// The page that a mail leads to; the portal itself where there is none, or none that the person can open.
async fn link(app: &App, due: &DueMail) -> Result<String, StorageError> {
    let issuer = app.issuer.as_str();
    let portal = || format!("{issuer}/");
    let Some(page) = due.notice.kind.page() else {
        return Ok(portal());
    };
    let account = app.store.find_account(due.user).await?;
    let Some(account) = account.filter(|one| one.standing(app.now()) == Standing::Good) else {
        return Ok(portal());
    };
    let actor = app.store.actor(&account).await?;
    let is_open = pages::is_open_to(&actor, page, app.now());
    Ok(if is_open { format!("{issuer}{page}") } else { portal() })
}

/// Hands over a mail that was taken for this try; whether the gateway took it. A try is written down before it is
/// made: two nodes do not send the same mail, and a crash costs a pause. Whoever calls gives the mail up after the last.
pub(crate) async fn bring(
    app: &App,
    mail: MailTry,
    message: Message,
) -> Result<bool, StorageError> {
    if let Err(error) = send_within(app.gateway.as_ref(), message, ANSWERS_WITHIN).await {
        let (given_up, tries) = (is_last(mail), mail.tries + 1);
        tracing::warn!(mail = ?mail.id, tries, given_up, reason = %error, "a mail was not taken");
        return Ok(false);
    }
    let tx = app.store.begin().await?;
    tx.finish_mail(mail.id, app.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// A gateway that hangs has not taken the message.
async fn send_within(
    gateway: &dyn Gateway,
    message: Message,
    limit: Duration,
) -> Result<(), NotSent> {
    let sent = tokio::time::timeout(limit, gateway.send(message)).await;
    sent.unwrap_or_else(|_| Err(NotSent("the gateway did not answer".to_owned())))
}

/// Whether the next try is the last one.
pub(crate) const fn is_last(mail: MailTry) -> bool {
    mail.tries + 1 >= TRIES
}

/// When a mail is due again after so many tries, unless it is given up. After the last one, that is known only once it
/// has failed: it is due again if the node died.
pub(crate) fn next_try(tries: i32, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(tries.clamp(1, TRIES) - 1).unwrap_or_default();
    now.plus_seconds(FIRST_PAUSE.saturating_mul(2_i64.saturating_pow(doublings)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::notify::Sending;

    #[test]
    fn a_mail_is_tried_later_each_time() {
        let now = Timestamp::from_millis(0);
        assert_eq!(next_try(1, now), now.plus_seconds(60));
        assert_eq!(next_try(2, now), now.plus_seconds(120));
        assert_eq!(next_try(9, now), now.plus_seconds(60 * 256));
        assert_eq!(next_try(10, now), now.plus_seconds(60 * 512));
        assert_eq!(next_try(i32::MAX, now), next_try(10, now), "a mail that kills nodes");
    }

    struct Hanging;

    impl Gateway for Hanging {
        fn send(&self, _message: Message) -> Sending<'_> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test]
    async fn a_gateway_that_hangs_has_not_taken_a_mail() {
        let mail = Message::Email { to: String::new(), text: String::new() };
        assert!(send_within(&Hanging, mail, Duration::from_millis(1)).await.is_err());
        let now = Timestamp::from_millis(0);
        let answered = now.plus_seconds(ANSWERS_WITHIN.as_secs().try_into().unwrap());
        assert!(answered < next_try(1, now), "else two nodes send it at once");
    }

    #[tokio::test]
    async fn some_mails_are_on_their_way_at_once_and_one_that_fails_stops_no_other() {
        let counts: [AtomicUsize; 3] = Default::default();
        let [under_way, most, tried] = &counts;
        let brought = each((0..20).collect(), |place: usize| async move {
            let now = under_way.fetch_add(1, Ordering::Relaxed) + 1;
            most.fetch_max(now, Ordering::Relaxed);
            tokio::task::yield_now().await;
            under_way.fetch_sub(1, Ordering::Relaxed);
            tried.fetch_add(1, Ordering::Relaxed);
            if place == 3 { Err(StorageError::Corrupt("a mail")) } else { Ok(true) }
        });
        assert!(brought.await.is_err());
        let [_, most, tried] = counts.map(AtomicUsize::into_inner);
        assert_eq!((most, tried), (AT_ONCE, 20));
    }
}
