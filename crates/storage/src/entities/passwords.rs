// SPDX-License-Identifier: Apache-2.0
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passwords")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// PHC string.
    pub hash: String,
    pub changed_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
