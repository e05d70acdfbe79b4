//! The signatory's pages: the link is the proof, a draft is kept, evidence is a PDF, and every state is seen
//! (O1, domain.md 2.4, security.md 54, 107, 108).

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use idp::administration::Confirmed;
use portal_core::{
    id::NominationId,
    nomination::{EVIDENCE_BYTES, NominationStatus, Remark},
    organisation::ThirdPartyStatus,
};

use crate::{
    harness::{Page, TestIdp, Visitor},
    nomination_form::{Filled, SIGNATORY, link_in},
    nominations::{Dunav, PDF, signatory, state_of, version_of},
    on_both_databases,
};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A signatory with the form before the eyes.
async fn opened(idp: &TestIdp, dunav: &Dunav) -> (NominationId, Visitor) {
    let (id, link) = Filled::invite(idp, dunav).await;
    let mut milena = idp.visitor();
    milena.get(&link).await.expect(StatusCode::SEE_OTHER);
    (id, milena)
}

/// Presses a button of the review, or of the page that asks whether to withdraw.
async fn press(who: &mut Visitor, page: &str, action: &str, more: &[(&str, &str)]) -> Page {
    let page = who.get(page).await.expect(StatusCode::OK);
    let hidden = ["csrf_token", "nomination", "seen"];
    let hidden = hidden.map(|name| (name, page.field(name).unwrap_or_default()));
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(k, v)| (*k, v.as_str())).collect();
    fields.extend(more);
    who.post(action, &fields).await
}

async fn submit(who: &mut Visitor) -> Page {
    press(who, "/nominate/review", "/nominate/submit", &[("declaration", "given")]).await
}

on_both_databases! {
    async fn to_open_the_link_uses_nothing_up_and_leaves_it_in_no_address(idp) {
        let dunav = Dunav::new(&idp).await;
        let (_, link) = Filled::invite(&idp, &dunav).await;
        let mut milena = idp.visitor();
        for _ in 0..2 {
            let opened = milena.get(&link).await.expect(StatusCode::SEE_OTHER);
            assert_eq!(opened.location(), "/nominate");
            assert_eq!(opened.headers["referrer-policy"], "no-referrer");
            let cookie = opened.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
            let cookie = cookie.into_iter().find(|c| c.starts_with("idp_nomination=")).unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        }
        let form = milena.get("/nominate").await.expect(StatusCode::OK);
        assert!(form.body.contains("DUNAV, S.A.") && form.body.contains(SIGNATORY));
        let (_, secret) = link.split_once('=').unwrap();
        assert!(!form.body.contains(secret), "not even on the page");
        let mut other = idp.visitor();
        other.get("/nominate").await.expect(StatusCode::GONE);
        let wrong = other.get("/nominate?link=al_0123456789012345678901234567890123456789012").await;
        assert_eq!(wrong.status, StatusCode::GONE);
        assert!(wrong.headers.get_all("set-cookie").iter().all(|c| !c.to_str().unwrap().starts_with("idp_nomination")));
    }
}

on_both_databases! {
    async fn a_signatory_saves_comes_back_and_hands_in(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, link) = Filled::invite(&idp, &dunav).await;
        let mut milena = idp.visitor();
        milena.get(&link).await.expect(StatusCode::SEE_OTHER);
        let half = Filled { fields: vec![], file: None };
        let half = half.with("name", "Milena").with("person.0.first_name", "Radka");
        half.clone().save(&mut milena, "add").await.expect(StatusCode::SEE_OTHER);
        let mut elsewhere = idp.visitor();
        elsewhere.get(&link).await.expect(StatusCode::SEE_OTHER);
        let form = elsewhere.get("/nominate").await.expect(StatusCode::OK);
        assert_eq!(form.field("person.0.first_name").as_deref(), Some("Radka"));
        assert!(form.body.contains("person.1.first_name") && !form.body.contains("person.2."));
        let removed = half.with("person.1.first_name", "Yana");
        removed.save(&mut elsewhere, "remove-0").await.expect(StatusCode::SEE_OTHER);
        let form = elsewhere.get("/nominate").await;
        assert_eq!(form.field("person.0.first_name").as_deref(), Some("Yana"));
        assert!(!form.body.contains("person.1."));
        elsewhere.get("/nominate/review").await.expect(StatusCode::SEE_OTHER);

        let on = Filled::whole().save(&mut elsewhere, "review").await.expect(StatusCode::SEE_OTHER);
        assert_eq!(on.location(), "/nominate/review");
        let review = elsewhere.get("/nominate/review").await.expect(StatusCode::OK);
        for shown in ["radka@dunav.example", "+44 770 090 0042", "mandate.pdf", "Member of the board"] {
            assert!(review.body.contains(shown), "{shown}");
        }
        let undeclared = press(&mut elsewhere, "/nominate/review", "/nominate/submit", &[]).await;
        assert_eq!(undeclared.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(undeclared.body.contains("id=\"declaration-error\""));
        submit(&mut elsewhere).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Submitted);
        assert_eq!(idp.app.store.list_nominees(id).await.unwrap().len(), 2);
        assert_eq!(idp.app.store.open_evidence(id).await.unwrap().as_deref(), Some(PDF));
        // The link is used up in every browser, and says what became of it.
        for who in [&mut milena, &mut elsewhere] {
            let state = who.get("/nominate").await.expect(StatusCode::OK);
            assert!(state.body.contains("mark-warning") && !state.body.contains("radka@dunav.example"));
            let late = who.get("/nominate/review").await;
            assert!(!late.body.contains("radka@dunav.example"));
        }
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn what_is_missing_is_told_at_its_field_and_nothing_typed_is_lost(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        let wrong = Filled { file: None, ..Filled::whole() };
        let wrong = wrong
            .with("function", "")
            .with("application.SSM-PORTAL", "on")
            .with("person.0.email", "info@dunav.example")
            .with("person.1.phone", "0123");
        let page = wrong.save(&mut milena, "review").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["function", "person.0.email", "person.1.phone", "evidence"] {
            assert!(page.body.contains(&format!("id=\"{field}-error\"")), "{field}");
            assert!(page.body.contains(&format!("href=\"#{field}\"")), "{field} in the summary");
        }
        assert!(page.body.contains("info@dunav.example") && page.body.contains("value=\"0123\""));
        let lacking = Filled::whole().with("application.SSM-PORTAL", "on");
        let page = lacking.save(&mut milena, "review").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("href=\"#people\""), "nobody for the SSM Portal");
        assert_eq!(state_of(&idp, id).await, NominationStatus::Draft);
        let elsewhere = Filled::whole().with("person.0.email", "hugo@bank-e.example");
        elsewhere.save(&mut milena, "review").await.expect(StatusCode::SEE_OTHER);
        let refused = submit(&mut milena).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("id=\"nominate-error\"") && !refused.body.contains("BANK E"));
    }
}

on_both_databases! {
    async fn only_a_pdf_of_four_megabytes_is_evidence_whatever_it_is_called(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        let html = b"<!doctype html><script>alert(1)</script><!-- %PDF-1.7 %%EOF -->";
        let mut large = PDF.to_vec();
        large.resize(EVIDENCE_BYTES + 1, b' ');
        let mut endless = PDF.to_vec();
        endless.resize(9 * 1024 * 1024, b' ');
        let typed = Filled::whole().with_file("mandate.pdf", "application/pdf", &endless);
        let page = typed.save(&mut milena, "save").await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "more than any body may be");
        for (what, content) in [
            ("HTML that is called a PDF", html.as_slice()),
            ("one byte too many", large.as_slice()),
            ("the beginning alone", b"%PDF-1.7".as_slice()),
        ] {
            let typed = Filled::whole().with_file("mandate.pdf", "application/pdf", content);
            let page = typed.save(&mut milena, "save").await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
            assert!(page.body.contains("id=\"evidence-error\""), "{what}");
            assert!(page.body.contains("radka@dunav.example"), "{what}: nothing typed is lost");
            assert!(idp.app.store.find_evidence(id).await.unwrap().is_none(), "{what}");
        }
        // What it is called and said to be does not count.
        let typed = Filled::whole().with_file("..\\scan.html", "text/html", PDF);
        typed.save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
        let stored = idp.app.store.find_evidence(id).await.unwrap().unwrap();
        assert_eq!(stored.file_name, "scan.html");
        let mut largest = PDF.to_vec();
        largest.splice(9..9, vec![b' '; EVIDENCE_BYTES - PDF.len()]);
        let typed = Filled::whole().with_file("largest.pdf", "application/pdf", &largest);
        typed.save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
        let stored = idp.app.store.find_evidence(id).await.unwrap().unwrap();
        assert_eq!(usize::try_from(stored.bytes).unwrap(), EVIDENCE_BYTES, "in place of the other");
    }
}

on_both_databases! {
    async fn two_windows_do_not_save_over_each_other(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        let seen = milena.get("/nominate").await.expect(StatusCode::OK);
        Filled::whole().save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
        let late = Filled::whole().with("name", "Somebody Else");
        let stale = late.clone().post_seen(&mut milena, ("/nominate", &seen), "save").await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert!(stale.body.contains("Somebody Else"), "what was typed stays");
        let draft = idp.app.store.find_nomination_draft(id).await.unwrap().unwrap();
        assert!(draft.contains("Milena Hristova") && !draft.contains("Somebody"));
        // What was reviewed is what is handed in.
        let review = milena.get("/nominate/review").await.expect(StatusCode::OK);
        late.post_seen(&mut milena, ("/nominate", &stale), "save").await.expect(StatusCode::SEE_OTHER);
        let hidden = ["csrf_token", "nomination", "seen"].map(|name| review.field(name).unwrap());
        let [token, nomination, mark] = &hidden;
        let fields = [
            ("csrf_token", token.as_str()),
            ("nomination", nomination),
            ("seen", mark),
            ("declaration", "given"),
        ];
        let stale = milena.post("/nominate/submit", &fields).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Draft);
    }
}

on_both_databases! {
    async fn a_form_of_another_nomination_or_browser_changes_nothing(idp) {
        let dunav = Dunav::new(&idp).await;
        let (one, mut milena) = opened(&idp, &dunav).await;
        let of_one = milena.get("/nominate").await.expect(StatusCode::OK);
        let (two, link) = Filled::invite(&idp, &dunav).await;
        milena.get(&link).await.expect(StatusCode::SEE_OTHER);
        let foreign = Filled::whole().post_seen(&mut milena, ("/nominate", &of_one), "save").await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "the form of the first, the link of the second");
        let mut other = idp.visitor();
        other.get(&link).await.expect(StatusCode::SEE_OTHER);
        let of_two = milena.get("/nominate").await.expect(StatusCode::OK);
        let forged = Filled::whole().post_seen(&mut other, ("/nominate", &of_two), "save").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "the token of another browser");
        let nothing = Filled::whole();
        let bare = Page { body: String::new(), ..of_two };
        let bare = nothing.post_seen(&mut milena, ("/nominate", &bare), "save").await;
        assert_eq!(bare.status, StatusCode::FORBIDDEN, "no token before the file");
        for id in [one, two] {
            assert!(idp.app.store.find_nomination_draft(id).await.unwrap().is_none());
            assert!(idp.app.store.find_evidence(id).await.unwrap().is_none());
        }
        let elsewhere = [
            ("content-type", "multipart/form-data; boundary=sea"),
            ("origin", "https://evil.example"),
        ];
        let body = Body::from("--sea--\r\n");
        let crossed = milena.send(Method::POST, "/nominate", &elsewhere, body).await;
        assert_eq!(crossed.status, StatusCode::FORBIDDEN);
    }
}

on_both_databases! {
    async fn a_link_that_is_over_says_so_and_what_was_saved_waits(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        let form = milena.get("/nominate").await.expect(StatusCode::OK);
        idp.clock.advance_seconds(14 * DAY_SECONDS);
        let over = milena.get("/nominate").await.expect(StatusCode::GONE);
        assert!(over.body.contains("DUNAV, S.A.") && over.body.contains("supportcenter@"));
        let late = Filled::whole().post_seen(&mut milena, ("/nominate", &form), "save").await;
        assert_eq!(late.status, StatusCode::GONE);
        assert!(idp.app.store.find_nomination_draft(id).await.unwrap().is_none());
    }
}

on_both_databases! {
    async fn a_signatory_sees_every_state_and_answers_a_question(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        Filled::whole().save(&mut milena, "review").await.expect(StatusCode::SEE_OTHER);
        submit(&mut milena).await.expect(StatusCode::SEE_OTHER);
        let shows = async |who: &mut Visitor, word: &str| {
            let page = who.get("/nominate").await.expect(StatusCode::OK);
            assert!(page.body.contains(word), "{word}: {}", page.body);
        };
        shows(&mut milena, "The nomination is handed in").await;
        let mut staff = idp.signed_in("first@operator.example").await;
        let at = format!("/nominations/{id}");
        let decide = async |staff: &mut Visitor, verb: &str, remark: &str| {
            let page = staff.get(&at).await.expect(StatusCode::OK);
            let fields = ["csrf_token", "version"].map(|name| page.field(name).unwrap());
            let [token, version] = &fields;
            let fields = [("csrf_token", token.as_str()), ("version", version), ("remark", remark)];
            staff.post(&format!("{at}/{verb}"), &fields).await.expect(StatusCode::SEE_OTHER);
        };
        decide(&mut staff, "review", "").await;
        shows(&mut milena, "The nomination is being looked at").await;
        decide(&mut staff, "return", "Is Radka still with you?").await;
        milena.get("/nominate").await.expect(StatusCode::GONE);
        milena.get(&link_in(&idp.inbox.text_to(SIGNATORY))).await.expect(StatusCode::SEE_OTHER);
        shows(&mut milena, "Is Radka still with you?").await;
        shows(&mut milena, "yana@dunav.example").await;
        let answer = Filled { file: None, ..Filled::whole().with("person.0.first_name", "Ralitsa") };
        answer.save(&mut milena, "review").await.expect(StatusCode::SEE_OTHER);
        submit(&mut milena).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(idp.app.store.list_nominees(id).await.unwrap()[0].first_name.as_str(), "Ralitsa");
        decide(&mut staff, "review", "").await;
        decide(&mut staff, "confirm", "").await;
        shows(&mut milena, "The nomination is being looked at").await;
        let mut second = idp.signed_in("second@operator.example").await;
        decide(&mut second, "confirm", "").await;
        shows(&mut milena, "The administrators are confirmed").await;
        assert!(idp.inbox.was_mailed(SIGNATORY, "are confirmed"));
        assert!(idp.inbox.mails().contains(&"radka@dunav.example".to_owned()), "invited");
        assert_eq!(idp.status_of(dunav.id).await, ThirdPartyStatus::Active);
    }
}

on_both_databases! {
    async fn a_refusal_is_seen_with_its_reason(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        Filled::whole().save(&mut milena, "review").await.expect(StatusCode::SEE_OTHER);
        submit(&mut milena).await.expect(StatusCode::SEE_OTHER);
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).review_nomination(id, version).await.unwrap();
        let version = version_of(&idp, id).await;
        let reason = Remark::parse("The mandate is not signed.").unwrap();
        idp.acting(&dunav.first).reject_nomination((id, version), &reason).await.unwrap();
        let page = milena.get("/nominate").await.expect(StatusCode::OK);
        assert!(page.body.contains("mark-bad") && page.body.contains("The mandate is not signed."));
    }
}

on_both_databases! {
    async fn a_signatory_withdraws_by_a_button_and_only_once(idp) {
        let dunav = Dunav::new(&idp).await;
        let (id, mut milena) = opened(&idp, &dunav).await;
        Filled::whole().save(&mut milena, "review").await.expect(StatusCode::SEE_OTHER);
        let mut other = milena.clone();
        let withdraw = async |who: &mut Visitor| {
            press(who, "/nominate/withdraw", "/nominate/withdraw", &[]).await
        };
        let page = milena.get("/nominate/withdraw").await.expect(StatusCode::OK);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Draft, "to look takes nothing back");
        assert!(page.body.contains("DUNAV, S.A."));
        // To withdraw and to submit at once: one of them.
        let (one, two) = tokio::join!(withdraw(&mut milena), submit(&mut other));
        let state = state_of(&idp, id).await;
        assert!(
            matches!(state, NominationStatus::Withdrawn | NominationStatus::Submitted),
            "{state:?} {} {}", one.status, two.status
        );
        let page = milena.get("/nominate").await.expect(StatusCode::OK);
        let is_withdrawn = page.body.contains("The nomination is withdrawn");
        assert_eq!(is_withdrawn, state == NominationStatus::Withdrawn);
    }
}

on_both_databases! {
    async fn a_suspended_third_party_gets_no_administrators_by_an_old_link(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let (_, mut milena) = opened(&idp, &dunav).await;
        let form = milena.get("/nominate").await.expect(StatusCode::OK);
        idp.execute("UPDATE third_parties SET status = 'SUSPENDED' WHERE legal_name LIKE 'DUNAV%'").await;
        let refused = Filled::whole().post_seen(&mut milena, ("/nominate", &form), "save").await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.body.contains("Nobody can be nominated here now"), "{}", refused.body);
        let version = version_of(&idp, id).await;
        let links = [[1; 32], [2; 32]];
        let refused = idp.acting(&dunav.first).confirm_nomination((id, version), &links).await;
        assert!(!matches!(refused, Ok(Confirmed::Appointed { .. } | Confirmed::OneOfTwo)));
        assert_eq!(signatory().locale, "de");
    }
}

on_both_databases! {
    async fn a_link_of_a_third_party_that_was_barred_says_whom_to_ask_and_nothing_else(idp) {
        let dunav = Dunav::new(&idp).await;
        let (_, mut milena) = opened(&idp, &dunav).await;
        let mut stranger = idp.visitor();
        for barred in [
            "UPDATE third_parties SET status = 'SUSPENDED' WHERE legal_name LIKE 'DUNAV%'",
            "UPDATE third_parties SET status = 'CLOSED' WHERE legal_name LIKE 'DUNAV%'",
        ] {
            idp.execute(barred).await;
            for path in ["/nominate", "/nominate/review", "/nominate/withdraw"] {
                let page = milena.get(path).await.expect(StatusCode::CONFLICT);
                assert!(page.body.contains("Nobody can be nominated here now"), "{path}: {}", page.body);
                assert!(page.body.contains("supportcenter@"), "{path}");
                for detail in ["DUNAV", "uspended", "losed"] {
                    assert!(!page.body.contains(detail), "{path} tells {detail}");
                }
            }
        }
        let none = stranger.get("/nominate").await.expect(StatusCode::GONE);
        assert!(!none.body.contains("Nobody can be nominated"));
        // Lifted, the form is there again.
        idp.execute("UPDATE third_parties SET status = 'PROSPECT' WHERE legal_name LIKE 'DUNAV%'").await;
        milena.get("/nominate").await.expect(StatusCode::OK);
    }
}
