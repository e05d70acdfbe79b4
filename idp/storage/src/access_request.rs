//! Requests for access. What was decided stays as evidence; one open request lives for each person and group.

use portal_core::{
    Timestamp,
    access_request::{Answer, NewAccessRequest, RequestState, Standing},
    account::UserStatus,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, ThirdPartyId, UserId},
    organisation::LevelPath,
    permission::ApplicationSight,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    FromQueryResult, JoinType, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, RelationDef, Select,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    application_administrator::{in_sight, of_group},
    entity::{
        access_groups, access_requests, applications, levels, memberships, onboardings, users,
    },
    guarded, row_id,
};

/// A request as it is loaded, with what it is about.
#[derive(Clone, Debug)]
pub struct AccessRequest {
    /// Identifier; later requests have greater ones.
    pub id: Uuid,
    /// Who asks.
    pub user: UserId,
    /// First and last name.
    pub person: String,
    /// Address.
    pub email: String,
    /// Where the person sits.
    pub level: LevelPath,
    /// For which group.
    pub group: GroupId,
    /// Its name.
    pub group_name: String,
    /// What it gives.
    pub group_description: String,
    /// Of which application.
    pub application: ApplicationId,
    /// Its title.
    pub application_title: String,
    /// Why.
    pub reason: String,
    /// The last day that was wished for.
    pub wished_until: Option<ExpirationDate>,
    /// What became of it.
    pub state: RequestState,
    /// When.
    pub requested_at: Timestamp,
    /// When it was decided, withdrawn or lapsed.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub answer: Option<String>,
    /// The last day of what was granted.
    pub valid_until: Option<ExpirationDate>,
}

/// A group that somebody can ask for.
#[derive(Clone, Debug)]
pub struct GroupOffer {
    /// Which.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// What it gives.
    pub description: String,
    /// Title of its application.
    pub application: String,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    request: access_requests::Model,
    first_name: String,
    last_name: String,
    email: String,
    level_path: String,
    group_name: String,
    group_description: String,
    application_id: Uuid,
    application_title: String,
}

impl Store {
    /// A person's requests, newest first.
    pub async fn list_own_access_requests(
        &self,
        user: UserId,
        limit: u64,
    ) -> Result<Vec<AccessRequest>, StorageError> {
        let rows = requests()
            .filter(access_requests::Column::UserId.eq(user.0))
            .order_by_desc(access_requests::Column::Id)
            .limit(limit)
            .into_model::<Row>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_request).collect()
    }

    /// Open requests in sight of people who may use their account, oldest first, later than `after`.
    pub async fn list_open_access_requests(
        &self,
        sight: &ApplicationSight,
        (after, limit): (Option<Uuid>, u64),
        now: Timestamp,
    ) -> Result<Vec<AccessRequest>, StorageError> {
        let mut find = requests()
            .filter(access_requests::Column::State.eq(RequestState::Open.as_str()))
            .filter(in_sight(sight, of_group))
            .filter(in_use(now));
        if let Some(after) = after {
            find = find.filter(access_requests::Column::Id.gt(after));
        }
        let rows = find
            .order_by_asc(access_requests::Column::Id)
            .limit(limit)
            .into_model::<Row>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_request).collect()
    }

    /// The request of that id.
    pub async fn find_access_request(
        &self,
        id: Uuid,
    ) -> Result<Option<AccessRequest>, StorageError> {
        load_one(self.connection(), id).await
    }

    /// Open requests of accounts out of use, or whose third party has left, behind `after`; at most `limit`.
    pub async fn list_lapsing_access_requests(
        &self,
        now: Timestamp,
        (after, limit): (Option<Uuid>, u64),
    ) -> Result<Vec<AccessRequest>, StorageError> {
        let cannot_be_answered = Condition::any()
            .add(in_use(now).not())
            .add(Expr::exists(onboarding_of_request()).not());
        let mut find = requests()
            .filter(access_requests::Column::State.eq(RequestState::Open.as_str()))
            .filter(cannot_be_answered);
        if let Some(after) = after {
            find = find.filter(access_requests::Column::Id.gt(after));
        }
        let rows = find
            .order_by_asc(access_requests::Column::Id)
            .limit(limit)
            .into_model::<Row>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_request).collect()
    }

    /// The groups that a person can ask for: of enabled applications that the third party is onboarded to, without
    /// those that the person is in, in the order of the tiles.
    pub async fn list_group_offers(
        &self,
        third_party: ThirdPartyId,
        user: UserId,
    ) -> Result<Vec<GroupOffer>, StorageError> {
        let onboarded = onboardings::Entity::find()
            .select_only()
            .column(onboardings::Column::ApplicationId)
            .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
            .into_query();
        let held = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::GroupId)
            .filter(memberships::Column::UserId.eq(user.0))
            .into_query();
        let rows: Vec<(Uuid, String, String, String)> = access_groups::Entity::find()
            .select_only()
            .column(access_groups::Column::Id)
            .column(access_groups::Column::Name)
            .column(access_groups::Column::Description)
            .column(applications::Column::Title)
            .join(JoinType::InnerJoin, application_of_group())
            .filter(applications::Column::Enabled.eq(true))
            .filter(access_groups::Column::ApplicationId.in_subquery(onboarded))
            .filter(access_groups::Column::Id.not_in_subquery(held))
            .order_by_asc(applications::Column::Position)
            .order_by_asc(access_groups::Column::Name)
            .into_tuple()
            .all(self.connection())
            .await?;
        let offer = |(id, name, description, application)| GroupOffer {
            id: GroupId(id),
            name,
            description,
            application,
        };
        Ok(rows.into_iter().map(offer).collect())
    }
}

impl Transaction {
    /// The request of that id, as this transaction sees it.
    pub async fn find_access_request(
        &self,
        id: Uuid,
    ) -> Result<Option<AccessRequest>, StorageError> {
        load_one(self.connection(), id).await
    }

    /// What is known of a person's requests when one for `group` comes.
    pub async fn access_request_standing(
        &self,
        user: UserId,
        group: GroupId,
    ) -> Result<Standing, StorageError> {
        let held =
            memberships::Entity::find_by_id((user.0, group.0)).one(self.connection()).await?;
        let open = access_requests::Entity::find()
            .filter(access_requests::Column::UserId.eq(user.0))
            .filter(access_requests::Column::State.eq(RequestState::Open.as_str()));
        let of_group = open.clone().filter(access_requests::Column::GroupId.eq(group.0));
        Ok(Standing {
            is_member: held.is_some(),
            has_open_for_group: of_group.count(self.connection()).await? > 0,
            open: open.count(self.connection()).await?,
        })
    }

    /// Files a request.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when one of the person for the group is open.
    pub async fn insert_access_request(
        &self,
        new: &NewAccessRequest,
        now: Timestamp,
    ) -> Result<Uuid, StorageError> {
        let id = row_id::at(now);
        let row = access_requests::ActiveModel {
            id: Set(id),
            user_id: Set(new.user.0),
            group_id: Set(new.group.0),
            reason: Set(new.reason.as_str().to_owned()),
            wished_until: Set(new.wished_until.map(ExpirationDate::to_iso)),
            state: Set(RequestState::Open.as_str().to_owned()),
            open_key: Set(Some(format!("{}:{}", new.user, new.group))),
            requested_at: Set(now.millis()),
            decided_by: Set(None),
            decided_at: Set(None),
            answer: Set(None),
            valid_until: Set(None),
        };
        access_requests::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(id)
    }

    /// Answers an open request, once. `false` for whoever comes second.
    pub async fn answer_access_request(
        &self,
        id: Uuid,
        answer: &Answer,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let (until, reason) = match answer {
            Answer::Grant { until } => (until.map(ExpirationDate::to_iso), None),
            Answer::Refuse { reason } => (None, Some(reason.as_str().to_owned())),
        };
        let update = closing(id, answer.state(), now)
            .col_expr(access_requests::Column::DecidedBy, Expr::value(by.map(|by| by.0)))
            .col_expr(access_requests::Column::Answer, Expr::value(reason))
            .col_expr(access_requests::Column::ValidUntil, Expr::value(until));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Ends an open request without an answer, once: withdrawn or lapsed. `false` for whoever comes second.
    pub async fn close_access_request(
        &self,
        id: Uuid,
        state: RequestState,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        Ok(guarded::take(self, closing(id, state, now)).await?.is_some())
    }
}

fn closing(
    id: Uuid,
    state: RequestState,
    now: Timestamp,
) -> sea_orm::UpdateMany<access_requests::Entity> {
    access_requests::Entity::update_many()
        .col_expr(access_requests::Column::State, Expr::value(state.as_str()))
        .col_expr(access_requests::Column::OpenKey, Expr::value(None::<String>))
        .col_expr(access_requests::Column::DecidedAt, Expr::value(now.millis()))
        .filter(access_requests::Column::Id.eq(id))
        .filter(access_requests::Column::State.eq(RequestState::Open.as_str()))
}

async fn load_one(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<AccessRequest>, StorageError> {
    let find = requests().filter(access_requests::Column::Id.eq(id));
    find.into_model::<Row>().one(db).await?.map(into_request).transpose()
}

/// The onboarding by which the person of the request in the query around it can be given what was asked for.
fn onboarding_of_request() -> SelectStatement {
    let level = Expr::col((levels::Entity, levels::Column::ThirdPartyId));
    let group = Expr::col((access_groups::Entity, access_groups::Column::ApplicationId));
    onboardings::Entity::find()
        .filter(onboardings::Column::ThirdPartyId.into_expr().eq(level))
        .filter(onboardings::Column::ApplicationId.into_expr().eq(group))
        .into_query()
}

/// People whose account is in use: what the account's own standing says, as far as one table knows it.
fn in_use(now: Timestamp) -> Condition {
    let mut not_over = Condition::any().add(users::Column::ExpiresOn.is_null());
    if let Some(today) = ExpirationDate::days_from(now, 0) {
        not_over = not_over.add(users::Column::ExpiresOn.gte(today.to_iso()));
    }
    Condition::all().add(users::Column::Status.eq(UserStatus::Active.as_str())).add(not_over)
}

fn application_of_group() -> RelationDef {
    access_groups::Entity::belongs_to(applications::Entity)
        .from(access_groups::Column::ApplicationId)
        .to(applications::Column::Id)
        .into()
}

fn requests() -> Select<access_requests::Entity> {
    let user: RelationDef = access_requests::Entity::belongs_to(users::Entity)
        .from(access_requests::Column::UserId)
        .to(users::Column::Id)
        .into();
    let level: RelationDef = users::Entity::belongs_to(levels::Entity)
        .from(users::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let group: RelationDef = access_requests::Entity::belongs_to(access_groups::Entity)
        .from(access_requests::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    access_requests::Entity::find()
        .join(JoinType::InnerJoin, user)
        .join(JoinType::InnerJoin, level)
        .join(JoinType::InnerJoin, group)
        .join(JoinType::InnerJoin, application_of_group())
        .column_as(users::Column::FirstName, "first_name")
        .column_as(users::Column::LastName, "last_name")
        .column_as(users::Column::Email, "email")
        .column_as(levels::Column::Path, "level_path")
        .column_as(access_groups::Column::Name, "group_name")
        .column_as(access_groups::Column::Description, "group_description")
        .column_as(applications::Column::Id, "application_id")
        .column_as(applications::Column::Title, "application_title")
}

fn into_request(row: Row) -> Result<AccessRequest, StorageError> {
    let Row { request, .. } = row;
    let day = |text: Option<String>| {
        text.as_deref()
            .map(ExpirationDate::from_iso)
            .transpose()
            .map_err(|_| StorageError::Corrupt("date of a request"))
    };
    Ok(AccessRequest {
        id: request.id,
        user: UserId(request.user_id),
        person: format!("{} {}", row.first_name, row.last_name),
        email: row.email,
        level: LevelPath::from_stored(row.level_path),
        group: GroupId(request.group_id),
        group_name: row.group_name,
        group_description: row.group_description,
        application: ApplicationId(row.application_id),
        application_title: row.application_title,
        reason: request.reason,
        wished_until: day(request.wished_until)?,
        state: RequestState::parse(&request.state)
            .ok_or(StorageError::Corrupt("state of a request"))?,
        requested_at: Timestamp::from_millis(request.requested_at),
        decided_at: request.decided_at.map(Timestamp::from_millis),
        answer: request.answer,
        valid_until: day(request.valid_until)?,
    })
}
