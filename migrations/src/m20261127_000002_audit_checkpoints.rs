//! Checkpoints of the audit trail with their key, a salt for each entry, and the indexes that the trail is read by
//! (I26; ADR 29).
//!
//! Entries that are there already are chained anew, because the rule is another one: the digest now takes what an
//! entry says only by its digest. An entry that did not fit before does not fit afterwards either.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, QueryResult},
};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Entries that are chained at once.
const PAGE: u64 = 500;

/// What the trail is looked up by; the newest come first in each.
const INDEXES: [(&str, &[&str]); 4] = [
    ("audit_events_at", &["at", "seq"]),
    ("audit_events_level_at", &["level_id", "at", "seq"]),
    ("audit_events_actor_at", &["actor", "at", "seq"]),
    ("audit_events_object_at", &["object", "at", "seq"]),
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn audit_keys() -> TableCreateStatement {
    Table::create()
        .table("audit_keys")
        .col(ColumnDef::new("kid").string_len(255).not_null())
        .col(ColumnDef::new("sealed").binary().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("kid"))
        .to_owned()
}

fn audit_checkpoints() -> TableCreateStatement {
    Table::create()
        .table("audit_checkpoints")
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("jws").text().not_null())
        .primary_key(Index::create().col("seq"))
        .to_owned()
}

fn salt() -> TableAlterStatement {
    let salt = ColumnDef::new("salt").binary().not_null().default(Vec::<u8>::new()).to_owned();
    Table::alter().table("audit_events").add_column(salt).to_owned()
}

fn index(name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table("audit_events").to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// What an entry of before says, as far as both rules hash it.
struct Entry {
    seq: i64,
    fields: [Json; 8],
    level_id: Option<Uuid>,
    previous: Vec<u8>,
    digest: Vec<u8>,
}

impl Entry {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let text = |name: &str| row.try_get::<String>("", name).map(Json::from);
        let optional = |name: &str| row.try_get::<Option<String>>("", name).map(Json::from);
        Ok(Self {
            seq: row.try_get("", "seq")?,
            level_id: row.try_get("", "level_id")?,
            fields: [
                row.try_get::<i64>("", "seq")?.into(),
                row.try_get::<i64>("", "at")?.into(),
                text("actor")?,
                text("action")?,
                text("object")?,
                text("detail")?,
                optional("ip")?,
                optional("request_id")?,
            ],
            previous: row.try_get("", "previous")?,
            digest: row.try_get("", "digest")?,
        })
    }

    /// Whether it fits by the rule of before.
    fn fitted(&self) -> bool {
        let [seq, at, actor, action, object, detail, ip, request_id] = &self.fields;
        let (level, previous) = (self.level_id, &self.previous);
        let all = json!([seq, at, actor, action, object, level, detail, ip, request_id, previous]);
        Sha256::digest(all.to_string()).as_slice() == self.digest
    }

    /// The old digest hides the entry as well as fresh randomness would: nobody was ever shown it.
    fn salt(&self) -> &[u8] {
        self.digest.get(..16).unwrap_or(&[0; 16])
    }

    /// The digest by the rule from now on.
    fn chained_to(&self, previous: &[u8]) -> Vec<u8> {
        let [seq, at, actor, action, object, detail, ip, request_id] = &self.fields;
        let salt = URL_SAFE_NO_PAD.encode(self.salt());
        let level = self.level_id.map(|id| id.hyphenated().to_string());
        let all = json!([
            "idp-audit-entry-1",
            salt,
            seq,
            at,
            actor,
            action,
            object,
            level,
            detail,
            ip,
            request_id
        ]);
        let content = Sha256::digest(all.to_string());
        let link = Sha256::new().chain_update(self.seq.to_be_bytes()).chain_update(previous);
        link.chain_update(content).finalize().to_vec()
    }
}

/// Chains all entries anew, and gives the digest of the last.
async fn chain(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let (mut seq, mut previous) = (0_i64, vec![0_u8; 32]);
    loop {
        let page = Query::select()
            .expr(Expr::col(Asterisk))
            .from("audit_events")
            .and_where(Expr::col("seq").gt(seq))
            .order_by("seq", Order::Asc)
            .limit(PAGE)
            .to_owned();
        let rows = connection.query_all(&page).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let entry = Entry::read(row)?;
            let digest = entry.chained_to(&previous);
            let kept = if entry.fitted() { digest.clone() } else { vec![0; 32] };
            let update = Query::update()
                .table("audit_events")
                .value("salt", entry.salt().to_vec())
                .value("previous", previous)
                .value("digest", kept)
                .and_where(Expr::col("seq").eq(entry.seq))
                .to_owned();
            connection.execute(&update).await?;
            (seq, previous) = (entry.seq, digest);
        }
    }
    let head = Query::update()
        .table("audit_head")
        .value("digest", previous)
        .and_where(Expr::col("seq").eq(seq))
        .to_owned();
    connection.execute(&head).await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(audit_keys()).await?;
        manager.create_table(audit_checkpoints()).await?;
        manager.alter_table(salt()).await?;
        chain(manager).await?;
        for name in ["audit_events_object", "audit_events_actor"] {
            let old = Index::drop().name(name).table("audit_events").to_owned();
            manager.drop_index(old).await?;
        }
        for (name, columns) in INDEXES {
            manager.create_index(index(name, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the audit trail is not chained back to an older rule".to_owned()))
    }
}
