//! Flip one byte of any row of the audit trail in the database file: the row is named (I26, security.md 131).

use std::{ops::Range, path::PathBuf, sync::Arc};

use idp::{
    audit::Notary,
    entropy::SystemEntropy,
    secrets::{ColumnSealer, ServerKeys},
};
use portal_core::audit::chain::Fault;
use storage::{Store, StoreSettings};

use crate::harness::{Cell, HUGO, START, SqliteFile, TestIdp};

const ISSUER: &str = "http://localhost:8080";

/// The database file of a portal with a trail that is signed to its end, and a copy to change.
struct Evidence {
    idp: TestIdp,
    file: SqliteFile,
    copy: PathBuf,
    _folder: tempfile::TempDir,
}

impl Evidence {
    async fn collect() -> Self {
        let idp = TestIdp::start().await;
        idp.signed_in(HUGO).await;
        Notary::of(&idp.app).sign().await.unwrap();
        let file = SqliteFile::read(&idp.database.settled_file().await);
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.sqlite");
        let evidence = Self { idp, file, copy, _folder: folder };
        assert_eq!(evidence.verify(None).await, None, "the copy is whole");
        evidence
    }

    async fn rows(&self, name: &str) -> Vec<Cell> {
        self.file.cells(self.idp.database.url(), name).await
    }

    /// What `idp audit verify` says of the copy, after a byte was changed.
    async fn verify(&self, flip: Option<(usize, u8)>) -> Option<Fault> {
        let mut bytes = self.file.bytes.clone();
        if let Some((at, flip)) = flip {
            bytes[at] ^= flip;
        }
        std::fs::write(&self.copy, bytes).unwrap();
        let server_keys = Arc::new(ServerKeys::derive(&[42; 32]));
        let url = format!("sqlite://{}?mode=rw", self.copy.display());
        let settings = StoreSettings { url, max_connections: 2 };
        let sealer = ColumnSealer::new(Arc::clone(&server_keys), Arc::new(SystemEntropy));
        let store = Store::open(&settings, Arc::new(sealer)).await.unwrap();
        let notary = Notary {
            store: &store,
            server_keys: &server_keys,
            entropy: &SystemEntropy,
            now: START,
            issuer: ISSUER,
        };
        let trusted = notary.trusted().await.unwrap();
        trusted.verify(&store, ISSUER, &[]).await.unwrap().fault
    }

    /// `place` counts the rows from 0; entries are numbered from 1.
    async fn each_flip_names(
        &self,
        place: usize,
        bytes: impl Iterator<Item = usize>,
        flips: &[u8],
    ) {
        let number = i64::try_from(place + 1).unwrap();
        for at in bytes {
            for flip in flips {
                let fault = self.verify(Some((at, *flip))).await;
                assert_eq!(fault, Some(Fault::Entry(number)), "byte {at} of the file ^ {flip:#x}");
            }
        }
    }
}

/// The sign-in is an entry with a level, an address and a request.
///
/// Flipped is each bit of each byte by itself, and with them lengths and types of columns, the length of the row and
/// its number. `IDP_AUDIT_FLIPS=all` makes of each byte every other one there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_anywhere_in_a_row_names_that_row() {
    let evidence = Evidence::collect().await;
    let rows = evidence.rows("audit_events").await;
    let bits: Vec<u8> = (0..8).map(|bit| 1 << bit).collect();
    let all: Vec<u8> = (1..=u8::MAX).collect();
    let flips = if std::env::var("IDP_AUDIT_FLIPS").is_ok() { all } else { bits };
    let place = rows.len() - 3;
    evidence.each_flip_names(place, rows[place].clone(), &flips).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_and_the_last_row_are_named_as_well() {
    let evidence = Evidence::collect().await;
    let rows = evidence.rows("audit_events").await;
    for place in [0, rows.len() - 1] {
        evidence.each_flip_names(place, rows[place].clone().step_by(5), &[0x10]).await;
    }
}

/// What an entry is looked up by is copied into indexes. Whoever changes a copy hides the entry from the pages.
#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_in_an_index_names_the_row_that_is_listed_wrongly() {
    let evidence = Evidence::collect().await;
    let table = evidence.rows("audit_events").await;
    for index in ["audit_events_actor_at", "audit_events_object_at", "audit_events_level_at"] {
        let rows = evidence.rows(index).await;
        assert_eq!(rows.len(), table.len());
        let Range { start, end } =
            rows.iter().find(|row| has_a_number_of_one_byte(&evidence.file, row)).unwrap().clone();
        let fault = evidence.verify(Some((start, 0x01))).await;
        assert!(
            matches!(fault, Some(Fault::Index(_))),
            "the length of a row of {index}: {fault:?}"
        );
        // The last byte is part of the number of the entry, those before it of its time.
        let named = i64::from(evidence.file.bytes[end - 1]);
        for at in [end - 1, end - 4] {
            let fault = evidence.verify(Some((at, 0x01))).await;
            assert_eq!(fault, Some(Fault::Index(Some(named))), "{index} {at}");
        }
    }
}

/// Whether the last column of a row, the number of the entry, is stored as one byte: neither 0 nor 1, which have none.
fn has_a_number_of_one_byte(file: &SqliteFile, row: &Cell) -> bool {
    let header = row.start + 1;
    let last_type = header + usize::from(file.bytes[header]) - 1;
    file.bytes[last_type] == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_in_a_checkpoint_or_in_the_recorded_end_is_noticed() {
    let evidence = Evidence::collect().await;
    for table in ["audit_checkpoints", "audit_head"] {
        let rows = evidence.rows(table).await;
        for at in rows[0].clone().step_by(7) {
            let fault = evidence.verify(Some((at, 0x01))).await;
            let is_noticed = match table {
                "audit_head" => matches!(fault, Some(Fault::End(_))),
                _ => matches!(fault, Some(Fault::Checkpoint(_))),
            };
            assert!(is_noticed, "{table} {at}: {fault:?}");
        }
    }
}
