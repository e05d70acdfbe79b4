//! What each end takes along, cell by cell, on another node; and that coming back revives none of it (security.md 86).

use idp::administration::{Administration, Proof, Suspension};
use portal_core::{
    account::{NewUser, UserStatus},
    audit::Origin,
    email::Email,
    one_time_link::LinkPurpose,
    permission::Actor,
};
use storage::{Account, ApplicationDetails};

use crate::harness::{Backend, Browser, TestIdp, Tokens, authorize, redemption};

/// What somebody of the administration puts an end to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    ThirdPartySuspended,
    ThirdPartyClosed,
    ApplicationOffboarded,
    UserSuspended,
    UserDeleted,
    ClientDisabled,
    ApplicationSwitchedOff,
}

/// What was issued before to anna of the third party; the invitation is a colleague's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Session,
    Code,
    CodeOfAnotherClient,
    RefreshToken,
    AccessToken,
    IntrospectedAccessToken,
    IntrospectedRefreshToken,
    Invitation,
}

use End::{
    ApplicationOffboarded, ApplicationSwitchedOff, ClientDisabled, ThirdPartyClosed,
    ThirdPartySuspended, UserDeleted, UserSuspended,
};
use Thing::{
    AccessToken, Code, CodeOfAnotherClient, IntrospectedAccessToken, IntrospectedRefreshToken,
    Invitation, RefreshToken, Session,
};

const THINGS: [Thing; 8] = [
    Session,
    Code,
    CodeOfAnotherClient,
    RefreshToken,
    AccessToken,
    IntrospectedAccessToken,
    IntrospectedRefreshToken,
    Invitation,
];

/// What outlives each end; everything else is dead at once.
const OUTLIVES: [(End, &[Thing]); 7] = [
    (ThirdPartySuspended, &[]),
    (ThirdPartyClosed, &[]),
    (ApplicationOffboarded, &[Session, Invitation]),
    (UserSuspended, &[Invitation]),
    (UserDeleted, &[Invitation]),
    (ClientDisabled, &[Session, CodeOfAnotherClient, Invitation]),
    (ApplicationSwitchedOff, &[Session, Invitation]),
];

fn setup(idp: &TestIdp) -> Administration<'_> {
    Administration {
        store: &idp.app.store,
        actor: &Actor::Setup,
        now: idp.app.now(),
        origin: Origin::default(),
    }
}

async fn anna(idp: &TestIdp) -> Account {
    idp.app.store.find_account(idp.world.anna).await.unwrap().unwrap()
}

async fn switch_casper(idp: &TestIdp, is_enabled: bool) {
    let found = idp.app.store.find_registered_application("CASPER").await.unwrap().unwrap();
    let new = ApplicationDetails { is_enabled, ..found.details.clone() };
    setup(idp).modify_application(&found.application, &found.details, &new).await.unwrap();
}

impl End {
    async fn bring(self, idp: &TestIdp) {
        let (setup, anna, store) = (setup(idp), anna(idp).await, &idp.app.store);
        let bank = anna.third_party.as_ref().unwrap().id;
        let version = store.find_third_party(bank).await.unwrap().unwrap().version;
        match self {
            ThirdPartySuspended => {
                setup.suspend_third_party(bank, version, "sanctions").await.unwrap();
            }
            ThirdPartyClosed => {
                setup.close_third_party(bank, version, "ended", None).await.unwrap();
            }
            ApplicationOffboarded => {
                let casper = store.find_application("CASPER").await.unwrap().unwrap();
                let foreseen = store.count_access(bank, Some(casper.id)).await.unwrap();
                setup.offboard(bank, &casper, foreseen).await.unwrap();
            }
            UserSuspended => {
                setup.suspend_user(anna.user.id, Suspension::default()).await.unwrap();
            }
            UserDeleted => {
                setup.delete_user(anna.user.id, anna.user.version, None).await.unwrap();
            }
            ClientDisabled => setup.disable_client("casper").await.unwrap(),
            ApplicationSwitchedOff => switch_casper(idp, false).await,
        }
    }

    /// Takes it back; `false` for what is for good, and for access, which is given anew and not taken up again.
    async fn take_back(self, idp: &TestIdp) -> bool {
        let (setup, anna) = (setup(idp), anna(idp).await);
        match self {
            ThirdPartySuspended => {
                let bank = anna.third_party.as_ref().unwrap().id;
                let stored = idp.app.store.find_third_party(bank).await.unwrap().unwrap();
                setup.reactivate_third_party(bank, stored.version, "lifted").await.unwrap();
                true
            }
            UserSuspended => {
                setup.reinstate_user(anna.user.id).await.unwrap();
                true
            }
            ApplicationSwitchedOff => {
                switch_casper(idp, true).await;
                true
            }
            ThirdPartyClosed | ApplicationOffboarded | UserDeleted | ClientDisabled => false,
        }
    }
}

/// One of each.
struct Issued<'a> {
    browser: Browser<'a>,
    code: String,
    other_code: String,
    tokens: Tokens,
    invited: (portal_core::id::UserId, [u8; 32]),
}

impl<'a> Issued<'a> {
    async fn to_anna(idp: &'a TestIdp, number: u8) -> Self {
        let tokens = idp.tokens_of_anna().await;
        let mut browser = idp.signed_in(idp.world.anna).await;
        let of_twin = browser.get(&authorize(&[("client_id", Some("twin"))])).await;
        let account = anna(idp).await;
        let new = NewUser {
            email: Email::parse(&format!("colleague-{number}@bank01.example")).unwrap(),
            ..as_new(&account)
        };
        let colleague = setup(idp).create_user(&new, UserStatus::Invited).await.unwrap();
        setup(idp).resend_activation(colleague, &[number; 32]).await.unwrap();
        Self {
            code: browser.code().await,
            other_code: of_twin.parameter("code").unwrap(),
            browser,
            tokens,
            invited: (colleague, [number; 32]),
        }
    }

    /// Whether it is still good for anything, asked at another node.
    async fn is_alive(&self, node: &TestIdp, thing: Thing) -> bool {
        let tells = |body: &str| body != r#"{"active":false}"#;
        match thing {
            Session => {
                let mut there = node.browser();
                there.cookies = self.browser.cookies.clone();
                // Another application, so that the end of one is not taken for that of the session.
                let asked = authorize(&[("client_id", Some("a-casper"))]);
                there.get(&asked).await.parameter("code").is_some()
            }
            Code => node.redeem(&self.code).await.status == 200,
            CodeOfAnotherClient => {
                node.token("twin", &redemption(&self.other_code)).await.status == 200
            }
            RefreshToken => node.refresh(&self.tokens.refresh).await.status == 200,
            AccessToken => node.userinfo(&self.tokens.access).await.status == 200,
            IntrospectedAccessToken => {
                let told = node.introspect("casper", &self.tokens.access).await;
                told.status == 200 && tells(&told.body)
            }
            IntrospectedRefreshToken => {
                let told = node.introspect("casper", &self.tokens.refresh).await;
                told.status == 200 && tells(&told.body)
            }
            Invitation => {
                let proof = Proof {
                    link: self.invited.1,
                    purpose: LinkPurpose::Activation,
                    user: self.invited.0,
                    phone: None,
                    password_hash: "no hash",
                    terms: &portal_core::terms::Version::of_text(),
                };
                setup(node).use_link(&proof).await.is_ok()
            }
        }
    }

    /// Asks for all, those that are used up by it last.
    async fn alive(&self, node: &TestIdp) -> Vec<Thing> {
        let mut alive = Vec::new();
        for thing in [
            Session,
            AccessToken,
            IntrospectedAccessToken,
            IntrospectedRefreshToken,
            RefreshToken,
            Code,
            CodeOfAnotherClient,
            Invitation,
        ] {
            if self.is_alive(node, thing).await {
                alive.push(thing);
            }
        }
        alive.sort_by_key(|thing| THINGS.iter().position(|one| one == thing));
        alive
    }
}

fn as_new(account: &Account) -> NewUser {
    use portal_core::{account::Channel, person_name::PersonName};
    NewUser {
        first_name: PersonName::parse("Cora").unwrap(),
        last_name: PersonName::parse("Berg").unwrap(),
        email: Email::parse("unused@bank01.example").unwrap(),
        phone: account.user.phone.clone(),
        company_id: None,
        expires_on: None,
        level_id: account.level.id,
        subsidiary_id: None,
        default_channel: Channel::Sms,
    }
}

#[tokio::test]
async fn security_86_each_end_takes_along_exactly_this_and_coming_back_revives_none_of_it() {
    for backend in Backend::all() {
        for (end, outlives) in OUTLIVES {
            let idp = TestIdp::start_on(backend).await;
            let node = idp.another_node().await;
            let before = Issued::to_anna(&idp, 1).await;
            let asked_at_once = Issued::to_anna(&idp, 2).await;
            let asked_later = Issued::to_anna(&idp, 3).await;
            assert_eq!(before.alive(&node).await, THINGS, "{backend:?}: all is good before");
            end.bring(&idp).await;
            assert_eq!(asked_at_once.alive(&node).await, outlives, "{backend:?}: {end:?}");
            if end.take_back(&idp).await {
                idp.advance(1);
                assert_eq!(
                    asked_later.alive(&node).await,
                    outlives,
                    "{backend:?}: {end:?}, and back"
                );
            }
        }
    }
}
