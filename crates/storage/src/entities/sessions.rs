// SPDX-License-Identifier: Apache-2.0
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    #[sea_orm(unique)]
    pub access_hash: Vec<u8>,
    #[sea_orm(unique)]
    pub refresh_hash: Vec<u8>,
    pub previous_refresh_hash: Option<Vec<u8>>,
    pub successor_used: bool,
    pub access_expires_at: i64,
    pub refresh_expires_at: i64,
    pub revoked_at: Option<i64>,
    pub created_at: i64,
    pub last_used_at: i64,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::users::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
