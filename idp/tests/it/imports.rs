//! Users and memberships from files, and the list of users as a file, through the router.

use axum::http::StatusCode;
use idp::administration::RoleChange;
use portal_core::{
    account::UserStatus,
    administrators::RoleKind,
    audit::AuditAction,
    email::EmailKey,
    id::UserId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::{Sight, StaffRole},
};
use storage::{Account, AuditSearch};

use crate::{
    harness::{HUGO, Page, TestIdp, Visitor},
    on_both_databases,
};

const DUA: &str = "dua@bank-e.example";
const DAA: &str = "daa@bank-e.example";
const USERS: &str = "/users/import";
const MEMBERSHIPS: &str = "/memberships/import";
const CASPER: &str = "CASPER_WEB_DATA_SUBMITTER";
const SSM: &str = "SSM-PORTAL_USER";

async fn find(idp: &TestIdp, email: &str) -> Option<Account> {
    idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap()
}

async fn account(idp: &TestIdp, email: &str) -> Account {
    find(idp, email).await.unwrap_or_else(|| panic!("{email} has no account"))
}

/// An active person at the level of BANK E.
async fn person(idp: &TestIdp, email: &str) -> UserId {
    let user = idp.create_user(email, account(idp, HUGO).await.level.id, None).await;
    idp.activate(user).await;
    user
}

async fn user_administrator(idp: &TestIdp, email: &str) -> UserId {
    let user = person(idp, email).await;
    idp.administration().grant_user_administrator(user).await.unwrap();
    user
}

async fn access_administrator(idp: &TestIdp, email: &str, code: &str) -> UserId {
    let user = person(idp, email).await;
    let application = idp.app.store.find_application(code).await.unwrap().unwrap();
    idp.administration().grant_access_administrator(user, &application).await.unwrap();
    user
}

async fn groups(idp: &TestIdp, email: &str) -> Vec<String> {
    let held = idp.app.store.list_memberships(account(idp, email).await.user.id).await.unwrap();
    let day = |day: portal_core::expiry::ExpirationDate| format!(" until {}", day.to_iso());
    held.into_iter()
        .map(|one| format!("{}{}", one.group.name, one.valid_until.map(day).unwrap_or_default()))
        .collect()
}

/// Presses the button under a preview.
async fn apply(visitor: &mut Visitor, path: &str, preview: &Page) -> Page {
    let field = |name: &str| preview.field(name).unwrap_or_else(|| panic!("{}", preview.body));
    let (token, ticket, content) = (field("csrf_token"), field("ticket"), field("content"));
    let fields = [("csrf_token", token.as_str()), ("ticket", &ticket), ("content", &content)];
    visitor.post(&format!("{path}/apply"), &fields).await
}

async fn entries(idp: &TestIdp) -> i64 {
    let (wrong, count) = idp.app.store.verify_audit().await.unwrap();
    assert!(wrong.is_none());
    count
}

const TWO: &str = "\u{feff}First name;Last name;E-mail;Phone number;Account expiration date\r\n\
    Ada;Lind;ada@bank-e.example;+46 70 1740605;2027-01-31\r\n\
    Ben;\"Lund; junior\";ben@bank-e.example;'+46701740606;\r\n";

on_both_databases! {
    async fn a_file_of_users_is_shown_before_and_then_created_once(idp) {
        let dua = user_administrator(&idp, DUA).await;
        let mut visitor = idp.signed_in(DUA).await;
        let before = entries(&idp).await;
        let preview = visitor.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        assert!(preview.body.contains("2 users will be created") && preview.body.contains("Lund; junior"));
        assert!(find(&idp, "ada@bank-e.example").await.is_none());
        assert_eq!((entries(&idp).await, idp.inbox.mails().len()), (before + 1, 0), "a look is written down");
        let done = apply(&mut visitor, USERS, &preview).await.expect(StatusCode::SEE_OTHER);
        assert!(visitor.get(done.location()).await.body.contains("2 users were created"));
        let ada = account(&idp, "ada@bank-e.example").await;
        assert_eq!((ada.user.status, ada.user.phone.as_e164()), (UserStatus::Invited, "+46701740605"));
        assert_eq!(ada.user.expires_on.unwrap().to_iso(), "2027-01-31");
        assert_eq!(ada.level.id, account(&idp, HUGO).await.level.id, "the own level, where none is named");
        assert_eq!(account(&idp, "ben@bank-e.example").await.user.last_name, "Lund; junior");
        assert!(idp.inbox.text_to("ben@bank-e.example").contains("/activate?link=al_"));
        assert_eq!(entries(&idp).await, before + 4, "one for each person, and one for the file");
        // Pressed twice, or gone back to and pressed again.
        let again = apply(&mut visitor, USERS, &preview).await.expect(StatusCode::SEE_OTHER);
        assert_eq!((again.location(), idp.inbox.mails().len()), (done.location(), 2));
        assert_eq!(entries(&idp).await, before + 4);
        assert_ne!(ada.user.id, dua);
    }
}

on_both_databases! {
    async fn whatever_is_wrong_with_rows_stands_beside_them_and_nobody_is_created(idp) {
        user_administrator(&idp, DUA).await;
        let (_, elsewhere) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        assert!(idp.app.store.find_level_by_id(elsewhere).await.unwrap().is_some());
        let mut visitor = idp.signed_in(DUA).await;
        let file = format!(
            "first_name,last_name,email,phone_number,account_expiration_date,level\n\
             Ada,Lind,ada@bank-e.example,+46701740605,,\n\
             ,Lind,b@bank-e.example,0701740605,2020-01-01,\n\
             Cay,Lind,{HUGO},+46701740605,,BANK E\n\
             Dan,Lind,d@bank-e.example,+46701740605,,BANK F\n\
             Eve,Lind,ADA@bank-e.example,+46 (0)701740605,,Nowhere\n"
        );
        let answer = visitor.upload(USERS, file.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        for (row, column, text) in [
            (3, "First Name", "Enter a name of at most 100 characters."),
            (3, "Phone Number", "Begin with + and the code of the country"),
            (3, "Account expiration date", "This date is over."),
            (4, "Email", "This email address cannot be used."),
            (5, "Level", "There is no such level where you create users."),
            (6, "Phone Number", "Leave out the (0)"),
            (6, "Email", "The same address stands in row 2."),
            (6, "Level", "There is no such level where you create users."),
        ] {
            let start = format!("<tr><th scope=\"row\">{row}</th><td>{column}</td>");
            let rows: Vec<&str> = answer.body.split(&start).skip(1).collect();
            assert!(rows.iter().any(|rest| rest.split("</tr>").next().unwrap().contains(text)), "{row} {column} {text}: {}", answer.body);
        }
        assert!(answer.field("ticket").is_none(), "there is nothing to apply");
        assert!(find(&idp, "ada@bank-e.example").await.is_none());
        for (file, text) in [
            ("", "This file has no rows."),
            ("first_name,last_name,email,phone_number,password\na,b,c,d,e\n", "There is no column “password”."),
            ("first_name,last_name,email\na,b,c\n", "The column “phone_number” is missing."),
        ] {
            let answer = visitor.upload(USERS, file.as_bytes()).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.body.contains(text) && answer.body.contains("aria-invalid"), "{}", answer.body);
        }
        let answer = visitor.upload(USERS, &vec![b'a'; 300 * 1024]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("This file is too long."));
        assert_eq!(visitor.upload(USERS, &vec![b'a'; 600 * 1024]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

on_both_databases! {
    async fn only_what_was_shown_is_applied(idp) {
        user_administrator(&idp, DUA).await;
        let other = user_administrator(&idp, "other@bank-e.example").await;
        let mut visitor = idp.signed_in(DUA).await;
        let preview = visitor.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        // Another file under the same ticket, made from that of another preview.
        let three = TWO.replace("ada@", "eve@");
        let foreign = visitor.upload(USERS, three.as_bytes()).await.expect(StatusCode::OK);
        let mut mixed = foreign.clone_with("content", &preview);
        let stale = apply(&mut visitor, USERS, &mixed).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("Something has changed since you checked this file."));
        mixed = preview.clone_with("ticket", &foreign);
        apply(&mut visitor, USERS, &mixed).await.expect(StatusCode::CONFLICT);
        // Another person's ticket.
        let preview = visitor.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        let mut second = idp.signed_in("other@bank-e.example").await;
        let own = second.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        apply(&mut second, USERS, &own.clone_with("ticket", &preview)).await.expect(StatusCode::CONFLICT);
        // The world changed: an address was taken meanwhile.
        idp.create_user("ben@bank-e.example", account(&idp, HUGO).await.level.id, None).await;
        let stale = apply(&mut visitor, USERS, &preview).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("This email address cannot be used."), "{}", stale.body);
        assert!(find(&idp, "ada@bank-e.example").await.is_none());
        // A right was taken away between the look and the button.
        let file = "first_name,last_name,email,phone_number\nCay,Lind,cay@bank-e.example,+46701740605\n";
        let preview = second.upload(USERS, file.as_bytes()).await.expect(StatusCode::OK);
        let revoke = RoleChange { revoke: vec![RoleKind::UserAdministrator], ..RoleChange::default() };
        idp.administration().change_roles(other, &revoke).await.unwrap();
        apply(&mut second, USERS, &preview).await.expect(StatusCode::FORBIDDEN);
        assert!(find(&idp, "cay@bank-e.example").await.is_none());
        // A preview is good for an hour.
        let preview = visitor.upload(USERS, file.as_bytes()).await.expect(StatusCode::OK);
        idp.clock.advance_seconds(60 * 60);
        visitor = idp.signed_in(DUA).await;
        let token = visitor.get(USERS).await.field("csrf_token").unwrap();
        let late = preview.with("csrf_token", &token);
        apply(&mut visitor, USERS, &late).await.expect(StatusCode::CONFLICT);
    }
}

on_both_databases! {
    async fn two_presses_at_once_create_everybody_once(idp) {
        user_administrator(&idp, DUA).await;
        let mut visitor = idp.signed_in(DUA).await;
        let preview = visitor.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        let before = entries(&idp).await;
        let (mut one, mut other) = (visitor.clone(), visitor.clone());
        let (one, other) = tokio::join!(apply(&mut one, USERS, &preview), apply(&mut other, USERS, &preview));
        assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!((entries(&idp).await, idp.inbox.mails().len()), (before + 3, 2));
    }
}

/// What the trail tells of checked files: who, how many rows.
async fn checks(idp: &TestIdp) -> Vec<(String, String)> {
    let search = AuditSearch {
        actions: vec![AuditAction::UsersPreviewed],
        ..AuditSearch::within(Sight::Everything)
    };
    let found = idp.app.store.list_audit(&search, None, 100).await.unwrap();
    let told = found.into_iter().map(|entry| (entry.content.actor, entry.content.detail));
    told.collect()
}

on_both_databases! {
    async fn a_check_of_a_file_leaves_a_trace_without_addresses_and_twenty_an_hour_are_enough(idp) {
        let dua = user_administrator(&idp, DUA).await;
        user_administrator(&idp, "other@bank-e.example").await;
        let mut visitor = idp.signed_in(DUA).await;
        let probe = format!("first_name,last_name,email,phone_number\nA,B,{HUGO},+46701740605\n");
        for number in 1..=20 {
            let told = visitor.upload(USERS, probe.as_bytes()).await;
            assert!(told.body.contains("This email address cannot be used."), "{number}: {}", told.body);
        }
        let refused = visitor.upload(USERS, probe.as_bytes()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("within an hour") && refused.body.contains("aria-invalid"), "{}", refused.body);
        assert!(!refused.body.contains("This email address cannot be used."), "nothing is told");
        let written = checks(&idp).await;
        assert_eq!(written.len(), 20, "what is refused is not looked at");
        for (actor, detail) in &written {
            assert_eq!(actor, &format!("user:{dua}"));
            assert!(detail.contains("\"count\":1") && detail.contains("\"file\":"), "{detail}");
            assert!(!detail.contains('@'), "{detail}");
        }
        // Each has an hour of one's own, and it passes.
        let mut other = idp.signed_in("other@bank-e.example").await;
        other.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
        idp.clock.advance_seconds(3600);
        let mut visitor = idp.signed_in(DUA).await;
        visitor.upload(USERS, TWO.as_bytes()).await.expect(StatusCode::OK);
    }
}

on_both_databases! {
    async fn memberships_are_given_and_taken_away_by_a_file(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        person(&idp, "ada@bank-e.example").await;
        let mut visitor = idp.signed_in(DAA).await;
        let file = format!(
            "email,group,action,until\n\
             Ada@bank-e.example,{CASPER},,2026-12-31\n\
             {HUGO},{CASPER},remove,\n\
             {DAA},{CASPER},add,\n\
             ada@bank-e.example,{CASPER},add,\n"
        );
        let twice = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(twice.body.contains("The same person and group stand in row 2."));
        let (file, _) = file.rsplit_once("ada@").unwrap();
        let before = entries(&idp).await;
        let preview = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::OK);
        assert!(preview.body.contains("Memberships to be added: 2. To be removed: 1."), "{}", preview.body);
        assert_eq!(groups(&idp, HUGO).await.len(), 2, "nothing is stored yet");
        let done = apply(&mut visitor, MEMBERSHIPS, &preview).await.expect(StatusCode::SEE_OTHER);
        assert!(visitor.get(done.location()).await.body.contains("Memberships changed: 3."));
        assert_eq!(groups(&idp, "ada@bank-e.example").await, [format!("{CASPER} until 2026-12-31")]);
        assert_eq!(groups(&idp, HUGO).await, ["A-CASPER_WEB_DATA_SUBMITTER"]);
        assert_eq!(entries(&idp).await, before + 4);
        apply(&mut visitor, MEMBERSHIPS, &preview).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(entries(&idp).await, before + 4, "once is once");
        let same = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::OK);
        assert!(same.body.contains("Rows that change nothing: 3."));
    }
}

on_both_databases! {
    async fn a_file_of_memberships_has_no_more_rights_than_the_page(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        person(&idp, "ada@bank-e.example").await;
        let (bank, level) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        let ssm = idp.app.store.find_application("SSM-PORTAL").await.unwrap().unwrap();
        idp.administration().onboard(bank, &ssm).await.unwrap();
        idp.create_user("foreign@bank-f.example", level, None).await;
        let mut visitor = idp.signed_in(DAA).await;
        let file = format!(
            "email,group,action,until\n\
             ada@bank-e.example,{CASPER},,\n\
             ada@bank-e.example,{SSM},,\n\
             foreign@bank-f.example,{CASPER},,\n\
             nobody@bank-e.example,{CASPER},,\n\
             {HUGO},NO_SUCH_GROUP,,\n\
             {HUGO},{CASPER},give,\n\
             {HUGO},A-CASPER_WEB_DATA_SUBMITTER,remove,2027-01-01\n"
        );
        let answer = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        for (text, times) in [
            ("There is no group of this name that you manage.", 2),
            ("None of your users has this email address.", 2),
            ("Enter add or remove.", 1),
            ("A membership that is removed has no end date.", 1),
        ] {
            assert_eq!(answer.body.matches(text).count(), times, "{text}: {}", answer.body);
        }
        assert!(groups(&idp, "ada@bank-e.example").await.is_empty());
        // Whoever may give everything everywhere keeps to one organisation in one file, and to what it is onboarded to.
        let root = idp.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
        let staff = idp.create_user("staff@operator.example", root.id, None).await;
        idp.activate(staff).await;
        idp.administration().grant_staff_role(staff, StaffRole::IdentityAdmin).await.unwrap();
        let mut visitor = idp.signed_in("staff@operator.example").await;
        let file = format!("email,group\nforeign@bank-f.example,{CASPER}\nforeign@bank-f.example,{SSM}\nada@bank-e.example,{SSM}\n");
        let answer = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("The organisation is not connected to this application."));
        assert!(answer.body.contains("This is about another organisation than the rows before."));
    }
}

on_both_databases! {
    async fn memberships_that_changed_meanwhile_make_a_preview_stale(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        let ada = person(&idp, "ada@bank-e.example").await;
        let mut visitor = idp.signed_in(DAA).await;
        let file = format!("email,group\nada@bank-e.example,{CASPER}\n{HUGO},{CASPER}\n");
        let preview = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::OK);
        let group = idp.app.store.find_group(CASPER).await.unwrap().unwrap();
        idp.administration().assign_membership(ada, &group).await.unwrap();
        let stale = apply(&mut visitor, MEMBERSHIPS, &preview).await.expect(StatusCode::CONFLICT);
        assert!(stale.body.contains("Rows that change nothing: 2."), "{}", stale.body);
        apply(&mut visitor, MEMBERSHIPS, &stale).await.expect(StatusCode::SEE_OTHER);
    }
}

on_both_databases! {
    async fn nobody_gives_access_to_oneself_by_a_file_where_the_page_refuses_it(idp) {
        access_administrator(&idp, DAA, "CASPER").await;
        idp.execute("UPDATE third_parties SET forbids_self_assignment = TRUE").await;
        let mut visitor = idp.signed_in(DAA).await;
        let file = format!("email,group\n{DAA},{CASPER}\n");
        let answer = visitor.upload(MEMBERSHIPS, file.as_bytes()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("Your organisation lets nobody give access to oneself."));
    }
}

on_both_databases! {
    async fn the_list_leaves_as_it_is_filtered_safe_and_written_down(idp) {
        user_administrator(&idp, DUA).await;
        access_administrator(&idp, DAA, "CASPER").await;
        let mut dua = idp.signed_in(DUA).await;
        let file = "first_name,last_name,email,phone_number,company_id\nAda,Lind,ada@bank-e.example,+46701740605,=1+1\n";
        let preview = dua.upload(USERS, file.as_bytes()).await.expect(StatusCode::OK);
        apply(&mut dua, USERS, &preview).await.expect(StatusCode::SEE_OTHER);
        let (_, level) = idp.create_third_party("BANK F", ThirdPartyStatus::Active).await;
        idp.create_user("foreign@bank-f.example", level, None).await;
        let before = entries(&idp).await;
        let list = dua.get("/users?email=ada&sort=email").await.expect(StatusCode::OK);
        assert!(list.body.contains("href=\"/users/export?email=ada&#38;sort=email\""), "{}", list.body);
        let file = dua.get("/users/export?email=ada&sort=email").await.expect(StatusCode::OK);
        let lines: Vec<&str> = file.body.lines().collect();
        assert_eq!(lines.len(), 2, "{}", file.body);
        assert!(lines[0].starts_with("\u{feff}First Name,Last Name,Email,Phone Number"));
        assert!(lines[1].starts_with("Ada,Lind,ada@bank-e.example,'+46701740605,'=1+1,BANK E,"), "{}", lines[1]);
        assert!(lines[1].contains("Invited"));
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"users.csv\"");
        assert_eq!(entries(&idp).await, before + 1);
        let all = idp.signed_in(DAA).await.get("/users/export").await.expect(StatusCode::OK);
        assert_eq!(all.body.lines().count(), 5, "{}", all.body);
        assert!(!all.body.contains("bank-f.example"));
        for path in ["/users/export", USERS, MEMBERSHIPS, "/users/import/template"] {
            assert_eq!(idp.signed_in(HUGO).await.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let template = dua.get("/users/import/template").await.expect(StatusCode::OK);
        assert!(template.body.contains("first_name,last_name,email,phone_number,"));
    }
}

impl Page {
    /// The same page with a field that another one has.
    fn clone_with(&self, name: &str, other: &Self) -> Self {
        self.with(name, &other.field(name).unwrap())
    }

    /// The same page with another value in a field.
    fn with(&self, name: &str, value: &str) -> Self {
        let field = |value: &str| format!("name=\"{name}\" value=\"{value}\"");
        let body = self.body.replace(&field(&self.field(name).unwrap()), &field(value));
        Self { status: self.status, headers: self.headers.clone(), body }
    }
}
