//! The audit trail on both databases: whatever somebody with a connection to the database does to it is named
//! (I25, I26, security.md 131).

use idp::{audit::Notary, jobs::checkpoints};
use portal_core::audit::chain::{CHECKPOINT_EVERY_SECONDS, Fault, Place};
use storage::Walked;

use crate::harness::{HUGO, TestIdp};
use crate::on_both_databases;

async fn verify(idp: &TestIdp, known: &[Place]) -> Walked {
    let notary = Notary::of(&idp.app);
    let trusted = notary.trusted().await.unwrap();
    trusted.verify(&idp.app.store, notary.issuer, known).await.unwrap()
}

/// What can be done to entry 9.
const CHANGES: [&str; 12] = [
    "UPDATE audit_events SET at = at + 1 WHERE seq = 9",
    "UPDATE audit_events SET actor = actor || ' ' WHERE seq = 9",
    "UPDATE audit_events SET action = 'login.refused' WHERE seq = 9",
    "UPDATE audit_events SET object = '' WHERE seq = 9",
    "UPDATE audit_events SET detail = '{}' WHERE seq = 9",
    "UPDATE audit_events SET ip = '192.0.2.9' WHERE seq = 9",
    "UPDATE audit_events SET request_id = '' WHERE seq = 9",
    "UPDATE audit_events SET salt = (SELECT o.salt FROM audit_events o WHERE o.seq = 10) WHERE seq = 9",
    "UPDATE audit_events SET level_id = (SELECT l.id FROM levels l \
     WHERE audit_events.level_id IS NULL OR audit_events.level_id <> l.id LIMIT 1) WHERE seq = 9",
    "UPDATE audit_events SET previous = digest WHERE seq = 9",
    "UPDATE audit_events SET digest = previous WHERE seq = 9",
    "DELETE FROM audit_events WHERE seq = 9",
];
const KEEP: &str = "CREATE TABLE kept AS SELECT * FROM audit_events WHERE seq = 9";
const RESTORE: &str =
    "DELETE FROM audit_events WHERE seq = 9; INSERT INTO audit_events SELECT * FROM kept";

on_both_databases! {
    async fn every_change_of_an_entry_names_it(idp) {
        idp.database.execute(KEEP).await;
        let whole = verify(&idp, &[]).await;
        assert_eq!(whole.fault, None);
        assert!(whole.last > 10, "{whole:?}");
        for change in CHANGES {
            idp.database.execute(change).await;
            let broken = verify(&idp, &[]).await;
            assert_eq!((broken.fault, broken.last), (Some(Fault::Entry(9)), 8), "{change}");
            assert_eq!(idp.app.store.verify_audit().await.unwrap().0, Some(Fault::Entry(9)));
            idp.database.execute(RESTORE).await;
            assert_eq!(verify(&idp, &[]).await, whole, "{change}");
        }
    }
}

on_both_databases! {
    async fn entries_that_change_places_are_named(idp) {
        idp.database
            .execute(
                "UPDATE audit_events SET seq = 1000000 WHERE seq = 5; \
                 UPDATE audit_events SET seq = 5 WHERE seq = 8; \
                 UPDATE audit_events SET seq = 8 WHERE seq = 1000000",
            )
            .await;
        assert_eq!(verify(&idp, &[]).await.fault, Some(Fault::Entry(5)));
    }
}

on_both_databases! {
    async fn an_entry_that_is_put_in_at_the_end_is_named(idp) {
        let end = idp.app.store.audit_end().await.unwrap();
        idp.database
            .execute(
                "CREATE TABLE kept AS SELECT * FROM audit_events WHERE seq = 9; \
                 UPDATE kept SET seq = (SELECT seq + 1 FROM audit_head); \
                 INSERT INTO audit_events SELECT * FROM kept",
            )
            .await;
        assert_eq!(verify(&idp, &[]).await.fault, Some(Fault::Entry(end.seq + 1)));
    }
}

on_both_databases! {
    /// Nobody can take back what was signed, even with the recorded end made to fit.
    async fn a_trail_that_was_cut_off_contradicts_its_checkpoint(idp) {
        let signed = Notary::of(&idp.app).sign().await.unwrap();
        assert_eq!(verify(&idp, &[]).await.signed, signed.seq);
        let end = idp.app.store.audit_end().await.unwrap();
        idp.database.execute("DELETE FROM audit_events WHERE seq > 12").await;
        let missing = Some(Fault::Missing { first: 13, last: end.seq });
        assert_eq!(verify(&idp, &[]).await.fault, missing);
        idp.database
            .execute(
                "UPDATE audit_head SET seq = 12, \
                 digest = (SELECT digest FROM audit_events WHERE seq = 12)",
            )
            .await;
        assert_eq!(verify(&idp, &[]).await.fault, missing);
        // Without the checkpoint the rest fits. The one that was kept elsewhere tells.
        idp.database.execute("DELETE FROM audit_checkpoints").await;
        assert_eq!(verify(&idp, &[]).await.fault, None);
        assert_eq!(verify(&idp, &[end]).await.fault, missing);
    }
}

on_both_databases! {
    async fn a_recorded_end_that_is_another_one_is_noticed(idp) {
        let end = idp.app.store.audit_end().await.unwrap();
        for (change, fault) in [
            ("UPDATE audit_head SET digest = (SELECT digest FROM audit_events WHERE seq = 3)", Fault::End(end.seq)),
            ("UPDATE audit_head SET seq = seq + 3", Fault::Missing { first: end.seq + 1, last: end.seq + 3 }),
            ("DELETE FROM audit_head", Fault::End(end.seq)),
        ] {
            idp.database.execute(change).await;
            assert_eq!(verify(&idp, &[]).await.fault, Some(fault), "{change}");
        }
    }
}

on_both_databases! {
    async fn checkpoints_are_made_when_they_are_due_and_prove_the_trail(idp) {
        let app = &idp.app;
        checkpoints::sign_if_due(app).await;
        let first = app.store.latest_audit_checkpoint().await.unwrap().unwrap();
        assert_eq!(first.seq, app.store.audit_end().await.unwrap().seq, "the key has its entry");
        idp.clock.advance_seconds(CHECKPOINT_EVERY_SECONDS);
        checkpoints::sign_if_due(app).await;
        let latest = app.store.latest_audit_checkpoint().await.unwrap();
        assert_eq!(latest, Some(first.clone()), "nothing was appended");

        idp.signed_in(HUGO).await;
        checkpoints::sign_if_due(app).await;
        let second = app.store.latest_audit_checkpoint().await.unwrap().unwrap();
        assert!(second.seq > first.seq);
        idp.signed_in(HUGO).await;
        checkpoints::sign_if_due(app).await;
        let walked = verify(&idp, &[]).await;
        assert_eq!((walked.fault, walked.signed), (None, second.seq), "five minutes have not passed");

        // Two nodes at once: the trail is signed, and it is whole.
        idp.clock.advance_seconds(CHECKPOINT_EVERY_SECONDS);
        let notary = Notary::of(app);
        let (one, other) = tokio::join!(notary.sign_if_due(), notary.sign_if_due());
        assert!(one.unwrap().is_some() | other.unwrap().is_some());
        let walked = verify(&idp, &[]).await;
        assert_eq!((walked.fault, walked.signed), (None, walked.last));
    }
}

on_both_databases! {
    async fn signing_tells_of_a_fault_in_what_it_signs(idp) {
        let notary = Notary::of(&idp.app);
        notary.sign().await.unwrap();
        idp.signed_in(HUGO).await;
        idp.database
            .execute("UPDATE audit_events SET ip = '' WHERE seq = (SELECT seq FROM audit_head)")
            .await;
        let end = idp.app.store.audit_end().await.unwrap();
        idp.clock.advance_seconds(CHECKPOINT_EVERY_SECONDS);
        let (signed, fault) = Notary::of(&idp.app).sign_if_due().await.unwrap().unwrap();
        assert_eq!((signed.seq, fault), (end.seq, Some(Fault::Entry(end.seq))));
    }
}

on_both_databases! {
    async fn a_new_key_signs_and_the_old_one_is_still_believed(idp) {
        let notary = Notary::of(&idp.app);
        let old = notary.sign().await.unwrap();
        let before = notary.public_keys().await.unwrap();
        idp.clock.advance_seconds(1);
        let notary = Notary::of(&idp.app);
        let kid = notary.rotate_key().await.unwrap();
        let new = notary.sign().await.unwrap();
        let walked = verify(&idp, &[]).await;
        assert_eq!((walked.fault, walked.signed), (None, new.seq));
        assert_eq!(notary.public_keys().await.unwrap()["keys"][1]["kid"], kid);
        // Who trusts the old key alone does not believe the new one.
        let trusted = idp::audit::Trusted::parse(before.to_string().as_bytes()).unwrap();
        let walked = trusted.verify(&idp.app.store, notary.issuer, &[]).await.unwrap();
        assert_eq!(walked.fault, Some(Fault::Checkpoint(new.seq)));
        assert_eq!(walked.signed, old.seq);
        // A checkpoint of another portal is none of this one.
        let trusted = notary.trusted().await.unwrap();
        let walked = trusted.verify(&idp.app.store, "https://other.example", &[]).await.unwrap();
        assert_eq!(walked.fault, Some(Fault::Checkpoint(old.seq)));
    }
}
