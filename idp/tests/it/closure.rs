//! Random sequences of administrative calls: whatever delegated administrators do, one after the other, nobody gets
//! a right that the administrators of the beginning could not give (I8–I13, I28, security.md 79, 82).
//!
//! `IDP_CLOSURE_SEQUENCES`, `IDP_CLOSURE_FIRST` and `IDP_CLOSURE_SEED` say how many, from which on, and which;
//! continuous integration does few.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use idp::{
    administration::{AdministrationError, RoleChange},
    entropy::SystemEntropy,
    secrets::{ColumnSealer, ServerKeys},
};
use portal_core::{
    Timestamp,
    access::Group,
    administrators::RoleKind,
    email::EmailKey,
    id::{GroupId, LevelId, UserId},
    organisation::{LevelPath, ThirdPartyStatus},
    permission::{Actor, StaffRole},
};
use storage::{Account, Store, StoreSettings};

use self::calls::Deed;
use crate::{
    dice::Dice,
    harness::{Backend, HUGO, START, TestDatabase, TestIdp},
};

mod calls;
mod replaced;

const CALLS: usize = 50;
/// Everybody of the beginning but [`HUGO`], with level and roles. In BANK E nobody administers A-CASPER, in BANK_01
/// nobody CASPER, and the branch has administrators of its own.
const PEOPLE: [(&str, &str, &[&str]); 8] = [
    ("dua@bank-e.example", "Root/BANK E", &["DelegatedUserAdmin"]),
    ("dua-2@bank-e.example", "Root/BANK E", &["DelegatedUserAdmin"]),
    ("casper@bank-e.example", "Root/BANK E", &["CASPER"]),
    ("ssm@bank-e.example", "Root/BANK E", &["SSM-PORTAL"]),
    ("branch@bank-e.example", "Root/BANK E/Branch", &["DelegatedUserAdmin", "CASPER"]),
    ("plain@bank-e.example", "Root/BANK E/Branch", &[]),
    ("dua@bank-01.example", "Root/BANK_01", &["DelegatedUserAdmin"]),
    ("ssm@bank-01.example", "Root/BANK_01", &["SSM-PORTAL"]),
];

/// What somebody holds that counts now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counting {
    roles: BTreeSet<RoleKind>,
    groups: BTreeSet<GroupId>,
    /// Of the operator's staff there is nobody, and nobody becomes it.
    staff: Vec<StaffRole>,
}

/// What could be given at the beginning, by whom of which level.
type Closure = BTreeSet<(RoleKind, LevelPath)>;

struct World {
    store: Store,
    users: Vec<UserId>,
    levels: Vec<(LevelId, LevelPath)>,
    groups: Vec<Group>,
    closure: Closure,
    /// Memberships of the beginning, which nobody gave.
    first: BTreeSet<(UserId, GroupId)>,
    /// Who replaced a person's address and number, as this test counts it.
    replaced: BTreeMap<UserId, [Option<(UserId, Timestamp)>; 2]>,
    /// When somebody signed in last.
    signed_in: BTreeMap<UserId, Timestamp>,
    /// Everybody who had a hand in replacing both.
    captured: BTreeMap<UserId, BTreeSet<UserId>>,
    now: Timestamp,
    calls: usize,
    allowed: usize,
}

async fn template() -> TestIdp {
    let idp = TestIdp::start_on(TestDatabase::create(Backend::Sqlite).unwrap()).await;
    let (bank_01, _) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
    let ssm = idp.app.store.find_application("SSM-PORTAL").await.unwrap().unwrap();
    idp.administration().onboard(bank_01, &ssm).await.unwrap();
    idp.execute(
        "INSERT INTO levels (id, parent_id, name, third_party_id, path, created_at) \
         SELECT randomblob(16), id, 'Branch', third_party_id, path || '/Branch', created_at \
         FROM levels WHERE name = 'BANK E'",
    )
    .await;
    for (email, level, roles) in PEOPLE {
        let path = LevelPath::from_stored(level.to_owned());
        let level = idp.app.store.find_level(&path).await.unwrap().unwrap();
        let user = idp.create_user(email, level.id, None).await;
        idp.administration().activate_user(user, "no password").await.unwrap();
        let mut grant = Vec::new();
        for role in roles {
            let application = idp.app.store.find_application(role).await.unwrap();
            grant.push(RoleKind::of(application.map(|application| application.id)));
        }
        let change = RoleChange { grant, ..RoleChange::default() };
        idp.administration().change_roles(user, &change).await.unwrap();
    }
    idp.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    idp
}

impl World {
    async fn begin(file: &std::path::Path) -> Self {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let settings = StoreSettings { url, max_connections: 4 };
        let keys = Arc::new(ServerKeys::derive(&[42; 32]));
        let sealer = ColumnSealer::new(keys, Arc::new(SystemEntropy));
        let store = Store::open(&settings, Arc::new(sealer)).await.unwrap();
        let (mut users, mut closure, mut first) = (Vec::new(), Closure::new(), BTreeSet::new());
        let mut levels = BTreeMap::new();
        for email in PEOPLE.iter().map(|person| person.0).chain([HUGO]) {
            let account = store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap();
            let user = account.user.id;
            for role in store.list_delegated_roles(user).await.unwrap() {
                closure.insert((role.kind, account.level.path.clone()));
            }
            first.extend(counting(&store, user).await.groups.into_iter().map(|id| (user, id)));
            levels.insert(account.level.path.clone(), account.level.id);
            users.push(user);
        }
        let names = ["CASPER_WEB_DATA_SUBMITTER", "A-CASPER_WEB_DATA_SUBMITTER", "SSM-PORTAL_USER"];
        let mut groups = Vec::new();
        for name in names {
            groups.push(store.find_group(name).await.unwrap().unwrap());
        }
        Self {
            store,
            users,
            levels: levels.into_iter().map(|(path, id)| (id, path)).collect(),
            groups,
            closure,
            first,
            replaced: BTreeMap::new(),
            signed_in: BTreeMap::new(),
            captured: BTreeMap::new(),
            now: START,
            calls: 0,
            allowed: 0,
        }
    }

    async fn account(&self, user: UserId) -> Account {
        self.store.find_account(user).await.unwrap().unwrap()
    }

    /// One call by somebody on somebody, and what it must not have done.
    async fn call(&mut self, dice: &mut Dice) {
        // Until somebody signs in, all replacements count as together, however far apart.
        let days = if dice.below(8) == 0 { dice.below(12) } else { 0 };
        self.now = self.now.plus_seconds(600 + i64::try_from(days).unwrap() * 24 * 60 * 60);
        let by =
            if dice.below(4) == 0 { *dice.one_of(&self.users) } else { self.users[dice.below(8)] };
        let user = *dice.one_of(&self.users);
        let deed = Deed::of(dice);
        let before = self.of(deed, user).await;
        let actor = self.store.actor(&self.account(by).await).await.unwrap();
        let done = self.act(dice, (by, &actor), (deed, user)).await;
        self.calls += 1;
        match done {
            Ok(()) => self.allowed += 1,
            Err(AdministrationError::Storage(storage::StorageError::Conflict(_))) => {}
            Err(AdministrationError::Storage(error)) => panic!("{error}"),
            Err(_) => {
                assert_eq!(self.of(deed, user).await, before, "a refused call leaves nothing");
                return;
            }
        }
        let after = self.of(deed, user).await;
        self.check(by, &before, after).await;
    }

    /// Nobody has too much in the end, also of those whom no call was about.
    async fn end(&self) {
        let all = self.everything().await;
        self.check(UserId(uuid::Uuid::nil()), &BTreeMap::new(), all).await;
    }

    /// What counts for those whom a call may be about.
    async fn of(&self, deed: Deed, user: UserId) -> BTreeMap<UserId, Counting> {
        if deed.is_about_many() {
            return self.everything().await;
        }
        BTreeMap::from([(user, counting(&self.store, user).await)])
    }

    async fn everything(&self) -> BTreeMap<UserId, Counting> {
        let mut all = BTreeMap::new();
        for user in &self.users {
            all.insert(*user, counting(&self.store, *user).await);
        }
        all
    }

    async fn check(
        &self,
        by: UserId,
        before: &BTreeMap<UserId, Counting>,
        after: BTreeMap<UserId, Counting>,
    ) {
        let may_be = |kind: RoleKind, level: &LevelPath| {
            self.closure.iter().any(|(given, top)| *given == kind && top.contains(level))
        };
        for (user, now) in after {
            let was = before.get(&user).cloned().unwrap_or_default();
            if now == was {
                continue;
            }
            assert_eq!(now.staff, [], "{user} is staff");
            let level = self.account(user).await.level.path;
            for kind in &now.roles {
                assert!(may_be(*kind, &level), "{user} is {kind:?} of {level}");
            }
            for id in now.groups.iter().filter(|id| !self.first.contains(&(user, **id))) {
                let group = self.groups.iter().find(|group| group.id == *id).unwrap();
                let kind = RoleKind::AccessAdministrator(group.application_id);
                assert!(may_be(kind, &level), "{user} of {level} is in {}", group.name);
            }
            let is_more = !now.roles.is_subset(&was.roles) || !now.groups.is_subset(&was.groups);
            let is_taker = self.captured.get(&user).is_some_and(|takers| takers.contains(&by));
            let is_capture = is_more && is_taker;
            assert!(
                !is_capture,
                "{by} replaced the data of {user} and made count: {was:?} {now:?}"
            );
        }
    }
}

async fn counting(store: &Store, user: UserId) -> Counting {
    let account = store.find_account(user).await.unwrap().unwrap();
    let staff = match store.actor(&account).await.unwrap() {
        Actor::Person { staff, .. } => staff,
        Actor::Setup => Vec::new(),
    };
    let held = store.list_memberships(user).await.unwrap();
    let roles = store.list_delegated_roles(user).await.unwrap();
    Counting {
        roles: roles.iter().filter(|one| one.dormant_at.is_none()).map(|one| one.kind).collect(),
        groups: held.iter().filter(|one| !one.is_dormant).map(|one| one.group.id).collect(),
        staff,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sequence_of_calls_gives_a_right_that_nobody_could_give() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let sequences = number("IDP_CLOSURE_SEQUENCES").unwrap_or(12);
    let first = number("IDP_CLOSURE_FIRST").unwrap_or(0);
    let random = u64::from_ne_bytes(*uuid::Uuid::new_v4().as_bytes().first_chunk().unwrap());
    let seed = number("IDP_CLOSURE_SEED").unwrap_or(random);
    let template = template().await;
    let bytes = template.database_file();
    let (mut calls, mut allowed) = (0, 0);
    for sequence in first..first + sequences {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("portal.sqlite");
        std::fs::write(&file, &bytes).unwrap();
        // Half of them are the same at every run.
        let start = if sequence % 2 == 0 { sequence + 1 } else { seed.wrapping_add(sequence) | 1 };
        println!("sequence {sequence} from {start}");
        let mut dice = Dice(start.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut world = World::begin(&file).await;
        for _ in 0..CALLS {
            world.call(&mut dice).await;
        }
        world.end().await;
        calls += world.calls;
        allowed += world.allowed;
    }
    println!("{sequences} sequences, {calls} calls, {allowed} of them allowed, seed {seed}");
    assert!(
        allowed * 20 > calls,
        "{allowed} of {calls} calls were allowed: too few to prove anything"
    );
}
