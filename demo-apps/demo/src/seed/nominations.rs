//! Nominations: one waits in the queue, one went back with a question. Their mails are in the demo's mailbox.

use anyhow::Context as _;
use idp::{
    App,
    administration::{Administration, Submission, draft_mark, in_office},
    invitation::FreshLink,
    nomination_mail,
};
use portal_core::{
    Timestamp,
    email::EmailKey,
    id::NominationId,
    nomination::{
        Remark,
        draft::{Draft, DraftPerson},
    },
    organisation::{LevelName, LevelPath},
    permission::Actor,
};
use storage::{NewEvidence, Signatory};

/// Who of the staff invites signatories. Whoever does confirms none of their nominations.
const INVITES: &str = "casimir.oldenrath@ecb.example";
/// Who asks questions.
const ASKS: &str = "leocadia.ferrandell@ecb.example";
const QUESTION: &str =
    "The mandate carries no date. Is Ms Podgorelac still to become your second user administrator?";
/// What signatories upload.
const MANDATE: &[u8] = include_bytes!("../../mandate.pdf");
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Somebody who is named: first name, last name, address, number, whether of users, and of access to what.
type Named<'a> = (&'a str, &'a str, &'a str, &'a str, bool, &'a [&'a str]);

/// A nomination as it comes in.
struct Case<'a> {
    level: &'a str,
    signatory: [&'a str; 4],
    applications: &'a [&'a str],
    people: &'a [Named<'a>],
    days_ago: i64,
}

/// Two applications, one for each of which somebody who is NOMINATED is to become administrator.
const WAITS: Case<'_> = Case {
    level: "DUNAV",
    signatory: [
        "Svetlomira Karanfilova",
        "Executive Director",
        "svetlomira.karanfilova@dunav.example",
        "en",
    ],
    applications: &["CASPER", "SSM-PORTAL"],
    people: &[
        ("Radoslav", "Peychinov", "radoslav.peychinov@dunav.example", "+447700900041", true, &[]),
        (
            "Desislava",
            "Ognyanova",
            "desislava.ognyanova@dunav.example",
            "+447700900042",
            false,
            &["CASPER", "SSM-PORTAL"],
        ),
    ],
    days_ago: 3,
};

/// The second user administrator of a third party that has one.
const RETURNED: Case<'_> = Case {
    level: "OBALA",
    signatory: [
        "Tvrtko Galebinac",
        "Member of the management board",
        "tvrtko.galebinac@obala.example",
        "en",
    ],
    applications: &["SSM-PORTAL"],
    people: &[(
        "Zrinka",
        "Podgorelac",
        "zrinka.podgorelac@obala.example",
        "+447700900047",
        true,
        &[],
    )],
    days_ago: 6,
};

/// Lets both come in.
pub(super) async fn fill(app: &App) -> anyhow::Result<()> {
    file(app, &WAITS).await.context(WAITS.level)?;
    let id = file(app, &RETURNED).await.context(RETURNED.level)?;
    let actor = actor(app, ASKS).await?;
    let staff = at(app, &actor, RETURNED.days_ago - 2);
    staff.review_nomination(id, version(app, id).await?).await?;
    let link = FreshLink::draw(app);
    let question = Remark::parse(QUESTION)?;
    let seen = (id, version(app, id).await?);
    staff.return_nomination(seen, &question, link.digest).await?;
    nomination_mail::send_now(app, id, Some(link)).await;
    Ok(())
}

/// The way of a signatory: invited by staff, filled in and handed in by the link.
async fn file(app: &App, case: &Case<'_>) -> anyhow::Result<NominationId> {
    let path = LevelPath::root().child(&LevelName::parse(case.level)?);
    let level = app.store.find_level(&path).await?.context("level")?;
    let third_party = level.third_party_id.context("third party")?;
    let third_party = app.store.find_third_party(third_party).await?.context("third party")?;
    let invites = actor(app, INVITES).await?;
    let [name, function, email, locale] = case.signatory.map(str::to_owned);
    let signatory = Signatory { name, function, email, locale };
    let link = FreshLink::draw(app);
    let staff = at(app, &invites, case.days_ago + 1);
    let id = staff.invite_signatory(third_party.id, signatory.clone(), link.digest).await?;
    let digest = link.digest;
    nomination_mail::send_now(app, id, Some(link)).await;
    let draft = draft_of(case, &signatory);
    let known = app.store.list_applications().await?;
    let administered = app.store.find_administered(third_party.id).await?;
    let in_office = in_office(administered, app.now());
    let complete = draft.check(&known, &in_office, &signatory.email);
    let complete = complete.map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut submission = Submission::of(&draft, complete, &signatory)?;
    submission.evidence =
        Some(NewEvidence { file_name: "mandate.pdf".to_owned(), document: MANDATE.to_vec() });
    let seen = draft_mark(None, None);
    let signs = at(app, &Actor::Setup, case.days_ago);
    signs.submit_nomination((&digest, &seen), &submission).await?;
    Ok(id)
}

fn draft_of(case: &Case<'_>, signatory: &Signatory) -> Draft {
    let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    let person = |named: &Named<'_>| DraftPerson {
        first_name: named.0.to_owned(),
        last_name: named.1.to_owned(),
        email: named.2.to_owned(),
        phone: named.3.to_owned(),
        is_user_administrator: named.4,
        applications: codes(named.5),
    };
    Draft {
        name: signatory.name.clone(),
        function: signatory.function.clone(),
        applications: codes(case.applications),
        people: case.people.iter().map(person).collect(),
    }
}

/// Somebody who acts so many days ago.
pub(super) fn at<'a>(app: &'a App, actor: &'a Actor, days_ago: i64) -> Administration<'a> {
    let now: Timestamp = app.now().plus_seconds(-days_ago * DAY_SECONDS);
    Administration { actor, now, ..super::administration(app) }
}

/// A person as somebody who acts.
pub(super) async fn actor(app: &App, email: &str) -> anyhow::Result<Actor> {
    let account = app.store.find_account_by_email(&EmailKey::of(email)).await?;
    Ok(app.store.actor(&account.with_context(|| email.to_owned())?).await?)
}

async fn version(app: &App, id: NominationId) -> anyhow::Result<i64> {
    Ok(app.store.find_nomination(id).await?.context("nomination")?.version)
}
