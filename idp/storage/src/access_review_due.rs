//! Which applications of third parties are to be reviewed, and which can be.

use portal_core::{
    Timestamp,
    access_review::{self, HALF_YEAR, YEAR},
    account::UserStatus,
    id::{ApplicationId, ThirdPartyId},
    organisation::ThirdPartyStatus,
    permission::ApplicationSight,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, Select,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Store,
    application_administrator::in_sight,
    entity::{
        access_groups, access_reviews, applications, levels, memberships, onboardings,
        third_parties, users,
    },
};

/// An application of a third party that is to be reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewDue {
    /// Whose people.
    pub third_party: ThirdPartyId,
    /// Access to what.
    pub application: ApplicationId,
    /// The third party's name of its level.
    pub level_name: String,
    /// Title of the application.
    pub application_title: String,
}

impl Store {
    /// Applications of third parties in operation whose last review, or onboarding, is so long ago that another review
    /// is due, and that somebody has access to; at most `limit` of those that come after `after`, in the order of their
    /// ids.
    pub async fn list_reviews_due(
        &self,
        now: Timestamp,
        after: Option<(ThirdPartyId, ApplicationId)>,
        limit: u64,
    ) -> Result<Vec<ReviewDue>, StorageError> {
        let flagged = applications::Column::ReviewMonths.lte(HALF_YEAR);
        let due = [(flagged.clone(), HALF_YEAR), (flagged.not(), YEAR)];
        let due = due.into_iter().filter_map(|(which, months)| {
            let before = access_review::due_if_before(now, months)?.millis();
            let reviewed = reviews_of_onboarding()
                .filter(access_reviews::Column::BegunAt.gt(before))
                .into_query();
            let all = Condition::all().add(which);
            let all = all.add(onboardings::Column::CreatedAt.lte(before));
            Some(all.add(Expr::exists(reviewed).not()))
        });
        let due = due.fold(Condition::any().add(Expr::value(false)), Condition::add);
        let mut find = select_applications(Condition::all().add(due))
            .order_by_asc(onboardings::Column::ThirdPartyId)
            .order_by_asc(onboardings::Column::ApplicationId);
        if let Some((third_party, application)) = after {
            let is_same = onboardings::Column::ThirdPartyId.eq(third_party.0);
            let comes_after = Condition::any()
                .add(onboardings::Column::ThirdPartyId.gt(third_party.0))
                .add(is_same.and(onboardings::Column::ApplicationId.gt(application.0)));
            find = find.filter(comes_after);
        }
        load(self.connection(), find.limit(limit)).await
    }

    /// The applications at levels in sight for which a review can be begun: none is open, and somebody has access. In
    /// the order of the names.
    pub async fn list_reviewable(
        &self,
        sight: &ApplicationSight,
        limit: u64,
    ) -> Result<Vec<ReviewDue>, StorageError> {
        let open = reviews_of_onboarding().filter(access_reviews::Column::OpenKey.is_not_null());
        let which = in_sight(sight, |id| onboardings::Column::ApplicationId.eq(id.0));
        let which = Condition::all().add(which).add(Expr::exists(open.into_query()).not());
        let find = select_applications(which)
            .order_by_asc(levels::Column::Name)
            .order_by_asc(applications::Column::Title)
            .order_by_asc(onboardings::Column::ThirdPartyId)
            .order_by_asc(onboardings::Column::ApplicationId);
        load(self.connection(), find.limit(limit)).await
    }
}

/// The reviews of the row of `onboardings` in the query around it.
fn reviews_of_onboarding() -> Select<access_reviews::Entity> {
    let third_party = Expr::col((onboardings::Entity, onboardings::Column::ThirdPartyId));
    let application = Expr::col((onboardings::Entity, onboardings::Column::ApplicationId));
    access_reviews::Entity::find()
        .select_only()
        .column(access_reviews::Column::Id)
        .filter(access_reviews::Column::ThirdPartyId.into_expr().eq(third_party))
        .filter(access_reviews::Column::ApplicationId.into_expr().eq(application))
}

/// The level above, if it is of the same third party: the topmost one has none. A review is about all of a third party,
/// so administrators of a level below its top do not begin one.
fn parent_of_same_third_party() -> SelectStatement {
    let parent = Alias::new("parent");
    let of_level = |column: levels::Column| Expr::col((levels::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(levels::Entity, parent.clone())
        .and_where(
            of_level(levels::Column::ParentId).eq(Expr::col((parent.clone(), levels::Column::Id))),
        )
        .and_where(
            of_level(levels::Column::ThirdPartyId)
                .eq(Expr::col((parent, levels::Column::ThirdPartyId))),
        )
        .to_owned()
}

/// Onboardings of third parties in operation to applications that somebody of theirs has access to.
fn select_applications(which: Condition) -> Select<onboardings::Entity> {
    let third_party: RelationDef = onboardings::Entity::belongs_to(third_parties::Entity)
        .from(onboardings::Column::ThirdPartyId)
        .to(third_parties::Column::Id)
        .into();
    let level: RelationDef = onboardings::Entity::belongs_to(levels::Entity)
        .from(onboardings::Column::ThirdPartyId)
        .to(levels::Column::ThirdPartyId)
        .into();
    let application: RelationDef = onboardings::Entity::belongs_to(applications::Entity)
        .from(onboardings::Column::ApplicationId)
        .to(applications::Column::Id)
        .into();
    let in_operation =
        [ThirdPartyStatus::Active, ThirdPartyStatus::Orphaned].map(ThirdPartyStatus::as_str);
    onboardings::Entity::find()
        .select_only()
        .column(onboardings::Column::ThirdPartyId)
        .column(onboardings::Column::ApplicationId)
        .column_as(levels::Column::Name, "level_name")
        .column(applications::Column::Title)
        .join(JoinType::InnerJoin, third_party)
        .join(JoinType::InnerJoin, level)
        .join(JoinType::InnerJoin, application)
        .filter(which)
        .filter(applications::Column::Enabled.eq(true))
        .filter(third_parties::Column::Status.is_in(in_operation))
        .filter(Expr::exists(anybody_with_access().into_query()))
        .filter(Expr::exists(parent_of_same_third_party()).not())
}

async fn load(
    db: &impl ConnectionTrait,
    find: Select<onboardings::Entity>,
) -> Result<Vec<ReviewDue>, StorageError> {
    let rows: Vec<(Uuid, Uuid, String, String)> = find.into_tuple().all(db).await?;
    let due = |(third_party, application, level_name, application_title)| ReviewDue {
        third_party: ThirdPartyId(third_party),
        application: ApplicationId(application),
        level_name,
        application_title,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Memberships in groups of the application of the onboarding, of people at whatever level of its third party, in the
/// query around it. Found by the levels of the third party, then their people.
fn anybody_with_access() -> Select<memberships::Entity> {
    let of_person = Alias::new("level_of_person");
    let user: RelationDef = memberships::Entity::belongs_to(users::Entity)
        .from(memberships::Column::UserId)
        .to(users::Column::Id)
        .into();
    let level: RelationDef = users::Entity::belongs_to(levels::Entity)
        .from(users::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    let of_onboarding = |column: onboardings::Column| Expr::col((onboardings::Entity, column));
    memberships::Entity::find()
        .select_only()
        .column(memberships::Column::UserId)
        .join(JoinType::InnerJoin, user)
        .join_as(JoinType::InnerJoin, level, of_person.clone())
        .join(JoinType::InnerJoin, group)
        .filter(
            access_groups::Column::ApplicationId
                .into_expr()
                .eq(of_onboarding(onboardings::Column::ApplicationId)),
        )
        .filter(
            Expr::col((of_person, levels::Column::ThirdPartyId))
                .eq(of_onboarding(onboardings::Column::ThirdPartyId)),
        )
        .filter(users::Column::Status.ne(UserStatus::Deleted.as_str()))
}
