//! The operator's work queue of nominations, and what third parties are onboarded to.

use portal_core::{
    access::Application,
    id::{NominationId, ThirdPartyId},
    nomination::NominationStatus,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    access::into_application,
    entity::{applications, nominations, onboardings, third_parties},
    nomination::{Nomination, into_nomination},
};

/// Which nominations are listed, oldest first.
#[derive(Clone, Debug)]
pub struct NominationFilter {
    /// In one of these states.
    pub states: Vec<NominationStatus>,
    /// Of this third party.
    pub third_party: Option<ThirdPartyId>,
    /// Only those after this one.
    pub after: Option<NominationId>,
    /// At most so many.
    pub limit: u64,
}

impl Store {
    /// Nominations that fit, oldest first, each with the legal name of its third party.
    pub async fn list_nominations(
        &self,
        filter: &NominationFilter,
    ) -> Result<Vec<(Nomination, String)>, StorageError> {
        use nominations::Column;
        let states = filter.states.iter().map(|state| state.as_str());
        let mut find = nominations::Entity::find().filter(Column::Status.is_in(states));
        if let Some(third_party) = filter.third_party {
            find = find.filter(Column::ThirdPartyId.eq(third_party.0));
        }
        if let Some(after) = filter.after {
            let last = nominations::Entity::find_by_id(after.0).one(self.connection()).await?;
            let Some(last) = last else {
                return Ok(Vec::new());
            };
            let same = Column::CreatedAt.eq(last.created_at).and(Column::Id.gt(after.0));
            find = find.filter(Column::CreatedAt.gt(last.created_at).or(same));
        }
        let rows = find
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .limit(filter.limit)
            .all(self.connection())
            .await?;
        let ids = rows.iter().map(|row| row.third_party_id);
        let names: Vec<(Uuid, String)> = third_parties::Entity::find()
            .select_only()
            .column(third_parties::Column::Id)
            .column(third_parties::Column::LegalName)
            .filter(third_parties::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        let with_name = |row: nominations::Model| {
            let name = names.iter().find(|(id, _)| *id == row.third_party_id);
            let name = name.map(|(_, name)| name.clone()).unwrap_or_default();
            Ok((into_nomination(row)?, name))
        };
        rows.into_iter().map(with_name).collect()
    }

    /// The applications that a third party is onboarded to, in the order of their tiles.
    pub async fn list_onboarded_applications(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<Vec<Application>, StorageError> {
        load_onboarded(self.connection(), third_party).await
    }
}

async fn load_onboarded(
    db: &impl ConnectionTrait,
    third_party: ThirdPartyId,
) -> Result<Vec<Application>, StorageError> {
    let ids: Vec<Uuid> = onboardings::Entity::find()
        .select_only()
        .column(onboardings::Column::ApplicationId)
        .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
        .into_tuple()
        .all(db)
        .await?;
    let rows = applications::Entity::find()
        .filter(applications::Column::Id.is_in(ids))
        .order_by_asc(applications::Column::Position)
        .order_by_asc(applications::Column::Code)
        .all(db)
        .await?;
    rows.into_iter().map(into_application).collect()
}

impl Transaction {
    /// The applications that a third party is onboarded to, as this transaction sees it.
    pub async fn list_onboarded_applications(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<Vec<Application>, StorageError> {
        load_onboarded(self.connection(), third_party).await
    }
}
