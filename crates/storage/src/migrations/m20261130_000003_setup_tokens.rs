// SPDX-License-Identifier: Apache-2.0
//! Several set-up links may be valid at once: one that was handed out outlives a restart of the server.

use sea_orm::DbErr;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("setup_tokens")
            .col(blob("hash").primary_key())
            .col(big_integer("made_at"))
            .to_owned();
        manager.create_table(table).await?;
        let column = Table::alter().table("instance").drop_column("setup_token_hash").to_owned();
        manager.alter_table(column).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Custom("there is no way back: restore the backup that was made before".to_owned()))
    }
}
