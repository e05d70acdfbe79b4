//! The list of users as storage gives it: who is found, in which order, page by page (manual §3).

use portal_core::{
    account::{NewUser, UserStatus},
    id::LevelId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::Sight,
    person_name::PersonName,
    phone::{PhoneNumber, PhoneSearch},
};
use storage::{Found, UserOrder, UserPosition, UserRow, UserSearch, UserSort};

use crate::{harness::TestIdp, on_both_databases};

/// First name, last name, phone number; the address is made of them.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("Fred", "Perry", "+441234567"),
    ("Ágnes", "Őrsi", "+3612345678"),
    ("testy", "test", "+347847845"),
    ("Manuel", "Dummy", "+34123456789"),
    ("Βασίλης", "Παππάς", "+302101234567"),
    ("Anna", "Dummy", "+49301234567"),
    ("fred_", "Weiß", "+4930999999"),
];

async fn populate(idp: &TestIdp) -> LevelId {
    let (_, level) = idp.create_third_party("BANK_F", ThirdPartyStatus::Active).await;
    for (place, (first, last, phone)) in PEOPLE.iter().enumerate() {
        let new = NewUser {
            first_name: PersonName::parse(first).unwrap(),
            last_name: PersonName::parse(last).unwrap(),
            phone: PhoneNumber::parse(phone).unwrap(),
            ..TestIdp::new_user(&format!("person{place}@bank-f.example"), level)
        };
        idp.administration().create_user(&new, UserStatus::Invited).await.unwrap();
    }
    level
}

fn at(level: &str) -> UserSearch {
    UserSearch {
        within: Sight::Levels(vec![LevelPath::from_stored(format!("Root/{level}"))]),
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        phone: None,
        group: None,
    }
}

fn first_names(rows: &[UserRow]) -> Vec<&str> {
    rows.iter().map(|row| row.account.user.first_name.as_str()).collect()
}

async fn found(idp: &TestIdp, search: &UserSearch) -> Vec<String> {
    let order = UserOrder { by: UserSort::Email, descending: false };
    let rows = idp.app.store.list_users(search, order, &UserPosition::Start, 25).await;
    first_names(&rows.unwrap().unwrap().rows).into_iter().map(str::to_owned).collect()
}

on_both_databases! {
    async fn a_search_finds_beginnings_whatever_their_case_and_accents(idp) {
        populate(&idp).await;
        let of = |first: &str, last: &str, email: &str| UserSearch {
            first_name: first.into(), last_name: last.into(), email: email.into(), ..at("BANK_F")
        };
        for (search, expected) in [
            (of("FRED", "", ""), vec!["Fred", "fred_"]),
            (of("agn", "ors", ""), vec!["Ágnes"]),
            (of("", "weiss", ""), vec!["fred_"]),
            (of("ΒΑΣ", "", ""), vec!["Βασίλης"]),
            (of("", "", "PERSON3@"), vec!["Manuel"]),
            (of("fred", "perry", "person0@bank-f.example"), vec!["Fred"]),
            (of("red", "", ""), vec![]),
            (of("fred%", "", ""), vec![]),
            (of("f__d", "", ""), vec![]),
            (of("' OR 1=1 --", "", ""), vec![]),
        ] {
            assert_eq!(found(&idp, &search).await, expected, "{search:?}");
        }
        let phone = |typed: &str| UserSearch { phone: PhoneSearch::parse(typed), ..at("BANK_F") };
        assert_eq!(found(&idp, &phone("0044 123 4567")).await, ["Fred"]);
        assert_eq!(found(&idp, &phone("4567")).await, ["Fred", "Βασίλης", "Anna"]);
        assert_eq!(found(&idp, &phone("0000")).await, [""; 0]);
    }
}

on_both_databases! {
    async fn every_page_forth_and_back_shows_everybody_once_in_order(idp) {
        populate(&idp).await;
        for within in [at("BANK_F").within, Sight::Everything] {
            let search = UserSearch { within, email: "person".into(), ..at("BANK_F") };
            for by in [UserSort::FirstName, UserSort::LastName, UserSort::Email, UserSort::Phone] {
                for descending in [false, true] {
                    page_through(&idp, &search, UserOrder { by, descending }).await;
                }
            }
        }
    }
}

async fn page_through(idp: &TestIdp, search: &UserSearch, order: UserOrder) {
    let store = &idp.app.store;
    let all = store.list_users(search, order, &UserPosition::Start, 25).await.unwrap().unwrap();
    assert_eq!((all.rows.len(), all.has_more), (PEOPLE.len(), false));
    let keys: Vec<&str> = all.rows.iter().map(|row| row.key.as_str()).collect();
    assert!(keys.is_sorted_by(|a, b| if order.descending { a >= b } else { a <= b }), "{keys:?}");
    let all = first_names(&all.rows).join(" ");
    let mut forth = Vec::new();
    let mut position = UserPosition::Start;
    loop {
        let page = store.list_users(search, order, &position, 2).await.unwrap().unwrap();
        let last = page.rows.last().unwrap();
        position = UserPosition::After(last.key.clone(), last.account.user.id);
        forth.extend(page.rows);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(first_names(&forth).join(" "), all);
    let last = forth.last().unwrap();
    let before = UserPosition::Before(last.key.clone(), last.account.user.id);
    let back = store.list_users(search, order, &before, 3).await.unwrap().unwrap();
    assert!(back.has_more);
    let there = first_names(&forth[PEOPLE.len() - 4..PEOPLE.len() - 1]).join(" ");
    assert_eq!(first_names(&back.rows).join(" "), there);
}

on_both_databases! {
    async fn numbers_are_sorted_as_numbers_are_written(idp) {
        populate(&idp).await;
        let order = UserOrder { by: UserSort::Phone, descending: false };
        let page = idp.app.store.list_users(&at("BANK_F"), order, &UserPosition::Start, 3).await;
        let page = page.unwrap().unwrap();
        assert!(page.has_more);
        assert_eq!(first_names(&page.rows), ["Βασίλης", "Manuel", "testy"]);
        assert!(page.rows.iter().all(|row| row.key.is_empty()), "no number goes into an address");
    }
}

on_both_databases! {
    async fn nobody_of_another_level_is_listed_or_counted(idp) {
        populate(&idp).await;
        let store = &idp.app.store;
        idp.create_third_party("BANKXF", ThirdPartyStatus::Active).await;
        let (_, other) = idp.create_third_party("bank_f", ThirdPartyStatus::Active).await;
        idp.create_user("stranger@bank-f.example", other, None).await;
        assert_eq!(found(&idp, &at("BANK_F")).await.len(), PEOPLE.len());
        assert_eq!(found(&idp, &at("BANKXF")).await.len(), 0);
        assert_eq!(found(&idp, &at("BANK")).await.len(), 0, "the beginning of a name is another level");
        let nothing = UserSearch { within: Sight::Levels(vec![]), ..at("BANK_F") };
        assert_eq!(found(&idp, &nothing).await.len(), 0);
        assert_eq!(store.count_users(&nothing, 10).await.unwrap(), Found::Exactly(0));
        assert_eq!(store.count_users(&at("BANK_F"), 1_000).await.unwrap(), Found::Exactly(7));
        assert_eq!(store.count_users(&at("BANK_F"), 5).await.unwrap(), Found::MoreThan(5));
        let everybody = UserSearch { within: Sight::Everything, ..at("") };
        assert_eq!(store.count_users(&everybody, 1_000).await.unwrap(), Found::Exactly(9));
    }
}

on_both_databases! {
    async fn the_filter_by_group_finds_its_members(idp) {
        populate(&idp).await;
        let group = idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap().unwrap();
        let search = UserSearch { within: Sight::Everything, group: Some(group.id), ..at("") };
        assert_eq!(found(&idp, &search).await, ["Hugo"]);
        let elsewhere = UserSearch { group: Some(group.id), ..at("BANK_F") };
        assert_eq!(found(&idp, &elsewhere).await.len(), 0);
    }
}
