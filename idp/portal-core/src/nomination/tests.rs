use uuid::Uuid;

use super::{
    NominationFault::{
        ApplicationNotAskedFor, NoAccessAdministrator, NoRole, NoUserAdministrator, Oneself,
        SameAddress,
    },
    NominationStatus::{Confirmed, Draft, InReview, Rejected, Returned, Submitted, Withdrawn},
    NominationStep::{Confirm, Reject, Return, Save, Submit, TakeInReview, Withdraw},
    *,
};
use crate::id::UserId;

const CASPER: ApplicationId = ApplicationId(Uuid::from_u128(1));
const SSM: ApplicationId = ApplicationId(Uuid::from_u128(2));
const SIGNATORY: &str = "signs@bank.example";

#[test]
fn only_the_steps_of_the_life_cycle_can_be_taken() {
    let more = Confirm { is_last: false };
    let last = Confirm { is_last: true };
    let steps = [Save, Submit, TakeInReview, more, last, Return, Reject, Withdraw];
    let table = [
        (Draft, vec![(Save, Draft), (Submit, Submitted), (Withdraw, Withdrawn)]),
        (Submitted, vec![(TakeInReview, InReview), (Withdraw, Withdrawn)]),
        (
            InReview,
            vec![
                (more, InReview),
                (last, Confirmed),
                (Return, Returned),
                (Reject, Rejected),
                (Withdraw, Withdrawn),
            ],
        ),
        (Returned, vec![(Save, Returned), (Submit, Submitted), (Withdraw, Withdrawn)]),
        (Confirmed, vec![]),
        (Rejected, vec![]),
        (Withdrawn, vec![]),
    ];
    for (state, allowed) in table {
        for step in steps {
            let expected = allowed.iter().find(|(allowed, _)| *allowed == step).map(|(_, to)| *to);
            assert_eq!(state.after(step), expected, "{state:?} {step:?}");
        }
        assert_eq!(state.is_final(), allowed.is_empty(), "{state:?}");
        assert_eq!(NominationStatus::parse(state.as_str()), Some(state));
    }
    assert_eq!(NominationStatus::parse("DONE"), None);
}

#[test]
fn the_first_administrators_need_four_eyes() {
    assert_eq!(confirmations_needed(true), 2);
    assert_eq!(confirmations_needed(false), 1);
}

fn nominee(email: &str, is_user_administrator: bool, applications: &[ApplicationId]) -> Nominee {
    Nominee {
        first_name: PersonName::parse("Radka").unwrap(),
        last_name: PersonName::parse("Stoykova").unwrap(),
        email: Email::parse(email).unwrap(),
        phone: PhoneNumber::parse("+447700900041").unwrap(),
        is_user_administrator,
        applications: applications.to_vec(),
    }
}

#[test]
fn a_nominee_is_to_have_each_role_that_is_named() {
    let users = RoleKind::UserAdministrator;
    let [casper, ssm] = [CASPER, SSM].map(RoleKind::AccessAdministrator);
    for (is_user_administrator, applications, roles) in [
        (true, vec![], vec![users]),
        (false, vec![SSM], vec![ssm]),
        (true, vec![CASPER, SSM], vec![users, casper, ssm]),
    ] {
        let nominee = nominee("one@bank.example", is_user_administrator, &applications);
        assert_eq!(nominee.roles().collect::<Vec<_>>(), roles);
    }
}

#[test]
fn each_application_needs_an_administrator_and_so_do_the_users() {
    let dua = nominee("dua@bank.example", true, &[]);
    let daa = nominee("daa@bank.example", false, &[CASPER]);
    let both = nominee("both@bank.example", true, &[CASPER, SSM]);
    let none = nominee("none@bank.example", false, &[]);
    let namesake = nominee("DUA@bank.example", true, &[]);
    let oneself = nominee("Signs@bank.example", true, &[]);
    let cases = [
        (vec![both.clone()], vec![CASPER, SSM], vec![]),
        (vec![dua.clone(), daa.clone()], vec![CASPER], vec![]),
        (vec![dua.clone()], vec![], vec![]),
        (vec![], vec![CASPER], vec![NoUserAdministrator, NoAccessAdministrator(CASPER)]),
        (vec![daa.clone()], vec![CASPER], vec![NoUserAdministrator]),
        (vec![dua.clone(), daa.clone()], vec![CASPER, SSM], vec![NoAccessAdministrator(SSM)]),
        (vec![both.clone(), none], vec![CASPER, SSM], vec![NoRole(1)]),
        (vec![dua.clone(), namesake], vec![], vec![SameAddress(1)]),
        (vec![both], vec![CASPER], vec![ApplicationNotAskedFor(0)]),
        (vec![oneself], vec![], vec![Oneself(0)]),
    ];
    for (nominees, asked_for, faults) in cases {
        assert_eq!(check(&nominees, &asked_for, &[], SIGNATORY), faults, "{nominees:?}");
    }
    let in_office = [RoleKind::UserAdministrator, RoleKind::AccessAdministrator(SSM)]
        .map(|kind| Administrator { user: UserId(Uuid::from_u128(9)), kind, expires_on: None });
    assert_eq!(
        check(&[daa], &[CASPER, SSM], &in_office, SIGNATORY),
        vec![],
        "others are in office"
    );
    // Somebody in office fills the own role, and no other.
    let [user_administrator, ssm_administrator] = in_office;
    let alone = check(std::slice::from_ref(&dua), &[SSM], &[user_administrator], SIGNATORY);
    assert_eq!(alone, vec![NoAccessAdministrator(SSM)]);
    assert_eq!(check(&[], &[SSM], &[ssm_administrator], SIGNATORY), vec![NoUserAdministrator]);
}

#[test]
fn a_nominee_of_the_signatorys_name_is_noticed_however_it_is_written() {
    let one = nominee("dua@bank.example", true, &[]);
    let (first, last) = (one.first_name.as_str(), one.last_name.as_str());
    for name in [format!("{first} {last}"), format!("{}  {first}", last.to_uppercase())] {
        assert!(is_namesake(&one, &name), "{name}");
    }
    for name in [first.to_owned(), String::new(), format!("{first} {last} junior")] {
        assert!(!is_namesake(&one, &name), "{name}");
    }
}

#[test]
fn an_address_of_another_domain_is_noticed_whatever_its_case() {
    assert!(!is_of_other_domain("a@Bank.example", "b@bank.example."));
    assert!(is_of_other_domain("a@bank.example", "b@bank-e.example"));
    assert!(is_of_other_domain("a@mail.bank.example", "b@bank.example"));
}

#[test]
fn remarks_are_neither_empty_nor_endless() {
    assert_eq!(Remark::parse(" Why?\r\nWhen? ").unwrap().as_str(), "Why?\nWhen?");
    for text in ["", "  ", "a\u{0}b", "a\u{7}"] {
        assert_eq!(Remark::parse(text), Err(RemarkError), "{text:?}");
    }
    assert!(Remark::parse(&"x".repeat(1000)).is_ok());
    assert!(Remark::parse(&"x".repeat(1001)).is_err());
}

#[test]
fn only_a_pdf_is_evidence_whatever_its_name_says() {
    let pdf = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";
    assert_eq!(check_evidence(pdf), Ok(()));
    for bytes in [
        b"<svg onload=alert(1)>%%EOF".as_slice(),
        b"<!doctype html><!-- %PDF-1.7 %%EOF -->".as_slice(),
        b" %PDF-1.7 after a blank %%EOF".as_slice(),
        b"%PDF-1.7 and nothing".as_slice(),
        b"".as_slice(),
    ] {
        assert_eq!(check_evidence(bytes), Err(EvidenceError::NotPdf), "{bytes:?}");
    }
    assert_eq!(EVIDENCE_BYTES, 4_194_304, "four megabytes");
    let mut large = vec![b' '; EVIDENCE_BYTES + 1];
    large[..pdf.len()].copy_from_slice(pdf);
    assert_eq!(check_evidence(&large), Err(EvidenceError::TooLarge));
    let mut largest = vec![b' '; EVIDENCE_BYTES];
    largest[..5].copy_from_slice(b"%PDF-");
    largest[EVIDENCE_BYTES - 5..].copy_from_slice(b"%%EOF");
    assert_eq!(check_evidence(&largest), Ok(()));
}
