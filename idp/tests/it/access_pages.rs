//! The pages of requests for access and of access reviews, through the router.

use axum::http::StatusCode;
use portal_core::id::UserId;

use crate::{
    access_requests::{active, daa, group, level_of_hugo},
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
};

const DAA: &str = "petra@bank-e.example";
const ELSA: &str = "elsa@bank-e.example";

async fn visitor(idp: &TestIdp, email: &str) -> Visitor {
    let mut visitor = idp.visitor();
    visitor.sign_in(idp, email).await;
    visitor
}

/// Elsa asks for the SSM Portal, which Petra administers.
async fn elsa_and_petra(idp: &TestIdp) -> (UserId, Visitor, Visitor) {
    let level = level_of_hugo(idp).await;
    daa(idp, DAA, level, "SSM-PORTAL").await;
    let elsa = active(idp, ELSA, level).await;
    (elsa, visitor(idp, ELSA).await, visitor(idp, DAA).await)
}

async fn ask(idp: &TestIdp, by: &mut Visitor, fields: &[(&str, &str)]) -> Page {
    let id = group(idp, "SSM-PORTAL_USER").await.0.to_string();
    // The page has other forms as well, whose fields this one does not take.
    let token = by.get("/apps/request").await.field("csrf_token").unwrap();
    let own = [("csrf_token", token.as_str()), ("group", id.as_str())];
    let all: Vec<(&str, &str)> = own.into_iter().chain(fields.iter().copied()).collect();
    by.post("/apps/request", &all).await
}

/// The last part of the first address on a page that begins so.
fn id_after<'a>(page: &'a Page, begin: &str) -> &'a str {
    let (_, rest) = page.body.split_once(begin).unwrap();
    rest.split(['"', '/', '?']).next().unwrap()
}

async fn names(idp: &TestIdp, user: UserId) -> Vec<String> {
    let held = idp.app.store.list_memberships(user).await.unwrap();
    held.into_iter().map(|membership| membership.group.name).collect()
}

on_both_databases! {
    async fn what_is_asked_for_is_granted_on_the_page_of_the_administrator(idp) {
        let (user, mut elsa, mut petra) = elsa_and_petra(&idp).await;
        let page = elsa.get("/apps/request").await.expect(StatusCode::OK);
        assert!(page.body.contains(DAA), "who can help is named");
        let wrong = ask(&idp, &mut elsa, &[("reason", " "), ("until", "2000-01-01")]).await;
        let wrong = wrong.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Say in at most 500 characters"), "{}", wrong.body);
        assert!(wrong.body.contains("Enter a date of today or later."));
        assert!(wrong.body.contains("value=\"2000-01-01\""), "what was typed stays");

        let sent = ask(&idp, &mut elsa, &[("reason", "I <b>file</b> returns")]).await;
        assert_eq!(sent.expect(StatusCode::SEE_OTHER).location(), "/apps/request?done=asked");
        let again = ask(&idp, &mut elsa, &[("reason", "I file returns")]).await;
        let again = again.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("You have asked for this already."));

        let list = petra.get("/requests").await.expect(StatusCode::OK);
        assert!(list.body.contains(ELSA) && list.body.contains("I &#60;b&#62;file"), "{}", list.body);
        let address = format!("/requests/{}", id_after(&list, "action=\"/requests/"));
        let unanswered = petra.fill_in("/requests", &address, &[("decision", "refuse")]).await;
        let unanswered = unanswered.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unanswered.body.contains("Say why you refuse."));
        assert!(names(&idp, user).await.is_empty());
        let granted = petra.fill_in("/requests", &address, &[("decision", "grant"), ("until", "")]).await;
        assert_eq!(granted.expect(StatusCode::SEE_OTHER).location(), "/requests?done=granted");
        assert_eq!(names(&idp, user).await, ["SSM-PORTAL_USER"]);
        petra.get("/requests").await.expect(StatusCode::OK);
        let own = elsa.get("/apps/request").await.expect(StatusCode::OK);
        assert!(own.body.contains("Granted"), "{}", own.body);
    }
}

on_both_databases! {
    async fn a_refusal_is_read_by_who_asked_and_a_withdrawal_leaves_nothing_to_decide(idp) {
        let (user, mut elsa, mut petra) = elsa_and_petra(&idp).await;
        ask(&idp, &mut elsa, &[("reason", "I file returns")]).await.expect(StatusCode::SEE_OTHER);
        let list = petra.get("/requests").await;
        let address = format!("/requests/{}", id_after(&list, "action=\"/requests/"));
        let answer = [("decision", "refuse"), ("reason", "Ask Hugo to file them")];
        petra.fill_in("/requests", &address, &answer).await.expect(StatusCode::SEE_OTHER);
        let own = elsa.get("/apps/request").await;
        assert!(own.body.contains("Ask Hugo to file them"));
        ask(&idp, &mut elsa, &[("reason", "Hugo is away")]).await.expect(StatusCode::SEE_OTHER);
        let own = elsa.get("/apps/request").await;
        let id = own.field("request").unwrap();
        // The form has its hidden field.
        elsa.fill_in("/apps/request", "/apps/request/withdraw", &[]).await
            .expect(StatusCode::SEE_OTHER);
        let late = petra.fill_in("/requests", &format!("/requests/{id}"), &[("decision", "grant")]).await;
        assert_ne!(late.status, StatusCode::SEE_OTHER, "nothing is granted that was withdrawn");
        assert!(names(&idp, user).await.is_empty());
    }
}

on_both_databases! {
    async fn requests_are_decided_and_withdrawn_by_nobody_else(idp) {
        let (_, mut elsa, mut petra) = elsa_and_petra(&idp).await;
        let level = level_of_hugo(&idp).await;
        daa(&idp, "carl@bank-e.example", level, "CASPER").await;
        let mut carl = visitor(&idp, "carl@bank-e.example").await;
        ask(&idp, &mut elsa, &[("reason", "I file returns")]).await.expect(StatusCode::SEE_OTHER);
        let list = petra.get("/requests").await;
        let address = format!("/requests/{}", id_after(&list, "action=\"/requests/"));
        assert!(!carl.get("/requests").await.expect(StatusCode::OK).body.contains(ELSA));
        // He sees the person, and has no right to this application.
        carl.fill_in("/requests", &address, &[("decision", "grant")]).await
            .expect(StatusCode::FORBIDDEN);
        elsa.get("/requests").await.expect(StatusCode::NOT_FOUND);
        let mut hugo = visitor(&idp, HUGO).await;
        let id = address.trim_start_matches("/requests/");
        hugo.fill_in("/apps/request", "/apps/request/withdraw", &[("request", id)]).await
            .expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn a_review_is_begun_decided_and_signed_off_on_its_pages(idp) {
        let level = level_of_hugo(&idp).await;
        daa(&idp, DAA, level, "CASPER").await;
        let elsa = active(&idp, ELSA, level).await;
        let casper = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        idp.administration().assign_membership(elsa, &casper).await.unwrap();
        let mut petra = visitor(&idp, DAA).await;
        let list = petra.get("/reviews").await.expect(StatusCode::OK);
        let of = id_after(&list, "<option value=\"").to_owned();
        let begun = petra.fill_in("/reviews", "/reviews", &[("of", &of)]).await;
        let address = begun.expect(StatusCode::SEE_OTHER).location().to_owned();
        let again = petra.fill_in("/reviews", "/reviews", &[("of", &of)]).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "one at a time");

        let page = petra.get(&address).await.expect(StatusCode::OK);
        assert!(page.body.contains(ELSA) && page.body.contains(HUGO));
        assert!(!page.body.contains("id=\"review-sign-off\""), "two wait for a decision");
        let sign_off = format!("{address}/sign-off");
        let early = petra.fill_in(&address, &sign_off, &[]).await;
        early.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let found = petra.get(&format!("{address}?search=elsa@")).await.expect(StatusCode::OK);
        assert!(found.body.contains(ELSA) && !found.body.contains(HUGO));
        let position = id_after(&found, "name=\"decision.");
        let (was, remove) = (format!("was.{position}"), format!("decision.{position}"));
        let fields = [("do", "save"), ("shown", position), (&was, ""), (&remove, "remove")];
        petra.fill_in(&address, &address, &fields).await.expect(StatusCode::SEE_OTHER);
        let rest = petra.get(&format!("{address}?show=undecided")).await.expect(StatusCode::OK);
        let shown = rest.field("shown").unwrap();
        let was = format!("was.{shown}");
        petra.fill_in(&address, &address, &[("do", "keep-all"), ("shown", &shown), (&was, "")]).await
            .expect(StatusCode::SEE_OTHER);
        assert_eq!(names(&idp, elsa).await, ["CASPER_WEB_DATA_SUBMITTER"], "nothing yet");
        let decisions = petra.get(&address).await.field("decisions").unwrap();
        petra.fill_in(&address, &sign_off, &[("decisions", &decisions)]).await
            .expect(StatusCode::SEE_OTHER);
        assert!(names(&idp, elsa).await.is_empty());

        for form in ["evidence.csv", "evidence.json"] {
            let evidence = petra.get(&format!("{address}/{form}")).await.expect(StatusCode::OK);
            assert!(evidence.body.contains(ELSA) && evidence.body.contains("remove"), "{form}");
        }
        let mut elsa = visitor(&idp, ELSA).await;
        elsa.get(&address).await.expect(StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn who_administers_a_branch_is_not_offered_a_review_of_the_whole_bank(idp) {
        idp.execute(
            "INSERT INTO levels (id, parent_id, name, third_party_id, path, created_at) \
             SELECT id_of_branch, id, 'A Branch', third_party_id, path || '/A Branch', created_at \
             FROM levels CROSS JOIN (SELECT id AS id_of_branch FROM third_parties) AS ids \
             WHERE name = 'BANK E'",
        )
        .await;
        let path = portal_core::organisation::LevelPath::from_stored("Root/BANK E/A Branch".to_owned());
        let branch = idp.app.store.find_level(&path).await.unwrap().unwrap().id;
        daa(&idp, "bran@bank-e.example", branch, "CASPER").await;
        daa(&idp, DAA, level_of_hugo(&idp).await, "CASPER").await;
        let mut bran = visitor(&idp, "bran@bank-e.example").await;
        let list = bran.get("/reviews").await.expect(StatusCode::OK);
        assert!(!list.body.contains("id=\"review-begin\""), "{}", list.body);
        let mut petra = visitor(&idp, DAA).await;
        let list = petra.get("/reviews").await.expect(StatusCode::OK);
        assert!(list.body.contains("BANK E – CASPER") && !list.body.contains("A Branch"));
    }
}

on_both_databases! {
    async fn a_notice_and_its_mail_lead_to_what_they_ask_for(idp) {
        let (_, mut elsa, mut petra) = elsa_and_petra(&idp).await;
        // Mails of one look go out at once: those of before are out of the way.
        idp::jobs::notices::deliver_due(&idp.app).await.unwrap();
        ask(&idp, &mut elsa, &[("reason", "I file returns")]).await.expect(StatusCode::SEE_OTHER);
        idp::jobs::notices::deliver_due(&idp.app).await.unwrap();
        let issuer = idp.app.issuer.as_str();
        let mail = idp.inbox.text_to(DAA);
        assert!(mail.lines().any(|line| line == format!("{issuer}/requests")), "{mail}");
        let notices = petra.get("/notices").await.expect(StatusCode::OK);
        assert!(notices.body.contains("<a href=\"/requests\">See it"), "{}", notices.body);

        // Whoever decides nothing any more is led to the portal.
        let id = active(&idp, "paul@bank-e.example", level_of_hugo(&idp).await).await;
        let mut facts = storage::NoticeFacts::new();
        facts.insert("by".to_owned(), "Petra".to_owned());
        let tx = idp.app.store.begin().await.unwrap();
        let notice = storage::NewNotice {
            user: id,
            kind: portal_core::notice::NoticeKind::AccessRequested,
            facts,
            mail_to: Some("paul@bank-e.example".to_owned()),
        };
        tx.insert_notices(&[notice], idp.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        idp::jobs::notices::deliver_due(&idp.app).await.unwrap();
        let mail = idp.inbox.text_to("paul@bank-e.example");
        assert!(mail.lines().any(|line| line == format!("{issuer}/")), "{mail}");
        let mut paul = visitor(&idp, "paul@bank-e.example").await;
        let notices = paul.get("/notices").await.expect(StatusCode::OK);
        let (_, content) = notices.body.split_once("<main").unwrap();
        assert!(!content.contains("href=\"/requests\""), "{content}");
    }
}
