//! What a signatory is told by mail, in the language of the nomination. Signatories have no account, so these are no
//! notices; they are brought as those are, by the same job. What a mail says follows from where the nomination stands
//! when it is sent. A link is never kept: whoever sends a mail later makes a new one, and the one before is dead.

use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
    id::NominationId,
    nomination::NominationStatus,
    one_time_link::LinkPurpose,
};
use serde_json::json;
use storage::{NewLink, Nomination, SignatoryMail, StorageError, ThirdParty, Transaction};

use crate::{
    App,
    invitation::FreshLink,
    jobs::notices::{bring, is_last, next_try},
    notify::Message,
    texts::Texts,
    web::error::source_chain,
};

/// What there is to tell, by the key of its words, and whether with a link.
const fn to_tell(status: NominationStatus) -> Option<(&'static str, bool)> {
    match status {
        NominationStatus::Draft => Some(("mail-nomination-link", true)),
        NominationStatus::Returned => Some(("mail-nomination-question", true)),
        NominationStatus::Confirmed => Some(("mail-nomination-confirmed", false)),
        NominationStatus::Rejected => Some(("mail-nomination-rejected", false)),
        NominationStatus::Withdrawn => Some(("mail-nomination-withdrawn", false)),
        NominationStatus::Submitted | NominationStatus::InReview => None,
    }
}

/// Sends what a change has just left to be told, with the link that it made; whether it is on its way. What the gateway
/// did not take is tried again by the job.
pub async fn send_now(app: &App, nomination: NominationId, link: Option<FreshLink>) -> bool {
    let sent = async {
        match app.store.find_signatory_mail(nomination).await? {
            Some(mail) => deliver(app, mail, link).await,
            // The job was faster.
            None => Ok(true),
        }
    };
    sent.await.unwrap_or_else(|error: StorageError| {
        tracing::warn!(reason = source_chain(&error), "a mail to a signatory waits");
        false
    })
}

/// Tries to bring a mail, with a link of its own unless that of the change is still good; whether the gateway took it.
///
/// # Errors
/// [`StorageError`]; the mail is tried again then.
pub async fn deliver(
    app: &App,
    due: SignatoryMail,
    link: Option<FreshLink>,
) -> Result<bool, StorageError> {
    let Some(found) = app.store.find_nomination(due.nomination).await? else { return Ok(false) };
    let Some(third_party) = app.store.find_third_party(found.third_party).await? else {
        return Ok(false);
    };
    let tx = app.store.begin().await?;
    // Neither the signatory nor staff act between a look at the nomination and a new link.
    tx.hold_organisation(Some(third_party.id)).await?;
    if !tx.take_mail(due.mail, next_try(due.mail.tries + 1, app.now())).await? {
        return Ok(false);
    }
    let nomination = tx.find_nomination(due.nomination).await?;
    let told = nomination.and_then(|nomination| {
        let (key, has_link) = to_tell(nomination.status)?;
        Some((nomination, key, has_link))
    });
    let Some((nomination, key, has_link)) = told else {
        tx.drop_signatory_mails(due.nomination).await?;
        tx.commit().await?;
        return Ok(false);
    };
    let link = if has_link { Some(good_link(app, &tx, &nomination, link).await?) } else { None };
    tx.commit().await?;
    let message = message(app, (&third_party, &nomination), (key, link));
    let is_taken = bring(app, due.mail, message).await?;
    if !is_taken && is_last(due.mail) {
        give_up(app, due, (&third_party, &nomination)).await?;
    }
    Ok(is_taken)
}

/// That link, if it can still be used; otherwise a new one.
async fn good_link(
    app: &App,
    tx: &Transaction,
    nomination: &Nomination,
    link: Option<FreshLink>,
) -> Result<FreshLink, StorageError> {
    let now = app.now();
    if let Some(link) = link
        && tx.is_good_link(&link.digest, LinkPurpose::Nomination, now).await?
    {
        return Ok(link);
    }
    let link = FreshLink::draw(app);
    let new = NewLink {
        digest: link.digest,
        purpose: LinkPurpose::Nomination,
        subject: nomination.id.0,
        detail: String::new(),
    };
    tx.insert_link(&new, now).await?;
    Ok(link)
}

fn message(
    app: &App,
    (third_party, nomination): (&ThirdParty, &Nomination),
    (key, link): (&str, Option<FreshLink>),
) -> Message {
    let signatory = &nomination.signatory;
    let link = link.map(|link| link.address(app.issuer.as_str(), "/nominate")).unwrap_or_default();
    let facts = [
        ("third_party", third_party.legal_name.as_str()),
        ("name", signatory.name.as_str()),
        ("remark", nomination.remark.as_deref().unwrap_or_default()),
        ("link", link.as_str()),
    ];
    let text = Texts::for_locale(&signatory.locale).msg_with(key, facts);
    Message::Email { to: signatory.email.clone(), text }
}

/// A mail was given up: staff find that in the trail, and can send the link again.
async fn give_up(
    app: &App,
    due: SignatoryMail,
    (third_party, nomination): (&ThirdParty, &Nomination),
) -> Result<(), StorageError> {
    let tx = app.store.begin().await?;
    tx.give_up_mail(due.mail).await?;
    tx.append_audit(&AuditEvent {
        at: app.now(),
        actor: AuditActor::System,
        action: AuditAction::NominationMailGivenUp,
        object: format!("nomination:{}", nomination.id),
        level_id: third_party.level.as_ref().map(|level| level.id),
        detail: json!({ "status": nomination.status.as_str() }),
        origin: Origin::default(),
    })
    .await?;
    tx.commit().await
}
