use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::organisation::LevelName;

const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);
const CASPER: ApplicationId = ApplicationId(Uuid::from_u128(1));
const SSM: ApplicationId = ApplicationId(Uuid::from_u128(2));
const ME: UserId = UserId(Uuid::from_u128(10));
const OTHER: UserId = UserId(Uuid::from_u128(11));

fn level(name: &str) -> LevelPath {
    LevelPath::root().child(&LevelName::parse(name).unwrap())
}

fn person(roles: Vec<DelegatedRole>, staff: Vec<StaffRole>) -> Actor {
    Actor::Person { id: ME, roles, staff, expires_on: None }
}

fn dua() -> Actor {
    person(vec![DelegatedRole::UserAdministrator { level: level("BANK E") }], vec![])
}

fn daa(application: ApplicationId) -> Actor {
    person(vec![DelegatedRole::AccessAdministrator { level: level("BANK E"), application }], vec![])
}

fn user_at(name: &str) -> Object {
    Object::User { id: OTHER, level: level(name), reach: level(name) }
}

fn access(name: &str, application: ApplicationId, onboarded: bool) -> Object {
    Object::Access { user: OTHER, level: level(name), reach: level(name), application, onboarded }
}

#[test]
fn a_user_administrator_manages_accounts_but_gives_no_access() {
    for action in [Action::ViewUser, Action::CreateUser, Action::ModifyUser, Action::DeleteUser] {
        assert!(decide(&dua(), action, &user_at("BANK E"), NOW).is_allowed(), "{action:?}");
    }
    assert!(decide(&dua(), Action::GrantUserAdministrator, &user_at("BANK E"), NOW).is_allowed());
    for action in [Action::AssignMembership, Action::GrantAccessAdministrator] {
        let decision = decide(&dua(), action, &access("BANK E", CASPER, true), NOW);
        assert_eq!(decision, Decision::Deny(Denial::Forbidden), "{action:?}");
    }
}

#[test]
fn an_access_administrator_gives_access_to_its_application_only_and_changes_no_account() {
    for action in [Action::AssignMembership, Action::GrantAccessAdministrator] {
        assert!(decide(&daa(CASPER), action, &access("BANK E", CASPER, true), NOW).is_allowed());
        let other = decide(&daa(CASPER), action, &access("BANK E", SSM, true), NOW);
        assert_eq!(other, Decision::Deny(Denial::Forbidden));
    }
    assert!(decide(&daa(CASPER), Action::ViewUser, &user_at("BANK E"), NOW).is_allowed());
    for action in
        [Action::CreateUser, Action::ModifyUser, Action::DeleteUser, Action::GrantUserAdministrator]
    {
        let decision = decide(&daa(CASPER), action, &user_at("BANK E"), NOW);
        assert_eq!(decision, Decision::Deny(Denial::Forbidden), "{action:?}");
    }
}

#[test]
fn a_foreign_object_looks_like_one_that_does_not_exist() {
    for actor in [dua(), daa(CASPER)] {
        for action in TABLE.iter().map(|row| row.action) {
            for object in [
                user_at("BANK_01"),
                access("BANK_01", CASPER, true),
                Object::Level(LevelPath::root()),
            ] {
                assert_eq!(
                    decide(&actor, action, &object, NOW),
                    Decision::Deny(Denial::NotFound),
                    "{action:?}"
                );
            }
        }
    }
}

#[test]
fn access_needs_the_third_party_to_be_onboarded_whoever_assigns() {
    let staff = person(vec![], vec![StaffRole::IdentityAdmin]);
    for actor in [daa(CASPER), staff, Actor::Setup] {
        let decision =
            decide(&actor, Action::AssignMembership, &access("BANK E", CASPER, false), NOW);
        assert_eq!(decision, Decision::Deny(Denial::NotOnboarded));
    }
}

#[test]
fn an_auditor_looks_and_takes_copies_but_does_not_touch() {
    let auditor = person(vec![], vec![StaffRole::Auditor]);
    let looks = [
        Action::ViewUser,
        Action::ExportUsers,
        Action::ViewConfirmations,
        Action::ViewAccessReview,
        Action::ExplainAccess,
        Action::ViewThirdParty,
        Action::ViewApplication,
        Action::ViewNomination,
        Action::ViewAudit,
        Action::ExportAudit,
    ];
    for row in TABLE {
        let decision = decide(&auditor, row.action, &user_at("BANK E"), NOW);
        let expected = looks.contains(&row.action);
        assert_eq!(decision.is_allowed(), expected, "{:?}", row.action);
    }
}

#[test]
fn the_support_centre_unlocks_and_sends_links_and_changes_nothing_else() {
    let support = person(vec![], vec![StaffRole::Support]);
    let may = [
        Action::ViewUser,
        Action::UnlockUser,
        Action::ResendActivation,
        Action::ExplainAccess,
        Action::ViewThirdParty,
        Action::ViewApplication,
        Action::ViewNomination,
    ];
    for row in TABLE {
        let decision = decide(&support, row.action, &user_at("BANK E"), NOW);
        assert_eq!(decision.is_allowed(), may.contains(&row.action), "{:?}", row.action);
    }
}

#[test]
fn nobody_frees_confirms_or_lengthens_oneself() {
    let me = Object::User { id: ME, level: level("BANK E"), reach: level("BANK E") };
    let both = person(
        vec![
            DelegatedRole::UserAdministrator { level: level("BANK E") },
            DelegatedRole::AccessAdministrator { level: level("BANK E"), application: CASPER },
        ],
        vec![StaffRole::IdentityAdmin],
    );
    for action in [
        Action::ChangeExpiration,
        Action::SuspendUser,
        Action::UnlockUser,
        Action::GrantStaffRole,
        Action::ConfirmUserAdministrator,
        Action::ConfirmAccessAdministrator,
        Action::ConfirmMembership,
    ] {
        let decision = decide(&both, action, &me, NOW);
        assert!(matches!(decision, Decision::Deny(Denial::Excluded(_))), "{action:?} {decision:?}");
        assert!(decide(&both, action, &user_at("BANK E"), NOW).is_allowed(), "{action:?}");
    }
    let own = Object::Access {
        user: ME,
        level: level("BANK E"),
        reach: level("BANK E"),
        application: CASPER,
        onboarded: true,
    };
    assert!(!decide(&daa(CASPER), Action::DecideAccessRequest, &own, NOW).is_allowed());
    assert!(decide(&daa(CASPER), Action::AssignMembership, &own, NOW).is_allowed(), "O8");
}

#[test]
fn whoever_replaced_sign_in_data_does_not_confirm_what_became_dormant() {
    let dormant = |originators| Object::Dormant {
        user: OTHER,
        level: level("BANK E"),
        reach: level("BANK E"),
        application: Some(CASPER),
        originators,
    };
    let confirm = |object: &Object| decide(&daa(CASPER), Action::ConfirmMembership, object, NOW);
    assert!(confirm(&dormant(vec![OTHER])).is_allowed());
    assert!(confirm(&dormant(vec![])).is_allowed());
    assert!(matches!(confirm(&dormant(vec![OTHER, ME])), Decision::Deny(Denial::Excluded(_))));
    assert!(!decide(&daa(SSM), Action::ConfirmMembership, &dormant(vec![]), NOW).is_allowed());
}

#[test]
fn a_user_administrator_replaces_the_sign_in_data_of_plain_users_only() {
    let data = |user, is_administrator| Object::SignInData {
        user,
        level: level("BANK E"),
        is_administrator,
    };
    let replace = |actor: &Actor, object: &Object| {
        decide(actor, Action::ReplaceSignInData, object, NOW).is_allowed()
    };
    assert!(replace(&dua(), &data(OTHER, false)));
    assert!(!replace(&dua(), &data(OTHER, true)));
    assert!(!replace(&dua(), &data(ME, false)));
    let staff = person(vec![], vec![StaffRole::IdentityAdmin]);
    assert!(replace(&staff, &data(OTHER, true)));
    assert!(!replace(&daa(CASPER), &data(OTHER, false)));
}

#[test]
fn four_eyes_confirm_a_nomination() {
    let staff = person(vec![], vec![StaffRole::IdentityAdmin]);
    let nomination = |originators| Object::Nomination { level: level("DUNAV"), originators };
    let confirm = |object: &Object| decide(&staff, Action::ConfirmNomination, object, NOW);
    assert!(confirm(&nomination(vec![])).is_allowed());
    assert!(confirm(&nomination(vec![OTHER])).is_allowed());
    assert!(matches!(confirm(&nomination(vec![OTHER, ME])), Decision::Deny(Denial::Excluded(_))));
}

#[test]
fn sight_has_no_level_twice() {
    let branch = level("BANK E").child(&LevelName::parse("Branch").unwrap());
    let actor = person(
        vec![
            DelegatedRole::UserAdministrator { level: branch },
            DelegatedRole::AccessAdministrator { level: level("BANK E"), application: CASPER },
            DelegatedRole::AccessAdministrator { level: level("BANK E"), application: SSM },
        ],
        vec![],
    );
    assert_eq!(sight(&actor, Action::ViewUser, NOW), Sight::Levels(vec![level("BANK E")]));
    assert!(sight(&person(vec![], vec![]), Action::ViewUser, NOW).is_empty());
    assert_eq!(sight(&Actor::Setup, Action::ViewUser, NOW), Sight::Everything);
}

#[test]
fn everybody_has_a_profile_and_nobody_has_another_ones() {
    let own = Object::User { id: ME, level: level("BANK E"), reach: level("BANK E") };
    let plain = person(vec![], vec![]);
    for action in [Action::ViewOwnProfile, Action::ChangeOwnPassword] {
        assert!(decide(&plain, action, &own, NOW).is_allowed());
        assert!(!decide(&plain, action, &user_at("BANK E"), NOW).is_allowed());
        assert!(!decide(&dua(), action, &user_at("BANK E"), NOW).is_allowed());
    }
    assert_eq!(decide(&plain, Action::ModifyUser, &own, NOW), Decision::Deny(Denial::NotFound));
}

#[test]
fn an_expired_administrator_has_no_rights_left() {
    let actor = Actor::Person {
        id: ME,
        roles: vec![DelegatedRole::UserAdministrator { level: level("BANK E") }],
        staff: vec![StaffRole::IdentityAdmin],
        expires_on: Some(ExpirationDate::from_iso("2026-11-20").unwrap()),
    };
    for row in TABLE {
        assert!(!decide(&actor, row.action, &user_at("BANK E"), NOW).is_allowed());
        assert!(sight(&actor, row.action, NOW).is_empty());
    }
}

#[test]
fn a_sight_is_empty_only_without_levels() {
    assert!(Sight::Levels(vec![]).is_empty());
    assert!(!Sight::Levels(vec![level("BANK E")]).is_empty());
    assert!(!Sight::Everything.is_empty());
}

#[test]
fn staff_roles_are_read_back_as_they_are_written() {
    for role in StaffRole::ALL {
        assert_eq!(StaffRole::parse(role.as_str()), Some(role));
    }
    assert_eq!(StaffRole::parse("DelegatedUserAdmin"), None);
}

proptest! {
    /// Whatever delegated roles somebody collects at one level, nothing at a level beside or above it is allowed.
    #[test]
    fn no_collection_of_roles_reaches_beyond_its_level(
        with_dua in any::<bool>(), applications in proptest::collection::vec(1_u128..4, 0..4),
        action in 0..TABLE.len(), target in 1_u128..4,
    ) {
        let mut roles: Vec<DelegatedRole> = applications
            .into_iter()
            .map(|n| DelegatedRole::AccessAdministrator {
                level: level("BANK E"),
                application: ApplicationId(Uuid::from_u128(n)),
            })
            .collect();
        if with_dua {
            roles.push(DelegatedRole::UserAdministrator { level: level("BANK E") });
        }
        let actor = person(roles, vec![]);
        let application = ApplicationId(Uuid::from_u128(target));
        for object in [access("BANK", application, true), access("BANK_01", application, true), user_at("MERIDIAAN"), Object::Everything] {
            let decision = decide(&actor, TABLE[action].action, &object, NOW);
            prop_assert_eq!(decision, Decision::Deny(Denial::NotFound));
        }
    }
}

proptest! {
    /// A list shows exactly what a look at each single object would allow.
    #[test]
    fn sight_says_of_each_level_what_decide_says_of_a_user_there(
        roles in proptest::collection::vec((any::<bool>(), 0..5_usize, 1_u128..3), 0..4),
        staff in proptest::option::of(0..StaffRole::ALL.len()), action in 0..TABLE.len(),
    ) {
        let branch = level("BANK E").child(&LevelName::parse("Branch").unwrap());
        let levels = [LevelPath::root(), level("BANK E"), branch, level("BANK"), level("BANK_01")];
        let roles = roles.into_iter().map(|(is_dua, at, application)| {
            let level = levels[at].clone();
            let application = ApplicationId(Uuid::from_u128(application));
            if is_dua { DelegatedRole::UserAdministrator { level } }
            else { DelegatedRole::AccessAdministrator { level, application } }
        }).collect();
        let actor = person(roles, staff.map(|n| StaffRole::ALL[n]).into_iter().collect());
        let action = TABLE[action].action;
        let sight = sight(&actor, action, NOW);
        for level in &levels {
            let user = Object::User { id: OTHER, level: level.clone(), reach: level.clone() };
            prop_assert_eq!(sight.includes(level), decide(&actor, action, &user, NOW).is_allowed());
        }
    }
}

#[test]
fn what_belongs_to_an_application_is_in_sight_of_its_administrators_there() {
    let bank = || level("BANK E");
    for action in [Action::DecideAccessRequest, Action::ReviewAccess, Action::ViewAccessReview] {
        let of = |actor: &Actor| application_sight(actor, action, NOW);
        assert_eq!(of(&daa(CASPER)), ApplicationSight::Of(vec![(bank(), CASPER)]), "{action:?}");
        assert!(of(&dua()).is_empty(), "{action:?}");
        assert_eq!(of(&Actor::Setup), ApplicationSight::Everything);
        let admin = person(vec![], vec![StaffRole::IdentityAdmin]);
        assert_eq!(of(&admin), ApplicationSight::Everything);
        let auditor = person(vec![], vec![StaffRole::Auditor]);
        assert_eq!(!of(&auditor).is_empty(), action == Action::ViewAccessReview);
        let here = Object::Application { level: bank(), application: CASPER };
        assert!(decide(&daa(CASPER), action, &here, NOW).is_allowed(), "{action:?}");
        assert!(!decide(&daa(SSM), action, &here, NOW).is_allowed(), "{action:?}");
    }
    let both = vec![
        DelegatedRole::AccessAdministrator { level: bank(), application: SSM },
        DelegatedRole::AccessAdministrator { level: bank(), application: CASPER },
        DelegatedRole::AccessAdministrator { level: bank(), application: CASPER },
    ];
    let expired = Actor::Person {
        id: ME,
        roles: both.clone(),
        staff: vec![],
        expires_on: ExpirationDate::from_iso("2026-11-20").ok(),
    };
    assert!(application_sight(&expired, Action::ReviewAccess, NOW).is_empty());
    assert_eq!(
        application_sight(&person(both, vec![]), Action::ReviewAccess, NOW),
        ApplicationSight::Of(vec![(bank(), CASPER), (bank(), SSM)])
    );
    assert!(application_sight(&daa(CASPER), Action::CreateUser, NOW).is_empty());
}

#[test]
fn the_own_account_is_something_that_is_in_sight() {
    let nobody = person(vec![], vec![]);
    for (action, expected) in [
        (Action::DeleteOwnAccount, true),
        (Action::ChangeOwnPassword, true),
        (Action::ViewUser, false),
        (Action::SuspendUser, false),
    ] {
        assert_eq!(is_in_sight(&nobody, action, NOW), expected, "{action:?}");
        assert!(is_in_sight(&dua(), action, NOW), "{action:?}");
    }
    let day = ExpirationDate::from_iso("2026-11-20").ok();
    let expired = Actor::Person { id: ME, roles: vec![], staff: vec![], expires_on: day };
    assert!(!is_in_sight(&expired, Action::DeleteOwnAccount, NOW));
}
