//! Reads are as guarded as writes (security.md 89): every page that can be looked at, for every kind of actor, on objects
//! of the own organisation and of another one, searched for what somebody must not read. What a role reads is an
//! allow-list: more fails, and so does less.

use std::collections::{BTreeMap, BTreeSet};

use idp::web::pages::{
    self,
    route::{Guard, Verb},
};

use super::{
    Caller, ask_for_page,
    objects::{Place, World},
};
use crate::on_both_databases;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Canary {
    /// The address of a colleague.
    OwnAddress,
    /// The phone number of a colleague.
    OwnNumber,
    /// The address of somebody of another organisation.
    ForeignAddress,
    /// The phone number of somebody of another organisation.
    ForeignNumber,
    /// The hash of a password.
    Hash,
    /// A private key.
    PrivateKey,
}

use Canary::{ForeignAddress, ForeignNumber, OwnAddress, OwnNumber};

/// What each kind of actor reads, and nothing else.
const READS: [(&str, &[Canary]); 9] = [
    ("nobody", &[]),
    ("plain user", &[]),
    ("DUA", &[OwnAddress, OwnNumber]),
    ("DAA of CASPER", &[OwnAddress, OwnNumber]),
    ("DAA of the SSM Portal", &[OwnAddress, OwnNumber]),
    ("DUA and DAA", &[OwnAddress, OwnNumber]),
    ("identity administrator", &[OwnAddress, OwnNumber, ForeignAddress, ForeignNumber]),
    ("support", &[OwnAddress, OwnNumber, ForeignAddress, ForeignNumber]),
    ("auditor", &[OwnAddress, OwnNumber, ForeignAddress, ForeignNumber]),
];

/// The texts of each canary.
async fn canaries(world: &World) -> BTreeMap<Canary, Vec<String>> {
    let mut texts = BTreeMap::from([
        (Canary::Hash, vec!["$argon2".to_owned()]),
        (Canary::PrivateKey, vec!["PRIVATE KEY".to_owned(), "\"d\":".to_owned()]),
    ]);
    for (place, address, number) in
        [(Place::Own, OwnAddress, OwnNumber), (Place::Foreign, ForeignAddress, ForeignNumber)]
    {
        let user = world.person_at(place).await.user;
        texts.insert(address, vec![user.email.clone()]);
        texts.insert(number, vec![user.phone.grouped(), user.phone.as_e164().to_owned()]);
    }
    texts
}

on_both_databases! {
    async fn security_89_every_page_shows_each_role_what_it_may_read_and_nothing_else(idp) {
        let mut world = World::new(idp).await;
        let mut callers = Caller::all(&world.idp, world.own).await;
        let canaries = canaries(&world).await;
        let mut read: BTreeMap<&str, BTreeMap<Canary, String>> = BTreeMap::new();
        let mut looked = 0;
        for route in pages::routes() {
            for (verb, guard) in route.guards {
                let (Verb::Get, Guard::Asks(action, of)) = (*verb, *guard) else {
                    continue;
                };
                for caller in &mut callers {
                    for place in [Place::Own, Place::Foreign, Place::Oneself] {
                        let asks = ((route, *verb), (action, of), (&*caller, place));
                        let Some(target) = world.target(asks.0, asks.1, asks.2).await else {
                            continue;
                        };
                        let page = ask_for_page(caller, (route, *verb), &target).await;
                        looked += 1;
                        for (canary, texts) in &canaries {
                            if texts.iter().any(|text| page.body.contains(text)) {
                                let found = read.entry(caller.name).or_default();
                                found.entry(*canary).or_insert_with(|| target.path.clone());
                            }
                        }
                    }
                }
            }
        }
        assert!(looked > 800, "{looked}");
        for (name, allowed) in READS {
            let found = read.remove(name).unwrap_or_default();
            let seen: BTreeSet<Canary> = found.keys().copied().collect();
            let allowed: BTreeSet<Canary> = allowed.iter().copied().collect();
            assert_eq!(seen, allowed, "{name}: {found:?}");
        }
        assert!(read.is_empty(), "{read:?}");
    }
}
