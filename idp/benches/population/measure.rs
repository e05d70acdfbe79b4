//! Asks pages through the real router and tells how long the server took.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use anyhow::{Context as _, ensure};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, header::COOKIE},
};
use idp::{App, administration::Administration, entropy, entropy::SystemEntropy, secrets, web};
use portal_core::{
    account::{Channel, NewUser, UserStatus},
    audit::Origin,
    email::{Email, EmailKey},
    id::UserId,
    organisation::LevelPath,
    permission::{Actor, StaffRole},
    person_name::PersonName,
    phone::PhoneNumber,
    session::ACR_TWO_FACTOR,
};
use storage::NewSession;
use tower::ServiceExt as _;

use crate::people;

/// The member of staff who looks at everything.
const STAFF: &str = "measurer@operator.example";

/// A page as somebody asks for it; `{n}` is replaced by the number of the request.
struct Page {
    name: &'static str,
    cookie: String,
    address: String,
}

/// All pages, a line each: median, 95th percentile and greatest, in milliseconds.
pub(crate) async fn all(
    app: &Arc<App>,
    (users, requests): (u32, u32),
    only: &str,
) -> anyhow::Result<Vec<String>> {
    let router = web::router(Arc::clone(app));
    let mut lines = Vec::new();
    for page in pages(app, users).await?.into_iter().filter(|page| page.name.contains(only)) {
        let mut times = Vec::new();
        for number in 0..requests {
            let address = page.address.replace("{n}", &number.to_string());
            let begun = Instant::now();
            let status = ask(&router, &page.cookie, &address).await?;
            times.push(begun.elapsed());
            ensure!(status == 200, "{}: {address} answered {status}", page.name);
        }
        times.sort();
        let at = |share: usize| {
            let index = (times.len() * share / 100).min(times.len().saturating_sub(1));
            times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
        };
        lines.push(format!(
            "{:52} median {:7.2} ms   p95 {:7.2} ms   max {:7.2} ms",
            page.name,
            at(50),
            at(95),
            at(100)
        ));
    }
    Ok(lines)
}

async fn ask(router: &Router, cookie: &str, address: &str) -> anyhow::Result<u16> {
    let request = Request::get(address)
        .header(COOKIE, cookie)
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))))
        .body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status().as_u16();
    to_bytes(response.into_body(), usize::MAX).await?;
    Ok(status)
}

async fn pages(app: &App, users: u32) -> anyhow::Result<Vec<Page>> {
    let staff = sign_in(app, staff(app).await?).await?;
    let (large, small) = (person_of(app, 0).await?, person_of(app, users / 50).await?);
    let dua_large = sign_in(app, large).await?;
    let dua_small = sign_in(app, small).await?;
    let mut pages = Vec::new();
    let mut add = |name, cookie: &String, address: &str| {
        pages.push(Page { name, cookie: cookie.clone(), address: address.to_owned() });
    };
    for (name, address) in [
        ("staff at Root: list, by last name", "/users?sort=last_name"),
        ("staff at Root: list, by first name", "/users?sort=first_name"),
        ("staff at Root: list, by email, downwards", "/users?sort=-email"),
        ("staff at Root: first name begins with mar", "/users?first_name=mar"),
        ("staff at Root: first name, sorted by last name", "/users?first_name=mar&sort=last_name"),
        ("staff at Root: last name begins with berco", "/users?last_name=berco"),
        ("staff at Root: both names", "/users?first_name=ma&last_name=ro"),
        ("staff at Root: email begins with marka", "/users?email=marka"),
        ("staff at Root: email of one person", "/users?email=marka.alberco.{n}"),
        ("staff at Root: last four digits", "/users?phone_number=0001"),
        ("staff at Root: whole number", "/users?phone_number=%2B4477009000{n}0"),
        ("staff at Root: no such name", "/users?last_name=xyz"),
    ] {
        add(name, &staff, address);
    }
    for (name, cookie) in [("level of 20,000", &dua_large), ("level of 98", &dua_small)] {
        let named = |what: &str| -> &'static str { format!("DUA, {name}: {what}").leak() };
        add(named("list"), cookie, "/users");
        add(named("by first name, downwards"), cookie, "/users?sort=-first_name");
        add(named("first name begins with mar"), cookie, "/users?first_name=mar");
        add(named("last four digits"), cookie, "/users?phone_number=0001");
    }
    add("staff: memberships page", &staff, &format!("/users/{small}/memberships"));
    add("staff: view of a user", &staff, &format!("/users/{small}"));
    Ok(pages)
}

async fn person_of(app: &App, number: u32) -> anyhow::Result<UserId> {
    let level = u32::from(number != 0);
    let email = people::person(number, level).email;
    let account = app.store.find_account_by_email(&EmailKey::of(&email)).await?;
    Ok(account.with_context(|| format!("{email} is not there"))?.user.id)
}

/// Staff with every right, made once.
async fn staff(app: &App) -> anyhow::Result<UserId> {
    if let Some(account) = app.store.find_account_by_email(&EmailKey::of(STAFF)).await? {
        return Ok(account.user.id);
    }
    let setup = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    let root = app.store.find_level(&LevelPath::root()).await?.context("root")?;
    let new = NewUser {
        first_name: PersonName::parse("Mia")?,
        last_name: PersonName::parse("Messer")?,
        email: Email::parse(STAFF)?,
        phone: PhoneNumber::parse("+447700900000")?,
        company_id: None,
        expires_on: None,
        level_id: root.id,
        subsidiary_id: None,
        default_channel: Channel::Sms,
    };
    let user = setup.create_user(&new, UserStatus::Invited).await?;
    setup.grant_staff_role(user, StaffRole::IdentityAdmin).await?;
    setup.activate_user(user, "none").await?;
    Ok(user)
}

/// A cookie of a session that begins now.
async fn sign_in(app: &App, user: UserId) -> anyhow::Result<String> {
    let cookie = entropy::secret(&SystemEntropy, "se_");
    let new = NewSession {
        digest: secrets::digest(&cookie),
        sid: entropy::secret(&SystemEntropy, "si_"),
        user_id: user,
        acr: ACR_TWO_FACTOR,
        amr: vec!["pwd".to_owned()],
    };
    let tx = app.store.begin().await?;
    tx.insert_session(&new, app.now()).await?;
    tx.commit().await?;
    Ok(format!("idp_session={cookie}"))
}
