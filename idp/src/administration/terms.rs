//! The terms of use: who acknowledges them, and who is told of a new version (O16).

use portal_core::{
    account::Standing,
    audit::AuditAction,
    id::UserId,
    notice::NoticeKind,
    permission::{Action, Actor},
    terms::{Document, Version},
};
use serde_json::json;
use storage::{Account, NoticeFacts};

use super::{Administration, AdministrationError, Change, Done, change::object_of};

impl Administration<'_> {
    /// The person who acts acknowledges a version of a document. `false` when it was done before, for this version or a
    /// newer one; nothing is written then.
    pub async fn acknowledge_terms(&self, document: Document, version: &Version) -> Done<bool> {
        let user = self.actor_id().ok_or(AdministrationError::Missing("user"))?;
        let (mut change, account) = self.change_user(user).await?;
        change.permit(Action::AcknowledgeTerms, &object_of(&account))?;
        if !change.acknowledge(&account, (document, version)).await? {
            return Ok(false);
        }
        change.commit().await?;
        Ok(true)
    }

    /// Tells people, a batch of them, that there is a new version of a document, each once, however many nodes look.
    /// Whoever cannot sign in is not told, nor whoever administers nothing any more of the supplement; both are asked
    /// when it concerns them again. Returns how many were told.
    pub async fn tell_of_terms(
        &self,
        (document, version): (Document, &Version),
        people: &[UserId],
    ) -> Done<usize> {
        let mut change = self.change(None).await?;
        let mut concerned = change.tx.note_told_of_terms(people, (document, version)).await?;
        if document == Document::Administrators {
            concerned = change.tx.list_delegates_among(&concerned).await?;
        }
        let accounts = change.tx.list_accounts(&concerned).await?;
        let facts = NoticeFacts::from([("date".to_owned(), version.as_str().to_owned())]);
        let mut count = 0;
        for account in accounts.iter().filter(|one| one.standing(self.now) == Standing::Good) {
            change.tell(account, kind_of(document), facts.clone());
            count += 1;
        }
        change.commit().await?;
        Ok(count)
    }
}

impl Change<'_> {
    /// A person acknowledges a version of a document. `false` when it was done before.
    pub(super) async fn acknowledge(
        &mut self,
        account: &Account,
        (document, version): (Document, &Version),
    ) -> Done<bool> {
        let user = account.user.id;
        if !self.tx.acknowledge_terms(user, (document, version), self.now()).await? {
            return Ok(false);
        }
        let before = account.user.terms.of(document).map(|before| before.version.as_str());
        let detail = json!({
            "document": document.as_str(),
            "version": { "before": before, "after": version.as_str() },
        });
        self.record_by_oneself(account, AuditAction::TermsAcknowledged, detail);
        Ok(true)
    }
}

/// Whether somebody holds a delegated role that counts: the supplement is for these (manual, glossary).
pub const fn is_delegated(actor: &Actor) -> bool {
    matches!(actor, Actor::Person { roles, .. } if !roles.is_empty())
}

const fn kind_of(document: Document) -> NoticeKind {
    match document {
        Document::EndUsers => NoticeKind::TermsChanged,
        Document::Administrators => NoticeKind::AdministratorTermsChanged,
    }
}
