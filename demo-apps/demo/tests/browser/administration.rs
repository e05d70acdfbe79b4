//! The pages of administrators and staff: everything that somebody can reach by links, page after page, for each kind
//! of administrator. Each is put through axe, and none is wider than a phone.

use std::collections::{BTreeSet, VecDeque};

use url::Url;

use crate::{
    accessibility::Inspector,
    visitor::{Scripts, Visitor, browse},
    world::World,
};

/// Most pages of one walk: a page for each address, where identifiers make no difference.
const MOST: usize = 60;
/// Width of a phone.
const NARROW: u32 = 390;

const LINKS: &str = "
    return Array.from(document.querySelectorAll('a[href]'))
        .filter((link) => !link.hasAttribute('download'))
        .map((link) => link.href);";
const OVERFLOW: &str = "
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const wide = Array.from(document.querySelectorAll('body *'))
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .filter((element) => !element.closest('.data-wrap'))
        .map((element) => element.tagName + '.' + element.className);
    return wide.slice(0, 5).join(', ') || 'something';";

/// The address without what differs between things of the same kind.
fn shape(url: &Url) -> String {
    let is_name = |part: &str| part.len() >= 32 && part.bytes().any(|byte| byte.is_ascii_digit());
    url.path()
        .split('/')
        .map(|part| if is_name(part) { "{id}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// Whether opening it changes nothing and shows a page.
fn is_page(url: &Url) -> bool {
    !["/demo/", "/assets/", "/oauth2/"].iter().any(|start| url.path().starts_with(start))
        && !["export", "csv", "json", "template", "document", "download"]
            .iter()
            .any(|word| url.path().contains(word) || url.query().is_some_and(|q| q.contains(word)))
}

/// Walks along all links of the portal and looks at a page of each kind. Returns the addresses.
async fn walk(world: &World, visitor: &Visitor) -> BTreeSet<String> {
    let home = Url::parse(&world.portal("/apps")).unwrap();
    let mut inspector = Inspector::new(visitor);
    let (mut seen, mut waiting) = (BTreeSet::from([shape(&home)]), VecDeque::from([home.clone()]));
    let mut wide = Vec::new();
    while let Some(url) = waiting.pop_front() {
        inspector.open(url.as_str()).await;
        let title = visitor.driver.title().await.unwrap();
        assert!(
            !title.contains("does not exist") && !title.contains("went wrong"),
            "{url}: {title}"
        );
        wide.extend(overflow(visitor, &url).await);
        let links = visitor.driver.execute(LINKS, []).await.unwrap();
        let links: Vec<String> = links.convert().unwrap();
        for link in links.iter().filter_map(|link| Url::parse(link).ok()) {
            let is_ours = link.origin() == home.origin();
            if is_ours && is_page(&link) && seen.len() < MOST && seen.insert(shape(&link)) {
                waiting.push_back(link);
            }
        }
    }
    inspector.finish();
    assert!(wide.is_empty(), "wider than a phone:\n{}", wide.join("\n"));
    seen
}

/// What sticks out of a narrow page.
async fn overflow(visitor: &Visitor, url: &Url) -> Option<String> {
    visitor.resize(NARROW, 844).await;
    let what = visitor.driver.execute(OVERFLOW, []).await.unwrap();
    visitor.resize(1280, 900).await;
    let what: String = what.convert().unwrap();
    (!what.is_empty()).then(|| format!("{}: {what}", shape(url)))
}

/// Signs somebody in, walks, and expects these pages among the others.
async fn walks_as(email: &str, pages: &[&str]) {
    let world = World::start();
    browse(Scripts::Allowed, async |visitor| {
        visitor.sign_in_to_my_apps(&world, email).await;
        let seen = walk(&world, &visitor).await;
        for page in pages {
            assert!(seen.contains(*page), "{email} found no {page} among {seen:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_user_administrator_finds_only_accessible_pages() {
    let pages = ["/users", "/users/new", "/users/{id}", "/users/{id}/edit", "/audit", "/notices"];
    walks_as("ines.quintanar@bank-e.example", &pages).await;
}

#[tokio::test]
async fn an_access_administrator_finds_only_accessible_pages() {
    let pages = ["/users", "/users/{id}", "/users/{id}/memberships", "/requests", "/reviews"];
    walks_as("alvaro.pedrosa@bank-e.example", &pages).await;
}

#[tokio::test]
async fn somebody_with_both_roles_finds_only_accessible_pages() {
    let pages = ["/users", "/users/{id}/edit", "/users/{id}/memberships", "/reviews"];
    walks_as("onni.lehtikari@bank-01.example", &pages).await;
}

#[tokio::test]
async fn staff_find_only_accessible_pages() {
    let pages = [
        "/users",
        "/users/new",
        "/third-parties",
        "/third-parties/{id}",
        "/applications",
        "/nominations",
        "/nominations/{id}",
        "/nominations/new",
        "/third-parties/{id}/nominations/invite",
        "/third-parties/{id}/nominations/paper",
        "/audit",
    ];
    walks_as("leocadia.ferrandell@ecb.example", &pages).await;
}

#[tokio::test]
async fn an_auditor_finds_only_accessible_pages() {
    walks_as("anselm.rietvelder@ecb.example", &["/users", "/third-parties", "/audit"]).await;
}
