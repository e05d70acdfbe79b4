//! Whether a search begins at its most selective part or walks the index of the order, it finds the same.

use std::sync::Arc;

use portal_core::{
    Timestamp,
    account::{Channel, NewUser, UserStatus},
    email::Email,
    organisation::{Administration, LevelName, LevelPath, NewThirdParty, ThirdPartyStatus},
    person_name::PersonName,
    phone::PhoneNumber,
};
use sea_orm::sea_query::SqliteQueryBuilder;

use super::*;
use crate::{Digest, Sealer, SealingError, StoreSettings};

/// Seals nothing: what is listed here is no secret.
struct Open;

impl Sealer for Open {
    fn seal(&self, _purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealingError> {
        Ok(plain.to_vec())
    }

    fn open(&self, _purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        Ok(sealed.to_vec())
    }

    fn index(&self, _purpose: &str, plain: &[u8]) -> Digest {
        use sha2::Digest as _;
        sha2::Sha256::digest(plain).into()
    }

    fn salt(&self) -> [u8; 16] {
        [0; 16]
    }
}

async fn populated(folder: &std::path::Path) -> Store {
    let url = format!("sqlite://{}?mode=rwc", folder.join("list.sqlite").display());
    let settings = StoreSettings { url, max_connections: 4 };
    let store = Store::open(&settings, Arc::new(Open)).await.unwrap();
    store.migrate().await.unwrap();
    let now = Timestamp::from_millis(0);
    let tx = store.begin().await.unwrap();
    tx.insert_root(now).await.unwrap();
    tx.commit().await.unwrap();
    let root = store.find_level(&LevelPath::root()).await.unwrap().unwrap();
    let tx = store.begin().await.unwrap();
    for bank in 0..3 {
        let new = NewThirdParty {
            legal_name: format!("BANK {bank}"),
            country: "ES".into(),
            lei: None,
            kind: "bank".into(),
            administration: Administration::Delegated,
            status: ThirdPartyStatus::Active,
            level: LevelName::parse(&format!("BANK {bank}")).unwrap(),
        };
        let (_, level_id) = tx.insert_third_party(&new, &root, now).await.unwrap();
        for number in 0..20 {
            let new = NewUser {
                first_name: PersonName::parse(["Ana", "Bo", "Cy"][number % 3]).unwrap(),
                last_name: PersonName::parse(["Xu", "Yilmaz", "Zanetti", "Xifré"][number % 4])
                    .unwrap(),
                email: Email::parse(&format!("p{number}@bank{bank}.example")).unwrap(),
                phone: PhoneNumber::parse(&format!("+4912345{bank}{number:02}")).unwrap(),
                company_id: None,
                expires_on: None,
                level_id,
                subsidiary_id: None,
                default_channel: Channel::Sms,
            };
            tx.insert_user(&new, UserStatus::Invited, None, now).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    store
}

async fn keys(
    store: &Store,
    plan: &Plan,
    order: UserOrder,
    at: &UserPosition,
) -> Vec<(Uuid, String)> {
    let rows = store.connection().query_all(&plan.page(order, at, 7)).await.unwrap();
    rows.iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_walk_finds_what_a_search_from_its_most_selective_part_finds() {
    let folder = tempfile::tempdir().unwrap();
    let store = populated(folder.path()).await;
    let level = |name: &str| LevelPath::from_stored(format!("Root/{name}"));
    let withins = [
        Sight::Everything,
        Sight::Levels(vec![level("BANK 1")]),
        Sight::Levels(vec![level("BANK 0"), level("BANK 2")]),
    ];
    for within in withins {
        for (first_name, last_name) in [("", ""), ("a", ""), ("", "x"), ("b", "xif")] {
            let search = UserSearch {
                within: within.clone(),
                first_name: first_name.into(),
                last_name: last_name.into(),
                email: String::new(),
                phone: None,
                group: None,
            };
            let (narrow, walk) = (
                Plan::make(&store, &search).await.unwrap(),
                Plan::make(&store, &search).await.unwrap().without_start(),
            );
            for by in [UserSort::FirstName, UserSort::LastName, UserSort::Email] {
                for descending in [false, true] {
                    let order = UserOrder { by, descending };
                    let mut position = UserPosition::Start;
                    loop {
                        let page = keys(&store, &narrow, order, &position).await;
                        assert_eq!(page, keys(&store, &walk, order, &position).await, "{search:?}");
                        let Some((id, key)) = page.last() else { break };
                        position = UserPosition::After(key.clone(), UserId(*id));
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn while_the_index_of_the_order_is_walked_no_other_condition_has_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = populated(folder.path()).await;
    let search = UserSearch {
        within: Sight::Everything,
        first_name: "a".into(),
        last_name: "x".into(),
        email: String::new(),
        phone: None,
        group: None,
    };
    let plan = Plan::make(&store, &search).await.unwrap().without_start();
    let order = UserOrder { by: UserSort::LastName, descending: false };
    let sql = plan.page(order, &UserPosition::Start, 7).to_string(SqliteQueryBuilder);
    assert!(sql.contains(r#"COALESCE("u"."first_name_key""#), "{sql}");
    assert!(sql.contains(r#""u"."last_name_key" >= 'x'"#), "{sql}");
}
