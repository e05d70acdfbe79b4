//! The document that proves a nomination, sealed: it carries names and signatures.

use portal_core::{Timestamp, id::NominationId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use crate::{Digest, StorageError, Store, Transaction, entity::nomination_evidence};

/// A document to be kept.
#[derive(Clone, Debug)]
pub struct NewEvidence {
    /// The name of the file, as it was uploaded.
    pub file_name: String,
    /// The document.
    pub document: Vec<u8>,
}

/// What is known of a document without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The name of the file.
    pub file_name: String,
    /// How large it is, in bytes.
    pub bytes: u32,
    /// Its digest, which the audit trail holds too.
    pub sha256: Digest,
    /// When it came.
    pub uploaded_at: Timestamp,
}

impl NewEvidence {
    /// The digest of the document.
    pub fn sha256(&self) -> Digest {
        Sha256::digest(&self.document).into()
    }
}

impl Store {
    /// What is known of the document of a nomination.
    pub async fn find_evidence(&self, id: NominationId) -> Result<Option<Evidence>, StorageError> {
        use nomination_evidence::Column;
        let row: Option<(String, i32, Vec<u8>, i64)> = nomination_evidence::Entity::find()
            .select_only()
            .columns([Column::FileName, Column::Bytes, Column::Sha256, Column::UploadedAt])
            .filter(Column::NominationId.eq(id.0))
            .into_tuple()
            .one(self.connection())
            .await?;
        let Some((file_name, bytes, sha256, uploaded_at)) = row else {
            return Ok(None);
        };
        Ok(Some(Evidence {
            file_name,
            bytes: u32::try_from(bytes).unwrap_or_default(),
            sha256: sha256.try_into().map_err(|_| StorageError::Corrupt("digest"))?,
            uploaded_at: Timestamp::from_millis(uploaded_at),
        }))
    }

    /// The document of a nomination.
    pub async fn open_evidence(&self, id: NominationId) -> Result<Option<Vec<u8>>, StorageError> {
        let row = nomination_evidence::Entity::find_by_id(id.0).one(self.connection()).await?;
        let open = |row: nomination_evidence::Model| {
            self.sealer().open(&purpose(id), &row.document_sealed).map_err(StorageError::from)
        };
        row.map(open).transpose()
    }
}

impl Transaction {
    /// Keeps a document, in place of the one before.
    pub async fn replace_evidence(
        &self,
        id: NominationId,
        new: &NewEvidence,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        nomination_evidence::Entity::delete_by_id(id.0).exec(self.connection()).await?;
        let bytes =
            i32::try_from(new.document.len()).map_err(|_| StorageError::Corrupt("document"))?;
        let row = nomination_evidence::ActiveModel {
            nomination_id: Set(id.0),
            file_name: Set(new.file_name.clone()),
            bytes: Set(bytes),
            sha256: Set(new.sha256().to_vec()),
            document_sealed: Set(self.sealer().seal(&purpose(id), &new.document)?),
            uploaded_at: Set(now.millis()),
        };
        nomination_evidence::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// The digest of the document of a nomination; `None` when there is no document.
    pub async fn find_evidence_digest(
        &self,
        id: NominationId,
    ) -> Result<Option<Digest>, StorageError> {
        let digest: Option<Vec<u8>> = nomination_evidence::Entity::find()
            .select_only()
            .column(nomination_evidence::Column::Sha256)
            .filter(nomination_evidence::Column::NominationId.eq(id.0))
            .into_tuple()
            .one(self.connection())
            .await?;
        let read = |digest: Vec<u8>| digest.try_into().map_err(|_| StorageError::Corrupt("digest"));
        digest.map(read).transpose()
    }
}

fn purpose(id: NominationId) -> String {
    format!("nomination_evidence.document:{id}")
}
