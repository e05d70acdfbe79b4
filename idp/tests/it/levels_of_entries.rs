//! At which level an entry of the trail is read: where those are who have to know, and no further below (I25).

use idp::administration::{AdministrationError, RoleChange, Rule, UserSave};
use portal_core::{
    audit::AuditAction,
    organisation::{LevelName, LevelPath},
    permission::{Sight, StaffRole},
};
use storage::AuditSearch;

use crate::{
    boundaries::{HIGH, appoint, somebody},
    harness::{HUGO, TestIdp},
    on_both_databases,
    roles::{USERS, account_of, save},
};

on_both_databases! {
    async fn what_the_operator_says_of_the_whole_third_party_is_not_read_below_its_top(idp) {
        let top = account_of(&idp, HUGO).await.level;
        let name = LevelName::parse("Branch").unwrap();
        let branch = idp.administration().create_level(top.id, &name).await.unwrap();
        let high = somebody(&idp, HIGH, branch, &[]).await;
        appoint(&idp, high, USERS, top.id).await;
        let boss = idp.staff("boss@operator.example", StaffRole::IdentityAdmin).await;
        let revoke = RoleChange { revoke: vec![USERS], orphan: Some("left the bank".into()), ..RoleChange::default() };
        save(&idp, boss, high, revoke).await.unwrap();
        let read = async |path: LevelPath| {
            let actions = vec![AuditAction::ThirdPartyOrphaned];
            let search = AuditSearch { actions, ..AuditSearch::within(Sight::Levels(vec![path])) };
            idp.app.store.list_audit(&search, None, 10).await.unwrap().len()
        };
        let below = account_of(&idp, HIGH).await.level.path;
        assert_eq!((read(top.path).await, read(below).await), (1, 0));
    }
}

on_both_databases! {
    async fn whoever_moves_is_seen_to_come_by_those_who_administer_there(idp) {
        let top = account_of(&idp, HUGO).await.level;
        let names = ["Here", "There"].map(|name| LevelName::parse(name).unwrap());
        let [here, there] = [&names[0], &names[1]];
        let here = idp.administration().create_level(top.id, here).await.unwrap();
        let there = idp.administration().create_level(top.id, there).await.unwrap();
        let user = somebody(&idp, "moves@bank-e.example", here, &[]).await;
        let account = account_of(&idp, "moves@bank-e.example").await;
        let details = TestIdp::new_user("moves@bank-e.example", there);
        let save = UserSave { version: account.user.version, details, link: [1; 32] };
        idp.administration().modify_user(user, &save).await.unwrap();
        let read = async |name: &str| {
            let path = LevelPath::from_stored(format!("{}/{name}", top.path.as_str()));
            let actions = vec![AuditAction::UserModified];
            let search = AuditSearch { actions, ..AuditSearch::within(Sight::Levels(vec![path])) };
            let found = idp.app.store.list_audit(&search, None, 10).await.unwrap();
            found.into_iter().map(|entry| entry.content.detail).collect::<Vec<_>>()
        };
        let (left, reached) = (read("Here").await, read("There").await);
        assert!(left.len() == 1 && left[0].contains("BANK E/There"), "{left:?}");
        assert!(reached.len() == 1 && reached[0].contains("BANK E/Here"), "{reached:?}");
        assert!(reached[0].contains(r#""arrives":true"#) && !left[0].contains("arrives"));
    }
}

on_both_databases! {
    /// I25: what people did at a level is read by it, also when everybody has gone.
    async fn a_level_where_people_were_administered_is_not_deleted(idp) {
        let top = account_of(&idp, HUGO).await.level;
        let administration = idp.administration();
        let branch = async |name: &str| {
            administration.create_level(top.id, &LevelName::parse(name).unwrap()).await.unwrap()
        };
        let (used, renamed) = (branch("Used").await, branch("New").await);
        somebody(&idp, HIGH, used, &[]).await;
        let account = account_of(&idp, HIGH).await;
        let details = TestIdp::new_user(HIGH, top.id);
        let save = UserSave { version: account.user.version, details, link: [0; 32] };
        administration.modify_user(account.user.id, &save).await.unwrap();
        let refused = administration.delete_level(used).await;
        assert!(matches!(refused, Err(AdministrationError::Rule(Rule::LevelNotEmpty))), "{refused:?}");
        administration.rename_level(renamed, "New", &LevelName::parse("Newer").unwrap()).await.unwrap();
        administration.delete_level(renamed).await.unwrap();
    }
}
