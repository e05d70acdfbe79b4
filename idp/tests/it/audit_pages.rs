//! The audit trail on its pages and as files: who sees what of it (O20), filtered, and never more than that.

use axum::http::{Method, StatusCode};
use idp::{administration::RoleChange, audit::Notary};
use portal_core::{
    administrators::RoleKind,
    audit::{AuditAction, AuditActor, AuditEvent, Origin, export::Proved},
    email::EmailKey,
    id::{LevelId, UserId},
    organisation::{LevelPath, ThirdPartyStatus},
    permission::StaffRole,
};
use serde_json::{Value, json};
use storage::Account;

use crate::harness::{HUGO, Page, TestIdp, Visitor};
use crate::on_both_databases;

const DUA: &str = "ines@bank-e.example";
const STRANGER: &str = "canary@bank-01.example";
const AUDITOR: &str = "anselm@ecb.example";

/// BANK E with an administrator, another bank with somebody in it, and an auditor of the operator.
struct World {
    idp: TestIdp,
    bank_e: LevelId,
    other_bank: LevelId,
    stranger: UserId,
}

impl World {
    async fn new(idp: TestIdp) -> Self {
        let bank_e = account(&idp, HUGO).await.level.id;
        let (_, other_bank) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap().id;
        let dua = idp.create_user(DUA, bank_e, None).await;
        let stranger = idp.create_user(STRANGER, other_bank, None).await;
        let auditor = idp.create_user(AUDITOR, root, None).await;
        for user in [dua, stranger, auditor] {
            idp.activate(user).await;
        }
        let grant = RoleChange { grant: vec![RoleKind::of(None)], ..RoleChange::default() };
        idp.administration().change_roles(dua, &grant).await.unwrap();
        idp.administration().grant_staff_role(auditor, StaffRole::Auditor).await.unwrap();
        idp.signed_in(STRANGER).await;
        Self { idp, bank_e, other_bank, stranger }
    }

    /// Writes an entry as some other part of the portal would.
    async fn note(&self, action: AuditAction, object: &str, level: Option<LevelId>, detail: Value) {
        let tx = self.idp.app.store.begin().await.unwrap();
        let event = AuditEvent {
            at: self.idp.app.now(),
            actor: AuditActor::System,
            action,
            object: object.to_owned(),
            level_id: level,
            detail,
            origin: Origin {
                ip: Some("192.0.2.7".to_owned()),
                request_id: Some("00000000deadbeef".to_owned()),
            },
        };
        tx.append_audit(&event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn proved(&self, export: &str) -> Proved {
        let trusted = Notary::of(&self.idp.app).trusted().await.unwrap();
        trusted.prove(export.as_bytes()).unwrap().unwrap()
    }
}

async fn account(idp: &TestIdp, email: &str) -> Account {
    let found = idp.app.store.find_account_by_email(&EmailKey::of(email)).await;
    found.unwrap().unwrap()
}

/// The numbers of the entries on a page, in its order.
fn numbers(page: &Page) -> Vec<i64> {
    let rows = page.body.split("<tr id=\"entry-").skip(1);
    rows.map(|row| row.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Where the link with an id leads.
fn link(page: &Page, id: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"{id}\""))?;
    let (_, rest) = rest.split_once("href=\"")?;
    Some(rest.split('"').next().unwrap().replace("&#38;", "&"))
}

/// All numbers from the first page to the last.
async fn walk(visitor: &mut Visitor, from: &str) -> Vec<i64> {
    let (mut all, mut next) = (Vec::new(), Some(from.to_owned()));
    while let Some(address) = next {
        let page = visitor.get(&address).await.expect(StatusCode::OK);
        all.extend(numbers(&page));
        next = link(&page, "audit-older");
    }
    all
}

async fn download(visitor: &mut Visitor, fields: &[(&str, &str)]) -> Page {
    visitor.fill_in("/audit", "/audit/export", fields).await
}

on_both_databases! {
    async fn an_administrator_sees_the_own_level_and_the_auditor_everything(idp) {
        let world = World::new(idp).await;
        world.note(AuditAction::UserSuspended, "user:x", Some(world.other_bank), json!({ "reason": "canary-reason" })).await;
        world.note(AuditAction::RegistryChanged, "registry", None, json!({ "name": "canary-registry" })).await;
        let end = world.idp.app.store.audit_end().await.unwrap().seq;
        let mut dua = world.idp.signed_in(DUA).await;
        let mut auditor = world.idp.signed_in(AUDITOR).await;

        let own = walk(&mut dua, "/audit").await;
        let all = walk(&mut auditor, "/audit").await;
        assert!(all.len() as u64 >= end.unsigned_abs(), "{} of {end}", all.len());
        assert!(own.len() > 5 && own.len() < all.len());
        let pages = dua.get("/audit").await.expect(StatusCode::OK).body;
        let stranger = world.stranger.to_string();
        for canary in [STRANGER, stranger.as_str(), "canary-reason", "canary-registry", "BANK_01"] {
            assert!(!pages.contains(canary), "{canary}");
        }
        // A filter leads no further, neither by the level of another bank nor by a person in it.
        let foreign = format!("/audit?level={}", world.other_bank);
        dua.get(&foreign).await.expect(StatusCode::NOT_FOUND);
        let nowhere = format!("/audit?level={}", uuid::Uuid::new_v4());
        dua.get(&nowhere).await.expect(StatusCode::NOT_FOUND);
        for filter in [format!("whom={STRANGER}"), format!("whom={stranger}"), format!("who={stranger}"), "whom=registry".to_owned()] {
            let page = dua.get(&format!("/audit?{filter}")).await.expect(StatusCode::OK);
            assert_eq!(numbers(&page), Vec::<i64>::new(), "{filter}");
        }
        let page = auditor.get(&format!("/audit?whom={STRANGER}")).await.expect(StatusCode::OK);
        assert!(!numbers(&page).is_empty());
        assert_eq!(walk(&mut auditor, &foreign).await.len(), {
            let within = format!("/audit?level={}&what=login", world.other_bank);
            let logins = walk(&mut auditor, &within).await.len();
            assert!(logins > 0);
            walk(&mut auditor, &format!("/audit?level={}", world.other_bank)).await.len()
        });
    }
}

on_both_databases! {
    async fn pages_show_each_entry_once_newest_first(idp) {
        let world = World::new(idp).await;
        for number in 0..60 {
            world.note(AuditAction::UserModified, "user:x", Some(world.bank_e), json!({ "number": number })).await;
            if number % 7 == 0 {
                world.idp.clock.advance_seconds(1);
            }
        }
        let mut dua = world.idp.signed_in(DUA).await;
        let seen = walk(&mut dua, "/audit").await;
        let mut sorted = seen.clone();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        sorted.dedup();
        assert_eq!(seen, sorted);
        assert_eq!(walk(&mut dua, "/audit?what=user&whom=user:x").await.len(), 60);

        // A cursor is good for its person and its filter only: otherwise the list begins at its first page.
        let first = dua.get("/audit").await;
        let older = link(&first, "audit-older").unwrap();
        let second = dua.get(&older).await;
        assert_ne!(numbers(&first), numbers(&second));
        assert_eq!(link(&second, "audit-newest").as_deref(), Some("/audit"));
        let (_, cursor) = older.split_once("page=").unwrap();
        let elsewhere = dua.get(&format!("/audit?what=user&page={cursor}")).await;
        assert_eq!(numbers(&elsewhere), numbers(&dua.get("/audit?what=user").await));
        let mut auditor = world.idp.signed_in(AUDITOR).await;
        assert_eq!(numbers(&auditor.get(&older).await), numbers(&auditor.get("/audit").await));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list_and_say_what_is_wrong_with_them() {
    let world = World::new(TestIdp::start().await).await;
    let mut dua = world.idp.signed_in(DUA).await;
    let all = walk(&mut dua, "/audit").await.len();
    // Set-up was the day before.
    let before = walk(&mut dua, "/audit?to=2026-11-20").await.len();
    let since = walk(&mut dua, "/audit?from=2026-11-21").await.len();
    assert!(before > 0 && since > 0);
    assert_eq!(before + since, all);
    assert_eq!(walk(&mut dua, "/audit?from=2026-11-20&to=2026-11-21").await.len(), all);
    let of_hugo = walk(&mut dua, &format!("/audit?whom={HUGO}")).await.len();
    assert!(of_hugo > 0 && of_hugo < all);
    assert!(walk(&mut dua, "/audit?who=system&what=membership").await.len() >= 2);
    assert_eq!(walk(&mut dua, "/audit?who=nobody@bank-e.example").await.len(), 0);

    for (query, id) in [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-21&to=2026-11-20", "to"),
    ] {
        let page =
            dua.get(&format!("/audit?{query}")).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.body.contains(&format!("aria-describedby=\"{id}-error")),
            "{query}: {}",
            page.body
        );
        assert_eq!(numbers(&page), Vec::<i64>::new(), "{query}");
    }
    let long = "x".repeat(300);
    for query in ["what=moon".to_owned(), "who=%00".to_owned(), format!("whom={long}")] {
        dua.get(&format!("/audit?{query}")).await.expect(StatusCode::BAD_REQUEST);
    }
    for hostile in ["who=%27%20OR%201%3D1--", "whom=%25", "whom=user%3A%25"] {
        assert_eq!(walk(&mut dua, &format!("/audit?{hostile}")).await.len(), 0, "{hostile}");
    }
    dua.get("/audit?level=nonsense").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_tells_before_and_after_and_whom_in_words() {
    let world = World::new(TestIdp::start().await).await;
    let user = account(&world.idp, HUGO).await.user;
    let hugo = user.id;
    let detail = json!({
        "last_name": { "before": "<script>", "after": "Belmonte" },
        "reason": "=HYPERLINK(\"x\")",
    });
    world
        .note(AuditAction::UserModified, &format!("user:{hugo}"), Some(world.bank_e), detail)
        .await;
    let mut dua = world.idp.signed_in(DUA).await;
    let page = dua.get("/audit?what=user").await.expect(StatusCode::OK).body;
    for part in [
        "Account changed",
        "Hugo Belmonte",
        HUGO,
        "Last name",
        "&#60;script&#62;",
        "The portal",
        "BANK E",
        "00000000deadbeef",
        "192.0.2.7",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script>"));

    // A deleted person is a former user, whose entries stay.
    world.idp.administration().delete_user(hugo, user.version, None).await.unwrap();
    let page = dua.get(&format!("/audit?whom={hugo}")).await.expect(StatusCode::OK).body;
    assert!(page.contains("Former user") && page.contains("Account deleted"), "{page}");
    let (_, content) = page.split_once("<main").unwrap();
    assert!(!content.contains("Hugo Belmonte"), "{page}");
}

on_both_databases! {
    async fn a_file_proves_itself_and_holds_nothing_of_others(idp) {
        let world = World::new(idp).await;
        world.note(AuditAction::UserSuspended, &format!("user:{}", world.stranger), Some(world.other_bank), json!({ "reason": "canary-reason" })).await;
        let mut dua = world.idp.signed_in(DUA).await;
        let seen = walk(&mut dua, "/audit").await;
        let file = download(&mut dua, &[("format", "json")]).await.expect(StatusCode::OK);
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"audit.jsonl\"");
        let proved = world.proved(&file.body).await;
        // What is shown is what the page shows, and the entry of the taking itself.
        assert_eq!((proved.first, proved.shown), (1, seen.len() as u64 + 1));
        let stranger = world.stranger.to_string();
        let level = world.other_bank.to_string();
        for canary in [STRANGER, stranger.as_str(), level.as_str(), "canary-reason"] {
            assert!(!file.body.contains(canary), "{canary}");
        }
        // Whoever takes a file is in the trail, for the own level to see.
        let newest = &walk(&mut dua, "/audit?what=audit").await;
        assert_eq!(newest.len(), 1);
        let page = dua.get("/audit?what=audit").await.body;
        assert!(page.contains("Audit trail downloaded") && page.contains(DUA), "{page}");

        // The auditor has everything, and a filter leaves out the beginning.
        let mut auditor = world.idp.signed_in(AUDITOR).await;
        let file = download(&mut auditor, &[("format", "json")]).await.expect(StatusCode::OK);
        assert!(file.body.contains("canary-reason"));
        let proved = world.proved(&file.body).await;
        assert_eq!(proved.shown, proved.last.unsigned_abs());
        world.note(AuditAction::UserUnlocked, "user:x", Some(world.other_bank), json!({})).await;
        let filter = [("format", "json"), ("what", "user"), ("whom", "user:x")];
        let file = download(&mut auditor, &filter).await.expect(StatusCode::OK);
        let part = world.proved(&file.body).await;
        assert_eq!(part.shown, 1);
        assert_eq!(part.first, proved.last + 1, "it begins after the checkpoint before");
        let nothing = [("format", "json"), ("whom", "user:nobody-at-all")];
        let file = download(&mut auditor, &nothing).await.expect(StatusCode::OK);
        assert_eq!(world.proved(&file.body).await.shown, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_for_people_computes_nothing_and_speaks_their_language() {
    let world = World::new(TestIdp::start().await).await;
    let detail = json!({ "reason": "x" });
    world.note(AuditAction::UserModified, "=cmd()", Some(world.bank_e), detail).await;
    let mut dua = world.idp.signed_in(DUA).await;
    let file =
        download(&mut dua, &[("format", "csv"), ("what", "user")]).await.expect(StatusCode::OK);
    let lines: Vec<&str> = file.body.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Number,When,"), "{}", lines[0]);
    let row = lines.iter().find(|line| line.contains("cmd()")).unwrap();
    assert!(row.contains("'=cmd()") && row.contains("2026-11-21T12:00:00.000Z"), "{row}");
    assert!(row.contains("Account changed,user.modified,The portal,"), "{row}");
    assert!(!file.body.contains(STRANGER));
    for odd in [[("format", "xml")].as_slice(), &[("format", "csv"), ("from", "x")]] {
        download(&mut dua, odd).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let foreign = world.other_bank.to_string();
    let foreign = [("format", "csv"), ("level", foreign.as_str())];
    download(&mut dua, &foreign).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_the_own_activity_and_not_the_trail() {
    let world = World::new(TestIdp::start().await).await;
    let hugo = account(&world.idp, HUGO).await.user.id;
    world
        .note(AuditAction::UserUnlocked, &format!("user:{hugo}"), Some(world.bank_e), json!({}))
        .await;
    world
        .note(
            AuditAction::UserModified,
            &format!("user:{}", world.stranger),
            Some(world.bank_e),
            json!({ "x": "canary" }),
        )
        .await;
    let mut visitor = world.idp.signed_in(HUGO).await;
    visitor.get("/audit").await.expect(StatusCode::FORBIDDEN);
    let csrf = visitor.get("/profile").await.field("csrf_token").unwrap();
    let taken = [("csrf_token", csrf.as_str()), ("format", "json")];
    visitor.post("/audit/export", &taken).await.expect(StatusCode::FORBIDDEN);
    let page = visitor.get("/profile").await.body;
    assert!(!page.contains("href=\"/audit\"") && page.contains("href=\"/profile/activity\""));
    let page = visitor.get("/profile/activity").await.expect(StatusCode::OK).body;
    for part in
        ["Signed in", "Account unlocked", "Membership assigned", "aria-current=\"page\">Activity"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("canary"));
    // Names and words in the reader's language.
    let german = visitor.send(
        Method::GET,
        "/profile/activity",
        &[("accept-language", "de")],
        axum::body::Body::empty(),
    );
    assert!(german.await.body.contains("Konto entsperrt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_would_go_too_far_is_refused_and_not_written_down() {
    use idp::audit::{
        AuditError,
        export::{Export, ExportFormat, ExportLimit, ExportRequest},
    };
    let world = World::new(TestIdp::start().await).await;
    let end = world.idp.app.store.audit_end().await.unwrap();
    let request = |format, shown, covered| ExportRequest {
        search: storage::AuditSearch::within(portal_core::permission::Sight::Everything),
        filter: json!({}),
        format,
        texts: idp::texts::Texts::english(),
        actor: AuditActor::System,
        level_id: None,
        origin: Origin::default(),
        limit: Some(ExportLimit { shown, covered }),
    };
    let app = &world.idp.app;
    let begun = async |request| Export::begin(&Notary::of(app), request).await;
    for (format, shown, covered) in [
        (ExportFormat::Json, 1_000, 5),
        (ExportFormat::Json, 5, 1_000),
        (ExportFormat::Csv, 5, 1_000),
    ] {
        let refused = begun(request(format, shown, covered)).await;
        assert!(matches!(refused, Err(AuditError::TooWide)), "{format:?}");
    }
    assert_eq!(app.store.audit_end().await.unwrap(), end);
    // A list for people does not go over what it does not show, however many entries of others lie between.
    assert!(begun(request(ExportFormat::Csv, 1_000, 0)).await.is_ok());
}
