//! BANK E and its people, made through the code that the product uses.

use idp::administration::Administration;
use portal_core::{
    access::{Application, Environment},
    account::{Channel, NewUser, UserStatus},
    audit::Origin,
    email::Email,
    expiry::ExpirationDate,
    id::{LevelId, ThirdPartyId, UserId},
    organisation::{Administration as Administered, LevelName, NewThirdParty, ThirdPartyStatus},
    password::NewPassword,
    permission::Actor,
    person_name::PersonName,
    phone::PhoneNumber,
};
use storage::NewApplication;

use super::{START, TestIdp};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "harbour lights at noon";
/// Everybody's number.
pub(crate) const PHONE: &str = "+447700900026";
/// Member of CASPER in both environments.
pub(crate) const HUGO: &str = "hugo@bank-e.example";

impl TestIdp {
    /// The program at set-up, a day before the test begins.
    pub(crate) fn administration(&self) -> Administration<'_> {
        let now = START.plus_seconds(-24 * 60 * 60);
        Administration {
            store: &self.app.store,
            actor: &Actor::Setup,
            now,
            origin: Origin::default(),
        }
    }

    /// CASPER in both environments and the SSM Portal; BANK E, onboarded to all; [`HUGO`].
    pub(super) async fn populate(&self) {
        self.administration().create_root().await.unwrap();
        let (bank, level) = self.create_third_party("BANK E", ThirdPartyStatus::Active).await;
        for (code, group) in [
            ("CASPER", "CASPER_WEB_DATA_SUBMITTER"),
            ("A-CASPER", "A-CASPER_WEB_DATA_SUBMITTER"),
            ("SSM-PORTAL", "SSM-PORTAL_USER"),
        ] {
            let application = self.create_application(code).await;
            self.administration().onboard(bank, &application).await.unwrap();
            self.administration().register_group(&application, group, "for tests").await.unwrap();
        }
        let hugo = self.create_user(HUGO, level, None).await;
        self.activate(hugo).await;
        for name in ["CASPER_WEB_DATA_SUBMITTER", "A-CASPER_WEB_DATA_SUBMITTER"] {
            let group = self.app.store.find_group(name).await.unwrap().unwrap();
            self.administration().assign_membership(hugo, &group).await.unwrap();
        }
    }

    pub(crate) async fn create_application(&self, code: &str) -> Application {
        let new = NewApplication {
            code: code.to_owned(),
            title: code.to_owned(),
            subtitle: "for tests".to_owned(),
            environment: Environment::of_name(code),
            position: 1,
        };
        self.administration().register_application(&new).await.unwrap();
        self.app.store.find_application(code).await.unwrap().unwrap()
    }

    pub(crate) async fn create_third_party(
        &self,
        level: &str,
        status: ThirdPartyStatus,
    ) -> (ThirdPartyId, LevelId) {
        let new = NewThirdParty {
            legal_name: format!("{level}, S.A."),
            country: "ES".to_owned(),
            lei: None,
            kind: "bank".to_owned(),
            administration: Administered::Delegated,
            status,
            level: LevelName::parse(level).unwrap(),
        };
        self.administration().create_third_party(&new).await.unwrap()
    }

    /// What an administrator enters.
    pub(crate) fn new_user(email: &str, level_id: LevelId) -> NewUser {
        NewUser {
            first_name: PersonName::parse("Hugo").unwrap(),
            last_name: PersonName::parse("Belmonte").unwrap(),
            email: Email::parse(email).unwrap(),
            phone: PhoneNumber::parse(PHONE).unwrap(),
            company_id: Some("C-17".to_owned()),
            expires_on: None,
            level_id,
            subsidiary_id: None,
            default_channel: Channel::Sms,
        }
    }

    /// An invited person; `expires_on` as `YYYY-MM-DD`.
    pub(crate) async fn create_user(
        &self,
        email: &str,
        level_id: LevelId,
        expires_on: Option<&str>,
    ) -> UserId {
        let expires_on = expires_on.map(|date| ExpirationDate::from_iso(date).unwrap());
        let new = NewUser { expires_on, ..Self::new_user(email, level_id) };
        self.administration().create_user(&new, UserStatus::Invited).await.unwrap()
    }

    /// Sets everybody's password and makes the account ACTIVE.
    pub(crate) async fn activate(&self, user: UserId) {
        let password = NewPassword::parse(PASSWORD, &[]).unwrap();
        let hash = self.app.passwords.hash(password.expose().to_owned()).await.unwrap();
        self.administration().activate_user(user, &hash).await.unwrap();
    }
}
