// SPDX-License-Identifier: Apache-2.0
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub community_id: Uuid,
    pub kind: i16,
    pub name: String,
    pub position: i64,
    pub created_at: i64,
    pub deleted_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
