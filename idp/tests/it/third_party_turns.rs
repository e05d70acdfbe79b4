//! What befalls a whole third party is told to everybody whom it concerns, and each has an entry in the trail.

use idp::administration::Merger;
use portal_core::{
    audit::{AuditAction, chain::Content},
    id::UserId,
    notice::NoticeKind,
    organisation::{LevelName, ThirdPartyStatus},
    permission::Sight,
};
use serde_json::{Value, json};
use storage::{AuditSearch, Notice};

use super::{access_requests::active, third_parties::BankE};
use crate::{harness::TestIdp, on_both_databases};

/// People of BANK E beside HUGO, more than are read at once.
const MANY: u64 = 1100;
const ON_SQLITE: &str = "INSERT INTO users (id, first_name, last_name, email, email_key, phone_sealed, \
    default_channel, credentials_changed_at, level_id, self_registered, status, locale, created_at, version, \
    first_name_key, last_name_key, access_version) \
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100) \
    SELECT randomblob(16), 'Many', 'Many', 'many-' || n || '@bank-e.example', 'many-' || n || '@bank-e.example', \
    phone_sealed, default_channel, 0, level_id, self_registered, status, locale, 0, 0, 'many', 'many', 0 \
    FROM users, numbers WHERE email_key = 'hugo@bank-e.example'";
const ON_POSTGRES: &str = "INSERT INTO users (id, first_name, last_name, email, email_key, phone_sealed, \
    default_channel, credentials_changed_at, level_id, self_registered, status, locale, created_at, version, \
    first_name_key, last_name_key, access_version) \
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100) \
    SELECT gen_random_uuid(), 'Many', 'Many', 'many-' || n || '@bank-e.example', 'many-' || n || '@bank-e.example', \
    phone_sealed, default_channel, 0, level_id, self_registered, status, locale, 0, 0, 'many', 'many', 0 \
    FROM users, numbers WHERE email_key = 'hugo@bank-e.example'";

async fn with_many(idp: &TestIdp) {
    let on_sqlite = idp.database.url().starts_with("sqlite");
    idp.execute(if on_sqlite { ON_SQLITE } else { ON_POSTGRES }).await;
    idp.execute(
        "INSERT INTO memberships (user_id, group_id, assigned_at) SELECT users.id, access_groups.id, 0 \
         FROM users, access_groups WHERE users.last_name_key = 'many'",
    )
    .await;
}

pub(crate) async fn entries(
    idp: &TestIdp,
    action: AuditAction,
    of: Option<UserId>,
) -> Vec<Content> {
    let search = AuditSearch {
        actions: vec![action],
        object: of.map(|user| format!("user:{user}")),
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 50_000).await.unwrap();
    found.into_iter().map(|entry| entry.content).collect()
}

pub(crate) async fn detail(idp: &TestIdp, action: AuditAction, of: UserId) -> Value {
    let found = entries(idp, action, Some(of)).await;
    assert_eq!(found.len(), 1, "{action:?}");
    serde_json::from_str(&found[0].detail).unwrap()
}

pub(crate) async fn notices(idp: &TestIdp, user: UserId, kind: NoticeKind) -> Vec<Notice> {
    let all = idp.app.store.list_notices(user, None, 50).await.unwrap();
    all.into_iter().filter(|notice| notice.kind == kind).collect()
}

on_both_databases! {
    async fn an_application_that_is_lost_is_told_to_whoever_held_something_in_it(idp) {
        let bank = BankE::new(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", bank.level).await;
        let casper = idp.app.store.find_application("CASPER").await.unwrap().unwrap();
        let foreseen = idp.app.store.count_access(bank.id, Some(casper.id)).await.unwrap();
        idp.acting(&bank.staff).offboard(bank.id, &casper, foreseen).await.unwrap();
        assert_eq!(detail(&idp, AuditAction::AccessEnded, bank.hugo).await, json!({
            "third_party": "BANK E, S.A.",
            "application": "CASPER",
            "groups": { "before": ["CASPER_WEB_DATA_SUBMITTER"], "after": [] },
            "roles": { "before": ["ApplicationAccessAdmin:CASPER"], "after": [] },
        }));
        let told = notices(&idp, bank.hugo, NoticeKind::ThirdPartyOffboarded).await;
        assert_eq!(told[0].facts["groups"], "CASPER_WEB_DATA_SUBMITTER, ApplicationAccessAdmin:CASPER");
        assert_eq!(told[0].facts["application"], "CASPER");
        assert!(told[0].facts.contains_key("by"));
        assert_eq!(entries(&idp, AuditAction::AccessEnded, None).await.len(), 1, "nobody else");
        assert!(notices(&idp, elsa, NoticeKind::ThirdPartyOffboarded).await.is_empty());
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn a_suspension_and_its_end_are_told_to_everybody_and_the_reason_to_administrators(idp) {
        let bank = BankE::new(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", bank.level).await;
        let staff = idp.acting(&bank.staff);
        staff.suspend_third_party(bank.id, bank.version(&idp).await, "sanctions").await.unwrap();
        let barred = detail(&idp, AuditAction::AccessBarred, bank.hugo).await;
        assert_eq!(barred["roles"]["after"], json!([]));
        let both = json!(["A-CASPER_WEB_DATA_SUBMITTER", "CASPER_WEB_DATA_SUBMITTER"]);
        assert_eq!(barred["groups"], json!({ "before": both, "after": [] }));
        let told = notices(&idp, bank.hugo, NoticeKind::ThirdPartySuspended).await;
        assert_eq!(told[0].facts["reason"], "sanctions");
        let told = notices(&idp, elsa, NoticeKind::ThirdPartySuspended).await;
        assert_eq!((told.len(), told[0].facts.contains_key("reason")), (1, false));
        assert_eq!(told[0].facts["groups"], "–", "nothing is held");
        staff.reactivate_third_party(bank.id, bank.version(&idp).await, "lifted").await.unwrap();
        let restored = detail(&idp, AuditAction::AccessRestored, bank.hugo).await;
        assert_eq!(restored["groups"], json!({ "before": [], "after": both }));
        assert_eq!(notices(&idp, elsa, NoticeKind::ThirdPartyReactivated).await.len(), 1);
    }
}

on_both_databases! {
    async fn a_merger_is_told_to_everybody_with_what_each_loses(idp) {
        let bank = BankE::new(&idp).await;
        let elsa = active(&idp, "elsa@bank-e.example", bank.level).await;
        let staff = idp.acting(&bank.staff);
        let (target, _) = idp.create_third_party("GRUPO", ThirdPartyStatus::Active).await;
        let test = idp.app.store.find_application("A-CASPER").await.unwrap().unwrap();
        idp.administration().onboard(target, &test).await.unwrap();
        let foreseen = staff.preview_merger(bank.id, target).await.unwrap().foreseen();
        let name = LevelName::parse("BANK E").unwrap();
        let merger = Merger { source: bank.id, target, name: &name, reason: "sold", foreseen };
        staff.merge_third_parties(&merger).await.unwrap();
        assert_eq!(detail(&idp, AuditAction::AccessEnded, bank.hugo).await, json!({
            "third_party": "BANK E, S.A.",
            "into": "GRUPO, S.A.",
            "groups": { "before": ["CASPER_WEB_DATA_SUBMITTER"], "after": [] },
            "roles": { "before": ["ApplicationAccessAdmin:CASPER", "DelegatedUserAdmin"], "after": [] },
        }));
        let told = notices(&idp, elsa, NoticeKind::ThirdPartyMerged).await;
        assert_eq!(told[0].facts["organisation"], "GRUPO, S.A.");
    }
}

on_both_databases! {
    async fn closing_tells_each_of_many_with_statements_that_do_not_grow_with_them(idp) {
        let bank = BankE::new(&idp).await;
        let invited = idp.create_user("invited@bank-e.example", bank.level, None).await;
        with_many(&idp).await;
        let staff = idp.acting(&bank.staff);
        let version = bank.version(&idp).await;
        let before = idp.app.store.statements_so_far();
        staff.close_third_party(bank.id, version, "licence withdrawn", None).await.unwrap();
        let statements = idp.app.store.statements_so_far() - before;
        assert!(statements < 60 + MANY / 20, "{statements} statements");
        let ended = entries(&idp, AuditAction::AccessEnded, None).await;
        assert_eq!(ended.len() as u64, MANY + 2);
        assert_eq!(detail(&idp, AuditAction::AccessEnded, invited).await, json!({
            "third_party": "BANK E, S.A.",
            "status": { "before": "INVITED", "after": "DELETED" },
        }));
        let one = ended.iter().find(|entry| entry.detail.contains("SSM-PORTAL_USER")).unwrap();
        let one: UserId = one.object.strip_prefix("user:").unwrap().parse().unwrap();
        let told = notices(&idp, one, NoticeKind::ThirdPartyClosed).await;
        let held = "A-CASPER_WEB_DATA_SUBMITTER, CASPER_WEB_DATA_SUBMITTER, SSM-PORTAL_USER";
        assert_eq!((told.len(), told[0].facts["groups"].as_str()), (1, held));
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
        let left = idp.app.store.count_access(bank.id, None).await.unwrap();
        assert_eq!((left.memberships, left.roles), (0, 0));
    }
}
