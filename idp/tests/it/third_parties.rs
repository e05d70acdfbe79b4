//! Third parties: what suspending, closing, merging and taking back do, on both databases.

use axum::http::StatusCode;
use idp::administration::{AdministrationError, Foreseen, Merger, Rule};
use portal_core::{
    account::UserStatus,
    email::EmailKey,
    id::{LevelId, ThirdPartyId, UserId},
    lei::Lei,
    organisation::{
        Administration as Administered, LevelName, LevelPath, ThirdPartyDetails, ThirdPartyStatus,
    },
    permission::{Actor, Denial, Sight, StaffRole},
};
use storage::{AccessCount, ThirdPartyFilter, ThirdPartyOrder, ThirdPartyPosition, ThirdPartySort};

use crate::{
    harness::{HUGO, TestIdp},
    on_both_databases,
};

/// BANK E, with HUGO as its administrator of users and of CASPER, and somebody of the staff.
pub(crate) struct BankE {
    pub(crate) id: ThirdPartyId,
    pub(crate) level: LevelId,
    pub(crate) hugo: UserId,
    pub(crate) staff: Actor,
}

impl BankE {
    pub(crate) async fn new(idp: &TestIdp) -> Self {
        let hugo = idp.app.store.find_account_by_email(&EmailKey::of(HUGO)).await.unwrap().unwrap();
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        idp.administration().grant_user_administrator(hugo.user.id).await.unwrap();
        idp.administration().grant_access_administrator(hugo.user.id, &casper).await.unwrap();
        let staff = idp.staff("staff@operator.example", StaffRole::IdentityAdmin).await;
        Self {
            id: hugo.third_party.unwrap().id,
            level: hugo.level.id,
            hugo: hugo.user.id,
            staff: idp.actor(staff).await,
        }
    }

    pub(crate) async fn version(&self, idp: &TestIdp) -> i64 {
        idp.app.store.find_third_party(self.id).await.unwrap().unwrap().version
    }
}

fn details(name: &str) -> ThirdPartyDetails {
    ThirdPartyDetails {
        legal_name: name.to_owned(),
        country: "ES".to_owned(),
        lei: Some(Lei::parse("DEMO006M1DUANGSM3Q90").unwrap()),
        kind: "bank".to_owned(),
        administration: Administered::Delegated,
        forbids_self_assignment: true,
        confirms_administrators: true,
    }
}

fn name(text: &str) -> LevelName {
    LevelName::parse(text).unwrap()
}

async fn path_of(idp: &TestIdp, id: LevelId) -> String {
    idp.app.store.find_level_by_id(id).await.unwrap().unwrap().path.to_string()
}

fn rule(error: AdministrationError) -> Rule {
    match error {
        AdministrationError::Rule(rule) => rule,
        other => panic!("{other}"),
    }
}

on_both_databases! {
    async fn of_two_who_modify_at_once_the_second_is_told(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let version = bank.version(&idp).await;
        let (one, two) = (details("One"), details("Two"));
        let (first, second) = tokio::join!(
            staff.modify_third_party(bank.id, version, &one),
            staff.modify_third_party(bank.id, version, &two)
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        assert!(matches!(first.or(second.and(Err(AdministrationError::Stale))), Ok(()) | Err(AdministrationError::Stale)));
        let stored = idp.app.store.find_third_party(bank.id).await.unwrap().unwrap();
        assert!(stored.forbids_self_assignment && stored.confirms_administrators);
    }
}

on_both_databases! {
    async fn only_staff_change_a_third_party(idp) {
        let bank = BankE::new(&idp).await;
        let hugo = idp.actor(bank.hugo).await;
        let refused = idp.acting(&hugo).suspend_third_party(bank.id, 0, "mine").await;
        assert!(matches!(refused, Err(AdministrationError::Denied(Denial::Forbidden))));
        let (other, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let refused = idp.acting(&hugo).modify_third_party(other, 0, &details("x")).await;
        assert!(matches!(refused, Err(AdministrationError::Denied(Denial::NotFound))));
    }
}

on_both_databases! {
    async fn a_level_that_is_renamed_takes_all_below_it_along(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let branch = staff.create_level(bank.level, &name("Branch_1%")).await.unwrap();
        let desk = staff.create_level(branch, &name("Desk")).await.unwrap();
        let beside = staff.create_level(bank.level, &name("Branch_1%s")).await.unwrap();
        staff.rename_level(branch, "Branch_1%", &name("Zweig Köln")).await.unwrap();
        assert_eq!(path_of(&idp, desk).await, "Root/BANK E/Zweig Köln/Desk");
        assert_eq!(path_of(&idp, beside).await, "Root/BANK E/Branch_1%s");
        let taken = staff.rename_level(beside, "Branch_1%s", &name("Zweig Köln")).await;
        assert_eq!(rule(taken.unwrap_err()), Rule::LevelNameTaken);
        let long = staff.rename_level(branch, "Zweig Köln", &name(&"x".repeat(80))).await;
        assert!(long.is_ok());
        let deep = staff.create_level(desk, &name(&"y".repeat(80))).await.unwrap();
        let deeper = staff.create_level(deep, &name(&"z".repeat(80))).await;
        assert_eq!(rule(deeper.unwrap_err()), Rule::LevelPathTooLong);
        let used = staff.delete_level(branch).await;
        assert_eq!(rule(used.unwrap_err()), Rule::LevelNotEmpty);
        staff.delete_level(beside).await.unwrap();
        let top = staff.delete_level(bank.level).await;
        assert_eq!(rule(top.unwrap_err()), Rule::LevelOfThirdParty);
    }
}

on_both_databases! {
    async fn an_onboarding_that_is_taken_back_takes_access_with_it_and_no_other(idp) {
        let bank = BankE::new(&idp).await;
        let store = &idp.app.store;
        let casper = store.find_application("CASPER").await.unwrap().unwrap();
        let test = store.find_application("A-CASPER").await.unwrap().unwrap();
        let before = store.count_access(bank.id, Some(casper.id)).await.unwrap();
        assert_eq!((before.memberships, before.roles), (1, 1));
        let other = AccessCount { memberships: 2, roles: 1 };
        let refused = idp.acting(&bank.staff).offboard(bank.id, &casper, other).await;
        assert!(matches!(refused, Err(AdministrationError::Stale)), "not what was announced");
        assert_eq!(store.count_access(bank.id, Some(casper.id)).await.unwrap(), before);
        idp.acting(&bank.staff).offboard(bank.id, &casper, before).await.unwrap();
        let holdings = store.holdings(bank.hugo, crate::harness::START).await.unwrap();
        assert!(!holdings.of(casper.id).opens("CASPER"));
        assert!(holdings.of(test.id).opens("A-CASPER"));
        let again = idp.acting(&bank.staff).offboard(bank.id, &casper, before).await;
        assert!(matches!(again, Err(AdministrationError::Missing(_))));
    }
}

on_both_databases! {
    async fn a_closed_third_party_is_over_for_good(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let invited = idp.create_user("invited@bank-e.example", bank.level, None).await;
        let (successor, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let version = bank.version(&idp).await;
        let own = staff.close_third_party(bank.id, version, "merged", Some(bank.id)).await;
        assert_eq!(rule(own.unwrap_err()), Rule::Successor);
        staff.close_third_party(bank.id, version, "licence withdrawn", Some(successor)).await.unwrap();
        let closed = idp.app.store.find_third_party(bank.id).await.unwrap().unwrap();
        assert_eq!((closed.status, closed.successor), (ThirdPartyStatus::Closed, Some(successor)));
        for (id, status) in [(bank.hugo, UserStatus::Suspended), (invited, UserStatus::Deleted)] {
            let account = idp.app.store.find_account(id).await.unwrap().unwrap();
            assert_eq!(account.user.status, status);
        }
        let left = idp.app.store.count_access(bank.id, None).await.unwrap();
        assert_eq!((left.memberships, left.roles), (0, 0));
        let again_open = staff.reactivate_third_party(bank.id, closed.version, "sorry").await;
        assert_eq!(rule(again_open.unwrap_err()), Rule::ThirdPartyStatus);
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        let onboarded = staff.onboard(bank.id, &casper).await;
        assert_eq!(rule(onboarded.unwrap_err()), Rule::ThirdPartyClosed);
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn a_merger_does_what_its_preview_says_and_its_people_administer_nothing_any_more(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let store = &idp.app.store;
        let test = store.find_application("A-CASPER").await.unwrap().unwrap();
        let (target, above) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        idp.administration().onboard(target, &test).await.unwrap();
        let desk = staff.create_level(bank.level, &name("Desk")).await.unwrap();
        staff.create_level(above, &name("BANK E")).await.unwrap();
        let preview = staff.preview_merger(bank.id, target).await.unwrap();
        assert_eq!((preview.people, preview.roles_revoked), (1, 2));
        assert!(preview.name_is_taken);
        let codes = |list: &[(portal_core::access::Application, u64)]| -> Vec<(String, u64)> {
            list.iter().map(|(application, count)| (application.code.clone(), *count)).collect()
        };
        assert_eq!(codes(&preview.kept), [("A-CASPER".to_owned(), 1)]);
        assert!(codes(&preview.lost).contains(&("CASPER".to_owned(), 1)));

        let (taken, free) = (name("BANK E"), name("BANK E 2"));
        let foreseen = preview.foreseen();
        let merger = Merger { source: bank.id, target, name: &taken, reason: "sold", foreseen };
        let clash = staff.merge_third_parties(&merger).await;
        assert_eq!(rule(clash.unwrap_err()), Rule::LevelNameTaken);
        assert_eq!(path_of(&idp, desk).await, "Root/BANK E/Desk", "all or nothing");
        let merger = Merger { name: &free, ..merger };
        for stale in [
            Foreseen { source_version: foreseen.source_version + 1, ..foreseen },
            Foreseen { target_version: foreseen.target_version + 1, ..foreseen },
            Foreseen { people: foreseen.people + 1, ..foreseen },
            Foreseen { roles_revoked: foreseen.roles_revoked + 1, ..foreseen },
            Foreseen { kept: foreseen.kept + 1, ..foreseen },
            Foreseen { lost: foreseen.lost + 1, ..foreseen },
        ] {
            let merger = Merger { foreseen: stale, ..merger };
            let refused = staff.merge_third_parties(&merger).await;
            assert!(matches!(refused, Err(AdministrationError::Stale)), "{stale:?}");
        }
        assert_eq!(path_of(&idp, desk).await, "Root/BANK E/Desk", "all or nothing");
        staff.merge_third_parties(&merger).await.unwrap();
        assert_eq!(path_of(&idp, desk).await, "Root/GRUPO/BANK E 2/Desk");
        let source = store.find_third_party(bank.id).await.unwrap().unwrap();
        assert_eq!((source.status, source.successor), (ThirdPartyStatus::Closed, Some(target)));
        assert_eq!(source.level, None);
        let hugo = store.find_account(bank.hugo).await.unwrap().unwrap();
        assert_eq!(hugo.third_party.as_ref().unwrap().id, target);
        let Actor::Person { roles, .. } = store.actor(&hugo).await.unwrap() else { panic!() };
        assert!(roles.is_empty());
        let holdings = store.holdings(bank.hugo, crate::harness::START).await.unwrap();
        let casper = store.find_application("CASPER").await.unwrap().unwrap();
        assert!(holdings.of(test.id).opens("A-CASPER") && !holdings.of(casper.id).opens("CASPER"));
        let again = staff.merge_third_parties(&merger).await;
        assert_eq!(rule(again.unwrap_err()), Rule::Merger);
    }
}

on_both_databases! {
    async fn whoever_comes_out_of_a_suspended_third_party_keeps_what_was_void_void(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let (target, _) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        let version = bank.version(&idp).await;
        staff.suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        let barred = idp.app.store.find_third_party(bank.id).await.unwrap().unwrap();
        let foreseen = staff.preview_merger(bank.id, target).await.unwrap().foreseen();
        let name = name("BANK E");
        let merger = Merger { source: bank.id, target, name: &name, reason: "sold", foreseen };
        staff.merge_third_parties(&merger).await.unwrap();
        let hugo = idp.app.store.find_account(bank.hugo).await.unwrap().unwrap();
        assert!(hugo.user.credentials_changed_at >= barred.barred_at.unwrap());
    }
}

on_both_databases! {
    async fn a_list_goes_on_where_it_stopped_and_shows_what_is_in_sight(idp) {
        let bank = BankE::new(&idp).await;
        for level in ["BANK_01", "BANK_02", "BANK_03"] {
            idp.create_third_party(level, ThirdPartyStatus::Active).await;
        }
        let store = &idp.app.store;
        let all = ThirdPartyFilter {
            name: String::new(), lei: String::new(), country: String::new(), status: None,
            sight: Sight::Everything,
        };
        let order = ThirdPartyOrder::default();
        let start = ThirdPartyPosition::Start;
        let first = store.list_third_parties(&all, order, &start, 2).await.unwrap();
        assert!(first.has_more);
        let (last, key) = first.rows.last().unwrap();
        let after = ThirdPartyPosition::After(key.clone(), last.id);
        let rest = store.list_third_parties(&all, order, &after, 2).await.unwrap();
        assert!(!rest.has_more);
        let both = first.rows.iter().chain(&rest.rows);
        let names: Vec<&str> = both.map(|(one, _)| one.legal_name.as_str()).collect();
        assert_eq!(names, ["BANK E, S.A.", "BANK_01, S.A.", "BANK_02, S.A.", "BANK_03, S.A."]);
        let (begin, key) = &rest.rows[0];
        let before = ThirdPartyPosition::Before(key.clone(), begin.id);
        let backwards = store.list_third_parties(&all, order, &before, 2).await.unwrap();
        assert_eq!(backwards.rows, first.rows);
        let count = async |filter: ThirdPartyFilter| {
            store.list_third_parties(&filter, order, &start, 9).await.unwrap().rows.len()
        };
        let found = ThirdPartyFilter { name: "nk_02".to_owned(), ..all.clone() };
        assert_eq!(count(found).await, 1, "_ stands for itself");
        let own = store.find_level_by_id(bank.level).await.unwrap().unwrap().path;
        assert_eq!(count(ThirdPartyFilter { sight: Sight::Levels(vec![own]), ..all.clone() }).await, 1);
        assert_eq!(count(ThirdPartyFilter { sight: Sight::Levels(vec![]), ..all }).await, 0);
        assert!(store.find_level(&LevelPath::root()).await.unwrap().is_some());
    }
}

on_both_databases! {
    async fn a_suspension_ends_sessions_on_every_node_at_once_and_coming_back_revives_none(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let mut here = idp.signed_in(HUGO).await;
        let mut there = idp.visitor_of_another_node().await;
        there.cookies = here.cookies.clone();
        there.get("/apps").await.expect(StatusCode::OK);
        let version = bank.version(&idp).await;
        staff.suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        for node in [&mut here, &mut there] {
            assert_eq!(node.get("/apps").await.location(), "/login");
        }
        let version = bank.version(&idp).await;
        let again_open = staff.reactivate_third_party(bank.id, version, "lifted").await.unwrap();
        assert_eq!(again_open, ThirdPartyStatus::Active);
        for node in [&mut here, &mut there] {
            assert_eq!(node.get("/apps").await.location(), "/login", "the old session stays dead");
        }
        idp.clock.advance_seconds(1);
        idp.signed_in(HUGO).await.get("/apps").await.expect(StatusCode::OK);
        assert_eq!(idp::jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 0);
    }
}

on_both_databases! {
    async fn a_login_that_waited_for_its_code_is_over_after_a_suspension(idp) {
        let bank = BankE::new(&idp).await;
        let staff = idp.acting(&bank.staff);
        let mut visitor = idp.visitor();
        visitor.give_password("/login", HUGO, crate::harness::PASSWORD).await;
        let (_, code) = idp.inbox.newest_code();
        let version = bank.version(&idp).await;
        staff.suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        let version = bank.version(&idp).await;
        staff.reactivate_third_party(bank.id, version, "lifted").await.unwrap();
        let page = visitor.get("/login/code").await;
        if page.status == StatusCode::OK {
            let token = page.field("csrf_token").unwrap();
            let answer = visitor.post("/login/code", &[("csrf_token", &token), ("code", &code)]).await;
            assert_ne!(answer.headers.get("location").map(|to| to.to_str().unwrap()), Some("/apps"));
        }
        assert_eq!(visitor.get("/apps").await.location(), "/login");
    }
}

on_both_databases! {
    async fn sessions_of_a_suspended_third_party_are_ended_in_the_open(idp) {
        let bank = BankE::new(&idp).await;
        idp.signed_in(HUGO).await;
        let woken = idp.app.store.people_barred();
        let version = bank.version(&idp).await;
        idp.acting(&bank.staff).suspend_third_party(bank.id, version, "sanctions").await.unwrap();
        woken.notified().await;
        assert_eq!(idp::jobs::sessions::end_sessions_that_are_over(&idp.app).await.unwrap(), 1);
    }
}

on_both_databases! {
    async fn a_list_in_any_order_shows_each_third_party_once_page_by_page_and_back(idp) {
        let staff = BankE::new(&idp).await.staff;
        let leis = ["DEMO006M1DUANGSM3Q90", "DEMO00PM4AY8ECIQLM84", "DEMO00B7MOGM0LQICZ66"];
        for (place, lei) in leis.iter().enumerate() {
            let (id, _) = idp.create_third_party(&format!("BANK_0{place}"), ThirdPartyStatus::Active).await;
            let details = ThirdPartyDetails {
                lei: Some(Lei::parse(lei).unwrap()),
                country: if place == 1 { "AT".to_owned() } else { "ES".to_owned() },
                ..details(&format!("Élan {place}"))
            };
            idp.acting(&staff).modify_third_party(id, 0, &details).await.unwrap();
        }
        let store = &idp.app.store;
        let all = ThirdPartyFilter {
            name: String::new(), lei: String::new(), country: String::new(), status: None,
            sight: Sight::Everything,
        };
        for by in [ThirdPartySort::LegalName, ThirdPartySort::Lei, ThirdPartySort::Country, ThirdPartySort::Status] {
            for descending in [false, true] {
                let order = ThirdPartyOrder { by, descending };
                let whole = store.list_third_parties(&all, order, &ThirdPartyPosition::Start, 9).await.unwrap();
                assert_eq!(whole.rows.len(), 4, "{order:?}");
                let mut position = ThirdPartyPosition::Start;
                for row in &whole.rows {
                    let page = store.list_third_parties(&all, order, &position, 1).await.unwrap();
                    assert_eq!(page.rows, std::slice::from_ref(row), "{order:?}");
                    position = ThirdPartyPosition::After(row.1.clone(), row.0.id);
                }
                let (last, key) = &whole.rows[3];
                let before = ThirdPartyPosition::Before(key.clone(), last.id);
                let back = store.list_third_parties(&all, order, &before, 2).await.unwrap();
                assert_eq!(back.rows, whole.rows[1..3], "{order:?}");
            }
        }
        let by_country = ThirdPartyOrder { by: ThirdPartySort::Country, descending: false };
        let first = store.list_third_parties(&all, by_country, &ThirdPartyPosition::Start, 1).await.unwrap();
        assert_eq!(first.rows[0].0.country, "AT");
        let short = ThirdPartyFilter { name: "bank_01".to_owned(), ..all.clone() };
        let found = store.list_third_parties(&short, by_country, &ThirdPartyPosition::Start, 9).await.unwrap();
        assert_eq!(found.rows.len(), 1, "found by the name of its level");
        assert_eq!(store.count_third_parties(&all, 3).await.unwrap(), storage::Found::MoreThan(3));
        assert_eq!(store.count_third_parties(&all, 4).await.unwrap(), storage::Found::Exactly(4));
    }
}
