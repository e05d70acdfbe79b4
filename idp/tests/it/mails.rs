//! Mails of notices: the urgent ones first, and none is lost.

use axum::http::StatusCode;
use idp::{
    administration::{RoleChange, UserSave},
    jobs::notices::deliver_due,
};
use portal_core::notice::NoticeKind;
use storage::{NewNotice, NoticeFacts};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::{USERS, account_of},
};

const DAY: i64 = 24 * 60 * 60;

/// Writes notices to HUGO, one after the other.
async fn tell(idp: &TestIdp, kinds: &[NoticeKind]) {
    let hugo = account_of(idp, HUGO).await.user;
    for kind in kinds {
        let mail_to = Some(hugo.email.clone());
        let new = NewNotice { user: hugo.id, kind: *kind, facts: NoticeFacts::new(), mail_to };
        let tx = idp.app.store.begin().await.unwrap();
        tx.insert_notices(&[new], idp.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        idp.clock.advance_seconds(1);
    }
}

on_both_databases! {
    async fn what_may_have_to_be_acted_upon_goes_before_what_has_waited_longer(idp) {
        let kinds = [NoticeKind::TermsChanged, NoticeKind::ThirdPartySuspended, NoticeKind::PhoneReplaced];
        tell(&idp, &kinds).await;
        let due = idp.app.store.list_due_mails(idp.app.now(), 10).await.unwrap();
        let due: Vec<_> = due.into_iter().map(|mail| mail.notice.kind).collect();
        assert_eq!(due, [NoticeKind::PhoneReplaced, NoticeKind::TermsChanged, NoticeKind::ThirdPartySuspended]);
    }
}

on_both_databases! {
    async fn a_mail_is_given_up_after_its_last_try_has_failed_and_not_before(idp) {
        tell(&idp, &[NoticeKind::TermsChanged]).await;
        idp.inbox.refuse(true);
        for _ in 0..9 {
            assert_eq!(deliver_due(&idp.app).await.unwrap(), 0);
            idp.clock.advance_seconds(DAY);
        }
        // The node dies during the last try.
        idp.inbox.break_down(true);
        let app = idp.app.clone();
        assert!(tokio::spawn(async move { deliver_due(&app).await.is_ok() }).await.is_err());
        idp.inbox.break_down(false);
        assert_eq!(idp.app.store.list_due_mails(idp.app.now(), 10).await.unwrap().len(), 0, "it is under way");
        idp.clock.advance_seconds(DAY);
        assert_eq!(idp.app.store.list_due_mails(idp.app.now(), 10).await.unwrap().len(), 1, "it is not lost");
        assert_eq!(deliver_due(&idp.app).await.unwrap(), 0);
        idp.clock.advance_seconds(1000 * DAY);
        assert_eq!(idp.app.store.list_due_mails(idp.app.now(), 10).await.unwrap().len(), 0, "it is given up");
    }
}

on_both_databases! {
    async fn what_a_later_release_tells_waits_for_it_and_holds_up_nothing(idp) {
        tell(&idp, &[NoticeKind::PhoneReplaced, NoticeKind::TermsChanged]).await;
        idp.execute("UPDATE notices SET kind = 'of-a-later-release' WHERE kind = 'phone-replaced'").await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        assert_eq!(deliver_due(&idp.app).await.unwrap(), 1);
        assert_eq!(idp.app.store.count_unread_notices(hugo).await.unwrap(), 1);
        let page = idp.signed_in(HUGO).await.get("/notices").await.expect(StatusCode::OK);
        assert!(page.body.contains("terms of use"), "{}", page.body);
        assert_eq!(idp.app.store.count_unread_notices(hugo).await.unwrap(), 0);
        // A node of that release has words for it: it is mailed, and new to its reader.
        idp.execute("UPDATE notices SET kind = 'phone-replaced' WHERE kind = 'of-a-later-release'").await;
        assert_eq!(deliver_due(&idp.app).await.unwrap(), 1);
        assert_eq!(idp.app.store.count_unread_notices(hugo).await.unwrap(), 1);
    }
}

on_both_databases! {
    async fn what_is_on_an_older_page_of_notices_stays_new_until_it_is_seen(idp) {
        tell(&idp, &[NoticeKind::TermsChanged; 30]).await;
        let hugo = account_of(&idp, HUGO).await.user.id;
        let mut visitor = idp.signed_in(HUGO).await;
        let page = visitor.get("/notices").await.expect(StatusCode::OK);
        let before = idp.app.store.count_unread_notices(hugo).await.unwrap();
        let (_, older) = page.body.split_once("/notices?before=").unwrap();
        let (older, _) = older.split_once('"').unwrap();
        visitor.get(&format!("/notices?before={older}")).await.expect(StatusCode::OK);
        assert_eq!((before, idp.app.store.count_unread_notices(hugo).await.unwrap()), (5, 0));
    }
}

on_both_databases! {
    async fn whoever_is_invited_hears_at_the_address_that_a_save_corrects(idp) {
        let level = account_of(&idp, HUGO).await.level.id;
        let user = idp.create_user("mistyped@bank-e.example", level, None).await;
        let version = account_of(&idp, "mistyped@bank-e.example").await.user.version;
        let details = TestIdp::new_user("right@bank-e.example", level);
        let save = UserSave { version, details, link: [1; 32] };
        let role = RoleChange { grant: vec![USERS], ..RoleChange::default() };
        let before = idp.app.store.list_due_mails(idp.app.now(), 50).await.unwrap().len();
        idp.administration().save_user(user, Some(&save), &role).await.unwrap();
        let due = idp.app.store.list_due_mails(idp.app.now(), 50).await.unwrap();
        let role = due.iter().find(|mail| mail.notice.kind == NoticeKind::RoleGranted).unwrap();
        assert_eq!((before, role.to.as_str()), (0, "right@bank-e.example"));
    }
}
