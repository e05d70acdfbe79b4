//! Why somebody has access, who has, and who had on a day: within the reader's sight, on screen and as a file.

use axum::http::{StatusCode, header};
use idp::administration::{Administration, MembershipSave, RoleChange};
use portal_core::{
    administrators::RoleKind,
    audit::Origin,
    email::EmailKey,
    id::{NominationId, UserId},
    membership::Staged,
    organisation::ThirdPartyStatus,
    permission::StaffRole,
};
use storage::Account;

use crate::{
    harness::{HUGO, TestIdp},
    nomination_form::Filled,
    nominations::{Dunav, version_of},
    on_both_databases,
};

const DAA: &str = "daa@bank-e.example";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";

async fn account(idp: &TestIdp, email: &str) -> Account {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap()
}

async fn access_administrator(idp: &TestIdp, email: &str) -> UserId {
    let level = account(idp, HUGO).await.level.id;
    let user = idp.create_user(email, level, None).await;
    idp.activate(user).await;
    let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
    idp.administration().grant_access_administrator(user, &casper).await.unwrap();
    user
}

/// Assigns or removes CASPER for somebody, in the name of an administrator.
async fn save(idp: &TestIdp, by: UserId, user: UserId, is_given: bool) {
    let group = idp.app.store.find_group(CASPER).await.unwrap().unwrap().id;
    let actor = idp.app.store.find_account(by).await.unwrap().unwrap();
    let actor = idp.app.store.actor(&actor).await.unwrap();
    let administration = Administration {
        store: &idp.app.store,
        actor: &actor,
        now: idp.app.now(),
        origin: Origin::default(),
    };
    let staged = if is_given {
        Staged { additions: [(group, None)].into(), ..Staged::default() }
    } else {
        Staged { removals: [group].into(), ..Staged::default() }
    };
    let save = MembershipSave { known_version: None, staged };
    administration.save_memberships(user, &save).await.unwrap();
}

on_both_databases! {
    async fn a_membership_leads_back_to_who_gave_it_and_under_which_role(idp) {
        let daa = access_administrator(&idp, DAA).await;
        let level = account(&idp, HUGO).await.level.id;
        let user = idp.create_user("user@bank-e.example", level, None).await;
        save(&idp, daa, user, true).await;
        let mut visitor = idp.signed_in(DAA).await;
        let page = visitor.get(&format!("/users/{user}/why")).await.expect(StatusCode::OK);
        assert!(page.body.contains("by Hugo Belmonte, ApplicationAccessAdmin for CASPER since"), "{}", page.body);
        assert!(page.body.contains("when the portal was set up"), "{}", page.body);
        assert!(!page.body.contains("nomination"), "set-up made the administrator, and no nomination");
        let hugo = account(&idp, HUGO).await.user.id;
        let page = visitor.get(&format!("/users/{hugo}/why")).await.expect(StatusCode::OK);
        assert!(page.body.contains("when the portal was set up"));
    }
}

/// A nomination handed in by link, taken in review and confirmed by two of the staff; what its administrator of users
/// gave to another.
async fn dunav_by_nomination(idp: &TestIdp) -> (Dunav, NominationId) {
    let dunav = Dunav::new(idp).await;
    for sql in [
        "UPDATE users SET last_name = 'Filer' WHERE email = 'filer@operator.example'",
        "UPDATE users SET last_name = 'Prima' WHERE email = 'first@operator.example'",
        "UPDATE users SET last_name = 'Secunda' WHERE email = 'second@operator.example'",
    ] {
        idp.execute(sql).await;
    }
    let (id, link) = Filled::invite(idp, &dunav).await;
    let mut milena = idp.visitor();
    milena.get(&link).await.expect(StatusCode::SEE_OTHER);
    Filled::whole().save(&mut milena, "save").await.expect(StatusCode::SEE_OTHER);
    let review = milena.get("/nominate/review").await.expect(StatusCode::OK);
    let hidden = ["csrf_token", "nomination", "seen"];
    let hidden = hidden.map(|name| (name, review.field(name).unwrap_or_default()));
    let mut fields: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("declaration", "given"));
    milena.post("/nominate/submit", &fields).await.expect(StatusCode::SEE_OTHER);
    idp.clock.advance_seconds(60);
    let version = version_of(idp, id).await;
    idp.acting(&dunav.first).review_nomination(id, version).await.unwrap();
    for actor in [&dunav.first, &dunav.second] {
        let at = (id, version_of(idp, id).await);
        idp.acting(actor).confirm_nomination(at, &[[1; 32], [2; 32], [3; 32]]).await.unwrap();
    }
    (dunav, id)
}

on_both_databases! {
    async fn a_nominated_role_leads_back_to_who_signed_filed_reviewed_and_confirmed(idp) {
        let (dunav, id) = dunav_by_nomination(&idp).await;
        let nominated = idp.app.store.list_nominees(id).await.unwrap();
        let dua = nominated.iter().find(|one| one.is_user_administrator).unwrap().email.as_str();
        let dua_id = account(&idp, dua).await.user.id;
        idp.activate(dua_id).await;
        let other = idp.create_user("other@dunav.example", dunav.level, None).await;
        let actor = idp.actor(dua_id).await;
        let grant = vec![RoleKind::UserAdministrator];
        let change = RoleChange { grant, ..RoleChange::default() };
        idp.acting(&actor).change_roles(other, &change).await.unwrap();
        let chain = [
            "DelegatedUserAdmin since",
            "by a nomination that the ECB confirmed",
            "Signed and handed in on",
            "by Milena Hristova",
            "whom Hugo Filer had invited",
            "Taken in review by Hugo Prima",
            "by Hugo Prima",
            "by Hugo Secunda",
        ];
        let link = format!("href=\"/nominations/{id}\"");
        let mut dua = idp.signed_in(dua).await;
        let page = dua.get(&format!("/users/{other}/why")).await.expect(StatusCode::OK);
        for part in chain {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert_eq!(page.body.matches("Confirmed on").count(), 2, "four eyes: {}", page.body);
        assert!(!page.body.contains(&link), "not theirs to see");
        let mut staff = idp.signed_in("second@operator.example").await;
        let page = staff.get(&format!("/users/{other}/why")).await.expect(StatusCode::OK);
        assert!(page.body.contains(&link) && page.body.contains("Hugo Secunda"), "{}", page.body);
        assert!(!page.body.contains("set up"));
    }
}

on_both_databases! {
    async fn nobody_asks_beyond_the_own_sight(idp) {
        access_administrator(&idp, DAA).await;
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let foreign = idp.create_user("foreign@bank-01.example", elsewhere, None).await;
        let mut visitor = idp.signed_in(DAA).await;
        for address in [
            format!("/users/{foreign}/why"),
            format!("/access/matrix?level={elsewhere}"),
            format!("/access/matrix.csv?level={elsewhere}"),
            format!("/access/on?level={elsewhere}&application=CASPER&date=2026-11-21"),
            format!("/access/on.csv?level={elsewhere}&application=CASPER&date=2026-11-21"),
        ] {
            visitor.get(&address).await.expect(StatusCode::NOT_FOUND);
        }
        let matrix = visitor.get("/access/matrix").await.expect(StatusCode::OK);
        assert!(matrix.body.contains(HUGO) && !matrix.body.contains("foreign@bank-01.example"));
        let mut hugo = idp.signed_in(HUGO).await;
        for address in ["/access/matrix", "/access/matrix.csv", "/access/on", "/access/on.csv"] {
            hugo.get(address).await.expect(StatusCode::NOT_FOUND);
        }
    }
}

on_both_databases! {
    async fn who_could_on_a_day_counts_what_has_ended_since(idp) {
        let daa = access_administrator(&idp, DAA).await;
        let hugo = account(&idp, HUGO).await.user.id;
        save(&idp, daa, hugo, false).await;
        let mut visitor = idp.signed_in(DAA).await;
        let on = |date: &str| format!("/access/on?application=CASPER&date={date}&level=");
        for (date, is_listed) in
            [("2026-11-19", false), ("2026-11-20", true), ("2026-11-21", true), ("2026-11-22", false)]
        {
            let page = visitor.get(&on(date)).await.expect(StatusCode::OK);
            let is_there = page.body.contains(HUGO) && page.body.contains(CASPER);
            assert_eq!(is_there, is_listed, "{date}: {}", page.body);
        }
        let other = visitor.get("/access/on?application=SSM-PORTAL&date=2026-11-20").await;
        assert!(!other.body.contains(HUGO), "it was access to another application");
        let page = visitor.get(&on("20.11.2026")).await.expect(StatusCode::OK);
        assert!(page.body.contains("aria-invalid"));
        let file = visitor.get("/access/on.csv?application=CASPER&date=2026-11-20").await.expect(StatusCode::OK);
        assert!(file.body.contains(HUGO) && file.body.contains(CASPER));
    }
}

on_both_databases! {
    async fn the_matrix_leaves_as_a_file_that_is_written_down(idp) {
        access_administrator(&idp, DAA).await;
        let mut visitor = idp.signed_in(DAA).await;
        let page = visitor.get("/access/matrix?application=CASPER").await.expect(StatusCode::OK);
        assert!(page.body.contains(CASPER) && !page.body.contains("A-CASPER_WEB_DATA_SUBMITTER"));
        let (_, before) = idp.app.store.verify_audit().await.unwrap();
        let file = visitor.get("/access/matrix.csv").await.expect(StatusCode::OK);
        let kind = file.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(kind.starts_with("text/csv"), "{kind}");
        assert!(file.headers.get(header::CONTENT_DISPOSITION).unwrap().to_str().unwrap().starts_with("attachment"));
        let lines: Vec<&str> = file.body.lines().collect();
        assert!(lines[0].contains("A-CASPER") && lines.iter().any(|line| line.contains(HUGO)), "{}", file.body);
        assert!(file.body.contains("ApplicationAccessAdmin"));
        assert_eq!(idp.app.store.verify_audit().await.unwrap(), (None, before + 1));
    }
}

on_both_databases! {
    async fn whoever_may_not_take_a_list_along_is_offered_no_file(idp) {
        access_administrator(&idp, DAA).await;
        idp.staff("sue@operator.example", StaffRole::Support).await;
        let day = "application=CASPER&date=2026-11-20";
        for (email, is_offered) in [(DAA, true), ("sue@operator.example", false)] {
            let mut visitor = idp.signed_in(email).await;
            for page in ["/access/matrix?", "/access/on?"] {
                let body = visitor.get(&format!("{page}{day}")).await.expect(StatusCode::OK).body;
                assert_eq!(body.contains("id=\"download\""), is_offered, "{email} {page}: {body}");
            }
        }
    }
}
