// SPDX-License-Identifier: Apache-2.0
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance")]
pub struct Model {
    /// Always 1: there is one row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    pub name: String,
    pub sign_up: i16,
    pub epoch: Uuid,
    pub secret_key: Vec<u8>,
    pub set_up_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
