// SPDX-License-Identifier: Apache-2.0
//! Accounts, communities, channels, messages, invites, streams.

use sea_orm::sea_query::IndexCreateStatement;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, boolean, pk_uuid, small_integer, string, string_null, string_uniq,
    text, uuid,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Custom("there is no way back: restore the backup that was made before".to_owned()))
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("instance")
            .col(small_integer("id").primary_key())
            .col(string("name"))
            .col(small_integer("sign_up"))
            .col(uuid("epoch"))
            .col(blob("secret_key"))
            .col(blob_null("setup_token_hash"))
            .col(big_integer_null("set_up_at"))
            .to_owned(),
        Table::create()
            .table("users")
            .col(pk_uuid("id"))
            .col(string("username"))
            .col(string_uniq("username_key"))
            .col(boolean("instance_admin"))
            .col(big_integer("created_at"))
            .to_owned(),
        Table::create()
            .table("passwords")
            .col(pk_uuid("user_id"))
            .col(string("hash"))
            .col(big_integer("changed_at"))
            .foreign_key(&mut foreign("passwords", "user_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("sessions")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(blob("access_hash").unique_key())
            .col(blob("refresh_hash").unique_key())
            .col(blob_null("previous_refresh_hash"))
            .col(boolean("successor_used"))
            .col(big_integer("access_expires_at"))
            .col(big_integer("refresh_expires_at"))
            .col(big_integer_null("revoked_at"))
            .col(big_integer("created_at"))
            .col(big_integer("last_used_at"))
            .foreign_key(&mut foreign("sessions", "user_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("communities")
            .col(pk_uuid("id"))
            .col(string("name"))
            .col(uuid("owner_id"))
            .col(text("rules_text"))
            .col(big_integer("rules_version"))
            .col(big_integer("created_at"))
            .foreign_key(&mut foreign("communities", "owner_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("rule_acceptances")
            .col(uuid("community_id"))
            .col(uuid("user_id"))
            .col(big_integer("version"))
            .col(big_integer("accepted_at"))
            .primary_key(Index::create().col("community_id").col("user_id").col("version"))
            .foreign_key(&mut foreign("rule_acceptances", "community_id", "communities", "id"))
            .foreign_key(&mut foreign("rule_acceptances", "user_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("members")
            .col(uuid("community_id"))
            .col(uuid("user_id"))
            .col(small_integer("role"))
            .col(big_integer("joined_at"))
            .col(boolean("voice_muted"))
            .col(string_null("voice_mute_reason"))
            .primary_key(Index::create().col("community_id").col("user_id"))
            .foreign_key(&mut foreign("members", "community_id", "communities", "id"))
            .foreign_key(&mut foreign("members", "user_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("channels")
            .col(pk_uuid("id"))
            .col(uuid("community_id"))
            .col(small_integer("kind"))
            .col(string("name"))
            .col(big_integer("position"))
            .col(big_integer("created_at"))
            .col(big_integer_null("deleted_at"))
            .foreign_key(&mut foreign("channels", "community_id", "communities", "id"))
            .to_owned(),
        Table::create()
            .table("messages")
            .col(pk_uuid("id"))
            .col(uuid("channel_id"))
            .col(uuid("author_id"))
            .col(text("content"))
            .col(string("nonce"))
            .col(big_integer("created_at"))
            .foreign_key(&mut foreign("messages", "channel_id", "channels", "id"))
            .foreign_key(&mut foreign("messages", "author_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("invites")
            .col(string("code").primary_key())
            .col(uuid("community_id"))
            .col(uuid("inviter_id"))
            .col(big_integer_null("max_uses"))
            .col(big_integer("uses"))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer_null("revoked_at"))
            .foreign_key(&mut foreign("invites", "community_id", "communities", "id"))
            .foreign_key(&mut foreign("invites", "inviter_id", "users", "id"))
            .to_owned(),
        Table::create()
            .table("streams")
            .col(pk_uuid("stream"))
            .col(small_integer("kind"))
            .col(big_integer("head"))
            .to_owned(),
        Table::create()
            .table("events")
            .col(uuid("stream"))
            .col(big_integer("sequence"))
            .col(blob("body"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("stream").col("sequence"))
            .foreign_key(&mut foreign("events", "stream", "streams", "stream"))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("sessions", &["previous_refresh_hash"]),
        index("sessions", &["user_id"]),
        index("members", &["user_id"]),
        index("channels", &["community_id"]),
        index("messages", &["channel_id", "id"]),
        index("messages", &["author_id", "nonce"]).unique().to_owned(),
        index("invites", &["community_id"]),
    ]
}

fn foreign(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    to_column: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, to_column).to_owned()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
