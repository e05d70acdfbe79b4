//! Nominations: who may take which step, four eyes, and what a confirmation does (O1, I15, E56, E58).

use idp::{
    administration::{
        Administration, AdministrationError, Confirmed, Rule, Submission, draft_mark,
    },
    secrets,
};
use portal_core::{
    account::UserStatus,
    audit::Origin,
    email::{Email, EmailKey},
    id::{ApplicationId, LevelId, NominationId, ThirdPartyId, UserId},
    nomination::{NominationStatus, Nominee, Remark},
    organisation::{LevelPath, ThirdPartyStatus},
    permission::{Actor, Denial, StaffRole},
    person_name::PersonName,
    phone::PhoneNumber,
};
use storage::{NewEvidence, Signatory};

use crate::{
    harness::{START, TestIdp},
    on_both_databases,
};

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";

const LINKS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

impl TestIdp {
    /// Somebody of the operator's staff.
    pub(crate) async fn staff(&self, email: &str, role: StaffRole) -> UserId {
        let root = self.app.store.find_level(&LevelPath::root()).await.unwrap().unwrap();
        let id = self.create_user(email, root.id, None).await;
        self.activate(id).await;
        self.administration().grant_staff_role(id, role).await.unwrap();
        id
    }

    pub(crate) async fn actor(&self, id: UserId) -> Actor {
        let account = self.app.store.find_account(id).await.unwrap().unwrap();
        self.app.store.actor(&account).await.unwrap()
    }

    pub(crate) fn acting<'a>(&'a self, actor: &'a Actor) -> Administration<'a> {
        Administration { store: &self.app.store, actor, now: START, origin: Origin::default() }
    }

    pub(crate) async fn casper(&self) -> ApplicationId {
        self.app.store.find_application("CASPER").await.unwrap().unwrap().id
    }

    pub(crate) async fn status_of(&self, id: ThirdPartyId) -> ThirdPartyStatus {
        self.app.store.find_third_party(id).await.unwrap().unwrap().status
    }
}

pub(crate) fn nominee(
    email: &str,
    is_user_administrator: bool,
    applications: &[ApplicationId],
) -> Nominee {
    Nominee {
        first_name: PersonName::parse("Radka").unwrap(),
        last_name: PersonName::parse("Stoykova").unwrap(),
        email: Email::parse(email).unwrap(),
        phone: PhoneNumber::parse("+447700900041").unwrap(),
        is_user_administrator,
        applications: applications.to_vec(),
    }
}

pub(crate) fn signatory() -> Signatory {
    Signatory {
        name: "Milena Hristova".to_owned(),
        function: "Member of the board".to_owned(),
        email: "milena.hristova@dunav.example".to_owned(),
        locale: "de".to_owned(),
    }
}

pub(crate) fn submission(nominees: Vec<Nominee>, applications: &[ApplicationId]) -> Submission {
    Submission {
        signatory: signatory(),
        applications: applications.to_vec(),
        nominees,
        draft: "{}".to_owned(),
        evidence: Some(NewEvidence { file_name: "mandate.pdf".to_owned(), document: PDF.to_vec() }),
    }
}

/// A prospect with a nomination that three of the staff know of: one filed it, two may confirm.
pub(crate) struct Dunav {
    pub(crate) id: ThirdPartyId,
    pub(crate) level: LevelId,
    pub(crate) filer: Actor,
    pub(crate) first: Actor,
    pub(crate) second: Actor,
}

impl Dunav {
    pub(crate) async fn new(idp: &TestIdp) -> Self {
        let (id, level) = idp.create_third_party("DUNAV", ThirdPartyStatus::Prospect).await;
        let mut actors = Vec::new();
        for name in ["filer", "first", "second"] {
            let email = format!("{name}@operator.example");
            let id = idp.staff(&email, StaffRole::IdentityAdmin).await;
            actors.push(idp.actor(id).await);
        }
        let [filer, first, second] = actors.try_into().unwrap();
        Self { id, level, filer, first, second }
    }

    pub(crate) async fn filed(&self, idp: &TestIdp) -> NominationId {
        let casper = idp.casper().await;
        let nominees = vec![
            nominee("dua@dunav.example", true, &[]),
            nominee("daa@dunav.example", false, &[casper]),
        ];
        let submission = submission(nominees, &[casper]);
        idp.acting(&self.filer).file_nomination(self.id, &submission).await.unwrap()
    }

    pub(crate) async fn in_review(&self, idp: &TestIdp) -> NominationId {
        let id = self.filed(idp).await;
        let version = version_of(idp, id).await;
        idp.acting(&self.first).review_nomination(id, version).await.unwrap();
        id
    }
}

pub(crate) async fn version_of(idp: &TestIdp, id: NominationId) -> i64 {
    idp.app.store.find_nomination(id).await.unwrap().unwrap().version
}

/// What a signatory who opens the form now has seen.
pub(crate) async fn mark_of(idp: &TestIdp, id: NominationId) -> String {
    let draft = idp.app.store.find_nomination_draft(id).await.unwrap();
    let evidence = idp.app.store.find_evidence(id).await.unwrap();
    draft_mark(draft.as_deref(), evidence.as_ref().map(|of| &of.sha256))
}

pub(crate) async fn state_of(idp: &TestIdp, id: NominationId) -> NominationStatus {
    idp.app.store.find_nomination(id).await.unwrap().unwrap().status
}

async fn roles_at(idp: &TestIdp, email: &str) -> (UserStatus, usize) {
    let account = idp.app.store.find_account_by_email(&EmailKey::of(email)).await.unwrap().unwrap();
    let Actor::Person { roles, .. } = idp.app.store.actor(&account).await.unwrap() else {
        panic!("a person");
    };
    (account.user.status, roles.len())
}

on_both_databases! {
    async fn the_first_administrators_are_confirmed_by_two_and_neither_filed_it(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        let filer = idp.acting(&dunav.filer).confirm_nomination((id, version), &LINKS).await;
        assert!(matches!(filer, Err(AdministrationError::Denied(Denial::Excluded(_)))));
        let one = idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
        assert!(matches!(one, Confirmed::OneOfTwo));
        assert_eq!(state_of(&idp, id).await, NominationStatus::InReview);
        assert_eq!(idp.status_of(dunav.id).await, ThirdPartyStatus::Prospect);
        let nobody = idp.app.store.find_account_by_email(&EmailKey::of("dua@dunav.example")).await;
        assert!(nobody.unwrap().is_none(), "nothing before the last confirmation");
        let version = version_of(&idp, id).await;
        let again = idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await;
        assert!(matches!(again, Err(AdministrationError::Denied(Denial::Excluded(_)))));

        let two = idp.acting(&dunav.second).confirm_nomination((id, version), &LINKS).await.unwrap();
        let Confirmed::Appointed { invited, .. } = two else { panic!("appointed") };
        assert_eq!(invited.len(), 2);
        assert_eq!(state_of(&idp, id).await, NominationStatus::Confirmed);
        assert_eq!(idp.status_of(dunav.id).await, ThirdPartyStatus::Active);
        for email in ["dua@dunav.example", "daa@dunav.example"] {
            assert_eq!(roles_at(&idp, email).await, (UserStatus::Invited, 1), "{email}");
        }
        assert!(idp.app.store.is_onboarded(dunav.id, idp.casper().await).await.unwrap());
        assert_eq!(idp.app.store.verify_audit().await.unwrap().0, None);
    }
}

on_both_databases! {
    async fn two_confirmations_at_once_count_once_each(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        let (first, second) = (idp.acting(&dunav.first), idp.acting(&dunav.second));
        let (one, two) = tokio::join!(
            first.confirm_nomination((id, version), &LINKS),
            second.confirm_nomination((id, version), &LINKS)
        );
        let stale = |result: &Result<Confirmed, AdministrationError>| {
            matches!(result, Err(AdministrationError::Stale))
        };
        assert!(stale(&one) != stale(&two), "one of them had not seen the other: {one:?} {two:?}");
        assert_eq!(state_of(&idp, id).await, NominationStatus::InReview);
        assert_eq!(idp.app.store.list_confirmations(id).await.unwrap().len(), 1);
    }
}

on_both_databases! {
    async fn a_last_confirmation_and_a_rejection_at_once_have_one_winner(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
        let version = version_of(&idp, id).await;
        let reason = Remark::parse("The signature is missing.").unwrap();
        let (first, second) = (idp.acting(&dunav.first), idp.acting(&dunav.second));
        let (rejected, confirmed) = tokio::join!(
            first.reject_nomination((id, version), &reason),
            second.confirm_nomination((id, version), &LINKS)
        );
        assert!(rejected.is_ok() != confirmed.is_ok(), "{rejected:?} {confirmed:?}");
        let found = idp.app.store.find_account_by_email(&EmailKey::of("dua@dunav.example")).await;
        assert_eq!(found.unwrap().is_some(), confirmed.is_ok(), "the loser leaves nothing behind");
        let active = idp.status_of(dunav.id).await == ThirdPartyStatus::Active;
        assert_eq!(active, confirmed.is_ok());
    }
}

on_both_databases! {
    async fn somebody_who_is_there_gets_the_role_and_no_second_account(idp) {
        let dunav = Dunav::new(&idp).await;
        let there = idp.create_user("dua@dunav.example", dunav.level, None).await;
        idp.activate(there).await;
        let nominated = TestIdp::new_user("daa@dunav.example", dunav.level);
        idp.administration().create_user(&nominated, UserStatus::Nominated).await.unwrap();
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
        let version = version_of(&idp, id).await;
        let done = idp.acting(&dunav.second).confirm_nomination((id, version), &LINKS).await.unwrap();
        let Confirmed::Appointed { invited, .. } = done else { panic!("appointed") };
        assert_eq!(invited.len(), 1, "only who was not invited before");
        assert_eq!(roles_at(&idp, "dua@dunav.example").await, (UserStatus::Active, 1));
        assert_eq!(roles_at(&idp, "daa@dunav.example").await, (UserStatus::Invited, 1));
    }
}

on_both_databases! {
    async fn an_address_of_another_organisation_is_refused_when_it_is_filed_and_when_it_is_confirmed(idp) {
        let dunav = Dunav::new(&idp).await;
        let casper = idp.casper().await;
        let foreign = submission(vec![nominee("hugo@bank-e.example", true, &[casper])], &[casper]);
        let refused = idp.acting(&dunav.filer).file_nomination(dunav.id, &foreign).await;
        assert!(matches!(refused, Err(AdministrationError::Rule(Rule::NomineeElsewhere))));
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
        let (_, elsewhere) = idp.create_third_party("BANK_01", ThirdPartyStatus::Active).await;
        idp.create_user("daa@dunav.example", elsewhere, None).await;
        let version = version_of(&idp, id).await;
        let refused = idp.acting(&dunav.second).confirm_nomination((id, version), &LINKS).await;
        assert!(matches!(refused, Err(AdministrationError::Rule(Rule::NomineeElsewhere))));
        assert_eq!(state_of(&idp, id).await, NominationStatus::InReview, "all or nothing");
        let nobody = idp.app.store.find_account_by_email(&EmailKey::of("dua@dunav.example")).await;
        assert!(nobody.unwrap().is_none());
    }
}

on_both_databases! {
    async fn a_nomination_lacks_nothing_when_it_is_handed_in(idp) {
        let dunav = Dunav::new(&idp).await;
        let casper = idp.casper().await;
        let dua = nominee("dua@dunav.example", true, &[]);
        let both = nominee("both@dunav.example", true, &[casper]);
        let no_evidence = Submission { evidence: None, ..submission(vec![both], &[casper]) };
        for lacking in [submission(vec![dua], &[casper]), submission(vec![], &[]), no_evidence] {
            let refused = idp.acting(&dunav.filer).file_nomination(dunav.id, &lacking).await;
            assert!(matches!(refused, Err(AdministrationError::Rule(Rule::NominationIncomplete))));
        }
    }
}

on_both_databases! {
    async fn a_link_keeps_the_draft_until_it_is_handed_in_and_a_question_opens_a_new_one(idp) {
        let dunav = Dunav::new(&idp).await;
        let (link, later) = (secrets::digest("one"), secrets::digest("two"));
        let staff = idp.acting(&dunav.filer);
        let id = staff.invite_signatory(dunav.id, signatory(), link).await.unwrap();
        let signs = idp.acting(&Actor::Setup);
        let evidence = NewEvidence { file_name: "a.pdf".to_owned(), document: PDF.to_vec() };
        let seen = mark_of(&idp, id).await;
        signs.save_nomination((&link, &seen), "half", Some(&evidence)).await.unwrap();
        let stale = signs.save_nomination((&link, &seen), "other", None).await;
        assert!(matches!(stale, Err(AdministrationError::Stale)), "half was not seen");
        let seen = mark_of(&idp, id).await;
        signs.save_nomination((&link, &seen), "whole", None).await.unwrap();
        let draft = idp.app.store.find_nomination_draft(id).await.unwrap();
        assert_eq!(draft.as_deref(), Some("whole"));

        let casper = idp.casper().await;
        let whole = submission(vec![nominee("both@dunav.example", true, &[casper])], &[casper]);
        let whole = Submission { evidence: None, ..whole };
        let stale = signs.submit_nomination((&link, &seen), &whole).await;
        assert!(matches!(stale, Err(AdministrationError::Stale)), "the last save was not seen");
        let seen = mark_of(&idp, id).await;
        signs.submit_nomination((&link, &seen), &whole).await.unwrap();
        let again = signs.submit_nomination((&link, &seen), &whole).await;
        assert!(matches!(again, Err(AdministrationError::Missing(_))), "used up");
        assert_eq!(idp.app.store.open_evidence(id).await.unwrap().as_deref(), Some(PDF));

        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).review_nomination(id, version).await.unwrap();
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await.unwrap();
        let question = Remark::parse("Who is that?").unwrap();
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.second).return_nomination((id, version), &question, later).await.unwrap();
        assert_eq!(state_of(&idp, id).await, NominationStatus::Returned);
        let seen = mark_of(&idp, id).await;
        signs.submit_nomination((&later, &seen), &whole).await.unwrap();
        assert_eq!(state_of(&idp, id).await, NominationStatus::Submitted);
        let confirmations = idp.app.store.list_confirmations(id).await.unwrap();
        assert!(confirmations.is_empty(), "who confirmed the old one has not confirmed the new one");
    }
}

on_both_databases! {
    async fn no_step_is_taken_on_what_somebody_else_has_changed(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.filed(&idp).await;
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.first).review_nomination(id, version).await.unwrap();
        let reason = Remark::parse("No.").unwrap();
        let stale = idp.acting(&dunav.second).reject_nomination((id, version), &reason).await;
        assert!(matches!(stale, Err(AdministrationError::Stale)));
        let version = version_of(&idp, id).await;
        idp.acting(&dunav.second).withdraw_nomination((id, version), &reason).await.unwrap();
        let version = version_of(&idp, id).await;
        let over = idp.acting(&dunav.first).confirm_nomination((id, version), &LINKS).await;
        assert!(matches!(over, Err(AdministrationError::Rule(Rule::NominationStatus))));
    }
}

on_both_databases! {
    async fn nobody_but_identity_administrators_touches_a_nomination(idp) {
        let dunav = Dunav::new(&idp).await;
        let id = dunav.in_review(&idp).await;
        let version = version_of(&idp, id).await;
        for role in [StaffRole::Support, StaffRole::Auditor] {
            let other = idp.staff(&format!("{}@operator.example", role.as_str()), role).await;
            let actor = idp.actor(other).await;
            let refused = idp.acting(&actor).confirm_nomination((id, version), &LINKS).await;
            assert!(matches!(refused, Err(AdministrationError::Denied(Denial::Forbidden))));
        }
        let hugo = idp.app.store.find_account_by_email(&EmailKey::of("hugo@bank-e.example")).await;
        let hugo = hugo.unwrap().unwrap().user.id;
        idp.administration().grant_user_administrator(hugo).await.unwrap();
        let actor = idp.actor(hugo).await;
        let refused = idp.acting(&actor).confirm_nomination((id, version), &LINKS).await;
        assert!(matches!(refused, Err(AdministrationError::Denied(Denial::NotFound))));
    }
}
