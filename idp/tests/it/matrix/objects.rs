//! What the pages are about: objects of the own organisation, of another one, of nobody, and of the caller.

use std::collections::HashMap;

use idp::{
    administration::{Administration, Submission},
    web::pages::route::{Of, PageRoute, Verb},
};
use portal_core::{
    access_request::{NewAccessRequest, Reason},
    account::{NewUser, UserStatus},
    email::EmailKey,
    id::{ApplicationId, GroupId, LevelId, NominationId, ThirdPartyId, UserId},
    lei::Lei,
    organisation::{LevelPath, NewSubsidiary, ThirdPartyStatus},
    permission::{Action, Actor, Object},
    phone::PhoneNumber,
};
use storage::Account;
use uuid::Uuid;

use super::{
    callers::Caller,
    questions::{Chosen, Question},
};
use crate::{
    harness::{HUGO, TestIdp},
    nominations::{nominee, submission, version_of},
};

/// Where the object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Own,
    Foreign,
    Nowhere,
    /// It is the caller, or of the caller's making.
    Oneself,
}

/// What a request asks for, and what is asked of the table before.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) path: String,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) question: Question,
}

/// A level with what there is at it.
#[derive(Clone)]
struct Bank {
    level: LevelId,
    path: LevelPath,
    third_party: ThirdPartyId,
    review: Uuid,
    request: (Uuid, UserId),
    nomination: NominationId,
    person: UserId,
    subsidiary: String,
}

/// The portal with two organisations.
pub(super) struct World {
    pub(super) idp: TestIdp,
    pub(super) own: LevelId,
    casper: ApplicationId,
    applications: Vec<ApplicationId>,
    banks: HashMap<Place, Bank>,
    /// What the callers made, for those who can.
    requests: HashMap<UserId, Uuid>,
    nominations: HashMap<UserId, NominationId>,
    made: usize,
}

/// Pages about no object that take a level: those beyond sight do not exist.
const WITH_LEVEL: [&str; 9] = [
    "/users",
    "/users/export",
    "/access/matrix",
    "/access/matrix.csv",
    "/access/on",
    "/access/on.csv",
    "/access/self-assignments",
    "/access/self-assignments.csv",
    "/audit",
];

impl World {
    /// Makes them, with a request, a review and a nomination in each.
    pub(super) async fn new(idp: TestIdp) -> Self {
        let (third_party, foreign) =
            idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        let store = &idp.app.store;
        let all = store.list_applications().await.unwrap();
        let casper = idp.casper().await;
        for application in &all {
            idp.administration().onboard(third_party, application).await.unwrap();
        }
        let hugo = store.find_account_by_email(&EmailKey::of(HUGO)).await.unwrap().unwrap();
        let own = hugo.level.id;
        let mut world = Self {
            own,
            casper,
            applications: all.iter().map(|one| one.id).collect(),
            banks: HashMap::new(),
            requests: HashMap::new(),
            nominations: HashMap::new(),
            made: 0,
            idp,
        };
        for (place, level) in [(Place::Own, own), (Place::Foreign, foreign)] {
            let bank = world.bank(level).await;
            world.banks.insert(place, bank);
        }
        world
    }

    async fn bank(&mut self, level: LevelId) -> Bank {
        let found = self.idp.app.store.find_level_by_id(level).await.unwrap().unwrap();
        let third_party = found.third_party_id.unwrap();
        let member = self.person(level).await;
        let group = self.idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await;
        let setup = self.idp.administration();
        setup.assign_membership(member, &group.unwrap().unwrap()).await.unwrap();
        let review = setup.begin_access_review(third_party, self.casper).await.unwrap();
        let asking = self.person(level).await;
        self.idp.activate(asking).await;
        let request = self.request_of(asking).await;
        let nomination = self.nomination_by(&Actor::Setup, third_party).await;
        Bank {
            level,
            path: found.path,
            third_party,
            review,
            request: (request, asking),
            nomination,
            person: self.person(level).await,
            subsidiary: self.subsidiary(level).await,
        }
    }

    /// What each caller makes: a request for access, and as staff a nomination.
    pub(super) async fn made_by(&mut self, caller: &Caller) {
        let (Some(id), Some(Actor::Person { staff, .. })) = (caller.id(), &caller.actor) else {
            return;
        };
        if staff.is_empty() {
            let request = self.request_of(id).await;
            self.requests.insert(id, request);
        } else if caller.name == "identity administrator" {
            let third_party = self.banks[&Place::Own].third_party;
            let by = caller.actor.clone().unwrap();
            let nomination = self.nomination_by(&by, third_party).await;
            self.nominations.insert(id, nomination);
        }
    }

    /// The request that a caller made.
    pub(super) fn made_request(&self, caller: &Caller) -> Option<Uuid> {
        caller.id().and_then(|id| self.requests.get(&id).copied())
    }

    async fn person(&mut self, level: LevelId) -> UserId {
        self.made += 1;
        let number = format!("+4477008{:05}", self.made);
        let new = NewUser {
            phone: PhoneNumber::parse(&number).unwrap(),
            ..TestIdp::new_user(&format!("person-{}@bank.example", self.made), level)
        };
        self.idp.administration().create_user(&new, UserStatus::Invited).await.unwrap()
    }

    /// Somebody of an organisation, on whose pages everybody looks.
    pub(super) async fn person_at(&self, place: Place) -> Account {
        let person = self.banks[&place].person;
        self.idp.app.store.find_account(person).await.unwrap().unwrap()
    }

    async fn request_of(&self, user: UserId) -> Uuid {
        let group = self.idp.app.store.find_group("CASPER_WEB_DATA_SUBMITTER").await.unwrap();
        let group: GroupId = group.unwrap().id;
        let reason = Reason::parse("for the quarterly returns").unwrap();
        let new = NewAccessRequest { user, group, reason, wished_until: None };
        let actor = self.idp.actor(user).await;
        self.idp.acting(&actor).request_access(&new).await.unwrap()
    }

    async fn nomination_by(&mut self, by: &Actor, third_party: ThirdPartyId) -> NominationId {
        self.made += 1;
        let [users, access] =
            ["dua", "daa"].map(|kind| format!("{kind}-{}@nominees.example", self.made));
        let nominees = vec![nominee(&users, true, &[]), nominee(&access, false, &[self.casper])];
        let filed: Submission = submission(nominees, &[self.casper]);
        let at_work: Administration<'_> = self.idp.acting(by);
        let id = at_work.file_nomination(third_party, &filed).await.unwrap();
        let version = version_of(&self.idp, id).await;
        self.idp.acting(&Actor::Setup).review_nomination(id, version).await.unwrap();
        id
    }

    async fn subsidiary(&mut self, level_id: LevelId) -> String {
        self.made += 1;
        let new = NewSubsidiary {
            level_id,
            short_name: format!("bank_{}", self.made),
            legal_name: "Bank, S.A.".to_owned(),
            country: "ES".to_owned(),
            lei: Lei::parse("DEMO006M1DUANGSM3Q90").unwrap(),
        };
        self.idp.administration().create_subsidiary(&new).await.unwrap().to_string()
    }

    /// The request of a caller for a page about an object at a place; `None` where there can be none.
    pub(super) async fn target(
        &mut self,
        (route, verb): (&PageRoute, Verb),
        (action, of): (Action, Of),
        (caller, place): (&Caller, Place),
    ) -> Option<Target> {
        let bank = self.banks.get(&place).cloned();
        if route.path == "/reviews" && verb == Verb::Post {
            return self.beginning(bank.as_ref(), place);
        }
        if !route.path.contains("{id}") {
            return self.without_object(route, (verb, action, of), (caller, place));
        }
        let of_user = of == Of::User || route.path.starts_with("/users/");
        let (id, asked) = match (bank, place) {
            (_, Place::Nowhere) => (Uuid::new_v4().to_string(), Vec::new()),
            (Some(bank), _) if of_user => {
                let id = match verb {
                    Verb::Get => bank.person,
                    Verb::Post => self.person(bank.level).await,
                };
                (id.to_string(), self.about_person(id, &bank.path, (route, verb, action)))
            }
            (Some(bank), _) => self.at(&bank, (route, verb), (action, of)).await,
            (None, _) if of_user => {
                let id = caller.id()?;
                let level = self.idp.app.store.find_account(id).await.unwrap().unwrap().level.path;
                (id.to_string(), self.about_person(id, &level, (route, verb, action)))
            }
            (None, _) => self.made_by_caller(caller.id()?, route.path, action)?,
        };
        let question = match (place, of) {
            (Place::Nowhere, Of::Application) => Question::NothingOfAll(action),
            _ if asked.is_empty() => Question::Nothing,
            _ => Question::AnyOf(asked),
        };
        Some(Target { path: route.path.replace("{id}", &id), fields: Vec::new(), question })
    }

    /// What a page about a person asks. To edit is to modify the account or to change a role (E16, E17); to assign
    /// is to give access to anything (E18).
    fn about_person(
        &self,
        id: UserId,
        level: &LevelPath,
        (route, verb, action): (&PageRoute, Verb, Action),
    ) -> Vec<(Action, Object)> {
        let user = Object::User { id, level: level.clone(), reach: level.clone() };
        let each = |action: Action| {
            let access = |application: &ApplicationId| Object::Access {
                user: id,
                level: level.clone(),
                reach: level.clone(),
                application: *application,
                onboarded: true,
            };
            self.applications.iter().map(move |application| (action, access(application)))
        };
        match (route.path, verb) {
            ("/users/{id}/edit", _) => {
                let own = [Action::ModifyUser, Action::GrantUserAdministrator];
                let own = own.into_iter().map(|action| (action, user.clone()));
                own.chain(each(Action::GrantAccessAdministrator)).collect()
            }
            ("/users/{id}/memberships", _) => each(action).collect(),
            _ => vec![(action, user)],
        }
    }

    /// An object of an organisation, and what is asked about it.
    async fn at(
        &mut self,
        bank: &Bank,
        (route, verb): (&PageRoute, Verb),
        (action, of): (Action, Of),
    ) -> (String, Vec<(Action, Object)>) {
        let level = bank.path.clone();
        let (id, object) = match of {
            Of::Access if route.path.starts_with("/requests/") => {
                let (request, user) = bank.request;
                (request.to_string(), self.request_object(user, level))
            }
            Of::Access => {
                let object = Object::Application { level, application: self.casper };
                (bank.review.to_string(), object)
            }
            Of::Nomination => {
                let object = Object::Nomination { level, originators: Vec::new() };
                (bank.nomination.to_string(), object)
            }
            Of::Application => ("CASPER".to_owned(), Object::Everything),
            Of::ThirdParty => (bank.third_party.to_string(), Object::Level(level)),
            Of::Subsidiary if verb == Verb::Get => (bank.subsidiary.clone(), Object::Level(level)),
            Of::Subsidiary => (self.subsidiary(bank.level).await, Object::Level(level)),
            _ => (bank.level.to_string(), Object::Level(level)),
        };
        (id, vec![(action, object)])
    }

    fn request_object(&self, user: UserId, level: LevelPath) -> Object {
        let reach = level.clone();
        Object::Access { user, level, reach, application: self.casper, onboarded: true }
    }

    /// A request or a nomination of the caller's own: only others decide about it (I29, E58).
    fn made_by_caller(
        &self,
        id: UserId,
        path: &str,
        action: Action,
    ) -> Option<(String, Vec<(Action, Object)>)> {
        let level = self.banks[&Place::Own].path.clone();
        let (made, object) = if path.starts_with("/requests/") {
            (self.requests.get(&id)?.to_string(), self.request_object(id, level))
        } else if path.starts_with("/nominations/") {
            let object = Object::Nomination { level, originators: vec![id] };
            (self.nominations.get(&id)?.to_string(), object)
        } else {
            return None;
        };
        Some((made, vec![(action, object)]))
    }

    /// To begin a review names a third party and an application in the form.
    fn beginning(&self, bank: Option<&Bank>, place: Place) -> Option<Target> {
        let (third_party, question) = match bank {
            Some(bank) => {
                let level = bank.path.clone();
                let object = Object::Application { level, application: self.casper };
                let asked = Question::AnyOf(vec![(Action::ReviewAccess, object)]);
                (bank.third_party.to_string(), asked)
            }
            None if place == Place::Nowhere => (Uuid::new_v4().to_string(), Question::Nothing),
            None => return None,
        };
        let fields = vec![("of", format!("{third_party}:{}", self.casper))];
        Some(Target { path: "/reviews".to_owned(), fields, question })
    }

    /// A page about no object: a list, a form, or something of oneself.
    fn without_object(
        &self,
        route: &PageRoute,
        (verb, action, of): (Verb, Action, Of),
        (caller, place): (&Caller, Place),
    ) -> Option<Target> {
        let takes_level = verb == Verb::Get && WITH_LEVEL.contains(&route.path);
        if place == Place::Oneself || (place != Place::Own && !takes_level) {
            return None;
        }
        let bank = self.banks.get(&place);
        let mut path = route.path.to_owned();
        let question = match of {
            _ if takes_level => {
                let level = bank.map_or_else(Uuid::new_v4, |bank| bank.level.0);
                path = format!("{path}?level={level}");
                let chosen = bank.map(|bank| Chosen::Level(bank.path.clone()));
                Question::Levels(action, chosen.unwrap_or(Chosen::Unknown))
            }
            Of::Oneself => match (caller.id(), bank) {
                (Some(id), Some(bank)) => {
                    let (level, reach) = (bank.path.clone(), bank.path.clone());
                    Question::AnyOf(vec![(action, Object::User { id, level, reach })])
                }
                _ => Question::Nothing,
            },
            Of::Everything => Question::AnyOf(vec![(action, Object::Everything)]),
            Of::Access => Question::Applications(action),
            _ => Question::Levels(action, Chosen::All),
        };
        Some(Target { path, fields: Vec::new(), question })
    }
}
