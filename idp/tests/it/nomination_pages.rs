//! Pages of the staff: invitation of a signatory, nominations on paper, the queue and the decisions (O1, E57, E58).

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use portal_core::{
    email::EmailKey, id::NominationId, nomination::NominationStatus,
    organisation::ThirdPartyStatus, permission::StaffRole,
};

use crate::{
    harness::{Page, Visitor},
    nomination_form::{Filled, SIGNATORY, link_in},
    nominations::{Dunav, PDF, state_of},
    on_both_databases,
};

/// Opens a page and sends what its form carries, with more.
async fn press(who: &mut Visitor, page: &str, action: &str, more: &[(&str, &str)]) -> Page {
    let page = who.get(page).await.expect(StatusCode::OK);
    // To send another link is a button without a version beside others with one.
    let hidden = ["csrf_token", "version"].map(|name| (name, page.field(name).unwrap_or_default()));
    let hidden = hidden.iter().filter(|(name, value)| {
        *name != "version" || !(value.is_empty() || action.ends_with("/resend"))
    });
    let mut fields: Vec<(&str, &str)> = hidden.map(|(k, v)| (*k, v.as_str())).collect();
    fields.extend(more);
    who.post(action, &fields).await
}

on_both_databases! {
    async fn staff_work_through_the_queue_and_the_nominees_are_invited(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.filed(&idp).await;
        let at = format!("/nominations/{id}");
        let mut first = idp.signed_in("first@operator.example").await;
        let queue = first.get("/nominations").await.expect(StatusCode::OK);
        assert!(queue.body.contains("DUNAV, S.A.") && queue.body.contains(&at));
        let page = first.get(&at).await.expect(StatusCode::OK);
        assert!(page.body.contains("daa@dunav.example"));
        let press = |page: &Page| {
            let token = page.field("csrf_token").unwrap();
            [("csrf_token", token), ("version", page.field("version").unwrap())]
        };
        let seen = press(&page);
        let fields: Vec<(&str, &str)> = seen.iter().map(|(k, v)| (*k, v.as_str())).collect();
        first.post(&format!("{at}/review"), &fields).await.expect(StatusCode::SEE_OTHER);
        let stale = first.post(&format!("{at}/confirm"), &fields).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        for name in ["first", "second"] {
            let mut who = idp.signed_in(&format!("{name}@operator.example")).await;
            let seen = press(&who.get(&at).await);
            let fields: Vec<(&str, &str)> = seen.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let nothing_said = who.post(&format!("{at}/reject"), &fields).await;
            assert_eq!(nothing_said.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(nothing_said.body.contains("id=\"remark-error\""));
            who.post(&format!("{at}/confirm"), &fields).await.expect(StatusCode::SEE_OTHER);
        }
        let mails = idp.inbox.mails();
        assert!(mails.contains(&"dua@dunav.example".to_owned()), "{mails:?}");
        assert!(mails.contains(&"daa@dunav.example".to_owned()));
        assert_eq!(state_of(&idp, id).await, NominationStatus::Confirmed);
    }
}

on_both_databases! {
    async fn evidence_goes_to_staff_as_a_file_and_to_nobody_else(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.filed(&idp).await;
        let at = format!("/nominations/{id}/evidence");
        let file = idp.signed_in("first@operator.example").await.get(&at).await;
        let file = file.expect(StatusCode::OK);
        assert_eq!(file.body.as_bytes(), PDF);
        let header = |name: &str| file.headers[name].to_str().unwrap().to_owned();
        assert!(header("content-disposition").starts_with("attachment; "));
        assert_eq!(header("x-content-type-options"), "nosniff");
        let mut hugo = idp.signed_in("hugo@bank-e.example").await;
        for path in ["/nominations".to_owned(), format!("/nominations/{id}"), at] {
            hugo.get(&path).await.expect(StatusCode::NOT_FOUND);
        }
    }
}

on_both_databases! {
    async fn staff_invite_a_signatory_and_the_link_goes_to_nobody_else(idp) {
        let dunav = Dunav::new(&idp).await;
        let mut staff = idp.signed_in("filer@operator.example").await;
        let chooser = staff.get("/nominations/new?name=dun").await.expect(StatusCode::OK);
        let at = format!("/third-parties/{}/nominations/invite", dunav.id);
        assert!(chooser.body.contains(&at) && !chooser.body.contains("BANK E"));
        let wrong = [("name", ""), ("email", "info@dunav.example"), ("locale", "de")];
        let refused = press(&mut staff, &at, &at, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("id=\"name-error\"") && refused.body.contains("id=\"email-error\""));
        assert!(refused.body.contains("info@dunav.example"), "what was typed stays");
        let whom = [("name", "Milena Hristova"), ("email", SIGNATORY), ("locale", "de")];
        let done = press(&mut staff, &at, &at, &whom).await.expect(StatusCode::SEE_OTHER);
        let shown = staff.get(done.location()).await.expect(StatusCode::OK);
        assert!(shown.body.contains("nomination-notice") && shown.body.contains("nomination-resend"));
        let mail = idp.inbox.text_to(SIGNATORY);
        assert!(mail.contains("Benennen Sie") && mail.contains("DUNAV, S.A."), "in German: {mail}");
        assert!(!shown.body.contains(&link_in(&mail)), "staff do not see the link");
    }
}

on_both_databases! {
    async fn another_link_kills_the_one_before_and_keeps_the_draft(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, old) = Filled::invite(&idp, &dunav).await;
        let mut milena = idp.visitor();
        milena.get(&old).await.expect(StatusCode::SEE_OTHER);
        Filled::whole().save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
        let mut staff = idp.signed_in("first@operator.example").await;
        let at = format!("/nominations/{id}");
        press(&mut staff, &at, &format!("{at}/resend"), &[]).await.expect(StatusCode::SEE_OTHER);
        milena.get("/nominate").await.expect(StatusCode::GONE);
        let new = link_in(&idp.inbox.text_to(SIGNATORY));
        assert_ne!(new, old);
        milena.get(&new).await.expect(StatusCode::SEE_OTHER);
        let form = milena.get("/nominate").await.expect(StatusCode::OK);
        assert!(form.body.contains("radka@dunav.example"), "the draft is still there");
        milena.get(&old).await.expect(StatusCode::SEE_OTHER);
        milena.get("/nominate").await.expect(StatusCode::GONE);
    }
}

on_both_databases! {
    async fn a_mail_that_is_not_taken_is_told_to_whoever_sent_it(idp) {
        let dunav = Dunav::new(&idp).await;
        let mut staff = idp.signed_in("filer@operator.example").await;
        let at = format!("/third-parties/{}/nominations/invite", dunav.id);
        idp.inbox.refuse(true);
        let whom = [("name", "Milena Hristova"), ("email", SIGNATORY), ("locale", "en")];
        let done = press(&mut staff, &at, &at, &whom).await.expect(StatusCode::SEE_OTHER);
        assert!(done.location().ends_with("done=link-unsent"), "{}", done.location());
        let shown = staff.get(done.location()).await.expect(StatusCode::OK);
        assert!(shown.body.contains("role=\"alert\"") && shown.body.contains("nomination-resend"));
    }
}

on_both_databases! {
    async fn a_paper_is_filed_whole_and_whoever_files_it_cannot_confirm_it(idp) {
        let dunav = Dunav::new(&idp).await;
        let mut staff = idp.signed_in("filer@operator.example").await;
        let at = format!("/third-parties/{}/nominations/paper", dunav.id);
        let typed = Filled::whole().with("email", SIGNATORY).with("locale", "en");
        let added = typed.clone().post(&mut staff, &at, "add").await.expect(StatusCode::OK);
        assert!(added.body.contains("person.2.email"), "one more person");
        let missing = Filled { file: None, ..typed.clone() };
        let missing = missing.with("email", "nobody").post(&mut staff, &at, "save").await;
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["email-error", "evidence-error", "form-errors"] {
            assert!(missing.body.contains(&format!("id=\"{field}\"")), "{field}");
        }
        let filed = typed.post(&mut staff, &at, "save").await.expect(StatusCode::SEE_OTHER);
        let (at, _) = filed.location().split_once('?').unwrap();
        let id: NominationId = at.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(state_of(&idp, id).await, NominationStatus::Submitted);
        assert_eq!(idp.app.store.open_evidence(id).await.unwrap().as_deref(), Some(PDF));
        let again = press(&mut staff, at, &format!("{at}/review"), &[]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        let page = staff.get(at).await.expect(StatusCode::OK);
        assert!(page.body.contains("nomination-four-eyes"));
        assert!(!page.body.contains("id=\"nomination-confirm\""));
        let refused = press(&mut staff, at, &format!("{at}/confirm"), &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

on_both_databases! {
    async fn each_decision_is_told_to_the_signatory_with_its_remark(idp) {
        let dunav = Dunav::new(&idp).await;
        let mut staff = idp.signed_in("first@operator.example").await;
        for (verb, word, state) in [
            ("return", "Eine Frage", NominationStatus::Returned),
            ("reject", "abgelehnt", NominationStatus::Rejected),
            ("withdraw", "zurückgezogen", NominationStatus::Withdrawn),
        ] {
            let id = dunav.in_review(&idp).await;
            let page = format!("/nominations/{id}/{verb}");
            let empty = press(&mut staff, &page, &page, &[("remark", " ")]).await;
            assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{verb}");
            let long = "x".repeat(1001);
            let long = press(&mut staff, &page, &page, &[("remark", &long)]).await;
            assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY, "{verb}");
            assert!(long.body.contains(&"x".repeat(1001)), "what was typed stays");
            let remark = [("remark", "Who is that?")];
            let done = press(&mut staff, &page, &page, &remark).await;
            done.expect(StatusCode::SEE_OTHER);
            assert_eq!(state_of(&idp, id).await, state);
            let mail = idp.inbox.text_to(SIGNATORY);
            assert!(mail.contains("Who is that?") && mail.contains(word), "{verb}: {mail}");
            assert_eq!(mail.contains("/nominate?link="), verb == "return", "{verb}");
            if state.is_final() {
                // What is over is not decided again: the page leads back to where it stands.
                let over = staff.get(&page).await.expect(StatusCode::SEE_OTHER);
                assert_eq!(over.location(), format!("/nominations/{id}"));
            }
        }
    }
}

on_both_databases! {
    async fn of_two_who_decide_at_once_in_their_browsers_one_is_told_so(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let at = format!("/nominations/{id}");
        let mut first = idp.signed_in("first@operator.example").await;
        let mut second = idp.signed_in("second@operator.example").await;
        let pages = [first.get(&at).await, second.get(&at).await];
        let [one, two] = pages.map(|page| {
            ["csrf_token", "version"].map(|name| (name, page.field(name).unwrap()))
        });
        let fields = |seen: &[(&'static str, String); 2]| {
            seen.iter().map(|(k, v)| (*k, v.clone())).collect::<Vec<_>>()
        };
        let (one, two) = (fields(&one), fields(&two));
        let one: Vec<(&str, &str)> = one.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let mut two: Vec<(&str, &str)> = two.iter().map(|(k, v)| (*k, v.as_str())).collect();
        two.push(("remark", "No."));
        let (confirm, reject) = (format!("{at}/confirm"), format!("{at}/reject"));
        let (one, two) = tokio::join!(first.post(&confirm, &one), second.post(&reject, &two));
        let mut statuses = [one.status, two.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    }
}

on_both_databases! {
    async fn nobody_nominates_for_a_third_party_that_is_barred_or_without_the_right(idp) {
        let dunav = Dunav::new(&idp).await;
        let (barred, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Suspended).await;
        let mut staff = idp.signed_in("filer@operator.example").await;
        let at = format!("/third-parties/{barred}/nominations/invite");
        let whom = [("name", "Milena Hristova"), ("email", SIGNATORY), ("locale", "en")];
        let refused = press(&mut staff, &at, &at, &whom).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("id=\"invite-error\""));
        assert!(idp.inbox.mails().is_empty());
        idp.staff("auditor@operator.example", StaffRole::Auditor).await;
        let hugo = idp.app.store.find_account_by_email(&EmailKey::of("hugo@bank-e.example")).await;
        idp.administration().grant_user_administrator(hugo.unwrap().unwrap().user.id).await.unwrap();
        for (email, status) in [
            ("auditor@operator.example", StatusCode::FORBIDDEN),
            ("hugo@bank-e.example", StatusCode::NOT_FOUND),
        ] {
            let mut who = idp.signed_in(email).await;
            for way in ["invite", "paper"] {
                let at = format!("/third-parties/{}/nominations/{way}", dunav.id);
                let page = who.get(&at).await;
                assert_eq!(page.status, status, "{email} {way}");
            }
        }
        let nowhere = format!("/third-parties/{}/nominations/paper", uuid::Uuid::new_v4());
        staff.get(&nowhere).await.expect(StatusCode::NOT_FOUND);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let at = format!("/third-parties/{}/nominations/paper", dunav.id);
        let other = staff.send(Method::POST, &at, &form, Body::empty()).await;
        assert_eq!(other.status, StatusCode::BAD_REQUEST, "another kind of body");
    }
}

on_both_databases! {
    async fn whoever_looks_for_a_third_party_is_told_that_there_are_more(idp) {
        let _dunav = Dunav::new(&idp).await;
        for number in 0..21 {
            let name = format!("BANK_{number:02}");
            idp.create_third_party(&name, ThirdPartyStatus::Active).await;
        }
        let mut staff = idp.signed_in("filer@operator.example").await;
        for (name, has_more) in [("", true), ("dun", false)] {
            let page = staff.get(&format!("/nominations/new?name={name}")).await.expect(StatusCode::OK);
            assert_eq!(page.body.contains("Only the first 20 are shown"), has_more, "{name}: {}", page.body);
        }
    }
}
