// SPDX-License-Identifier: Apache-2.0
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invites")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub community_id: Uuid,
    pub inviter_id: Uuid,
    pub max_uses: Option<i64>,
    pub uses: i64,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    #[sea_orm(belongs_to, from = "inviter_id", to = "id")]
    pub inviter: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
