//! What was typed, ticked and looked at stays when somebody else was faster or a rule refuses, and the page says which
//! (E22).

use axum::http::StatusCode;
use portal_core::{
    id::UserId,
    nomination::{NominationStatus, Remark},
    permission::StaffRole,
};

use crate::{
    access_requests::{active, ask, at_work, daa, group, level_of_hugo},
    harness::{Page, TestIdp, Visitor},
    nominations::{Dunav, state_of, version_of},
    on_both_databases,
};

const DAA: &str = "petra@bank-e.example";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

/// A hidden field by its name, as often as it stands on a page.
fn hidden(page: &Page, name: &str) -> String {
    page.field(name).unwrap_or_default()
}

on_both_databases! {
    async fn a_refusal_of_a_request_that_is_over_says_so_and_keeps_the_reason(idp) {
        let level = level_of_hugo(&idp).await;
        daa(&idp, DAA, level, "SSM-PORTAL").await;
        let elsa = active(&idp, "elsa@bank-e.example", level).await;
        let (ssm, _) = group(&idp, "SSM-PORTAL_USER").await;
        let id = ask(&idp, elsa, ssm).await.unwrap();
        let mut petra = idp.signed_in(DAA).await;
        let list = petra.get("/requests").await.expect(StatusCode::OK);
        assert!(list.body.contains("elsa@bank-e.example · BANK E</p>"), "{}", list.body);
        let by = idp.actor(elsa).await;
        at_work(&idp, &by).withdraw_access_request(id).await.unwrap();

        let (token, why) = (hidden(&list, "csrf_token"), "Somebody else files them");
        let fields = [("csrf_token", token.as_str()), ("decision", "refuse"), ("reason", why)];
        let late = petra.post(&format!("/requests/{id}"), &fields).await;
        let late = late.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.body.contains("This request was answered, withdrawn or has lapsed"), "{}", late.body);
        assert!(late.body.contains(why) && !late.body.contains("name=\"decision\""), "{}", late.body);

        let mut own = idp.signed_in("elsa@bank-e.example").await;
        let token = hidden(&own.get("/apps/request").await, "csrf_token");
        let fields = [("csrf_token", token.as_str()), ("request", &id.to_string())];
        let again = own.post("/apps/request/withdraw", &fields).await;
        let again = again.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("This request was answered, withdrawn or has lapsed"), "{}", again.body);
    }
}

/// Twenty-two members of CASPER whose access waits, in the order of the list.
async fn asleep(idp: &TestIdp) -> Vec<UserId> {
    let level = level_of_hugo(idp).await;
    let group = idp.app.store.find_group(CASPER).await.unwrap().unwrap();
    let mut members = Vec::new();
    for number in 0..22 {
        let email = format!("member{number:02}@bank-e.example");
        let member = idp.create_user(&email, level, None).await;
        idp.administration().assign_membership(member, &group).await.unwrap();
        members.push(member);
    }
    idp.execute("UPDATE memberships SET dormant_at = 1 WHERE user_id IN (SELECT id FROM users WHERE email LIKE 'member%')").await;
    members.sort();
    members
}

/// Decides about a person from a page of the list, with its hidden fields.
async fn decide(by: &mut Visitor, page: &Page, person: UserId, boxes: &[&str]) -> Page {
    let (token, after) = (hidden(page, "csrf_token"), hidden(page, "after"));
    let mut fields =
        vec![("csrf_token", token.as_str()), ("after", after.as_str()), ("decision", "confirm")];
    fields.extend(boxes.iter().map(|name| (*name, "yes")));
    by.post(&format!("/confirmations/{person}"), &fields).await
}

on_both_databases! {
    async fn whoever_decides_on_the_second_page_of_confirmations_stays_there(idp) {
        let members = asleep(&idp).await;
        daa(&idp, DAA, level_of_hugo(&idp).await, "CASPER").await;
        let (last_but_one, last) = (members[20], members[21]);
        let (submitter, _) = group(&idp, CASPER).await;
        let box_name = format!("group.{submitter}");
        let mut petra = idp.signed_in(DAA).await;
        let first = petra.get("/confirmations").await.expect(StatusCode::OK);
        assert!(!first.body.contains(&last.to_string()), "it is on the second page");
        let (_, next) = first.body.split_once("/confirmations?after=").unwrap();
        let next = format!("/confirmations?after={}", next.split('"').next().unwrap());
        let second = petra.get(&next).await.expect(StatusCode::OK);

        let none = decide(&mut petra, &second, last, &[]).await;
        let none = none.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.body.contains(&format!("/confirmations/{last}")), "{}", none.body);
        assert!(none.body.contains("class=\"field-error\"") && !none.body.contains("confirmations-error"));
        // Of somebody who is not on the page, it stands above the list.
        let elsewhere = decide(&mut petra, &first, last, &[]).await;
        assert!(elsewhere.body.contains("id=\"confirmations-error\""), "{}", elsewhere.body);

        let done = decide(&mut petra, &second, last_but_one, &[&box_name]).await;
        let done = done.expect(StatusCode::SEE_OTHER).location().to_owned();
        assert!(done.starts_with("/confirmations?done=confirmed&after="), "{done}");
        let shown = petra.get(&done).await.expect(StatusCode::OK);
        assert!(shown.body.contains(&last.to_string()) && !shown.body.contains(&members[0].to_string()));
        let stale = decide(&mut petra, &second, last_but_one, &[&box_name]).await;
        let stale = stale.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("id=\"confirmations-error\""), "{}", stale.body);
        assert!(stale.body.contains(&last.to_string()), "the place is kept: {}", stale.body);
        // The last of the page was decided: the list begins anew, and is not said to be empty.
        let done = decide(&mut petra, &second, last, &[&box_name]).await;
        let shown = petra.get(done.expect(StatusCode::SEE_OTHER).location()).await;
        assert!(shown.body.contains(&members[0].to_string()), "{}", shown.body);
        let strange = [("csrf_token", hidden(&shown, "csrf_token")), ("after", "//evil".to_owned())];
        let mut fields: Vec<(&str, &str)> = strange.iter().map(|(k, v)| (*k, v.as_str())).collect();
        fields.extend([("decision", "refuse"), (box_name.as_str(), "yes")]);
        let done = petra.post(&format!("/confirmations/{}", members[0]), &fields).await;
        assert_eq!(done.location(), "/confirmations?done=refused");
    }
}

on_both_databases! {
    async fn a_question_to_a_signatory_is_not_lost_when_somebody_else_was_faster(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let path = format!("/nominations/{id}/return");
        let mut staff = idp.signed_in("first@operator.example").await;
        let page = staff.get(&path).await.expect(StatusCode::OK);
        let (token, version) = (hidden(&page, "csrf_token"), hidden(&page, "version"));
        let question = "Who is <that>, and since when?";
        let sent = [("csrf_token", token.as_str()), ("version", version.as_str()), ("remark", question)];
        let at = format!("/nominations/{id}");
        let mut second = idp.signed_in("second@operator.example").await;
        let shown = second.get(&at).await.expect(StatusCode::OK);
        let (own, seen) = (hidden(&shown, "csrf_token"), hidden(&shown, "version"));
        let confirmed = [("csrf_token", own.as_str()), ("version", seen.as_str())];
        second.post(&format!("{at}/confirm"), &confirmed).await.expect(StatusCode::SEE_OTHER);

        let stale = staff.post(&path, &sent).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("Who is &#60;that&#62;, and since when?"), "{}", stale.body);
        let newer = hidden(&stale, "version");
        assert_ne!(newer, version);
        let sent = [("csrf_token", token.as_str()), ("version", newer.as_str()), ("remark", question)];
        staff.post(&path, &sent).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Returned);

        // What can no longer be done is told with the state as it is.
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.second).withdraw_nomination((id, version), &Remark::parse("Over.").unwrap()).await.unwrap();
        let over = staff.post(&path, &sent).await.expect(StatusCode::CONFLICT);
        assert!(over.body.contains("id=\"nomination-error\"") && !over.body.contains("name=\"remark\""));
    }
}

on_both_databases! {
    async fn a_nomination_taken_into_review_is_said_to_be(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.filed(&idp).await;
        let mut staff = idp.signed_in("first@operator.example").await;
        let page = staff.get(&format!("/nominations/{id}")).await.expect(StatusCode::OK);
        let (token, version) = (hidden(&page, "csrf_token"), hidden(&page, "version"));
        let fields = [("csrf_token", token.as_str()), ("version", version.as_str())];
        let done = staff.post(&format!("/nominations/{id}/review"), &fields).await;
        let shown = staff.get(done.expect(StatusCode::SEE_OTHER).location()).await;
        assert!(shown.body.contains("You have taken the nomination into review."), "{}", shown.body);
    }
}

on_both_databases! {
    async fn roles_of_the_staff_stay_ticked_when_a_save_is_refused(idp) {
        let anna = idp.staff("anna@ecb.example", StaffRole::IdentityAdmin).await;
        let new = idp.staff("new@ecb.example", StaffRole::Auditor).await;
        let path = format!("/users/{new}/staff-roles");
        let mut visitor = idp.signed_in("anna@ecb.example").await;
        let page = visitor.get(&path).await.expect(StatusCode::OK);
        let (token, version) = (hidden(&page, "csrf_token"), hidden(&page, "version"));
        let by = idp.actor(anna).await;
        let support = idp::administration::StaffRoleChange {
            grant: vec![StaffRole::ProcessOwner],
            ..Default::default()
        };
        idp.acting(&by).change_staff_roles(new, &support).await.unwrap();
        let fields = [
            ("csrf_token", token.as_str()),
            ("version", version.as_str()),
            ("offered.ECB_AUDITOR", "held"),
            ("offered.ECB_SUPPORT", "none"),
            ("role.ECB_SUPPORT", "yes"),
        ];
        let stale = visitor.post(&path, &fields).await.expect(StatusCode::CONFLICT);
        let is_ticked = |name: &str| {
            let (_, rest) = stale.body.split_once(&format!("name=\"role.{name}\"")).unwrap();
            rest.split('>').next().unwrap().contains("checked")
        };
        assert!(is_ticked("ECB_SUPPORT"), "what was ticked: {}", stale.body);
        assert!(!is_ticked("ECB_AUDITOR"), "what was taken away");
        assert!(is_ticked(StaffRole::ProcessOwner.as_str()), "what somebody else gave");
    }
}
