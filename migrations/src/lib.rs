//! The schema, one frozen file a change, the same on SQLite and PostgreSQL.
//!
//! A file that has landed is never edited: a later change is a later file (expand first, contract later).
//! Instants are `i64` Unix milliseconds (design §4), because SQLite compares times as text. Lists that are
//! never searched are JSON in a text column. Secrets are stored as digests only.

pub use sea_orm_migration::{Migration, MigrationStatus, MigratorTrait};
use sea_orm_migration::{MigrationTrait, async_trait};

mod m20261121_000001_organisations;
mod m20261121_000002_users;
mod m20261121_000003_access;
mod m20261121_000004_login;
mod m20261121_000005_clients;
mod m20261121_000006_grants;
mod m20261121_000007_audit;
mod m20261122_000001_client_details;
mod m20261122_000002_signing_keys;
mod m20261122_000003_pushed_requests;
mod m20261122_000004_grant_details;
mod m20261122_000005_consents;
mod m20261122_000006_client_assertions;
mod m20261122_000007_revoked_tokens;
mod m20261122_000008_logout_deliveries;
mod m20261122_000009_registrations;
mod m20261127_000001_administration;
mod m20261127_000002_audit_checkpoints;
mod m20261127_000005_dormant_access;
mod m20261127_000006_nominations;
mod m20261127_000008_access_requests;
mod m20261127_000009_access_reviews;
mod m20261127_000010_lapse_indexes;
mod m20261127_000012_nomination_locale;
mod m20261127_000014_third_party_order;
mod m20261127_000015_signatory_mails;
mod m20261127_000016_audit_rows;
mod m20261127_000017_staff_role_confirmation;
mod m20261127_000021_composed_email_keys;
mod m20261127_000022_terms;
mod m20261127_000023_one_hand;
mod m20261127_000024_takeovers;
mod m20261127_000031_unfinished_turns;
mod m20261127_000032_lapsed_in_order;
mod m20261128_000001_held_since;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_organisations::Migration),
            Box::new(m20261121_000002_users::Migration),
            Box::new(m20261121_000003_access::Migration),
            Box::new(m20261121_000004_login::Migration),
            Box::new(m20261121_000005_clients::Migration),
            Box::new(m20261121_000006_grants::Migration),
            Box::new(m20261121_000007_audit::Migration),
            Box::new(m20261122_000001_client_details::Migration),
            Box::new(m20261122_000002_signing_keys::Migration),
            Box::new(m20261122_000003_pushed_requests::Migration),
            Box::new(m20261122_000004_grant_details::Migration),
            Box::new(m20261122_000005_consents::Migration),
            Box::new(m20261122_000006_client_assertions::Migration),
            Box::new(m20261122_000007_revoked_tokens::Migration),
            Box::new(m20261122_000008_logout_deliveries::Migration),
            Box::new(m20261122_000009_registrations::Migration),
            Box::new(m20261127_000001_administration::Migration),
            Box::new(m20261127_000002_audit_checkpoints::Migration),
            Box::new(m20261127_000005_dormant_access::Migration),
            Box::new(m20261127_000006_nominations::Migration),
            Box::new(m20261127_000008_access_requests::Migration),
            Box::new(m20261127_000009_access_reviews::Migration),
            Box::new(m20261127_000010_lapse_indexes::Migration),
            Box::new(m20261127_000012_nomination_locale::Migration),
            Box::new(m20261127_000014_third_party_order::Migration),
            Box::new(m20261127_000015_signatory_mails::Migration),
            Box::new(m20261127_000016_audit_rows::Migration),
            Box::new(m20261127_000017_staff_role_confirmation::Migration),
            Box::new(m20261127_000021_composed_email_keys::Migration),
            Box::new(m20261127_000022_terms::Migration),
            Box::new(m20261127_000023_one_hand::Migration),
            Box::new(m20261127_000024_takeovers::Migration),
            Box::new(m20261127_000031_unfinished_turns::Migration),
            Box::new(m20261127_000032_lapsed_in_order::Migration),
            Box::new(m20261128_000001_held_since::Migration),
        ]
    }
}
