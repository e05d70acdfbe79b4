use proptest::prelude::*;

use super::*;

const SENT: Timestamp = Timestamp::from_millis(1_000_000);

fn waiting(tries: u32, ended: Option<Ended>) -> PasswordProved {
    PasswordProved {
        user_id: UserId(uuid::Uuid::nil()),
        email: "hugo@bank-e.example".into(),
        channel: Channel::Sms,
        code_sent_at: SENT,
        tries,
        ended,
        target: Target::Page(PortalPage::Apps),
    }
}

fn after(millis: i64) -> Timestamp {
    Timestamp::from_millis(SENT.millis() + millis)
}

#[test]
fn a_code_lives_for_three_minutes_of_server_time_and_no_longer() {
    let right = Event::Compared { is_right: true };
    assert_eq!(waiting(1, None).next(right, after(179_999)), Next::SignIn);
    assert_eq!(waiting(1, None).next(right, after(180_000)), Next::Restart(Ended::Expired));
    assert_eq!(waiting(0, None).next(Event::Opened, after(0)), Next::AskCode { seconds_left: 180 });
    assert_eq!(
        waiting(0, None).next(Event::Opened, after(179_500)),
        Next::AskCode { seconds_left: 1 }
    );
    assert_eq!(waiting(0, None).next(Event::Opened, after(180_000)), Next::Restart(Ended::Expired));
}

#[test]
fn either_resend_restarts_the_login_also_when_it_has_expired() {
    for (channel, ended) in [(Channel::Sms, Ended::ResendSms), (Channel::Voice, Ended::ResendVoice)]
    {
        for millis in [0, 200_000] {
            assert_eq!(
                waiting(3, None).next(Event::Resend(channel), after(millis)),
                Next::Restart(ended)
            );
        }
    }
}

#[test]
fn a_code_that_could_not_be_sent_may_be_asked_for_over_the_other_channel_and_nothing_else() {
    let failed = waiting(0, Some(Ended::NotSent));
    assert_eq!(
        failed.next(Event::Resend(Channel::Voice), after(1)),
        Next::Restart(Ended::ResendVoice)
    );
    for event in [Event::Opened, Event::Compared { is_right: true }] {
        assert_eq!(failed.next(event, after(1)), Next::Restart(Ended::NotSent));
    }
}

#[test]
fn a_forgotten_login_can_no_longer_change_the_channel() {
    let resend = Event::Resend(Channel::Voice);
    assert_eq!(
        waiting(0, None).next(resend, after(RESEND_SECONDS * 1000 - 1)),
        Next::Restart(Ended::ResendVoice)
    );
    assert_eq!(
        waiting(0, None).next(resend, after(RESEND_SECONDS * 1000)),
        Next::Restart(Ended::Expired)
    );
}

#[test]
fn the_fifth_wrong_code_ends_the_login() {
    let wrong = Event::Compared { is_right: false };
    for (tries, left) in [(1, 4), (2, 3), (3, 2), (4, 1)] {
        assert_eq!(
            waiting(tries, None).next(wrong, after(1)),
            Next::WrongCode { tries_left: left }
        );
    }
    assert_eq!(waiting(5, None).next(wrong, after(1)), Next::Restart(Ended::TooManyTries));
    assert_eq!(waiting(5, None).next(Event::Opened, after(1)), Next::Restart(Ended::TooManyTries));
}

#[test]
fn a_right_code_on_the_fifth_try_signs_in() {
    assert_eq!(waiting(5, None).next(Event::Compared { is_right: true }, after(1)), Next::SignIn);
}

#[test]
fn what_has_ended_stays_ended() {
    for ended in Ended::ALL.into_iter().filter(|ended| *ended != Ended::NotSent) {
        for event in
            [Event::Opened, Event::Resend(Channel::Sms), Event::Compared { is_right: true }]
        {
            assert_eq!(waiting(0, Some(ended)).next(event, after(1)), Next::Restart(ended));
        }
    }
}

fn user(password_hash: Option<&str>, default_channel: Channel) -> User {
    User {
        id: UserId(uuid::Uuid::nil()),
        first_name: "Hugo".into(),
        last_name: "Belmonte".into(),
        email: "hugo@bank-e.example".into(),
        phone: crate::phone::PhoneNumber::parse("+447700900026").unwrap(),
        default_channel,
        password_hash: password_hash.map(str::to_owned),
        credentials_changed_at: Timestamp::from_millis(0),
        level_id: crate::id::LevelId(uuid::Uuid::nil()),
        subsidiary_id: None,
        company_id: None,
        expires_on: None,
        status: crate::account::UserStatus::Active,
        locale: "en".into(),
        last_login_at: None,
        self_registered: false,
        created_by: None,
        created_at: Timestamp::from_millis(0),
        version: 0,
        access_version: 0,
        replaced: crate::sign_in_data::ReplacedSignInData::default(),
        terms: crate::terms::Acknowledgements::default(),
    }
}

#[test]
fn step_one_sends_a_code_only_for_the_right_password_of_a_usable_account() {
    let person = user(Some("hash"), Channel::Voice);
    let fine = CodeFailures::default();
    let locked = CodeFailures { locked_until: Some(after(1)), ..fine };
    let decide =
        |standing, failures, right| step_one(Some((&person, standing, failures)), right, SENT);
    assert_eq!(decide(Standing::Good, fine, true), StepOne::SendCode(Channel::Voice));
    assert_eq!(decide(Standing::Good, fine, false), StepOne::Refuse(Refusal::WrongCredentials));
    assert_eq!(decide(Standing::Good, locked, true), StepOne::Refuse(Refusal::Locked));
    assert_eq!(
        decide(Standing::Expired, fine, true),
        StepOne::Refuse(Refusal::NotInGoodStanding(Standing::Expired))
    );
    assert_eq!(step_one(None, true, SENT), StepOne::Refuse(Refusal::WrongCredentials));
    let invited = user(None, Channel::Sms);
    assert_eq!(
        step_one(Some((&invited, Standing::Good, fine)), true, SENT),
        StepOne::Refuse(Refusal::WrongCredentials)
    );
}

#[test]
fn a_typed_code_is_six_ascii_digits_with_or_without_spaces() {
    for typed in ["123456", " 123 456 ", "000000", "1 2 3 4 5 6"] {
        assert!(Code::parse(typed).is_some(), "{typed:?}");
    }
    // What is longer than a code with all that people put between its digits is not read at all.
    for (length, is_code) in [(32, true), (33, false), (34, false)] {
        let typed = format!("123456{}", " ".repeat(length - 6));
        assert_eq!(Code::parse(&typed).is_some(), is_code, "{length}");
    }
    let long = "1".repeat(10_000);
    for typed in [
        "",
        "12345",
        "1234567",
        "+12345",
        "１２３４５６",
        "1e5000",
        "12345a",
        "-12345",
        long.as_str(),
    ] {
        assert!(Code::parse(typed).is_none(), "{typed:?}");
    }
}

#[test]
fn drawn_codes_keep_leading_zeros_and_skip_the_unfair_rest_of_the_range() {
    assert_eq!(Code::draw(|| 42).expose(), "000042");
    assert_eq!(Code::draw(|| 4_293_999_999).expose(), "999999");
    let mut numbers = [u32::MAX, 4_294_000_000, 7].into_iter();
    assert_eq!(Code::draw(|| numbers.next().unwrap()).expose(), "000007");
}

#[test]
fn every_end_of_a_login_has_a_word_of_its_own_that_is_read_back() {
    use Ended::{
        Expired, Locked, NotSent, PasswordChanged, ResendSms, ResendVoice, SignedIn, Superseded,
        TooManyTries,
    };
    for (ended, word) in [
        (SignedIn, "signed_in"),
        (Expired, "expired"),
        (ResendSms, "resend_sms"),
        (ResendVoice, "resend_voice"),
        (TooManyTries, "too_many_tries"),
        (Locked, "locked"),
        (Superseded, "superseded"),
        (PasswordChanged, "password_changed"),
        (NotSent, "not_sent"),
    ] {
        assert_eq!((ended.as_str(), Ended::parse(word)), (word, Some(ended)));
    }
    assert_eq!(Ended::parse("over"), None);
}

#[test]
fn only_known_pages_are_targets() {
    assert_eq!(PortalPage::parse("security"), PortalPage::Security);
    assert_eq!(PortalPage::of_path("/users/1/edit"), PortalPage::Users);
    assert_eq!(PortalPage::of_path("/profile/security"), PortalPage::Security);
    assert_eq!(PortalPage::of_path("/usersx"), PortalPage::Apps);
    for text in ["https://evil.example", "//evil.example", "", "apps"] {
        assert_eq!(PortalPage::parse(text), PortalPage::Apps);
    }
}

proptest! {
    /// Whatever happens in whatever order, a sign-in needs a right code within three minutes and five tries.
    #[test]
    fn nothing_but_a_right_code_in_time_signs_in(
        tries in 0_u32..20, millis in -1000_i64..400_000, kind in 0_u8..4, right in any::<bool>(),
    ) {
        let event = match kind {
            0 => Event::Opened,
            1 => Event::Resend(Channel::Sms),
            2 => Event::Resend(Channel::Voice),
            _ => Event::Compared { is_right: right },
        };
        let next = waiting(tries, None).next(event, after(millis));
        if next == Next::SignIn {
            prop_assert_eq!(event, Event::Compared { is_right: true });
            prop_assert!(millis < 180_000);
        }
        if millis >= 180_000 {
            prop_assert!(matches!(next, Next::Restart(_)));
        }
    }
}
